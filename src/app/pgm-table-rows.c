/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-rows.h"

#include "pgm-table-rows-private.h"

typedef struct
{
  PgmTable *table;    /* borrowed from the array */
  PgmTableItem *item; /* weak, nullable */
  PgmTableState state;
  gint64 rows;
} Row;

struct _PgmTableRows
{
  GObject parent_instance;

  /* owned */
  GPtrArray *tables; /* (nullable): PgmTable, as listed first */
  Row *rows;         /* one for each */
  GHashTable *index; /* oid → position + 1 */

  guint n_active;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PgmTableRows,
                               pgm_table_rows,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return PGM_TYPE_TABLE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  PgmTableRows *self = PGM_TABLE_ROWS (model);

  return self->tables != NULL ? self->tables->len : 0;
}

static gpointer
get_item (GListModel *model, guint position)
{
  PgmTableRows *self = PGM_TABLE_ROWS (model);
  Row *row = NULL;

  if (position >= get_n_items (model))
    return NULL;
  row = &self->rows[position];
  if (row->item != NULL)
    return g_object_ref (row->item);
  g_set_weak_pointer (&row->item, pgm_table_item_new (row->table, row->state, row->rows));
  return row->item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
pgm_table_rows_finalize (GObject *object)
{
  PgmTableRows *self = PGM_TABLE_ROWS (object);

  for (guint i = 0; self->tables != NULL && i < self->tables->len; i++)
    g_clear_weak_pointer (&self->rows[i].item);
  g_free (self->rows);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_hash_table_unref (self->index);
  G_OBJECT_CLASS (pgm_table_rows_parent_class)->finalize (object);
}

static void
pgm_table_rows_class_init (PgmTableRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_table_rows_finalize;
}

static void
pgm_table_rows_init (PgmTableRows *self)
{
  self->index = g_hash_table_new (NULL, NULL);
}

PgmTableRows *
pgm_table_rows_new (void)
{
  return g_object_new (PGM_TYPE_TABLE_ROWS, NULL);
}

static void
take_tables (PgmTableRows *self, GPtrArray *tables)
{
  if (self->tables != NULL)
    return; /* what is restored was dumped */
  self->tables = g_ptr_array_ref (tables);
  self->rows = g_new0 (Row, tables->len);
  for (guint i = 0; i < tables->len; i++)
    {
      PgmTable *table = tables->pdata[i];

      self->rows[i] = (Row){ .table = table, .rows = -1 };
      g_hash_table_insert (self->index, GUINT_TO_POINTER (table->oid), GUINT_TO_POINTER (i + 1));
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, tables->len);
}

static gboolean
is_active (PgmTableState state)
{
  return state == PGM_TABLE_DUMPING || state == PGM_TABLE_RESTORING;
}

static void
set_row (PgmTableRows *self, Row *row, PgmTableState state, gint64 rows)
{
  if (state < row->state)
    return;
  self->n_active -= is_active (row->state);
  self->n_active += is_active (state);
  row->state = state;
  row->rows = rows >= 0 ? rows : row->rows;
  if (row->item != NULL)
    pgm_table_item_set (row->item, row->state, row->rows);
}

static PgmTableState
find_state (PgmPhase phase, gboolean is_begun)
{
  if (phase == PGM_PHASE_BACKUP)
    return is_begun ? PGM_TABLE_DUMPING : PGM_TABLE_DUMPED;
  if (phase == PGM_PHASE_RESTORE)
    return is_begun ? PGM_TABLE_RESTORING : PGM_TABLE_RESTORED;
  return PGM_TABLE_COUNTED;
}

/* The tools do not tell the end of the last table; that of the phase is it. */
static void
end_phase (PgmTableRows *self)
{
  for (guint i = 0; self->n_active > 0 && i < self->tables->len; i++)
    if (is_active (self->rows[i].state))
      set_row (self, &self->rows[i], self->rows[i].state + 1, -1);
}

void
pgm_table_rows_take_event (PgmTableRows *self, const PgmEvent *event)
{
  guint position = 0;

  g_return_if_fail (PGM_IS_TABLE_ROWS (self));

  if (event->kind == PGM_EVENT_TABLES)
    take_tables (self, event->tables);
  else if (event->kind == PGM_EVENT_PHASE && event->progress.phase < PGM_PHASE_CLEAN_UP)
    end_phase (self);
  if (event->table == NULL)
    return;
  position =
      GPOINTER_TO_UINT (g_hash_table_lookup (self->index, GUINT_TO_POINTER (event->table->oid)));
  if (position > 0)
    set_row (self, &self->rows[position - 1],
             find_state (event->progress.phase, event->kind == PGM_EVENT_TABLE_BEGUN), event->rows);
}

/* Returns: how many tables are at work */
guint
pgm_table_rows_get_n_active (PgmTableRows *self)
{
  g_return_val_if_fail (PGM_IS_TABLE_ROWS (self), 0);

  return self->n_active;
}
