/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-kill-target.h"

#include <string.h>

#define SESSIONS_LIMIT_US PGM_TEST_WITHIN_US (10)
#define POLL_US (20 * 1000)
#define SETTING "ALTER DATABASE " PGM_KILL_DATABASE " SET work_mem = '5MB'"

PgmTestServer *pgm_kill_servers[2];
PgmTestPair *pgm_kill_pair;

static char *new_fingerprint;

static char *
ask (const char *sql)
{
  return pgm_test_server_psql (pgm_kill_servers[PGM_SIDE_TARGET], "postgres", sql);
}

/* For main(), in place of pgm_test_run_init(). The last argument is the program's path. */
void
pgm_kill_set_up (int *argc, char ***argv, const char *source_sql)
{
  static const char *const settings[] = { "autovacuum=off", NULL };
  static const PgmTestServerOptions options = { .settings = settings };

  g_assert_cmpint (*argc, >=, 2);
  pgm_kill_program = g_canonicalize_filename ((*argv)[1], NULL);
  pgm_test_run_init (argc, argv);
  pgm_kill_servers[PGM_SIDE_SOURCE] = pgm_test_server_start ("source", &options);
  pgm_kill_servers[PGM_SIDE_TARGET] = pgm_test_server_start ("target", &options);
  pgm_kill_pair =
      pgm_test_pair_new (pgm_kill_servers[PGM_SIDE_SOURCE], pgm_kill_servers[PGM_SIDE_TARGET], NULL,
                         PGM_KILL_DATABASE, source_sql);
  pgm_test_do (pgm_kill_servers[PGM_SIDE_SOURCE], "postgres", SETTING);
  pgm_test_do (pgm_kill_servers[PGM_SIDE_TARGET], "postgres",
               "CREATE DATABASE kept TEMPLATE " PGM_KILL_DATABASE);
  pgm_test_do (pgm_kill_servers[PGM_SIDE_TARGET], "postgres", SETTING);
  g_free (pgm_kill_pair->old);
  pgm_kill_pair->old = pgm_test_fingerprint (pgm_kill_servers[PGM_SIDE_TARGET], PGM_KILL_DATABASE);
  new_fingerprint = pgm_test_fingerprint (pgm_kill_servers[PGM_SIDE_SOURCE], PGM_KILL_DATABASE);
  g_assert_cmpstr (pgm_kill_pair->old, !=, new_fingerprint);
}

/* @status: of g_test_run()
 *
 * Returns: what main() returns */
int
pgm_kill_tear_down (int status)
{
  pgm_test_pair_free (pgm_kill_pair);
  g_free (new_fingerprint);
  pgm_test_server_free (pgm_kill_servers[PGM_SIDE_SOURCE]);
  pgm_test_server_free (pgm_kill_servers[PGM_SIDE_TARGET]);
  pgm_test_run_end ();
  g_free ((char *) pgm_kill_program);
  return status;
}

/* @members: (nullable): of the profile's options, each after a comma */
void
pgm_kill_set_options (const char *members)
{
  g_autofree char *options =
      g_strconcat (", \"connect_timeout\": 3", members != NULL ? members : "", NULL);

  pgm_test_pair_set_options (pgm_kill_pair, options);
}

static void
drop_database (const char *name)
{
  g_autofree char *sql = g_strdup_printf ("DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)", name);

  g_free (ask (sql));
}

void
pgm_kill_drop_target (void)
{
  drop_database (PGM_KILL_DATABASE);
}

/* The name holds the old database again. */
void
pgm_kill_reset_target (void)
{
  pgm_kill_drop_target ();
  g_free (ask ("CREATE DATABASE " PGM_KILL_DATABASE " TEMPLATE kept;"
               "COMMENT ON DATABASE " PGM_KILL_DATABASE " IS 'old';" SETTING));
}

/* Returns: (transfer full): of a database on the target; "" for none */
static char *
dup_comment (const char *name)
{
  g_autofree char *sql = g_strdup_printf ("SELECT coalesce (shobj_description (oid, 'pg_database'),"
                                          " '') FROM pg_database WHERE datname = '%s'",
                                          name);

  return ask (sql);
}

static gboolean
has_marker (const char *name, const char *state)
{
  g_autofree char *comment = dup_comment (name);
  g_autofree char *part =
      g_strdup_printf ("\"state\":\"%s\",\"of\":\"%s\"", state, PGM_KILL_DATABASE);

  return strstr (comment, "\"pgmirror\":1") != NULL && strstr (comment, part) != NULL;
}

/* P2: it is one of these, and complete. */
PgmKillContent
pgm_kill_look (void)
{
  g_autofree char *n =
      ask ("SELECT count (*) FROM pg_database WHERE datname = '" PGM_KILL_DATABASE "'");
  g_autofree char *fingerprint = NULL;

  if (g_str_equal (n, "0"))
    return PGM_KILL_ABSENT;
  if (has_marker (PGM_KILL_DATABASE, "staging"))
    return PGM_KILL_HALF;
  fingerprint = pgm_test_fingerprint (pgm_kill_servers[PGM_SIDE_TARGET], PGM_KILL_DATABASE);
  if (g_str_equal (fingerprint, new_fingerprint))
    return PGM_KILL_NEW;
  g_assert_cmpstr (fingerprint, ==, pgm_kill_pair->old);
  return PGM_KILL_OLD;
}

/* The program lived, and what it tells is true.
 *
 * @was_there: whether the target had the database before */
void
pgm_kill_check_report (PgmKillRun *run, PgmKillContent content, gboolean was_there)
{
  static const char *const states[] = { [PGM_KILL_OLD] = "unchanged",
                                        [PGM_KILL_NEW] = "replaced",
                                        [PGM_KILL_ABSENT] = "dropped",
                                        [PGM_KILL_HALF] = "dropped" };
  g_autofree char *errors = pgm_kill_run_dup_errors (run);
  const char *expected = states[content];

  if (!was_there)
    expected = content == PGM_KILL_NEW ? "created" : "unchanged";
  g_assert_cmpint (run->status, >=, 0);
  g_assert_nonnull (run->report);
  g_assert_null (strstr (errors, "CRITICAL **"));
  g_assert_null (strstr (errors, "WARNING **"));
  g_assert_true (run->status != 0 || content == PGM_KILL_NEW);
  g_assert_cmpstr (pgm_kill_run_get_text (run, "target_state"), ==, expected);
}

static void
check_database (PgmKillRun *run, const char *name, PgmKillLeaves may_leave)
{
  const char *state = strstr (name, "__pgm_") != NULL ? "staging" : "old";
  g_autofree char *comment = dup_comment (name);

  g_test_message ("left: %s %s", name, comment);
  g_assert_true ((may_leave & PGM_KILL_LEAVES_DATABASE) != 0);
  g_assert_true (has_marker (name, state) ||
                 ((may_leave & PGM_KILL_LEAVES_UNMARKED) != 0 && g_str_equal (comment, "")));
  if (run->report != NULL)
    g_assert_true (pgm_kill_run_names (run, name));
}

static void
check_folder (PgmKillRun *run, const char *name, PgmKillLeaves may_leave)
{
  g_test_message ("left: %s", name);
  g_assert_true ((may_leave & PGM_KILL_LEAVES_FOLDER) != 0);
  if (run->report != NULL)
    g_assert_true (pgm_kill_run_names (run, name));
}

/* Returns: (transfer full) (element-type utf8): the names of what is left */
static GPtrArray *
list_leftovers (PgmKillRun *run, PgmKillLeaves may_leave)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text =
      ask ("SELECT datname FROM pg_database WHERE datname ~ '^" PGM_KILL_DATABASE
           "__(pgm|old)_[0-9a-f]{8}$'");
  g_auto(GStrv) databases = g_strsplit (text, "\n", -1);
  g_autoptr(GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name = NULL;

  for (gsize i = 0; databases[i] != NULL && *databases[i] != '\0'; i++)
    {
      check_database (run, databases[i], may_leave);
      g_ptr_array_add (list, g_strdup (databases[i]));
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "pg-mirror-"))
      {
        check_folder (run, name, may_leave);
        g_ptr_array_add (list, g_strdup (name));
      }
  return list;
}

/* P5: no session is there after ten seconds. */
void
pgm_kill_wait_no_session (void)
{
  gint64 deadline_us = g_get_monotonic_time () + SESSIONS_LIMIT_US;

  while (pgm_test_server_count_sessions (pgm_kill_servers[PGM_SIDE_SOURCE], "pgmirror%") > 0 ||
         pgm_test_server_count_sessions (pgm_kill_servers[PGM_SIDE_TARGET], "pgmirror%") > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (POLL_US);
    }
}

/* Its sessions are over then, too. */
static void
recover (const char *const *args, GPtrArray *names, int status)
{
  g_autofree char *json = pgm_test_pair_dup_profile (pgm_kill_pair);
  g_autoptr(PgmKillRun) run = pgm_kill_run_start (json, args, NULL);
  g_autofree char *output = NULL;

  pgm_kill_run_wait (run);
  pgm_kill_wait_no_session ();
  output = pgm_kill_run_dup_output (run);
  for (guint i = 0; i < names->len; i++)
    pgm_test_assert_has (output, (const char *) names->pdata[i]);
  if (run->status != status)
    g_error ("recover left with %d and said:\n%s", run->status, output);
}

/* P5: what is left says what it is, a report names it, and `recover` finds all of it and takes it
 * away.
 *
 * @content: what the name holds, and still holds when it is complete */
void
pgm_kill_check_leftovers (PgmKillRun *run, PgmKillContent content, PgmKillLeaves may_leave)
{
  static const char *const look[] = { "recover", NULL };
  static const char *const clear[] = { "recover", "--remove-incomplete", "--yes", NULL };
  g_autoptr(GPtrArray) names = list_leftovers (run, may_leave);

  if (content == PGM_KILL_HALF)
    g_ptr_array_add (names, g_strdup ("\"" PGM_KILL_DATABASE "\""));
  if (names->len > 0)
    {
      recover (look, names, /* status= */ 3);
      recover (clear, names, /* status= */ 0);
    }
  pgm_test_assert_nothing_left (pgm_kill_servers[PGM_SIDE_SOURCE],
                                pgm_kill_servers[PGM_SIDE_TARGET]);
  g_assert_cmpint (pgm_kill_look (), ==, content == PGM_KILL_HALF ? PGM_KILL_ABSENT : content);
}
