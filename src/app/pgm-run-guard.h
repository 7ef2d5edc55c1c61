/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-runner.h"

G_BEGIN_DECLS

/* Looks after the runs of a window: puts their questions to the user, keeps the session awake,
 * notifies at the end of a run when the window is not in front and the settings allow it, and
 * asks before the window is closed on a run. Has to live as long as the window. */
#define PGM_TYPE_RUN_GUARD (pgm_run_guard_get_type ())
G_DECLARE_FINAL_TYPE (PgmRunGuard, pgm_run_guard, PGM, RUN_GUARD, GObject)

PgmRunGuard *pgm_run_guard_new (GtkWindow *window);
void pgm_run_guard_add (PgmRunGuard *self, PgmRunner *runner);
guint pgm_run_guard_get_n_running (PgmRunGuard *self);

G_END_DECLS
