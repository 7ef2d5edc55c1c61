/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-catalog-preflight.h"
#include "pgm-error.h"
#include "pgm-job.h"

G_BEGIN_DECLS

/* Gathers all that stands in the way of a run, or that should be known before it, in place of
 * the first thing alone. */
typedef struct
{
  PgmJob *job;         /* borrowed */
  GPtrArray *findings; /* owned: PgmFinding */
  PgmError code;       /* of the first failure; PGM_ERROR_FAILED: there was none */
} PgmPreflight;

void pgm_preflight_init (PgmPreflight *self, PgmJob *job);
void pgm_preflight_clear (PgmPreflight *self);
PgmFinding *pgm_preflight_add (PgmPreflight *self,
                               PgmSeverity severity,
                               const char *code,
                               const char *hint,
                               const char *format,
                               ...) G_GNUC_PRINTF (5, 6);
void pgm_preflight_name_objects (PgmPreflight *self, PgmFinding *finding, const GPtrArray *names);
gboolean pgm_preflight_add_error (PgmPreflight *self, GError *failure, GError **error);
void pgm_preflight_add_rows (PgmPreflight *self, const PgmRows *rows);
gboolean
pgm_preflight_take_rows (PgmPreflight *self, PgmRows *rows, GError *failure, GError **error);
gboolean pgm_preflight_conclude (PgmPreflight *self, GError **error);

/* The topics. FALSE with @error on a cancel or a lost session only; all else is a finding. */
gboolean pgm_preflight_look_at_source_sync (PgmPreflight *self, GError **error);
gboolean pgm_preflight_look_at_target_sync (PgmPreflight *self, GError **error);
gboolean pgm_preflight_compare_sync (PgmPreflight *self, GError **error);
gboolean pgm_preflight_look_at_room_sync (PgmPreflight *self, GError **error);
void pgm_preflight_look_at_tools (PgmPreflight *self);
void pgm_preflight_look_at_scripts (PgmPreflight *self);
gboolean pgm_preflight_look_for_databases_sync (PgmPreflight *self, GError **error);
void pgm_preflight_look_for_folders (PgmPreflight *self);
void pgm_preflight_look_at_source_marker (PgmPreflight *self);
gboolean pgm_preflight_plan_sync (PgmPreflight *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmPreflight, pgm_preflight_clear)

G_END_DECLS
