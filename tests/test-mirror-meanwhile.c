/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What others do on either server while a run is at work. */

#include "pgm-test-pair.h"
#include "pgm-test-server-private.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define DUMP_WAITS                                                                       \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%')"

static void
do_at_once (PgmConn *conn, const char *sql)
{
  g_autoptr(GError) error = NULL;

  pgm_conn_exec_sync (conn, sql, NULL, &error);
  g_assert_no_error (error);
}

#define ROWS "CREATE TABLE t AS SELECT generate_series (1, 1000) AS i"

/* What was begun before the dump and ends while it waits. */
typedef struct
{
  const char *name; /* of the database, too */
  const char *sql;
  const char *code;
} Rewriting;

/* A table that was written anew is empty to every snapshot from before: the dump as well as the
 * count would find no rows. */
static const Rewriting rewritings[] = {
  { "altered", "BEGIN; ALTER TABLE public.t ALTER i TYPE bigint", "dump-failed" },
  { "truncated", "BEGIN; TRUNCATE public.t", "dump-failed" },
  { "exchanged",
    "BEGIN; CREATE TABLE public.u AS TABLE public.t; DROP TABLE public.t;"
    "ALTER TABLE public.u RENAME TO t",
    "dump-failed" },
  { "clustered",
    "BEGIN; CREATE INDEX of_t ON public.t (i); CLUSTER public.t USING of_t; DROP INDEX public.of_t",
    "ok" },
  { "locked", "BEGIN; LOCK TABLE public.t", "ok" },
};

static void
test_rewriting (gconstpointer data)
{
  const Rewriting *c = data;
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, c->name, ROWS);
  g_autoptr(PgmConn) holder = pgm_test_hold (source, NULL, c->name, c->sql);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, NULL);

  pgm_test_wait_until (source, DUMP_WAITS);
  do_at_once (holder, "COMMIT");
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, c->code);
  if (g_str_equal (c->code, "ok"))
    {
      pgm_test_pair_assert_new (pair);
      return;
    }
  pgm_test_assert_message (run, "table \"public.t\" of the source was emptied or written anew");
  pgm_test_pair_assert_old (pair, run);
}

/* Somebody who has waited for the dump empties the table as soon as he may: it was dumped whole. */
static void
test_emptied_after (void)
{
  g_autofree char *program = pgm_test_server_dup_program (source, "psql");
  const char *const argv[] = { program, "--dbname=emptied", "-c", "TRUNCATE long_dump", NULL };
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "emptied", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_server_new_launcher (
      source, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GSubprocess) waiter = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *rows = NULL;

  /* The count of the source would wait for the TRUNCATE as well, and may come after it. */
  pgm_test_pair_set_options (pair, ", \"verify\": \"none\"");
  run = pgm_test_pair_start (pair, NULL);
  pgm_test_wait_until (source, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE"
                               " 'pgmirror-%' AND query LIKE 'COPY public.long_dump%')");
  waiter = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  pgm_test_wait_until (source, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type ="
                               " 'Lock' AND query LIKE 'TRUNCATE%')");
  pgm_test_run_wait (run);
  g_assert_true (g_subprocess_wait_check (waiter, NULL, &error));
  pgm_test_assert_code (run, "ok");
  rows = pgm_test_server_psql (target, "emptied", "SELECT count(*) FROM long_dump");
  g_assert_cmpstr (rows, ==, "64");
}

/* Waits, outside of the database, and then needs it. */
#define SCRIPT "SELECT 'waits';\n\\! sleep 4\nSELECT 1;\n"
#define SCRIPT_WAITS                                                                     \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'idle' AND query LIKE '%waits%')"

/* Somebody puts a database of his own in the place of the half-restored one. */
static void
test_made_anew_in_place (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "made_anew", NULL);
  g_autofree char *script = g_build_filename (g_get_tmp_dir (), "waits.sql", NULL);
  g_autofree char *options =
      g_strdup_printf (", \"replace\": \"in-place\", \"pre_sql\": [\"%s\"]", script);
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *found = NULL;

  g_assert_true (g_file_set_contents (script, SCRIPT, -1, NULL));
  pgm_test_pair_set_options (pair, options);
  run = pgm_test_pair_start (pair, NULL);
  pgm_test_wait_until (target, SCRIPT_WAITS);
  pgm_test_do (target, "postgres", "DROP DATABASE made_anew WITH (FORCE)");
  pgm_test_do (target, "postgres", "CREATE DATABASE made_anew");
  pgm_test_do (target, "made_anew", "CREATE TABLE precious AS SELECT 42 AS x");
  pgm_test_run_wait (run);
  g_unlink (script);
  pgm_test_assert_code (run, "script-failed");
  found = pgm_test_server_psql (target, "made_anew", "SELECT x FROM precious");
  g_assert_cmpstr (found, ==, "42");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_DROPPED);
  g_assert_cmpuint (run->data->leftovers->len, ==, 0);
}

/* Nothing is dropped before the database that comes in its place could be made. */
static void
test_no_template_in_place (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "no_template", NULL);
  g_autoptr(PgmConn) holder = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (target, "postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
  holder = pgm_test_hold (target, NULL, "template0", "SELECT 1");
  pgm_test_pair_set_options (pair, ", \"replace\": \"in-place\"");
  run = pgm_test_pair_run (pair);
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_do (target, "postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
  pgm_test_assert_code (run, "restore-failed");
  pgm_test_pair_assert_old (pair, run);
}

/* Some programs that watch over a server connect to every database that they see. */
static void
test_watched_staging (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "watched", PGM_TEST_PAUSING_COPY);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, NULL);
  g_autoptr(PgmConn) watcher = NULL;
  g_autofree char *staging = NULL;
  PgmConn *gate = NULL;

  pgm_test_wait_until (target, PGM_TEST_IS_COPYING);
  staging = pgm_test_server_psql (target, "postgres",
                                  "SELECT datname FROM pg_database WHERE datname LIKE '%pgm%'");
  watcher = pgm_test_hold (target, NULL, staging, "SELECT 1");
  gate = pgm_test_open_gate (target);
  pgm_test_run_wait (run);
  pgm_test_close_gate (gate);
  pgm_test_assert_code (run, "ok");
  pgm_test_pair_assert_new (pair);
}

/* A database that was empty gets a table at the last moment: it is nobody's leftover then. */
static void
test_filled_at_last (void)
{
  g_autofree char *json =
      pgm_test_profile_json (source, target, NULL, "at_last", "{ \"analyze\": false }");
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autoptr(PgmConn) holder = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *old = NULL;
  g_autofree char *found = NULL;
  g_autofree char *drop = NULL;
  PgmConn *gate = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE at_last");
  pgm_test_do (source, "at_last", PGM_TEST_PAUSING_COPY);
  pgm_test_do (target, "postgres",
               "CREATE DATABASE at_last TEMPLATE template0;"
               "COMMENT ON DATABASE at_last IS 'mine'");
  run = pgm_test_run_start (json, &options);
  pgm_test_wait_until (target, PGM_TEST_IS_COPYING);
  holder = pgm_test_hold (target, NULL, "postgres",
                          "BEGIN; LOCK TABLE pg_catalog.pg_shdescription IN SHARE MODE");
  gate = pgm_test_open_gate (target);
  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type ="
                               " 'Lock' AND query LIKE 'COMMENT ON DATABASE%')");
  pgm_test_do (target, "at_last", "CREATE TABLE precious AS SELECT 42 AS x");
  do_at_once (holder, "COMMIT");
  pgm_test_run_wait (run);
  pgm_test_close_gate (gate);
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->leftovers, "leftover-old"));
  old = pgm_test_server_psql (target, "postgres",
                              "SELECT datname FROM pg_database WHERE datname LIKE 'at_last_%'");
  found = pgm_test_server_psql (target, old,
                                "SELECT x, shobj_description (oid, 'pg_database') FROM precious,"
                                " pg_database WHERE datname = current_database ()");
  g_assert_cmpstr (found, ==, "42|mine");
  drop = g_strdup_printf ("DROP DATABASE %s", old);
  pgm_test_do (target, "postgres", drop);
  pgm_test_assert_nothing_left (source, target);
}

/* Ends a program that one of our own threads has started. */
static void
kill_child (const char *name)
{
  g_autoptr(GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task = NULL;
  int pid = 0;

  while (pid == 0 && (task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", task);
      g_autofree char *text = NULL;
      g_auto(GStrv) children = NULL;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      children = g_strsplit (g_strchomp (text), " ", -1);
      for (gsize i = 0; children[i] != NULL && pid == 0; i++)
        {
          g_autofree char *comm_path = g_strdup_printf ("/proc/%s/comm", children[i]);
          g_autofree char *comm = NULL;

          if (g_file_get_contents (comm_path, &comm, NULL, NULL) &&
              g_str_equal (g_strchomp (comm), name))
            pid = atoi (children[i]);
        }
    }
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
}

static void
set_standby (const char *name)
{
  g_autofree char *set =
      g_strdup_printf ("ALTER SYSTEM SET synchronous_standby_names = '%s'", name);
  g_autofree char *is_set =
      g_strdup_printf ("current_setting ('synchronous_standby_names') = '%s'", name);

  pgm_test_do (target, "postgres", set);
  pgm_test_do (target, "postgres", "SELECT pg_reload_conf ()");
  pgm_test_wait_until (target, is_set);
}

/* A merge whose client is lost while the server commits: what is committed is seen by others only
 * after its session has ended. */
static void
test_commit_unheard (gconstpointer data)
{
  const char *role = data;
  const char *name = role != NULL ? role : "unheard";
  g_autofree char *json = pgm_test_profile_json (source, target, role, name, NULL);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", name);
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *arrived = NULL;

  pgm_test_do (source, "postgres", create);
  pgm_test_do (target, "postgres", create);
  pgm_test_do (source, name, "CREATE TABLE a AS SELECT 1 AS x; GRANT SELECT ON a TO PUBLIC");
  pgm_test_do (target, name,
               "CREATE TABLE b AS SELECT 2 AS x; GRANT ALL ON SCHEMA public TO PUBLIC");
  set_standby ("nobody");
  run = pgm_test_run_start (json, &options);
  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                               " AND application_name LIKE 'pgmirror-%')");
  kill_child ("pg_restore");
  pgm_test_run_wait (run);
  set_standby ("");
  pgm_test_assert_code (run, "restore-failed");
  arrived = pgm_test_server_psql (target, name, "SELECT count(*) FROM a");
  g_assert_cmpstr (arrived, ==, "1");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  int status = 0;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", "CREATE ROLE member LOGIN");
  pgm_test_do (target, "postgres", /* its sessions take another role from the start on */
               "CREATE ROLE team; CREATE ROLE member LOGIN IN ROLE team;"
               "ALTER ROLE member SET role = 'team'");
  for (gsize i = 0; i < G_N_ELEMENTS (rewritings); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-meanwhile/", rewritings[i].name, NULL);

      g_test_add_data_func (path, &rewritings[i], test_rewriting);
    }
  g_test_add_func ("/mirror-meanwhile/emptied-after", test_emptied_after);
  g_test_add_func ("/mirror-meanwhile/made-anew-in-place", test_made_anew_in_place);
  g_test_add_func ("/mirror-meanwhile/no-template-in-place", test_no_template_in_place);
  g_test_add_func ("/mirror-meanwhile/watched-staging", test_watched_staging);
  g_test_add_func ("/mirror-meanwhile/filled-at-last", test_filled_at_last);
  g_test_add_data_func ("/mirror-meanwhile/commit-unheard", NULL, test_commit_unheard);
  g_test_add_data_func ("/mirror-meanwhile/commit-unheard-of-another", "member",
                        test_commit_unheard);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
