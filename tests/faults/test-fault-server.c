/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What happens to sessions and to whole servers, on either side, in every phase of a run. */

#include "pgm-fault-scene.h"

#define SOURCE PGM_SIDE_SOURCE
#define TARGET PGM_SIDE_TARGET
#define OLD PGM_FAULT_OLD
#define NEW PGM_FAULT_NEW
#define EITHER PGM_FAULT_EITHER
#define SLOW PGM_FAULT_SLOW
#define STAGING "leftover-staging"
#define BOTH_NAMES "leftover-staging leftover-old"

#define STALL ", \"connect_timeout\": 2, \"stall_timeout\": 2"
/* A server that stays away is waited for as long as that. */
#define BRIEF ", \"connect_timeout\": 2"
#define PATIENT ", \"connect_timeout\": 30"

/* The comparison goes on, without the source. */
static void
stop_and_let_go (PgmFaultScene *self)
{
  pgm_fault_stop (self);
  g_clear_pointer (&self->holder, pgm_conn_free);
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
  { "w11-stop", &pgm_fault_in_drop, TARGET, PGM_DO (stop), NULL, "ok", "mirrored and verified", NEW, "leftover-old" },
  { "w11-source-stopped", &pgm_fault_in_drop, SOURCE, PGM_DO (stop), NULL, "ok", "mirrored and verified", NEW },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  pgm_fault_init (&argc, &argv, NULL);
  pgm_fault_add ("fault-server", cases, G_N_ELEMENTS (cases));
  return pgm_fault_end (g_test_run ());
}
