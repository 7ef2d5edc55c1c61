/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

/* Two databases that are compared; what differs goes into the job's report. */
typedef struct
{
  PgmJob *job;
  PgmConn *conn;         /* on the target's database */
  PgmCounter *source;    /* joined */
  PgmCounter *target;    /* (nullable) until counted, then joined */
  gboolean only_common;  /* what the target has not is no difference, but for tables */
  gboolean tells_extras; /* what the source has not is one */
  guint n_objects;       /* compared */
} PgmComparison;

gboolean pgm_comparison_run_sync (PgmComparison *self, PgmMeasure measure, GError **error);
char *pgm_comparison_dup_how (PgmComparison *self);
void pgm_comparison_clear (PgmComparison *self);

/* For the parts of a comparison. */
void pgm_comparison_add (PgmComparison *self, const char *code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean pgm_comparison_has_objects (PgmComparison *self);
PgmInventoryParts pgm_comparison_get_parts (PgmComparison *self);
void pgm_comparison_compare_objects (PgmComparison *self);
gboolean pgm_comparison_compare_sequences_sync (PgmComparison *self, GError **error);
gboolean pgm_comparison_compare_databases_sync (PgmComparison *self, GError **error);
void pgm_comparison_compare_large_objects (PgmComparison *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmComparison, pgm_comparison_clear)

G_END_DECLS
