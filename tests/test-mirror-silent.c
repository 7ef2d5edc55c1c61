/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A server that keeps its connections and says nothing any more: a run can be cancelled all the
 * same, and given up at once. */

#include "pgm-test-pair.h"

#include <string.h>

/* P6. The tools get 1.5 s to end by themselves, a cancelled query two, and cleaning up two. */
#define CANCEL_LIMIT_US PGM_TEST_WITHIN_US (5)
#define GIVE_UP_LIMIT_US PGM_TEST_WITHIN_US (1)

static PgmTestServer *source;
static PgmTestServer *target;

#define SESSION(what)                                                                    \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'active' AND query LIKE '" what "')"

static PgmTestRun *
start (PgmTestPair *pair, GCancellable *cancellable)
{
  pgm_test_pair_set_options (pair, ", \"connect_timeout\": 3");
  return pgm_test_pair_start (pair, cancellable);
}

static void
turn_for (guint ms)
{
  gint64 until_us = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
expect_cancelled (PgmTestRun *run, gint64 since_us, gint64 limit_us)
{
  pgm_test_run_wait (run);
  g_test_message ("back after %.2f s",
                  (double) (g_get_monotonic_time () - since_us) / G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, limit_us);
  pgm_test_assert_code (run, "cancelled");
}

/* What could not be dropped is named, with the statement that does it. */
static void
drop_as_told (PgmTestRun *run)
{
  const PgmFinding *finding = pgm_test_find (run->data->leftovers, "leftover-staging");

  g_assert_nonnull (finding);
  g_free (pgm_test_server_psql (target, "postgres", strstr (finding->hint, "DROP DATABASE")));
}

static void
test_target_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "cancelled", PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  pgm_test_freeze (target);
  turn_for (300);
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

/* Statistics and comparison are both waited for. */
static void
test_analyze_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (
      source, target, NULL, "analyze_cancelled",
      "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
      " IF pg_catalog.current_query () LIKE 'ANALYZE%' THEN PERFORM pg_catalog.pg_sleep (600);"
      " END IF; RETURN i; END $$; CREATE TABLE t AS SELECT generate_series (1, 9) AS i;"
      "CREATE INDEX ON t (slow (i));");
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("ANALYZE%"));
  pgm_test_freeze (target);
  turn_for (300);
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_source_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "source_cancelled", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  gint64 since_us = 0;

  pgm_test_wait_until (source, SESSION ("COPY public.long_dump%"));
  pgm_test_freeze (source);
  turn_for (300);
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  pgm_test_thaw (source);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_target_given_up (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "given_up", PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  pgm_test_freeze (target);
  turn_for (300);
  g_cancellable_cancel (cancellable);
  turn_for (200);
  since_us = g_get_monotonic_time ();
  pgm_mirror_give_up (run->mirror);
  expect_cancelled (run, since_us, GIVE_UP_LIMIT_US);
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_given_up_in_clean_up (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "in_clean_up", PGM_TEST_ENDLESS_COPY);
  char *tools =
      pgm_test_fake_begin ("psql", "test \"$1\" = --version && exec REAL \"$@\"\n"
                                   "script=$(cat)\n"
                                   "case \"$script\" in *'DROP DATABASE'*) sleep 60;; esac\n"
                                   "echo \"$script\" | REAL \"$@\"\n");
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("COPY public.t %"));
  g_cancellable_cancel (cancellable);
  pgm_test_run_wait_logged (run, "DROP DATABASE");
  pgm_test_freeze (target);
  turn_for (200);
  since_us = g_get_monotonic_time ();
  pgm_mirror_give_up (run->mirror);
  expect_cancelled (run, since_us, GIVE_UP_LIMIT_US);
  pgm_test_fake_end (tools);
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

/* psql is in the middle of the DROP: somebody holds it up, and then nobody answers any more. */
static void
test_silent_in_clean_up (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "silent_clean_up",
                                                    PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  const PgmFinding *finding = NULL;
  PgmConn *holder = NULL;
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  holder = pgm_test_hold (target, NULL, "postgres",
                          "BEGIN; LOCK TABLE pg_catalog.pg_database IN SHARE MODE");
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  pgm_test_wait_until (target, SESSION ("DROP DATABASE%"));
  pgm_test_freeze (target);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  pgm_test_thaw (target);
  pgm_conn_free (holder);
  pgm_test_wait_until (target, "NOT " SESSION ("DROP DATABASE%"));
  finding = pgm_test_find (run->data->leftovers, "leftover-staging");
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->message, "does not answer any more");
  g_free (pgm_test_server_psql (target, "postgres",
                                "SELECT format ('DROP DATABASE %I', datname) FROM pg_database"
                                " WHERE datname ~ '__pgm_' \\gexec"));
  pgm_test_pair_assert_old (pair, run);
}

/* The copy has its name, and the database that it replaced is being dropped. */
static void
test_silent_in_last_drop (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "last_drop", NULL);
  char *tools =
      pgm_test_fake_begin ("psql", "test \"$1\" = --version && exec REAL \"$@\"\n"
                                   "script=$(cat)\n"
                                   "case \"$script\" in *'DROP DATABASE'*) sleep 60;; esac\n"
                                   "echo \"$script\" | REAL \"$@\"\n");
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  const PgmFinding *finding = NULL;
  gint64 since_us = 0;

  pgm_test_run_wait_logged (run, "DROP DATABASE");
  pgm_test_freeze (target);
  turn_for (300);
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  pgm_test_run_wait (run);
  g_test_message ("back after %.2f s",
                  (double) (g_get_monotonic_time () - since_us) / G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, CANCEL_LIMIT_US);
  pgm_test_fake_end (tools);
  pgm_test_thaw (target);
  pgm_test_assert_code (run, "ok");
  finding = pgm_test_find (run->data->leftovers, "leftover-old");
  g_assert_nonnull (finding);
  g_free (pgm_test_server_psql (target, "postgres", strstr (finding->hint, "DROP DATABASE")));
  pgm_test_pair_assert_new (pair);
}

/* A DROP that takes its time is let do so: the server answers, and says that it is at work. */
static void
test_slow_in_clean_up (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "slow_clean_up", PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = start (pair, cancellable);
  PgmConn *holder = NULL;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  holder = pgm_test_hold (target, NULL, "postgres",
                          "BEGIN; LOCK TABLE pg_catalog.pg_database IN SHARE MODE");
  g_cancellable_cancel (cancellable);
  pgm_test_wait_until (target, SESSION ("DROP DATABASE%"));
  turn_for (6000);
  g_assert_null (run->result);
  pgm_conn_free (holder);
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "cancelled");
  g_assert_cmpuint (run->data->leftovers->len, ==, 0);
  pgm_test_pair_assert_old (pair, run);
}

/* Giving up is a cancel, too. */
static void
test_source_given_up (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "source_given_up", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, NULL);
  gint64 since_us = 0;

  pgm_test_wait_until (source, SESSION ("COPY public.long_dump%"));
  pgm_test_freeze (source);
  turn_for (300);
  since_us = g_get_monotonic_time ();
  pgm_mirror_give_up (run->mirror);
  expect_cancelled (run, since_us, GIVE_UP_LIMIT_US);
  pgm_test_thaw (source);
  pgm_test_pair_assert_old (pair, run);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/mirror-silent/target-cancelled", test_target_cancelled);
  g_test_add_func ("/mirror-silent/analyze-cancelled", test_analyze_cancelled);
  g_test_add_func ("/mirror-silent/source-cancelled", test_source_cancelled);
  g_test_add_func ("/mirror-silent/target-given-up", test_target_given_up);
  g_test_add_func ("/mirror-silent/given-up-in-clean-up", test_given_up_in_clean_up);
  g_test_add_func ("/mirror-silent/silent-in-clean-up", test_silent_in_clean_up);
  g_test_add_func ("/mirror-silent/silent-in-last-drop", test_silent_in_last_drop);
  g_test_add_func ("/mirror-silent/slow-in-clean-up", test_slow_in_clean_up);
  g_test_add_func ("/mirror-silent/source-given-up", test_source_given_up);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
