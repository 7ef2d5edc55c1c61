/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What happens to sessions and to whole servers, on either side, in every phase of a run. */

#include "pgm-fault-words.h"

/* The comparison goes on, without the source. */
static void
stop_and_let_go (PgmFaultScene *self)
{
  pgm_fault_stop (self);
  g_clear_pointer (&self->holder, pgm_conn_free);
}

/* Returns: (transfer full): the name that the replaced database has now */
static char *
dup_old_name (PgmFaultScene *self)
{
  g_autofree char *sql =
      g_strdup_printf ("SELECT datname FROM pg_database WHERE datname LIKE '%s\\_\\_old\\_%%'",
                       self->pair->database);
  char *name = pgm_test_server_psql (pgm_fault_servers[TARGET], "postgres", sql);

  g_assert_cmpstr (name, !=, "");
  return name;
}

/* A superuser's session, which the run's role may not end. */
static void
visit (PgmFaultScene *self)
{
  g_autofree char *name = dup_old_name (self);

  self->holder = pgm_test_hold (pgm_fault_servers[TARGET], NULL, name, "SELECT 1");
}

static gboolean
leave_cb (gpointer user_data)
{
  g_clear_pointer ((PgmConn **) user_data, pgm_conn_free);
  return G_SOURCE_REMOVE;
}

/* It leaves after the first DROP was refused. */
static void
visit_briefly (PgmFaultScene *self)
{
  visit (self);
  g_timeout_add (3000, leave_cb, &self->holder);
}

/* A worker of autovacuum that needs an hour, and that no plain role may end. */
static void
vacuum_slowly (PgmFaultScene *self)
{
  PgmTestServer *target = pgm_fault_servers[TARGET];
  g_autofree char *name = dup_old_name (self);
  g_autofree char *condition =
      g_strdup_printf ("EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '%s'"
                       " AND query LIKE 'autovacuum: %%public.slow%%')",
                       name);

  self->undo = g_strdup ("ALTER SYSTEM RESET autovacuum_naptime");
  pgm_test_do (target, "postgres", "ALTER SYSTEM SET autovacuum_naptime = '1s'");
  pgm_test_do (target, "postgres", "SELECT pg_reload_conf ()");
  pgm_test_do (target, name,
               "CREATE TABLE slow WITH (autovacuum_vacuum_cost_delay = 100,"
               " autovacuum_vacuum_cost_limit = 1) AS SELECT i, repeat ('x', 500) AS x"
               " FROM generate_series (1, 100000) i");
  pgm_test_do (target, name, "DELETE FROM slow WHERE i % 2 = 0");
  pgm_test_wait_until (target, condition);
}

/* clang-format off */
static const PgmFaultCase cases[] = {
  { "d06-stop-fast", &pgm_fault_in_dump, SOURCE, PGM_DO (stop_fast), NULL, "dump-failed", "connection", OLD },
  { "d06-restart", &pgm_fault_in_dump, SOURCE, PGM_DO (restart), NULL, "dump-failed", "connection", OLD },
  { "d06-backend-killed", &pgm_fault_in_dump, SOURCE, PGM_DO (kill_backend), NULL, "dump-failed", "connection", OLD },
  { "d07-cancelled", &pgm_fault_in_dump, SOURCE, PGM_DO (cancel_query), NULL, "dump-failed", "canceling statement", OLD },
  { "d07-count-cancelled", &pgm_fault_in_count, SOURCE, PGM_DO (cancel_query), NULL, "verify-failed", "canceling statement", OLD },
  { "d06-count-terminated", &pgm_fault_in_count, SOURCE, PGM_DO (terminate), NULL, "verify-failed", "the connection to ", OLD },
  { "d09-freeze", &pgm_fault_in_dump, SOURCE, PGM_DO (freeze), STALL, "stalled", "", OLD, NULL, SLOW },

  { "r01-stop-fast", &pgm_fault_in_copy, TARGET, PGM_DO (stop_fast), BRIEF, "restore-failed", "", OLD, STAGING },
  { "r01-restart", &pgm_fault_in_copy, TARGET, PGM_DO (restart), PATIENT, "restore-failed", "", OLD },
  { "r01-backend-killed", &pgm_fault_in_copy, TARGET, PGM_DO (kill_backend), PATIENT, "restore-failed", "", OLD },
  { "r01-terminated", &pgm_fault_in_copy, TARGET, PGM_DO (terminate), NULL, "restore-failed", "COPY failed for table", OLD },
  { "r02-cancelled", &pgm_fault_in_copy, TARGET, PGM_DO (cancel_query), NULL, "restore-failed", "canceling statement", OLD },
  { "r02-index-cancelled", &pgm_fault_in_index, TARGET, PGM_DO (cancel_query), NULL, "restore-failed", "canceling statement", OLD },
  { "r01-index-restart", &pgm_fault_in_index, TARGET, PGM_DO (restart), PATIENT, "restore-failed", "", OLD },
  { "r01-script-terminated", &pgm_fault_in_script, TARGET, PGM_DO (terminate), NULL, "script-failed", "gate.sql", OLD },
  { "r05-freeze-copy", &pgm_fault_in_copy, TARGET, PGM_DO (freeze), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "r05-freeze-index", &pgm_fault_in_index, TARGET, PGM_DO (freeze), STALL, "stalled", "", OLD, STAGING },

  { "p04-terminated", &pgm_fault_in_verify, TARGET, PGM_DO (terminate), NULL, "verify-failed", "the connection to ", OLD },
  { "p04-cancelled", &pgm_fault_in_verify, TARGET, PGM_DO (cancel_query), NULL, "verify-failed", "canceling statement", OLD },
  { "p04-locked", &pgm_fault_in_verify, TARGET, PGM_DO (none), ", \"lock_wait_timeout\": 6", "verify-failed", "\"public.held\" is locked by session ", OLD },
  { "p04-stop-fast", &pgm_fault_in_verify, TARGET, PGM_DO (stop_fast), BRIEF, "verify-failed", "the connection to ", OLD, STAGING },
  { "p04-restart", &pgm_fault_in_verify, TARGET, PGM_DO (restart), PATIENT, "verify-failed", "the connection to ", OLD },
  { "p04-freeze", &pgm_fault_in_verify, TARGET, PGM_DO (freeze), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "p04-source-stopped", &pgm_fault_in_verify, SOURCE, stop_and_let_go, { 0 }, NULL, "ok", "mirrored and verified", NEW },

  { "w05-terminated", &pgm_fault_in_swap, TARGET, PGM_DO (terminate), NULL, "replace-failed", "", OLD },
  { "w05-cancelled", &pgm_fault_in_swap, TARGET, PGM_DO (cancel_query), NULL, "replace-failed", "canceling statement", OLD },
  { "w04-stop", &pgm_fault_in_swap, TARGET, PGM_DO (stop), BRIEF, "replace-failed", "", EITHER, BOTH_NAMES },
  { "w04-stop-fast", &pgm_fault_in_swap, TARGET, PGM_DO (stop_fast), BRIEF, "replace-failed", "", EITHER, BOTH_NAMES, SLOW },
  { "w04-restart", &pgm_fault_in_swap, TARGET, PGM_DO (restart), PATIENT, "replace-failed", "", OLD },
  { "w04-backend-killed", &pgm_fault_in_swap, TARGET, PGM_DO (kill_backend), PATIENT, "replace-failed", "", OLD },
  { "w04-freeze", &pgm_fault_in_swap, TARGET, PGM_DO (freeze), STALL, "stalled", "", EITHER, BOTH_NAMES, SLOW },
  { "w11-stop", &pgm_fault_in_drop, TARGET, PGM_DO (stop), NULL, "ok", "mirrored and verified", NEW, REPLACED },
  { "w11-superuser-stays", &pgm_fault_in_drop, TARGET, visit, { 0 }, NULL, "ok", "mirrored and verified", NEW, REPLACED },
  { "w11-superuser-leaves", &pgm_fault_in_drop, TARGET, visit_briefly, { 0 }, NULL, "ok", "mirrored and verified", NEW },
  { "w11-autovacuum", &pgm_fault_in_drop, TARGET, vacuum_slowly, { 0 }, NULL, "ok", "mirrored and verified", NEW },
  { "w11-source-stopped", &pgm_fault_in_drop, SOURCE, PGM_DO (stop), NULL, "ok", "mirrored and verified", NEW },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return pgm_fault_main (argc, argv, "fault-server", cases, G_N_ELEMENTS (cases));
}
