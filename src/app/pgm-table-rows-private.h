/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-table-rows.h"

G_BEGIN_DECLS

PgmTableItem *pgm_table_item_new (PgmTable *table, PgmTableState state, gint64 rows);
void pgm_table_item_set (PgmTableItem *self, PgmTableState state, gint64 rows);

G_END_DECLS
