/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What networks do, to either side, in every phase of a run. */

#include "pgm-fault-words.h"

/* Four megabytes on the wire: more than anything else that passes in one connection. */
#define BULKY                                                                                 \
  "CREATE TABLE bulky AS SELECT i, repeat ('x', 4000) AS t FROM generate_series (1, 1000) i;" \
  "GRANT SELECT ON bulky TO PUBLIC;"
#define IN_BULK (2 * 1000 * 1000)

/* Bytes of the server's answers from the rename that waits on: to a rename 26, to the question that
 * follows the first one 66, to COMMIT 18. */
#define IN_GUARD (26 + 10)
#define IN_COMMIT (26 + 66 + 26 + 5)

/* clang-format off */
static const PgmFaultCase cases[] = {
  /* before anything is touched */
  { "c06-cut-source", &pgm_fault_at_start, SOURCE, PGM_WIRE (CUT, BOTH, 0), NULL, "source-unreachable", "source: ", OLD },
  { "c06-cut-target", &pgm_fault_at_start, TARGET, PGM_WIRE (CUT, BOTH, 0), NULL, "target-unreachable", "target: ", OLD },
  { "c06-fin-source", &pgm_fault_at_start, SOURCE, PGM_WIRE (FIN, DOWN, 100), NULL, "source-unreachable", "source: ", OLD },
  { "c06-fin-target", &pgm_fault_at_start, TARGET, PGM_WIRE (FIN, DOWN, 100), NULL, "target-unreachable", "target: ", OLD, NULL, SLOW },
  { "c07-flip-source", &pgm_fault_at_start, SOURCE, PGM_WIRE (FLIP, DOWN, 0), NULL, "source-unreachable", "source: ", OLD },
  { "c07-flip-target", &pgm_fault_at_start, TARGET, PGM_WIRE (FLIP, UP, 0), NULL, "target-unreachable", "target: ", OLD },
  { "c06-cut-in-check-source", &pgm_fault_at_start, SOURCE, PGM_WIRE (CUT, DOWN, 2000), NULL, "source-unreachable", "the connection to ", OLD },
  { "c06-cut-in-check-target", &pgm_fault_at_start, TARGET, PGM_WIRE (CUT, DOWN, 2000), NULL, "target-unreachable", "the connection to ", OLD },

  { "d06-cut", &pgm_fault_in_dump, SOURCE, PGM_WIRE (CUT, BOTH, 0), NULL, "dump-failed", "connection", OLD },
  { "d06-cut-once", &pgm_fault_in_dump, SOURCE, PGM_WIRE_ONCE (CUT), NULL, "dump-failed", "connection", OLD },
  { "d06-fin", &pgm_fault_in_dump, SOURCE, PGM_WIRE (FIN, BOTH, 0), NULL, "dump-failed", "connection", OLD, NULL, SLOW },
  { "d06-cut-target", &pgm_fault_in_dump, TARGET, PGM_WIRE_ONCE (CUT), NULL, "target-unreachable", "target: the connection to ", OLD },
  { "d06-cut-count", &pgm_fault_in_count, SOURCE, PGM_WIRE (CUT, BOTH, 0), NULL, "dump-failed", "", OLD },
  { "d10-flip", &pgm_fault_at_start, SOURCE, PGM_WIRE (FLIP, DOWN, IN_BULK), FULL, "verify-failed", "bulky", OLD, NULL, 0, BULKY },
  { "d10-flip-target", &pgm_fault_at_start, TARGET, PGM_WIRE (FLIP, UP, IN_BULK), FULL, "verify-failed", "bulky", OLD, NULL, 0, BULKY },
  { "d09-rate", &pgm_fault_at_start, SOURCE, PGM_WIRE (RATE, DOWN, 1500 * 1000), STALL PATIENT, "ok", "mirrored and verified", NEW, NULL, 0, BULKY },

  { "r01-cut", &pgm_fault_in_copy, TARGET, PGM_WIRE (CUT, BOTH, 0), BRIEF, "restore-failed", "connection", OLD, STAGING },
  { "r01-cut-once", &pgm_fault_in_copy, TARGET, PGM_WIRE_ONCE (CUT), NULL, "restore-failed", "connection", OLD },
  { "r01-cut-in-bulk", &pgm_fault_at_start, TARGET, PGM_WIRE (CUT, UP, IN_BULK), NULL, "restore-failed", "connection", OLD, NULL, 0, BULKY },
  { "r01-fin-in-bulk", &pgm_fault_at_start, TARGET, PGM_WIRE (FIN, UP, IN_BULK), NULL, "restore-failed", "connection", OLD, NULL, 0, BULKY },
  { "r01-fin-index", &pgm_fault_in_index, TARGET, PGM_WIRE (FIN, BOTH, 0), BRIEF, "restore-failed", "connection", OLD, STAGING },
  { "r01-cut-once-index", &pgm_fault_in_index, TARGET, PGM_WIRE_ONCE (CUT), NULL, "restore-failed", "connection", OLD },
  { "r01-cut-script", &pgm_fault_in_script, TARGET, PGM_WIRE_ONCE (CUT), NULL, "script-failed", "gate.sql", OLD },

  { "p04-cut-verify", &pgm_fault_in_verify, TARGET, PGM_WIRE (CUT, BOTH, 0), BRIEF, "verify-failed", "the connection to ", OLD, STAGING },
  { "p04-cut-once-verify", &pgm_fault_in_verify, TARGET, PGM_WIRE_ONCE (CUT), NULL, "verify-failed", "the connection to ", OLD },
  { "p04-fin-verify", &pgm_fault_in_verify, TARGET, PGM_WIRE (FIN, BOTH, 0), BRIEF, "verify-failed", "the connection to ", OLD, STAGING, SLOW },

  { "w05-cut", &pgm_fault_in_swap, TARGET, PGM_WIRE (CUT, BOTH, 0), BRIEF, "replace-failed", "", EITHER, BOTH_NAMES },
  { "w05-cut-once", &pgm_fault_in_swap, TARGET, PGM_WIRE_ONCE (CUT), NULL, "replace-failed", "", OLD },
  { "w05-fin", &pgm_fault_in_swap, TARGET, PGM_WIRE (FIN, BOTH, 0), BRIEF, "replace-failed", "", EITHER, BOTH_NAMES, SLOW },
  { "w05-answer-lost", &pgm_fault_in_swap, TARGET, PGM_WIRE_NEWEST (CUT, DOWN, IN_GUARD), NULL, "replace-failed", "", OLD },
  { "w05-commit-lost", &pgm_fault_in_swap, TARGET, PGM_WIRE_NEWEST (CUT, DOWN, IN_COMMIT), NULL, "ok", "mirrored and verified", NEW },
  { "w11-cut", &pgm_fault_in_drop, TARGET, PGM_WIRE (CUT, BOTH, 0), NULL, "ok", "mirrored and verified", NEW, REPLACED },

  { "d09-hole-check", &pgm_fault_at_start, SOURCE, PGM_WIRE (HOLE, DOWN, 2000), STALL, "stalled", "", OLD },
  { "d09-hole-check-target", &pgm_fault_at_start, TARGET, PGM_WIRE (HOLE, DOWN, 2000), STALL, "stalled", "", OLD, NULL, SLOW },
  { "d09-hole", &pgm_fault_in_dump, SOURCE, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, NULL, SLOW },
  { "d09-hole-count", &pgm_fault_in_count, SOURCE, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, NULL, SLOW },
  { "d09-hole-in-bulk", &pgm_fault_at_start, SOURCE, PGM_WIRE (HOLE, DOWN, IN_BULK), STALL, "stalled", "", OLD, NULL, 0, BULKY },
  { "r05-hole", &pgm_fault_in_copy, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "r05-hole-in-bulk", &pgm_fault_at_start, TARGET, PGM_WIRE (HOLE, UP, IN_BULK), STALL, "stalled", "", OLD, NULL, 0, BULKY },
  { "r05-hole-index", &pgm_fault_in_index, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "r05-hole-script", &pgm_fault_in_script, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "p04-hole-verify", &pgm_fault_in_verify, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", OLD, STAGING, SLOW },
  { "w05-hole", &pgm_fault_in_swap, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "stalled", "", EITHER, BOTH_NAMES },
  { "w11-hole", &pgm_fault_in_drop, TARGET, PGM_WIRE (HOLE, BOTH, 0), STALL, "ok", "mirrored and verified", NEW, REPLACED },

  { "g02-cancel-dump", &pgm_fault_in_dump, SOURCE, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-count", &pgm_fault_in_count, SOURCE, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-script", &pgm_fault_in_script, TARGET, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-copy", &pgm_fault_in_copy, TARGET, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-index", &pgm_fault_in_index, TARGET, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-verify", &pgm_fault_in_verify, TARGET, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
  { "g02-cancel-swap", &pgm_fault_in_swap, TARGET, PGM_DO (cancel_run), NULL, "cancelled", "cancelled", OLD },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return pgm_fault_main (argc, argv, "fault-link", cases, G_N_ELEMENTS (cases));
}
