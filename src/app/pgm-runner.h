/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-mirror.h"
#include "pgm-password-memory.h"
#include "pgm-rate-series.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_RUNNER_IDLE,
  PGM_RUNNER_RUNNING,
  PGM_RUNNER_STOPPING,
  PGM_RUNNER_FINISHED,
} PgmRunnerState;

#define PGM_TYPE_RUNNER_STATE (pgm_runner_state_get_type ())

/* One run of a profile as the window observes it. "Check" is a run with PGM_MIRROR_DRY_RUN,
 * "Mirror" one without flags: it checks first, and asks where something is replaced. All that its
 * widgets show is held here, so that they come and go as they like. Main thread only.
 *
 * Properties, read-only: "state", "progress" (const PgmProgress *, changes ten times a second)
 * Signal: "question" (PgmQuestion), as of PgmMirror; not for a password that was typed before */
#define PGM_TYPE_RUNNER (pgm_runner_get_type ())
G_DECLARE_FINAL_TYPE (PgmRunner, pgm_runner, PGM, RUNNER, GObject)

GType pgm_runner_state_get_type (void);
PgmRunner *pgm_runner_new (PgmProfile *profile, PgmMirrorFlags flags);
void pgm_runner_set_passwords (PgmRunner *self, PgmPasswordMemory *passwords);
void pgm_runner_start (PgmRunner *self);
void pgm_runner_stop (PgmRunner *self);
void pgm_runner_give_up (PgmRunner *self);
gboolean pgm_runner_is_running (PgmRunner *self);
gboolean pgm_runner_is_check (PgmRunner *self);
PgmRunnerState pgm_runner_get_state (PgmRunner *self);
PgmProfile *pgm_runner_get_profile (PgmRunner *self);
PgmPasswordMemory *pgm_runner_get_passwords (PgmRunner *self);
const char *pgm_runner_get_id (PgmRunner *self);
const PgmProgress *pgm_runner_get_progress (PgmRunner *self);
PgmReport *pgm_runner_get_report (PgmRunner *self);
GListModel *pgm_runner_get_log (PgmRunner *self);
GListModel *pgm_runner_get_tables (PgmRunner *self);
GListModel *pgm_runner_get_findings (PgmRunner *self);
PgmRateSeries *pgm_runner_get_rates (PgmRunner *self);
double pgm_runner_get_fraction (PgmRunner *self);
gint64 pgm_runner_get_elapsed (PgmRunner *self);

G_END_DECLS
