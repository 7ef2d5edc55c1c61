/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

#include "pgm-log-model.h"

G_BEGIN_DECLS

/* One line of the log view. */
#define PGM_TYPE_LOG_ROW (pgm_log_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmLogRow, pgm_log_row, PGM, LOG_ROW, GtkBox)

GtkWidget *pgm_log_row_new (void);
void pgm_log_row_set_line (PgmLogRow *self, PgmLogLine *line);

G_END_DECLS
