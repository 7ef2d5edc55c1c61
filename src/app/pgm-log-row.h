/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-light-row.h"
#include "pgm-log-model.h"

G_BEGIN_DECLS

/* One line of the log view. */
#define PGM_TYPE_LOG_ROW (pgm_log_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmLogRow, pgm_log_row, PGM, LOG_ROW, PgmLightRow)

GtkWidget *pgm_log_row_new (void);
void pgm_log_row_set_line (PgmLogRow *self, PgmLogLine *line);
const char *pgm_log_row_get_text (PgmLogRow *self);

G_END_DECLS
