/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

#include "pgm-history.h"

G_BEGIN_DECLS

/* One run of the history's list. */
#define PGM_TYPE_HISTORY_ROW (pgm_history_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmHistoryRow, pgm_history_row, PGM, HISTORY_ROW, GtkBox)

GtkWidget *pgm_history_row_new (void);
void pgm_history_row_set_entry (PgmHistoryRow *self, PgmHistoryEntry *entry);

G_END_DECLS
