/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-progress.h"

G_BEGIN_DECLS

/* The steps of a run in a row: which are done, which is at work, which one failed. */
#define PGM_TYPE_RUN_PHASES (pgm_run_phases_get_type ())
G_DECLARE_FINAL_TYPE (PgmRunPhases, pgm_run_phases, PGM, RUN_PHASES, AdwBin)

GtkWidget *pgm_run_phases_new (void);
void pgm_run_phases_set_phase (PgmRunPhases *self, PgmPhase phase);

G_END_DECLS
