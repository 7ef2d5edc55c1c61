/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Sessions and servers that go away in the middle of a run. */

#include "pgm-test-pair.h"

#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define RUNS_SESSION "application_name LIKE 'pgmirror-%' AND "
#define DUMPS RUNS_SESSION "query LIKE 'COPY %'"
#define BUILDS_INDEX RUNS_SESSION "query LIKE 'CREATE INDEX %' AND state = 'active'"
#define HOLDS_LOCK \
  RUNS_SESSION     \
  "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"

/* The one whose snapshot the dump shows; others that look at the source come and go. */
#define FIRST_TRANSACTION                                       \
  "pid = (SELECT pid FROM pg_stat_activity WHERE " RUNS_SESSION \
  "state = 'idle in transaction' ORDER BY xact_start LIMIT 1)"
#define EXISTS(who) "EXISTS (SELECT 1 FROM pg_stat_activity WHERE " who ")"
#define TERMINATE(who) "SELECT count (pg_terminate_backend (pid)) FROM pg_stat_activity WHERE " who

static PgmTestRun *
start (PgmTestPair *pair, PgmTestServer *server, const char *condition)
{
  PgmTestRun *run = pgm_test_pair_start (pair, NULL);

  pgm_test_wait_until (server, condition);
  g_assert_null (run->result);
  return run;
}

static void
terminate (PgmTestServer *server, const char *sql)
{
  g_autofree char *n = pgm_test_server_psql (server, "postgres", sql);

  g_assert_cmpstr (n, ==, "1");
}

static void
test_dump_terminated (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "dump_terminated", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, source, EXISTS (DUMPS));

  terminate (source, TERMINATE (DUMPS));
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "Dumping the contents of table \"long_dump\" failed");
  pgm_test_assert_message (run, "connection");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_snapshot_terminated (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "snapshot_terminated",
                                                    PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, source, EXISTS (DUMPS));

  terminate (source, TERMINATE (FIRST_TRANSACTION));
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "the connection to ");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_source_stopped (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "source_stopped", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, source, EXISTS (DUMPS));

  pgm_test_server_stop (source);
  pgm_test_run_wait (run);
  pgm_test_server_restart (source);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_restore_terminated (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "restore_terminated",
                                                    PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = start (pair, target, EXISTS (BUILDS_INDEX));

  terminate (target, TERMINATE (BUILDS_INDEX));
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "restore-failed");
  pgm_test_pair_assert_old (pair, run);
}

/* With it goes the session that keeps other runs away. */
static void
test_lock_terminated (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "lock_terminated", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmTestRun) run = start (pair, target, EXISTS (HOLDS_LOCK));

  terminate (target, TERMINATE (HOLDS_LOCK));
  pgm_test_run_wait (run);
  g_assert_cmpstr (run->data->code, !=, "ok");
  pgm_test_assert_message (run, "the connection to ");
  pgm_test_pair_assert_old (pair, run);
}

/* What could not be dropped is named, with the statement that does it. */
static void
drop_as_told (PgmTestRun *run)
{
  const PgmFinding *finding = pgm_test_find (run->data->leftovers, "leftover-staging");
  const char *statement = NULL;

  g_assert_nonnull (finding);
  g_assert_nonnull (finding->hint);
  statement = strstr (finding->hint, "DROP DATABASE");
  g_assert_nonnull (statement);
  g_free (pgm_test_server_psql (target, "postgres", statement));
}

static void
test_target_stopped (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "target_stopped", PGM_TEST_ENDLESS_INDEX);
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, ", \"connect_timeout\": 2");
  run = start (pair, target, EXISTS (BUILDS_INDEX));
  pgm_test_server_stop (target);
  pgm_test_run_wait (run);
  pgm_test_server_restart (target);
  pgm_test_assert_code (run, "restore-failed");
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/mirror-lost/dump-terminated", test_dump_terminated);
  g_test_add_func ("/mirror-lost/snapshot-terminated", test_snapshot_terminated);
  g_test_add_func ("/mirror-lost/source-stopped", test_source_stopped);
  g_test_add_func ("/mirror-lost/restore-terminated", test_restore_terminated);
  g_test_add_func ("/mirror-lost/lock-terminated", test_lock_terminated);
  g_test_add_func ("/mirror-lost/target-stopped", test_target_stopped);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
