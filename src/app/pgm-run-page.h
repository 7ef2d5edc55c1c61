/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-runner.h"

G_BEGIN_DECLS

/* A run while it goes on, and what came of it: a result, or findings after a check. Without a
 * header bar; the window gives it a place and a way back. The run's questions are put by the
 * window's PgmRunGuard, which the runner has to be added to before it is started.
 *
 * Signals:
 *   "again"   the user wants the same profile to run once more, with the same flags
 *   "mirror"  after a check: the user wants to go on and mirror
 */
#define PGM_TYPE_RUN_PAGE (pgm_run_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmRunPage, pgm_run_page, PGM, RUN_PAGE, AdwBin)

GtkWidget *pgm_run_page_new (PgmRunner *runner);
PgmRunner *pgm_run_page_get_runner (PgmRunPage *self);

G_END_DECLS
