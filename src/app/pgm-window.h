/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-application.h"

G_BEGIN_DECLS

#define PGM_TYPE_WINDOW (pgm_window_get_type ())
G_DECLARE_FINAL_TYPE (PgmWindow, pgm_window, PGM, WINDOW, AdwApplicationWindow)

PgmWindow *pgm_window_new (PgmApplication *application);
void pgm_window_import (PgmWindow *self, GFile *file);
void pgm_window_show_run (PgmWindow *self, const char *id);

G_END_DECLS
