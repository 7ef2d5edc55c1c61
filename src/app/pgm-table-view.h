/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The tables of a run: one row each, made when it is seen. Can be searched. */
#define PGM_TYPE_TABLE_VIEW (pgm_table_view_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableView, pgm_table_view, PGM, TABLE_VIEW, AdwBin)

GtkWidget *pgm_table_view_new (void);
void pgm_table_view_set_model (PgmTableView *self, GListModel *tables);

G_END_DECLS
