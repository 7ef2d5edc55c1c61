/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-rows-private.h"

struct _PgmTableItem
{
  GObject parent_instance;

  PgmTable *table; /* owned */
  PgmTableState state;
  gint64 rows;
};

enum
{
  PROP_STATE = 1,
  PROP_ROWS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PgmTableItem, pgm_table_item, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (PgmTableState,
                    pgm_table_state,
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_DUMPING, "dumping"),
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_DUMPED, "dumped"),
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_RESTORING, "restoring"),
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_RESTORED, "restored"),
                    G_DEFINE_ENUM_VALUE (PGM_TABLE_COUNTED, "counted"))

static void
pgm_table_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PgmTableItem *self = PGM_TABLE_ITEM (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ROWS:
      g_value_set_int64 (value, self->rows);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pgm_table_item_finalize (GObject *object)
{
  pgm_table_unref (PGM_TABLE_ITEM (object)->table);
  G_OBJECT_CLASS (pgm_table_item_parent_class)->finalize (object);
}

static void
pgm_table_item_class_init (PgmTableItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = pgm_table_item_finalize;
  object_class->get_property = pgm_table_item_get_property;
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PGM_TYPE_TABLE_STATE, PGM_TABLE_WAITING, flags);
  properties[PROP_ROWS] = g_param_spec_int64 ("rows", NULL, NULL, -1, G_MAXINT64, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pgm_table_item_init (PgmTableItem *self)
{
}

PgmTableItem *
pgm_table_item_new (PgmTable *table, PgmTableState state, gint64 rows)
{
  PgmTableItem *self = g_object_new (PGM_TYPE_TABLE_ITEM, NULL);

  self->table = pgm_table_ref (table);
  self->state = state;
  self->rows = rows;
  return self;
}

void
pgm_table_item_set (PgmTableItem *self, PgmTableState state, gint64 rows)
{
  gboolean is_counted = self->rows != rows;

  self->rows = rows;
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  if (is_counted)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROWS]);
}

/* Returns: (transfer none) */
PgmTable *
pgm_table_item_get_table (PgmTableItem *self)
{
  g_return_val_if_fail (PGM_IS_TABLE_ITEM (self), NULL);

  return self->table;
}

PgmTableState
pgm_table_item_get_state (PgmTableItem *self)
{
  g_return_val_if_fail (PGM_IS_TABLE_ITEM (self), PGM_TABLE_WAITING);

  return self->state;
}

/* Returns: on the target, once counted; -1: not known */
gint64
pgm_table_item_get_rows (PgmTableItem *self)
{
  g_return_val_if_fail (PGM_IS_TABLE_ITEM (self), -1);

  return self->rows;
}
