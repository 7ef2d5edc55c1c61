/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Runs that are cut short in whatever way, and `recover` after them. argv[1] is the program. */

#include "pgm-test-recover.h"

#include <signal.h>

#define BUILDS_INDEX(database)                                                           \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "datname LIKE '" database "%' AND state = 'active' AND query LIKE 'CREATE INDEX%')"

static PgmTestServer *source;
static PgmTestServer *target;

static void
start (PgmTestCut *fx, const char *name, const char *content, const char *options)
{
  pgm_test_cut_prepare (fx, source, target, name, content, options);
  pgm_test_cut_start (fx);
}

/* While it works, nothing of it is touched; when it was killed, all of it goes. */
static void
test_staged (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };

  start (&fx, "staged", PGM_TEST_ENDLESS_INDEX, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("staged"));
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes", "--json");
  pgm_test_expect (&said, 0, "\"left\":0");
  pgm_test_assert_member (&said, "staging", "state", "in-use");
  pgm_test_assert_member (&said, "folder", "state", "in-use");
  pgm_test_assert_answer (
      target, "SELECT count(*) FROM pg_database WHERE datname LIKE 'staged\\_\\_pgm%'", "1");

  pgm_test_cut_kill (&fx);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "staging", "of", "staged");
  pgm_test_assert_member (&said, "staging", "remedy", "remove");
  pgm_test_assert_member (&said, "folder", "remedy", "remove");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config);
  pgm_test_expect (&said, 3, "unfinished copy of \"staged\"");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove");
  pgm_test_expect (&said, 2, NULL);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "was removed");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config);
  pgm_test_expect (&said, 0, "nothing was left");
  PGM_TEST_CALL (&said, "history");
  pgm_test_expect (&said, 0, "interrupted");
  pgm_test_cut_assert_old (&fx);
  pgm_test_cut_finish (&fx);
}

static char *
find_staging (const char *database)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT datname FROM pg_database WHERE datname LIKE '%s\\_\\_pgm%%'", database);

  return pgm_test_server_psql (target, "postgres", sql);
}

/* Only what is of the dead one goes. */
static void
test_two_runs (void)
{
  PgmTestCut dead = { NULL };
  PgmTestCut alive = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
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
    PGM_TEST_CALL (&said, "recover", "-c", dead.config, "--json");
  pgm_test_expect (&said, 3, "in-use");
  for (guint i = 0; i < 100 && (i == 0 || said.status == 3); i++)
    PGM_TEST_CALL (&said, "recover", "-c", dead.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "of a run that is at work");
  staging = find_staging ("second");
  g_assert_cmpstr (staging, !=, "");
  g_clear_pointer (&staging, g_free);
  staging = find_staging ("first");
  g_assert_cmpstr (staging, ==, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("second"));
  g_subprocess_send_signal (alive.process, SIGINT);
  g_subprocess_wait (alive.process, NULL, NULL);
  pgm_test_cut_assert_old (&dead);
  pgm_test_cut_assert_old (&alive);
  pgm_test_cut_finish (&alive);
  pgm_test_cut_finish (&dead);
}

/* The program dies between CREATE DATABASE and the comment that marks the database. */
static void
test_created (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
  char *tools = pgm_test_fake_begin ("psql", "test \"$1\" = --version && exec REAL \"$@\"\n"
                                             "script=$(cat)\n"
                                             "case \"$script\" in *'CREATE DATABASE'*)\n"
                                             "echo \"$script\" | grep -v COMMENT | REAL \"$@\"\n"
                                             "kill -KILL $PPID; exit;; esac\n"
                                             "echo \"$script\" | REAL \"$@\"\n");

  start (&fx, "created", NULL, "");
  pgm_test_cut_wait_until_dead (&fx);
  pgm_test_fake_end (tools);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "unmarked", "remedy", "remove");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_cut_assert_old (&fx);
  pgm_test_cut_finish (&fx);
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
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
  char *tools = kill_after_swap ();

  start (&fx, "committed", NULL, "");
  pgm_test_cut_wait_until_dead (&fx);
  pgm_test_fake_end (tools);
  pgm_test_pair_assert_new (fx.pair);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "replaced", "of", "committed");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_pair_assert_new (fx.pair);
  pgm_test_cut_finish (&fx);
}

/* The old database was to be kept: it has no marker, and is no leftover. */
static void
test_kept (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
  g_autofree char *name = NULL;
  g_autofree char *sql = NULL;
  char *tools = kill_after_swap ();

  start (&fx, "kept", NULL, ", \"keep_previous\": true");
  pgm_test_cut_wait_until_dead (&fx);
  pgm_test_fake_end (tools);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  name = pgm_test_server_psql (
      target, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'kept\\_\\_old%'");
  g_assert_cmpstr (name, !=, "");
  sql = g_strdup_printf ("DROP DATABASE \"%s\"", name);
  pgm_test_do (target, "postgres", sql);
  pgm_test_pair_assert_new (fx.pair);
  pgm_test_cut_finish (&fx);
}

/* Half a database has the name, and goes only where that is asked for. */
static void
test_in_place (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };

  start (&fx, "in_place", PGM_TEST_ENDLESS_INDEX, ", \"replace\": \"in-place\"");
  pgm_test_wait_until (target, BUILDS_INDEX ("in_place"));
  pgm_test_cut_kill (&fx);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "incomplete", "name", "in_place");
  pgm_test_assert_member (&said, "incomplete", "remedy", "on-wish");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "--remove-incomplete");
  pgm_test_assert_answer (target, "SELECT count(*) FROM pg_database WHERE datname = 'in_place'",
                          "1");

  /* a database that it took the place of before is the only whole one now */
  pgm_test_do (
      target, "postgres",
      "CREATE DATABASE in_place__old_0123abcd; COMMENT ON DATABASE in_place__old_0123abcd IS"
      " '{\"pgmirror\":1,\"state\":\"old\",\"of\":\"in_place\",\"run\":\"0123abcd\"}'");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes", "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "replaced", "remedy", "none");

  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove-incomplete", "--yes");
  pgm_test_expect (&said, 3, "was removed");
  pgm_test_assert_answer (target, "SELECT count(*) FROM pg_database WHERE datname = 'in_place'",
                          "0");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "is called \"in_place\" again");
  pgm_test_assert_answer (target, "SELECT count(*) FROM pg_database WHERE datname = 'in_place'",
                          "1");
  pgm_test_cut_finish (&fx);
}

/* The marker of a run that was cut short is no comment to hand on. */
static void
test_in_place_again (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
  g_autoptr(PgmTestRun) run = NULL;

  start (&fx, "again", PGM_TEST_ENDLESS_INDEX, ", \"replace\": \"in-place\"");
  pgm_test_wait_until (target, BUILDS_INDEX ("again"));
  pgm_test_cut_kill (&fx);
  pgm_test_do (source, "again", "DROP INDEX slow_t");
  pgm_test_pair_set_options (fx.pair, "");
  run = pgm_test_pair_run (fx.pair);
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->findings, "incomplete-database"));
  g_assert_nonnull (pgm_test_find (run->data->findings, "leftover-folder"));
  pgm_test_assert_answer (target,
                          "SELECT shobj_description (oid, 'pg_database') IS NULL FROM pg_database"
                          " WHERE datname = 'again'",
                          "t");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_cut_finish (&fx);
}

/* Both the program and the server went down, and the server is back. */
static void
test_restarted (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };

  start (&fx, "restarted", PGM_TEST_ENDLESS_INDEX, "");
  pgm_test_wait_until (target, BUILDS_INDEX ("restarted"));
  g_subprocess_send_signal (fx.process, SIGKILL);
  g_assert_cmpint (kill (pgm_test_server_get_pid (target), SIGQUIT), ==, 0);
  g_subprocess_wait (fx.process, NULL, NULL);
  while (pgm_test_server_psql_status (target, NULL, "postgres", "SELECT 1", NULL) == 0)
    g_usleep (10 * 1000);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config);
  pgm_test_expect (&said, 1, "data of the source");
  pgm_test_server_restart (target);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_cut_assert_old (&fx);
  pgm_test_cut_finish (&fx);
}

#define CREATES_TABLE                                         \
  "SELECT pid FROM pg_stat_activity WHERE datname = 'merged'" \
  " AND wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%'"

#define HAS_SCHEMA "EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 's 1')"

static void
assert_schema (const char *sql, const char *expected)
{
  g_autofree char *answer = pgm_test_server_psql (target, "merged", sql);

  g_assert_cmpstr (answer, ==, expected);
}

/* A run into a database that stays dies while its one transaction waits for the index of the
 * table's long texts. */
static void
cut_merge (PgmTestCut *fx)
{
  PgmConn *holder =
      pgm_test_hold (target, NULL, "merged", "BEGIN; LOCK TABLE pg_catalog.pg_index IN SHARE MODE");

  pgm_test_cut_start (fx);
  pgm_test_wait_until (target, "EXISTS (" CREATES_TABLE ")");
  g_subprocess_send_signal (fx->process, SIGKILL);
  pgm_test_do (target, "postgres", "SELECT pg_terminate_backend (pid) FROM (" CREATES_TABLE ") s");
  pgm_test_wait_until (target, "NOT EXISTS (" CREATES_TABLE ")");
  pgm_conn_free (holder);
  pgm_test_cut_wait_until_dead (fx);
}

/* The schema of a chosen table is made ahead of the transaction that brings the table. */
static void
test_merge (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };
  g_autofree char *json =
      pgm_test_profile_json (source, target, NULL, "merged", "{ \"tables\": [\"\\\"s 1\\\".t\"] }");

  pgm_test_cut_prepare (&fx, source, target, "merged",
                        "CREATE SCHEMA \"s 1\"; CREATE TABLE \"s 1\".t AS SELECT 'x'::text AS x",
                        "");
  pgm_test_remove_config (fx.config);
  fx.config = pgm_test_write_config ("merged", json);
  cut_merge (&fx);
  assert_schema ("SELECT " HAS_SCHEMA, "t");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_expect (&said, 3, "\"left\":2");
  pgm_test_assert_member (&said, "schema", "name", "s 1");
  pgm_test_assert_member (&said, "schema", "of", "merged");
  pgm_test_assert_member (&said, "schema", "remedy", "remove");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "\"s 1\" was removed");
  assert_schema ("SELECT " HAS_SCHEMA, "f");

  /* somebody uses it meanwhile */
  cut_merge (&fx);
  pgm_test_do (target, "merged", "CREATE TABLE \"s 1\".mine AS SELECT 7 AS x");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--json");
  pgm_test_assert_member (&said, "schema", "remedy", "unmark");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "has its own comment again");
  assert_schema ("SELECT x FROM \"s 1\".mine", "7");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config);
  pgm_test_expect (&said, 0, NULL);
  pgm_test_do (target, "merged", "DROP SCHEMA \"s 1\" CASCADE");

  /* the next run fills it, and it is like any other */
  cut_merge (&fx);
  PGM_TEST_CALL (&said, "mirror", "--yes", "-c", fx.config);
  pgm_test_expect (&said, 0, NULL);
  assert_schema ("SELECT x FROM \"s 1\".t", "x");
  assert_schema ("SELECT obj_description (oid, 'pg_namespace') IS NULL FROM pg_namespace"
                 " WHERE nspname = 's 1'",
                 "t");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_cut_finish (&fx);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_recover_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/recover/staged", test_staged);
  g_test_add_func ("/recover/two-runs", test_two_runs);
  g_test_add_func ("/recover/created", test_created);
  g_test_add_func ("/recover/after-commit", test_after_commit);
  g_test_add_func ("/recover/kept", test_kept);
  g_test_add_func ("/recover/in-place", test_in_place);
  g_test_add_func ("/recover/in-place-again", test_in_place_again);
  g_test_add_func ("/recover/restarted", test_restarted);
  g_test_add_func ("/recover/merge", test_merge);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_recover_end ();
  return status;
}
