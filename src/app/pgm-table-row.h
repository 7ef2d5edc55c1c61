/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-light-row.h"
#include "pgm-table-rows.h"

G_BEGIN_DECLS

/* One table of the run page's list. */
#define PGM_TYPE_TABLE_ROW (pgm_table_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableRow, pgm_table_row, PGM, TABLE_ROW, PgmLightRow)

GtkWidget *pgm_table_row_new (void);
void pgm_table_row_set_item (PgmTableRow *self, PgmTableItem *item);

G_END_DECLS
