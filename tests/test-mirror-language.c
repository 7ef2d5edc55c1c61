/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* P12: in whatever language servers, tools and program speak, a run ends in the same way. argv[1]
 * is the program with its translations. */

#include "pgm-test-locale.h"
#include "pgm-test-pair.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "s3cret"
#define AT_A_TIME 4

static char *program;
static PgmTestServer *source;
static PgmTestServer *target;

typedef struct
{
  const char *name;    /* of the test */
  const char *locale;  /* of servers and program */
  const char *error;   /* what the server says before a message; "" for that of English */
  gboolean translated; /* the program, too */
} Language;

static const Language languages[] = {
  { "en", "C.UTF-8", "ERROR:  ", FALSE },      { "de", "de_DE.UTF-8", "FEHLER:  ", FALSE },
  { "fr", "fr_FR.UTF-8", "ERREUR:  ", FALSE }, { "pt_BR", "pt_BR.UTF-8", "ERRO:  ", TRUE },
  { "ja", "ja_JP.UTF-8", "ERROR:  ", FALSE },  { "es", "es_ES.UTF-8", "ERROR:  ", TRUE },
};

typedef enum
{
  PLAIN = 0,
  WITH_OLD = 1 << 0,     /* a database is there, with the table "old" */
  WRONG_SOURCE = 1 << 1, /* the password */
  WRONG_TARGET = 1 << 2,
  WRONG_HOST = 1 << 3,
  SAME_SERVER = 1 << 4,
  LOCKED = 1 << 5,      /* the source's table t */
  INTERRUPT = 1 << 6,   /* once it builds an index on the target */
  SMALL_FILES = 1 << 7, /* no file may have more than 64 kB */
  VERIFY = 1 << 8,      /* instead of mirroring */
  NO_SOURCE = 1 << 9,   /* database */
  WEB_SERVER = 1 << 10, /* in place of the source */
  EVERYWHERE = 1 << 11, /* in every language also where time is short */
} CaseFlags;

typedef struct
{
  const char *name; /* of the database */
  CaseFlags flags;
  const char *source_sql; /* by the superuser */
  const char *options;    /* (nullable) */
  int status;
  const char *code;
  const char *state; /* of the target, as the report has it; (nullable): not told */
} Case;

#define T "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO app;"
#define REPLACE "{ \"drop_existing\": true }"
#define REPORT "{ \"on_error\": \"report\" }"

/* An index that cannot be built again: its function does not find another one (FACTS R15). */
#define LOST_FUNCTION                                                                    \
  T "CREATE FUNCTION helper (int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';"     \
    "CREATE FUNCTION calls (int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"     \
    " IF pg_catalog.current_setting ('test.path', true) IS NOT NULL THEN"                \
    " RETURN public.helper ($1); END IF; RETURN helper ($1); END $$; SET test.path = 1;" \
    "CREATE INDEX lost ON t (calls (i));"

static const Case cases[] = {
  { "created", EVERYWHERE, T, NULL, 0, "ok", "created" },
  { "replaced", WITH_OLD, T, REPLACE, 0, "ok", "replaced" },
  { "in_the_way", WITH_OLD, T "CREATE TABLE old (); GRANT SELECT ON old TO app", NULL, 1,
    "preflight", "unchanged" },
  { "wrong_source", WRONG_SOURCE | EVERYWHERE, T, NULL, 1, "source-unreachable", "unchanged" },
  { "wrong_target", WRONG_TARGET, T, NULL, 1, "target-unreachable", "unchanged" },
  { "no_host", WRONG_HOST, T, NULL, 1, "source-unreachable", "unchanged" },
  { "no_database", NO_SOURCE | EVERYWHERE, NULL, NULL, 1, "preflight", "unchanged" },
  { "web_server", WEB_SERVER, T, NULL, 1, "source-unreachable", "unchanged" },
  { "same", SAME_SERVER, T, NULL, 1, "same-server", "unchanged" },
  { "denied", WITH_OLD, "CREATE TABLE t ()", REPLACE, 1, "preflight", "unchanged" },
  { "no_role", WITH_OLD, T "CREATE POLICY p ON t TO ghost", REPLACE, 1, "preflight", "unchanged" },
  { "not_restored", WITH_OLD | EVERYWHERE, LOST_FUNCTION, REPLACE, 1, "restore-failed",
    "unchanged" },
  { "differs", EVERYWHERE, LOST_FUNCTION, REPORT, 3, "differences", "created" },
  { "locked", LOCKED | EVERYWHERE, T, "{ \"lock_wait_timeout\": 3 }", 1, "dump-failed",
    "unchanged" },
  { "no_space", SMALL_FILES,
    "CREATE TABLE t AS SELECT md5 (i::text) FROM generate_series (1, 9999) i;"
    "GRANT SELECT ON t TO app",
    NULL, 1, "dump-failed", "unchanged" },
  { "bad_script", WITH_OLD, T, "{ \"drop_existing\": true, \"post_sql\": [\"bad.sql\"] }", 1,
    "script-failed", "unchanged" },
  { "interrupted", WITH_OLD | INTERRUPT, PGM_TEST_ENDLESS_INDEX "GRANT SELECT ON t TO app", REPLACE,
    130, "cancelled", "unchanged" },
  { "compared", WITH_OLD | VERIFY, T, NULL, 3, "differences", NULL },
};

/* A program at work. */
typedef struct
{
  const Case *c;
  char *database;
  char *folder;
  PgmConn *holder; /* (nullable): of the lock */
  GSubprocess *process;
} Run;

/* Something that answers and is no PostgreSQL server, on a socket in the program's folder. */
static GSocketListener *web_server;
static GCancellable *stop;

static gpointer
answer_thread (gpointer data)
{
  g_autoptr(GSocketConnection) client = NULL;

  while ((client = g_socket_listener_accept (data, NULL, stop, NULL)) != NULL)
    {
      GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (client));
      GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (client));
      char byte = 0;

      g_input_stream_read (in, &byte, 1, NULL, NULL);
      g_output_stream_write_all (out, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, NULL, NULL, NULL);
      g_clear_object (&client);
    }
  return NULL;
}

static char *
dup_web_socket (void)
{
  return g_strdup_printf ("%s/.s.PGSQL.%u", g_get_tmp_dir (), pgm_test_server_get_port (source));
}

static GThread *
start_web_server (void)
{
  g_autofree char *path = dup_web_socket ();
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GError) error = NULL;

  stop = g_cancellable_new ();
  web_server = g_socket_listener_new ();
  g_socket_listener_add_address (web_server, address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_thread_new ("web-server", answer_thread, web_server);
}

static void
stop_web_server (GThread *thread)
{
  g_autofree char *path = dup_web_socket ();

  g_cancellable_cancel (stop);
  g_thread_join (thread);
  g_socket_listener_close (web_server);
  g_clear_object (&web_server);
  g_clear_object (&stop);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
create_all (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", cases[i].name);

      if (cases[i].flags & NO_SOURCE)
        continue;
      pgm_test_do (source, "postgres", create);
      pgm_test_do (source, cases[i].name, cases[i].source_sql);
    }
}

/* Who leaves a database is on it for a moment longer, and might be told of. */
static void
wait_until_unused (const char *name)
{
  g_autofree char *condition = g_strdup_printf (
      "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '%s' AND usesysid IS NOT NULL)",
      name);

  pgm_test_wait_until (target, condition);
}

static void
reset_target (const Case *c)
{
  g_autofree char *drop = g_strdup_printf ("DROP DATABASE IF EXISTS %s WITH (FORCE)", c->name);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s OWNER app", c->name);

  pgm_test_do (target, "postgres", drop);
  if ((c->flags & WITH_OLD) == 0)
    return;
  pgm_test_do (target, "postgres", create);
  pgm_test_do (target, c->name, "CREATE TABLE old AS SELECT 'old' AS v");
  pgm_test_do (target, c->name, "GRANT SELECT ON old TO app");
  wait_until_unused (c->name);
}

static void
write_config (Run *run)
{
  const Case *c = run->c;
  PgmTestServer *there = (c->flags & SAME_SERVER) ? source : target;
  g_autofree char *json = pgm_test_profile_json (source, there, "app", c->name, c->options);
  g_autofree char *config = g_build_filename (run->folder, "config.json", NULL);
  g_autofree char *script = g_build_filename (run->folder, "bad.sql", NULL);
  g_autoptr(GString) text = g_string_new (json);
  char *second = NULL;
  g_autoptr(GError) error = NULL;

  if (c->flags & WRONG_SOURCE)
    g_string_replace (text, PASSWORD, "wrong", 1);
  if (c->flags & WRONG_HOST)
    g_string_replace (text, pgm_test_server_get_host (source), "no-such-host.invalid", 1);
  if (c->flags & WEB_SERVER)
    g_string_replace (text, pgm_test_server_get_host (source), g_get_tmp_dir (), 1);
  if (c->flags & WRONG_TARGET)
    {
      second = g_strrstr (text->str, PASSWORD);
      memcpy (second, "wrong!", strlen (PASSWORD));
    }
  g_file_set_contents_full (config, text->str, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
  g_file_set_contents (script, "SELECT 1;\nSELECT 1 / 0;\n", -1, &error);
  g_assert_no_error (error);
}

static GSubprocessLauncher *
new_launcher (Run *run, const Language *language)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                             G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *state = g_build_filename (run->folder, "state", NULL);

  g_subprocess_launcher_set_cwd (launcher, run->folder);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", language->locale, TRUE);
  if (strchr (language->locale, '_') != NULL)
    g_subprocess_launcher_setenv (launcher, "LANGUAGE", language->name, TRUE);
  else
    g_subprocess_launcher_unsetenv (launcher, "LANGUAGE");
  return launcher;
}

static Run *
start (const Case *c, const Language *language)
{
  Run *run = g_new0 (Run, 1);
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;

  run->c = c;
  run->folder = g_build_filename (g_get_tmp_dir (), c->name, NULL);
  g_assert_cmpint (g_mkdir (run->folder, 0700), ==, 0);
  reset_target (c);
  write_config (run);
  if (c->flags & LOCKED)
    run->holder = pgm_test_hold (source, NULL, c->name,
                                 "BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
  if (c->flags & SMALL_FILES)
    {
      g_ptr_array_add (argv, (char *) "prlimit");
      g_ptr_array_add (argv, (char *) "--fsize=65536");
    }
  g_ptr_array_add (argv, program);
  g_ptr_array_add (argv, (char *) ((c->flags & VERIFY) ? "verify" : "mirror"));
  if ((c->flags & VERIFY) == 0)
    g_ptr_array_add (argv, (char *) "--yes");
  g_ptr_array_add (argv, (char *) "--json");
  g_ptr_array_add (argv, (char *) "-c");
  g_ptr_array_add (argv, (char *) "config.json");
  g_ptr_array_add (argv, NULL);
  launcher = new_launcher (run, language);
  run->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return run;
}

/* The server shows a query to superusers alone. */
static void
interrupt (Run *run)
{
  g_autofree char *condition =
      g_strdup_printf ("EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname LIKE '%s%%'"
                       " AND state = 'active' AND query LIKE 'CREATE INDEX%%')",
                       run->c->name);

  pgm_test_wait_until (target, condition);
  g_subprocess_send_signal (run->process, SIGINT);
}

/* Returns: (transfer full): what must be the same in all languages */
static char *
describe (JsonObject *report, int status)
{
  static const char *const lists[] = { "findings", "left_behind", "differences", "leftovers" };
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%d %s %s", status, json_object_get_string_member (report, "code"),
                   json_object_get_string_member_with_default (report, "target_state", "-"));
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonArray *list = json_object_get_array_member (report, lists[i]);

      g_string_append_printf (text, " %s:", lists[i]);
      for (guint k = 0; k < json_array_get_length (list); k++)
        {
          JsonNode *item = json_array_get_element (list, k);

          if (JSON_NODE_HOLDS_OBJECT (item))
            g_string_append_printf (
                text, " %s", json_object_get_string_member (json_node_get_object (item), "code"));
        }
    }
  return g_string_free (text, FALSE);
}

static JsonObject *
parse_report (const char *said)
{
  g_auto(GStrv) lines = g_strsplit (said, "\n", -1);
  guint n = g_strv_length (lines);
  g_autoptr(JsonNode) node = n > 1 ? json_from_string (lines[n - 2], NULL) : NULL;

  if (node == NULL)
    g_error ("no report in \"%s\"", said);
  return json_object_ref (json_node_get_object (node));
}

static void
assert_old_is_there (const Case *c)
{
  g_autofree char *value = NULL;

  if ((c->flags & WITH_OLD) == 0 || g_strcmp0 (c->state, "replaced") == 0)
    return;
  value = pgm_test_server_psql (target, c->name, "SELECT v FROM old");
  g_assert_cmpstr (value, ==, "old");
}

/* @ret_message: (out) (transfer full): what the report says
 *
 * Returns: (transfer full): see describe() */
static char *
finish (Run *run, char **ret_message)
{
  const Case *c = run->c;
  g_autofree char *said = NULL;
  g_autoptr(JsonObject) report = NULL;
  g_autoptr(GError) error = NULL;
  char *outcome = NULL;
  int status = 0;

  if (c->flags & INTERRUPT)
    interrupt (run);
  g_subprocess_communicate_utf8 (run->process, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (run->process));
  status = g_subprocess_get_exit_status (run->process);
  report = parse_report (said);
  if (status != c->status ||
      g_strcmp0 (json_object_get_string_member (report, "code"), c->code) != 0)
    g_error ("%s: status %d\n%s", c->name, status, said);
  if (c->state != NULL)
    g_assert_cmpstr (json_object_get_string_member (report, "target_state"), ==, c->state);
  assert_old_is_there (c);
  *ret_message = g_strdup (json_object_get_string_member (report, "message"));
  outcome = describe (report, status);
  g_clear_pointer (&run->holder, pgm_conn_free);
  g_object_unref (run->process);
  pgm_test_remove_tree (run->folder);
  g_free (run->folder);
  g_free (run);
  return outcome;
}

/* For sessions that begin from now on, and for the postmaster itself. */
static void
set_language (PgmTestServer *server, const Language *language)
{
  const char *locale = strchr (language->locale, '_') != NULL ? language->locale : "C";
  g_autofree char *set = g_strdup_printf ("ALTER SYSTEM SET lc_messages = '%s'", locale);
  g_autofree char *condition = g_strdup_printf ("current_setting ('lc_messages') = '%s'", locale);

  pgm_test_do (server, "postgres", set);
  pgm_test_do (server, "postgres", "SELECT pg_reload_conf ()");
  pgm_test_wait_until (server, condition);
}

/* Whether @server has the catalog of messages of the language that it was told to speak. */
static gboolean
speaks (PgmTestServer *server, const char *english)
{
  g_autofree char *said = NULL;

  pgm_test_server_psql_status (server, "app", "postgres", "SELECT 1 / 0", &said);
  return strstr (said, english) == NULL;
}

static char *outcomes[G_N_ELEMENTS (cases)]; /* in English */
static char *messages[G_N_ELEMENTS (cases)];

static void
check_outcome (gsize i, const Language *language, char *outcome, char *message)
{
  g_test_message ("%s: %s: %s", language->name, cases[i].name, message);
  if (outcomes[i] == NULL)
    {
      outcomes[i] = outcome;
      messages[i] = message;
      return;
    }
  g_assert_cmpstr (outcome, ==, outcomes[i]);
  if (!language->translated && (cases[i].flags & WEB_SERVER)) /* nothing of libpq's in it */
    g_assert_cmpstr (message, ==, messages[i]);
  if (language->translated && g_str_equal (cases[i].name, "created"))
    g_assert_cmpstr (message, !=, messages[i]);
  g_free (outcome);
  g_free (message);
}

/* English, and one language beside it, are tried with all. */
static gboolean
is_tried (const Case *c, const Language *language)
{
  return language - languages < 2 || (c->flags & EVERYWHERE) || pgm_test_runs_all ();
}

static void
run_cases (const Language *language)
{
  Run *runs[AT_A_TIME] = { NULL };
  gsize n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (is_tried (&cases[i], language))
        runs[n++] = start (&cases[i], language);
      if (n < AT_A_TIME && i + 1 < G_N_ELEMENTS (cases))
        continue;
      for (gsize k = 0; k < n; k++)
        {
          gsize number = (gsize) (runs[k]->c - cases);
          char *message = NULL;
          char *outcome = finish (runs[k], &message);

          check_outcome (number, language, outcome, message);
        }
      n = 0;
    }
}

static void
test_language (gconstpointer data)
{
  const Language *language = data;
  gboolean is_english = language == languages;
  gboolean is_spoken = FALSE;
  g_autofree char *log = NULL;

  set_language (source, language);
  set_language (target, language);
  is_spoken = speaks (source, "division by zero") && speaks (target, "division by zero");
  if (!is_english && !is_spoken && !language->translated)
    {
      g_test_skip ("the server's messages are not installed in this language");
      return;
    }
  g_test_message ("%s: spoken by the servers: %s", language->name, is_spoken ? "yes" : "no");
  run_cases (language);
  log = pgm_test_server_dup_log (target);
  if (is_spoken || is_english)
    pgm_test_assert_has (log, language->error);
  pgm_test_assert_nothing_left (source, target);
}

/* Before there is a database, a server speaks in the encoding of its own environment. */
static void
test_other_encoding (void)
{
  const PgmTestServerOptions options = { .password = PASSWORD, .locale = "de_DE.ISO-8859-1" };
  PgmTestServer *latin1 = pgm_test_server_start ("latin1", &options);
  g_autofree char *json = NULL;
  g_autoptr(GString) text = NULL;
  g_autoptr(PgmTestRun) no_database = NULL;
  g_autoptr(PgmTestRun) wrong = NULL;
  g_autofree char *log = NULL;

  pgm_test_do (latin1, "postgres", "ALTER SYSTEM SET lc_messages = 'de_DE.ISO-8859-1'");
  pgm_test_server_restart (latin1);
  json = pgm_test_profile_json (latin1, target, NULL, "nowhere", NULL);
  text = g_string_new (json);
  g_string_replace (text, PASSWORD, "wrong", 1);
  no_database = pgm_test_run (json, NULL);
  wrong = pgm_test_run (text->str, NULL);
  log = pgm_test_server_dup_log (latin1);
  pgm_test_server_free (latin1);
  if (strstr (log, "FATAL:  Passwort-Authentifizierung f\374r ") == NULL)
    {
      g_test_skip ("the server's messages are not installed in this language");
      return;
    }
  pgm_test_assert_code (no_database, "preflight");
  pgm_test_assert_has (no_database->data->message, "there is no database \"nowhere\"");
  pgm_test_assert_code (wrong, "source-unreachable");
  pgm_test_assert_has (wrong->data->message,
                       "does not accept the role \"postgres\" with this password");
}

static void
skip_all (void)
{
  g_test_skip ("no localedef, or no locale sources");
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "pt_BR.UTF-8",
                                       "ja_JP.UTF-8", "es_ES.UTF-8", "de_DE.ISO-8859-1",
                                       NULL };
  const PgmTestServerOptions options = { .password = PASSWORD };
  gboolean has_locales = FALSE;
  GThread *web_thread = NULL;
  int status;

  pgm_test_run_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 2);
  program = g_canonicalize_filename (argv[1], NULL);
  has_locales = pgm_test_locales_make (names);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  pgm_test_do (source, "postgres",
               "CREATE ROLE app LOGIN CREATEDB PASSWORD '" PASSWORD "'; CREATE ROLE ghost");
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB PASSWORD '" PASSWORD "'");
  create_all ();
  web_thread = start_web_server ();

  for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-language/", languages[i].name, NULL);

      if (has_locales || i == 0)
        g_test_add_data_func (path, &languages[i], test_language);
      else
        g_test_add_func (path, skip_all);
    }
  g_test_add_func ("/mirror-language/other-encoding", has_locales ? test_other_encoding : skip_all);
  status = g_test_run ();

  stop_web_server (web_thread);
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_locales_remove ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_free (outcomes[i]);
      g_free (messages[i]);
    }
  g_free (program);
  pgm_test_run_end ();
  return status;
}
