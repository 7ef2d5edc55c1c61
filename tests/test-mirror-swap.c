/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The exchange of the databases where others use the old one. The run's role is a plain owner. */

#include "pgm-test-pair.h"

#include <string.h>

#define ROLE "app"

static PgmTestServer *source;
static PgmTestServer *target;

static gboolean
is_gone (PgmConn *conn)
{
  g_autoptr(GError) error = NULL;

  return !pgm_conn_exec_sync (conn, "SELECT 1", NULL, &error);
}

/* The role may not end a superuser's session, whatever it is a member of, and ends no other for
 * that. */
static void
test_superuser_connected (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, ROLE, "superuser_there", NULL);
  g_autoptr(PgmConn) holder = pgm_test_hold (target, NULL, pair->database, "SELECT 1");
  g_autoptr(PgmConn) own = pgm_test_hold (target, ROLE, pair->database, "SELECT 1");
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);

  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (12));
  pgm_test_assert_code (run, "replace-failed");
  pgm_test_assert_message (run, "pg_signal_backend");
  g_assert_false (is_gone (holder));
  g_assert_false (is_gone (own)); /* nobody is disturbed for nothing */
  pgm_test_pair_assert_old (pair, run);
}

static void
test_stranger_connected (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, ROLE, "stranger_there", NULL);
  g_autoptr(PgmConn) holder = pgm_test_hold (target, "other", pair->database, "BEGIN; SELECT 1");
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);

  pgm_test_assert_code (run, "replace-failed");
  pgm_test_assert_message (run, "pg_signal_backend");
  g_assert_false (is_gone (holder));
  pgm_test_pair_assert_old (pair, run);
}

/* With the right to do so, sessions are ended, in a transaction or not. */
static void
test_sessions_ended (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, ROLE, "sessions_ended", NULL);
  g_autoptr(PgmConn) idle = pgm_test_hold (target, "other", pair->database, "SELECT 1");
  g_autoptr(PgmConn) busy =
                 pgm_test_hold (target, "other", pair->database, "BEGIN; SELECT FROM pg_class");
  g_autoptr(PgmConn) own = pgm_test_hold (target, ROLE, pair->database, "BEGIN; SELECT 1");
  g_autoptr(PgmTestRun) run = NULL;

  g_free (pgm_test_server_psql (target, "postgres", "GRANT pg_signal_backend TO " ROLE));
  run = pgm_test_pair_run (pair);
  g_free (pgm_test_server_psql (target, "postgres", "REVOKE pg_signal_backend FROM " ROLE));
  pgm_test_assert_code (run, "ok");
  g_assert_true (is_gone (idle));
  g_assert_true (is_gone (busy));
  g_assert_true (is_gone (own));
  pgm_test_pair_assert_new (pair);
}

/* Not all of what a database was told may be told again by a plain owner. */
static void
test_setting_of_superuser (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, ROLE, "superuser_set", NULL);
  g_autoptr(PgmTestRun) run = NULL;

  g_free (pgm_test_server_psql (
      target, "postgres", "ALTER DATABASE superuser_set SET log_min_duration_statement = '1s'"));
  g_free (pair->old);
  pair->old = pgm_test_fingerprint (target, pair->database);
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_message (run, "log_min_duration_statement");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_template (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, ROLE, "is_template", NULL);
  g_autoptr(PgmTestRun) run = NULL;

  g_free (pgm_test_server_psql (target, "postgres", "ALTER DATABASE is_template IS_TEMPLATE true"));
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_message (run, "template");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_not_owner (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "not_owner", NULL);
  g_autoptr(PgmTestRun) run = NULL;

  pair->role = ROLE;
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_message (run, "belongs to \"postgres\"");
  pgm_test_pair_assert_old (pair, run);
}

/* Somebody makes the database anew while the run is on its way to replace the one that it saw. */
static void
made_anew (const char *name, const char *options, const char *code)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, name, PGM_TEST_PAUSING_COPY);
  g_autofree char *drop = g_strdup_printf ("DROP DATABASE %s", name);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", name);
  g_autoptr(PgmTestRun) run = NULL;
  PgmConn *gate = NULL;

  pgm_test_pair_set_options (pair, options);
  run = pgm_test_pair_start (pair, NULL);
  pgm_test_wait_until (target, PGM_TEST_IS_COPYING);
  pgm_test_do (target, "postgres", drop);
  pgm_test_do (target, "postgres", create);
  pgm_test_do (target, name, "CREATE TABLE precious AS SELECT 42 AS x");
  g_free (pair->old);
  pair->old = pgm_test_fingerprint (target, name);
  gate = pgm_test_open_gate (target);
  pgm_test_run_wait (run);
  pgm_test_close_gate (gate);
  pgm_test_assert_code (run, code);
  pgm_test_assert_message (run, "is not the one that it was");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_made_anew (void)
{
  made_anew ("made_anew", "", "replace-failed");
  made_anew ("made_anew_kept", ", \"keep_previous\": true", "replace-failed");
}

/* A database that nobody may connect to does not become an open one. */
static void
test_closed (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "closed", NULL);
  g_autofree char *allows = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (target, "postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS false");
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "ok");
  allows = pgm_test_server_psql (target, "postgres",
                                 "SELECT datallowconn FROM pg_database WHERE datname = 'closed'");
  g_assert_cmpstr (allows, ==, "f");
  pgm_test_do (target, "postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS true");
  pgm_test_pair_assert_new (pair);
}

/* @statement: "DROP DATABASE "…"" */
static void
drop_subscribed (const char *statement)
{
  g_autofree char *name = pgm_test_server_psql (
      target, "postgres", "SELECT datname FROM pg_database WHERE datname ~ '__old_'");

  g_free (pgm_test_server_psql (target, name, "DROP SUBSCRIPTION feed"));
  g_free (pgm_test_server_psql (target, "postgres", statement));
}

/* It can be renamed, but not dropped: refused, or named as what is left. */
static void
test_subscription (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "subscribed", NULL);
  g_autoptr(PgmTestRun) run = NULL;
  const PgmFinding *finding = NULL;
  const char *name = pair->database;

  g_free (pgm_test_server_psql (target, name,
                                "CREATE SUBSCRIPTION feed CONNECTION 'dbname=none' PUBLICATION p"
                                " WITH (connect = false, slot_name = NONE)"));
  run = pgm_test_pair_run (pair);
  finding = pgm_test_find (run->data->leftovers, "leftover-old");
  if (finding == NULL)
    {
      pgm_test_assert_code (run, "preflight");
      pgm_test_assert_message (run, "subscription");
      pgm_test_pair_assert_old (pair, run);
      g_free (pgm_test_server_psql (target, name, "DROP SUBSCRIPTION feed"));
      return;
    }
  pgm_test_assert_code (run, "ok");
  pgm_test_pair_assert_new (pair);
  drop_subscribed (strstr (finding->hint, "DROP DATABASE"));
}

/* The server goes down as soon as the databases have changed places: psql never hears of it. */
static char *
stop_after_swap (void)
{
  g_autofree char *script =
      g_strdup_printf ("pid=%d\ntest \"$1\" = --version && exec REAL \"$@\"\n"
                       "script=$(cat)\n"
                       "echo \"$script\" | REAL \"$@\"; status=$?\n"
                       "case \"$script\" in *'RENAME TO'*) kill -QUIT $pid"
                       " && while kill -0 $pid 2> /dev/null; do sleep 0.1; done; exit 2;; esac\n"
                       "exit $status\n",
                       pgm_test_server_get_pid (target));

  return pgm_test_fake_begin ("psql", script);
}

static void
wait_until_down (PgmTestRun *run)
{
  pgm_test_run_wait_logged (run, "DEBUG psql: COMMIT");
  while (pgm_test_server_psql_status (target, NULL, "postgres", "SELECT 1", NULL) == 0)
    g_usleep (10 * 1000);
}

/* What became of the swap is found out by asking again. */
static void
test_answer_lost (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "answer_lost", NULL);
  char *tools = stop_after_swap ();
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, ", \"connect_timeout\": 120"); /* so long it may be away */
  run = pgm_test_pair_start (pair, NULL);
  wait_until_down (run);
  pgm_test_server_restart (target);
  pgm_test_run_wait (run);
  pgm_test_fake_end (tools);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
  pgm_test_pair_assert_new (pair);
}

/* Where there is nobody to ask, the report does not pretend to know. */
static void
test_no_answer (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "no_answer", NULL);
  char *tools = stop_after_swap ();
  g_autoptr(PgmTestRun) run = NULL;
  const PgmFinding *finding = NULL;

  pgm_test_pair_set_options (pair, ", \"connect_timeout\": 3");
  run = pgm_test_pair_run (pair);
  pgm_test_fake_end (tools);
  pgm_test_server_restart (target);
  pgm_test_assert_code (run, "replace-failed");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNKNOWN);
  g_assert_nonnull (pgm_test_find (run->data->leftovers, "leftover-staging"));
  pgm_test_pair_assert_new (pair);
  finding = pgm_test_find (run->data->leftovers, "leftover-old");
  g_assert_nonnull (finding);
  g_free (pgm_test_server_psql (target, "postgres", strstr (finding->hint, "DROP DATABASE")));
}

int
main (int argc, char **argv)
{
  static const char roles[] = "CREATE ROLE " ROLE " LOGIN CREATEDB; CREATE ROLE other LOGIN";
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_free (pgm_test_server_psql (source, "postgres", roles));
  g_free (pgm_test_server_psql (target, "postgres", roles));
  g_test_add_func ("/mirror-swap/superuser-connected", test_superuser_connected);
  g_test_add_func ("/mirror-swap/stranger-connected", test_stranger_connected);
  g_test_add_func ("/mirror-swap/sessions-ended", test_sessions_ended);
  g_test_add_func ("/mirror-swap/setting-of-superuser", test_setting_of_superuser);
  g_test_add_func ("/mirror-swap/made-anew", test_made_anew);
  g_test_add_func ("/mirror-swap/closed", test_closed);
  g_test_add_func ("/mirror-swap/template", test_template);
  g_test_add_func ("/mirror-swap/not-owner", test_not_owner);
  g_test_add_func ("/mirror-swap/subscription", test_subscription);
  g_test_add_func ("/mirror-swap/answer-lost", test_answer_lost);
  g_test_add_func ("/mirror-swap/no-answer", test_no_answer);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
