/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-event.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_TABLE_WAITING,
  PGM_TABLE_DUMPING,
  PGM_TABLE_DUMPED,
  PGM_TABLE_RESTORING,
  PGM_TABLE_RESTORED,
  PGM_TABLE_COUNTED,
} PgmTableState;

#define PGM_TYPE_TABLE_STATE (pgm_table_state_get_type ())

/* A table as the list shows it. Properties, read-only: "state", "rows" (-1: not known). */
#define PGM_TYPE_TABLE_ITEM (pgm_table_item_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableItem, pgm_table_item, PGM, TABLE_ITEM, GObject)

GType pgm_table_state_get_type (void);
PgmTable *pgm_table_item_get_table (PgmTableItem *self);
PgmTableState pgm_table_item_get_state (PgmTableItem *self);
gint64 pgm_table_item_get_rows (PgmTableItem *self);

/* The tables of a run, PgmTableItem. An item is made when somebody asks for it and lives as
 * long as somebody holds it. Main thread. */
#define PGM_TYPE_TABLE_ROWS (pgm_table_rows_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableRows, pgm_table_rows, PGM, TABLE_ROWS, GObject)

PgmTableRows *pgm_table_rows_new (void);
void pgm_table_rows_take_event (PgmTableRows *self, const PgmEvent *event);
guint pgm_table_rows_get_n_active (PgmTableRows *self);

G_END_DECLS
