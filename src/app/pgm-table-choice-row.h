/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

#include "pgm-table-choice.h"

G_BEGIN_DECLS

#define PGM_TYPE_TABLE_CHOICE_ROW (pgm_table_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableChoiceRow, pgm_table_choice_row, PGM, TABLE_CHOICE_ROW, GtkWidget)

GtkWidget *pgm_table_choice_row_new (void);
void pgm_table_choice_row_set_choice (PgmTableChoiceRow *self, PgmTableChoice *choice);

G_END_DECLS
