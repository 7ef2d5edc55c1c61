/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Runs that were cut short in whatever way, and `recover` after them. argv[1] is the program. */

#include "pgm-test-pair.h"

#include "pgm-database.h"
#include "pgm-marker.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ROLE "app"

#define BUILDS_INDEX(database)                                                           \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "datname LIKE '" database "%' AND state = 'active' AND query LIKE 'CREATE INDEX%')"
#define NO_SESSION "count (*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%'"

static char *program;
static char *state; /* folder of the programs' history */
static PgmTestServer *source;
static PgmTestServer *target;

/* What a call of the program came to. */
typedef struct
{
  char *out;
  char *err;
  int status;
} Said;

static void
said_clear (Said *said)
{
  g_clear_pointer (&said->out, g_free);
  g_clear_pointer (&said->err, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Said, said_clear)

static GSubprocessLauncher *
new_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  return launcher;
}

static void
call (Said *said, const char *const *args)
{
  g_autoptr(GSubprocessLauncher) launcher =
                 new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[10] = { program };

  for (gsize i = 0; args[i] != NULL; i++)
    argv[i + 1] = args[i];
  said_clear (said);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said->out, &said->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  said->status = g_subprocess_get_exit_status (process);
  g_test_message ("%s%s", said->out, said->err);
}

#define CALL(said, ...) call ((said), (const char *const[]){ __VA_ARGS__, NULL })

static void
expect (const Said *said, int status, const char *part)
{
  if (said->status != status)
    g_error ("expected status %d, got %d\n%s\n%s", status, said->status, said->out, said->err);
  if (part != NULL && strstr (said->out, part) == NULL)
    g_error ("no \"%s\" in\n%s\n%s", part, said->out, said->err);
}

static char *
write_config (const char *name, const char *json)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  char *path = g_build_filename (g_get_tmp_dir (), file, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, json, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
  return path;
}

static void
remove_config (char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_free (path);
}

/* A run of the program. */
typedef struct
{
  PgmTestPair *pair;
  char *config;
  GSubprocess *process;
} Fixture;

/* @options: of the profile, each after a comma */
static void
prepare (Fixture *fx, const char *name, const char *content, const char *options)
{
  g_autofree char *json = NULL;

  fx->pair = pgm_test_pair_new (source, target, NULL, name, content);
  pgm_test_pair_set_options (fx->pair, options);
  json = pgm_test_pair_dup_profile (fx->pair);
  fx->config = write_config (name, json);
}

static void
start (Fixture *fx, const char *name, const char *content, const char *options)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                           G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;

  prepare (fx, name, content, options);
  fx->process = g_subprocess_launcher_spawn (launcher, &error, program, "mirror", "--yes", "-c",
                                             fx->config, NULL);
  g_assert_no_error (error);
}

static void
wait_until_dead (Fixture *fx)
{
  g_subprocess_wait (fx->process, NULL, NULL);
  pgm_test_wait_until (target, NO_SESSION);
}

static void
kill_run (Fixture *fx)
{
  g_subprocess_send_signal (fx->process, SIGKILL);
  wait_until_dead (fx);
}

static void
assert_old (Fixture *fx)
{
  g_autofree char *now = pgm_test_fingerprint (target, fx->pair->database);

  g_assert_cmpstr (now, ==, fx->pair->old);
}

/* Nothing may be left on the servers and in the temporary folder. */
static void
finish (Fixture *fx)
{
  g_clear_object (&fx->process);
  remove_config (fx->config);
  pgm_test_pair_free (fx->pair);
}

static char *
ask (const char *sql)
{
  return pgm_test_server_psql (target, "postgres", sql);
}

static void
assert_answer (const char *sql, const char *expected)
{
  g_autofree char *answer = ask (sql);

  g_assert_cmpstr (answer, ==, expected);
}

/* Returns: (transfer full): member @key of the leftover of @kind in what --json printed */
static char *
find_member (const Said *said, const char *kind, const char *key)
{
  g_auto(GStrv) lines = g_strsplit (said->out, "\n", -1);

  for (gsize i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object = json_node_get_object (node);

      if (g_str_equal (json_object_get_string_member (object, "event"), "leftover") &&
          g_str_equal (json_object_get_string_member (object, "kind"), kind))
        return g_strdup (json_object_get_string_member_with_default (object, key, "-"));
    }
  g_error ("no \"%s\" in\n%s", kind, said->out);
}

static void
assert_member (const Said *said, const char *kind, const char *key, const char *expected)
{
  g_autofree char *value = find_member (said, kind, key);

  g_assert_cmpstr (value, ==, expected);
}

/* While it works, nothing of it is touched; when it was killed, all of it goes. */
static void
test_staged (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };

  start (&fx, "staged", PGM_TEST_ENDLESS_INDEX, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("staged"));
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes", "--json");
  expect (&said, 0, "\"left\":0");
  assert_member (&said, "staging", "state", "in-use");
  assert_member (&said, "folder", "state", "in-use");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname LIKE 'staged\\_\\_pgm%'", "1");

  kill_run (&fx);
  CALL (&said, "recover", "-c", fx.config, "--json");
  expect (&said, 3, "\"left\":2");
  assert_member (&said, "staging", "of", "staged");
  assert_member (&said, "staging", "remedy", "remove");
  assert_member (&said, "folder", "remedy", "remove");
  CALL (&said, "recover", "-c", fx.config);
  expect (&said, 3, "unfinished copy of \"staged\"");
  CALL (&said, "recover", "-c", fx.config, "--remove");
  expect (&said, 2, NULL);
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, "was removed");
  CALL (&said, "recover", "-c", fx.config);
  expect (&said, 0, "nothing was left");
  CALL (&said, "history");
  expect (&said, 0, "interrupted");
  assert_old (&fx);
  finish (&fx);
}

static char *
find_staging (const char *database)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT datname FROM pg_database WHERE datname LIKE '%s\\_\\_pgm%%'", database);

  return ask (sql);
}

/* Only what is of the dead one goes. */
static void
test_two_runs (void)
{
  Fixture dead = { NULL };
  Fixture alive = { NULL };
  g_auto(Said) said = { NULL };
  g_autofree char *staging = NULL;

  start (&dead, "first", PGM_TEST_ENDLESS_INDEX, "");
  start (&alive, "second", PGM_TEST_ENDLESS_INDEX, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("first"));
  pgm_test_wait_until (target, BUILDS_INDEX ("second"));
  g_subprocess_send_signal (dead.process, SIGKILL);
  g_subprocess_wait (dead.process, NULL, NULL);
  pgm_test_wait_until (target, "NOT " BUILDS_INDEX ("first"));
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity WHERE datname LIKE 'first%'");
  /* the maintenance session of the dead one may live a moment longer */
  for (guint i = 0; i < 100 && said.status != 3; i++)
    CALL (&said, "recover", "-c", dead.config, "--json");
  expect (&said, 3, "in-use");
  for (guint i = 0; i < 100 && (i == 0 || said.status == 3); i++)
    CALL (&said, "recover", "-c", dead.config, "--remove", "--yes");
  expect (&said, 0, "of a run that is at work");
  staging = find_staging ("second");
  g_assert_cmpstr (staging, !=, "");
  g_clear_pointer (&staging, g_free);
  staging = find_staging ("first");
  g_assert_cmpstr (staging, ==, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("second"));
  g_subprocess_send_signal (alive.process, SIGINT);
  g_subprocess_wait (alive.process, NULL, NULL);
  assert_old (&dead);
  assert_old (&alive);
  finish (&alive);
  finish (&dead);
}

/* As soon as the databases have changed places, psql kills the program that started it. */
static char *
kill_after_swap (void)
{
  return pgm_test_fake_begin ("psql", "test \"$1\" = --version && exec REAL \"$@\"\n"
                                      "script=$(cat)\n"
                                      "echo \"$script\" | REAL \"$@\"; status=$?\n"
                                      "case \"$script\" in *'RENAME TO'*) kill -KILL $PPID;; esac\n"
                                      "exit $status\n");
}

static void
test_after_commit (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };
  char *tools = kill_after_swap ();

  start (&fx, "committed", NULL, "");
  wait_until_dead (&fx);
  pgm_test_fake_end (tools);
  pgm_test_pair_assert_new (fx.pair);
  CALL (&said, "recover", "-c", fx.config, "--json");
  expect (&said, 3, "\"left\":2");
  assert_member (&said, "replaced", "of", "committed");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, NULL);
  pgm_test_pair_assert_new (fx.pair);
  finish (&fx);
}

/* The old database was to be kept: it has no marker, and is no leftover. */
static void
test_kept (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };
  g_autofree char *name = NULL;
  g_autofree char *sql = NULL;
  char *tools = kill_after_swap ();

  start (&fx, "kept", NULL, ", \"keep_previous\": true");
  wait_until_dead (&fx);
  pgm_test_fake_end (tools);
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, NULL);
  name = ask ("SELECT datname FROM pg_database WHERE datname LIKE 'kept\\_\\_old%'");
  g_assert_cmpstr (name, !=, "");
  sql = g_strdup_printf ("DROP DATABASE \"%s\"", name);
  pgm_test_do (target, "postgres", sql);
  pgm_test_pair_assert_new (fx.pair);
  finish (&fx);
}

/* Half a database has the name, and goes only where that is asked for. */
static void
test_in_place (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };

  start (&fx, "in_place", PGM_TEST_ENDLESS_INDEX, ", \"replace\": \"in-place\"");
  pgm_test_wait_until (target, BUILDS_INDEX ("in_place"));
  kill_run (&fx);
  CALL (&said, "recover", "-c", fx.config, "--json");
  expect (&said, 3, "\"left\":2");
  assert_member (&said, "incomplete", "name", "in_place");
  assert_member (&said, "incomplete", "remedy", "on-wish");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 3, "--remove-incomplete");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'in_place'", "1");

  /* a database that it took the place of before is the only whole one now */
  pgm_test_do (
      target, "postgres",
      "CREATE DATABASE in_place__old_0123abcd; COMMENT ON DATABASE in_place__old_0123abcd IS"
      " '{\"pgmirror\":1,\"state\":\"old\",\"of\":\"in_place\",\"run\":\"0123abcd\"}'");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes", "--json");
  expect (&said, 3, "\"left\":2");
  assert_member (&said, "replaced", "remedy", "none");

  CALL (&said, "recover", "-c", fx.config, "--remove-incomplete", "--yes");
  expect (&said, 3, "was removed");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'in_place'", "0");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, "is \"in_place\" again");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'in_place'", "1");
  finish (&fx);
}

/* The marker of a run that was cut short is no comment to hand on. */
static void
test_in_place_again (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };
  g_autoptr(PgmTestRun) run = NULL;

  start (&fx, "again", PGM_TEST_ENDLESS_INDEX, ", \"replace\": \"in-place\"");
  pgm_test_wait_until (target, BUILDS_INDEX ("again"));
  kill_run (&fx);
  pgm_test_do (source, "again", "DROP INDEX slow_t");
  pgm_test_pair_set_options (fx.pair, "");
  run = pgm_test_pair_run (fx.pair);
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->findings, "incomplete-database"));
  g_assert_nonnull (pgm_test_find (run->data->findings, "leftover-folder"));
  assert_answer ("SELECT shobj_description (oid, 'pg_database') IS NULL FROM pg_database"
                 " WHERE datname = 'again'",
                 "t");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, NULL);
  finish (&fx);
}

/* Somebody renamed one of the two by hand. */
static void
test_nameless (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };

  prepare (&fx, "nameless", NULL, "");
  pgm_test_do (target, "postgres",
               "ALTER DATABASE nameless RENAME TO nameless__old_0123abcd;"
               "COMMENT ON DATABASE nameless__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}'");
  CALL (&said, "recover", "-c", fx.config);
  expect (&said, 3, "rename to \"nameless\"");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, "is \"nameless\" again");
  assert_old (&fx);

  /* the name is back, but not the comment */
  pgm_test_do (target, "postgres",
               "COMMENT ON DATABASE nameless IS '{\"pgmirror\":1,\"state\":\"old\",\"of\":"
               "\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}'");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, "has its own comment again");
  assert_old (&fx);

  /* of two, nobody but a person can choose */
  pgm_test_do (target, "postgres",
               "ALTER DATABASE nameless RENAME TO nameless__old_0123abcd;"
               "CREATE DATABASE nameless__old_4567abcd;"
               "COMMENT ON DATABASE nameless__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}';"
               "COMMENT ON DATABASE nameless__old_4567abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"4567abcd\"}'");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 3, "choose one");
  pgm_test_do (target, "postgres", "DROP DATABASE nameless__old_4567abcd");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, NULL);
  assert_old (&fx);
  finish (&fx);
}

/* The name is another database's by now, and that is not fit to be the only one. */
static void
test_unfit_heir (void)
{
  static const char old_marker[] =
      "ALTER DATABASE unfit RENAME TO unfit__old_0123abcd;"
      "COMMENT ON DATABASE unfit__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
      "\"of\":\"unfit\",\"run\":\"0123abcd\",\"comment\":\"old\"}';"
      "CREATE DATABASE unfit";
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };

  prepare (&fx, "unfit", NULL, "");
  pgm_test_do (target, "postgres", old_marker);
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 3, "it stays as long as \"unfit\" is empty");
  pgm_test_do (target, "postgres",
               "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'unfit'");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 3, "it stays as long as \"unfit\" is invalid");
  pgm_test_do (target, "postgres", "DROP DATABASE unfit");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, "is \"unfit\" again");
  assert_old (&fx);
  finish (&fx);
}

/* Both the program and the server went down, and the server is back. */
static void
test_restarted (void)
{
  Fixture fx = { NULL };
  g_auto(Said) said = { NULL };

  start (&fx, "restarted", PGM_TEST_ENDLESS_INDEX, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("restarted"));
  g_subprocess_send_signal (fx.process, SIGKILL);
  g_assert_cmpint (kill (pgm_test_server_get_pid (target), SIGQUIT), ==, 0);
  g_subprocess_wait (fx.process, NULL, NULL);
  while (pgm_test_server_psql_status (target, NULL, "postgres", "SELECT 1", NULL) == 0)
    g_usleep (10 * 1000);
  CALL (&said, "recover", "-c", fx.config);
  expect (&said, 1, "data of the source");
  pgm_test_server_restart (target);
  CALL (&said, "recover", "-c", fx.config, "--json");
  expect (&said, 3, "\"left\":2");
  CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  expect (&said, 0, NULL);
  assert_old (&fx);
  finish (&fx);
}

/* Names and comments that only look like a run's. */
static const struct
{
  const char *name;
  const char *comment; /* (nullable) */
  const char *content; /* (nullable) */
  const char *kind;    /* (nullable): as which it is listed */
  gboolean stays;
} looks[] = {
  { "look__pgm_01234567", NULL, "CREATE TABLE t ()", "unmarked", TRUE },
  { "look__pgm_89abcdef", NULL, NULL, "unmarked", FALSE },
  { "look__pgm_0123456", NULL, NULL, NULL, TRUE },
  { "look__old_01234567", NULL, NULL, NULL, TRUE },
  { "look__pgm_11111111", "mine", NULL, NULL, TRUE },
  { "look__pgm_22222222", "{\"pgmirror\":1,\"state\":\"staging\"", NULL, NULL, TRUE },
  { "look__pgm_33333333",
    "{\"pgmirror\":2,\"state\":\"staging\",\"of\":\"look\",\"run\":\"33333333\"}", NULL, NULL,
    TRUE },
  { "look__pgm_44444444", "{\"note\":{\"pgmirror\":1,\"run\":\"44444444\",\"state\":\"staging\"}}",
    NULL, NULL, TRUE },
  { "look_elsewhere", "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"look\",\"run\":\"55555555\"}",
    NULL, "renamed", TRUE },
  { "look__pgm_66666666",
    "{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"other\",\"run\":\"66666666\"}", NULL, "renamed",
    TRUE },
  { "look__pgm_77777777",
    "{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"look\",\"run\":\"77777777\"}",
    "CREATE TABLE t ()", "staging", FALSE },
};

static void
make_look (gsize i)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", looks[i].name);
  g_autofree char *comment =
      g_strdup_printf ("COMMENT ON DATABASE %s IS '%s'", looks[i].name, looks[i].comment);

  pgm_test_do (target, "postgres", create);
  if (looks[i].comment != NULL)
    pgm_test_do (target, "postgres", comment);
  if (looks[i].content != NULL)
    pgm_test_do (target, looks[i].name, looks[i].content);
}

/* Each alone, so that the kind that it is listed as is its own. */
static void
test_look_alikes (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "look", NULL);
  char *config = write_config ("look", json);

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_auto(Said) said = { NULL };
      g_autofree char *sql =
          g_strdup_printf ("SELECT count(*) FROM pg_database WHERE datname = '%s'", looks[i].name);
      g_autofree char *drop = g_strdup_printf ("DROP DATABASE IF EXISTS %s", looks[i].name);

      g_test_message ("%s", looks[i].name);
      make_look (i);
      CALL (&said, "recover", "-c", config, "--json");
      expect (&said, looks[i].kind != NULL ? 3 : 0, NULL);
      if (looks[i].kind != NULL)
        assert_member (&said, looks[i].kind, "name", looks[i].name);
      CALL (&said, "recover", "-c", config, "--remove-incomplete", "--yes");
      expect (&said, looks[i].kind != NULL && looks[i].stays ? 3 : 0, NULL);
      assert_answer (sql, looks[i].stays ? "1" : "0");
      pgm_test_do (target, "postgres", drop);
    }
  remove_config (config);
}

/* Somebody is on it, so it is not just made. */
static void
test_unmarked_in_use (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "used", NULL);
  char *config = write_config ("used", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(Said) said = { NULL };

  pgm_test_do (target, "postgres", "CREATE DATABASE used__pgm_0123abcd TEMPLATE template0");
  holder = pgm_test_hold (target, NULL, "used__pgm_0123abcd", "SELECT 1");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 3, "look at it");
  g_assert_true (pgm_conn_exec_sync (holder, "SELECT 1", NULL, NULL));
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity WHERE datname LIKE 'used%'");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, "was removed");
  remove_config (config);
}

#define MAKE_STAGING(name, of)                                                                    \
  "CREATE DATABASE \"" name "\"; COMMENT ON DATABASE \"" name "\" IS '{\"pgmirror\":1,\"state\":" \
  "\"staging\",\"of\":\"" of "\",\"run\":\"0123abcd\"}'"

/* A role that may not drop it is told who may. */
static void
test_plain_role (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, ROLE, "denied", NULL);
  char *config = write_config ("denied", json);
  g_auto(Said) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("denied__pgm_0123abcd", "denied"));
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 3,
          "let its owner \"postgres\" or a superuser recover, or run on the target: "
          "DROP DATABASE \"denied__pgm_0123abcd\"");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'denied__pgm_0123abcd'", "1");
  pgm_test_do (target, "postgres", "ALTER DATABASE denied__pgm_0123abcd OWNER TO " ROLE);
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, NULL);
  remove_config (config);
}

/* It is its own, but a session there is not. */
static void
test_cannot_end_session (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, ROLE, "held", NULL);
  char *config = write_config ("held", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(Said) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("held__pgm_0123abcd", "held"));
  pgm_test_do (target, "postgres", "ALTER DATABASE held__pgm_0123abcd OWNER TO " ROLE);
  holder = pgm_test_hold (target, NULL, "held__pgm_0123abcd", "SELECT 1");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 1, "could not be recovered: ");
  expect (&said, 1, "run on the target: DROP DATABASE \"held__pgm_0123abcd\"");
  g_assert_true (pgm_conn_exec_sync (holder, "SELECT 1", NULL, NULL));
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity WHERE datname LIKE 'held%'");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, NULL);
  remove_config (config);
}

/* One writer at a time: another run has the database's lock. */
static void
test_locked (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "locked", NULL);
  char *config = write_config ("locked", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(Said) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("locked__pgm_0123abcd", "locked"));
  holder = pgm_test_hold (target, NULL, "postgres",
                          "SELECT pg_advisory_lock (hashtextextended ('pgmirror:locked', 0))");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 1, "another run is writing to database \"locked\"");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'locked__pgm_0123abcd'", "1");
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_locks WHERE locktype = 'advisory'");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, NULL);
  remove_config (config);
}

/* The run is known by its sessions, wherever its program is. */
static void
test_session_elsewhere (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "remote", NULL);
  char *config = write_config ("remote", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(Said) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("remote__pgm_0123abcd", "remote"));
  holder = pgm_test_hold (target, NULL, "postgres", "SET application_name = 'pgmirror-0123abcd'");
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, "database of a run that is at work");
  assert_answer ("SELECT count(*) FROM pg_database WHERE datname = 'remote__pgm_0123abcd'", "1");
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, NO_SESSION);
  CALL (&said, "recover", "-c", config, "--remove", "--yes");
  expect (&said, 0, "was removed");
  remove_config (config);
}

/* A name is only a name, also where it had to be cut. */
static void
test_names (void)
{
  static const char odd[] = "it's \"q\"; DROP %s\nx=y";
  const char *long_name = "a123456789b123456789c123456789d123456789e123456789f123456789ghi";
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "names", NULL);
  char *config = write_config ("names", json);
  g_auto(Said) said = { NULL };
  const char *names[] = { odd, long_name, NULL };

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = pgm_database_dup_name (names[i], "old", "0123abcd");
      g_autofree char *marker = pgm_marker_dup_text ("old", names[i], "0123abcd", "it's mine");
      g_autoptr(PgmConn) conn = pgm_test_hold (target, NULL, "postgres", "SELECT 1");
      g_autofree char *quoted = pgm_conn_quote_name (conn, name);
      g_autofree char *text = pgm_conn_quote_text (conn, marker);
      g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", quoted);
      g_autofree char *comment = g_strdup_printf ("COMMENT ON DATABASE %s IS %s", quoted, text);
      g_autofree char *own = pgm_conn_quote_name (conn, names[i]);
      g_autofree char *drop = g_strdup_printf ("DROP DATABASE %s", own);

      g_assert_true (pgm_conn_exec_sync (conn, create, NULL, NULL));
      g_assert_true (pgm_conn_exec_sync (conn, comment, NULL, NULL));
      CALL (&said, "recover", "-c", config, "--remove", "--yes");
      expect (&said, 0, "again");
      assert_answer ("SELECT count(*) FROM pg_database WHERE"
                     " shobj_description (oid, 'pg_database') = 'it''s mine'",
                     "1");
      g_assert_true (pgm_conn_exec_sync (conn, drop, NULL, NULL));
    }
  remove_config (config);
}

int
main (int argc, char **argv)
{
  static const char roles[] = "CREATE ROLE " ROLE " LOGIN CREATEDB";
  int status;

  g_assert_cmpint (argc, >=, 2);
  program = g_canonicalize_filename (argv[1], NULL);
  pgm_test_run_init (&argc, &argv);
  state = g_build_filename (g_get_tmp_dir (), "state", NULL);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", roles);
  pgm_test_do (target, "postgres", roles);
  g_test_add_func ("/recover/staged", test_staged);
  g_test_add_func ("/recover/two-runs", test_two_runs);
  g_test_add_func ("/recover/after-commit", test_after_commit);
  g_test_add_func ("/recover/kept", test_kept);
  g_test_add_func ("/recover/in-place", test_in_place);
  g_test_add_func ("/recover/in-place-again", test_in_place_again);
  g_test_add_func ("/recover/nameless", test_nameless);
  g_test_add_func ("/recover/unfit-heir", test_unfit_heir);
  g_test_add_func ("/recover/restarted", test_restarted);
  g_test_add_func ("/recover/look-alikes", test_look_alikes);
  g_test_add_func ("/recover/unmarked-in-use", test_unmarked_in_use);
  g_test_add_func ("/recover/plain-role", test_plain_role);
  g_test_add_func ("/recover/cannot-end-session", test_cannot_end_session);
  g_test_add_func ("/recover/locked", test_locked);
  g_test_add_func ("/recover/session-elsewhere", test_session_elsewhere);
  g_test_add_func ("/recover/names", test_names);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_remove_tree (state);
  pgm_test_run_end ();
  g_free (state);
  g_free (program);
  return status;
}
