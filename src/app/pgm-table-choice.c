/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-table-choice.h"

struct _PgmTableChoice
{
  GObject parent_instance;

  char *schema;
  char *name;             /* (nullable): NULL for a schema */
  PgmTableChoice *parent; /* (nullable) borrowed: the schema, which lives as long */
  GPtrArray *tables;      /* borrowed: of a schema */
  guint64 size_bytes;
  gint64 n_rows; /* an estimate; -1: not known */
  guint n_included;
  gboolean is_included;
  gboolean is_empty;
};

enum
{
  PROP_IS_INCLUDED = 1,
  PROP_IS_EMPTY,
  PROP_IS_MIXED,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PgmTableChoice, pgm_table_choice, G_TYPE_OBJECT)

static void
notify (PgmTableChoice *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* A schema is what its tables are. */
static void
recount (PgmTableChoice *schema)
{
  schema->n_included = 0;
  for (guint i = 0; i < schema->tables->len; i++)
    schema->n_included += pgm_table_choice_is_included (g_ptr_array_index (schema->tables, i));
  schema->is_included = schema->n_included > 0;
  notify (schema, PROP_IS_INCLUDED);
  notify (schema, PROP_IS_MIXED);
}

static void
set_table_included (PgmTableChoice *table, gboolean is_included)
{
  if (table->is_included == is_included)
    return;
  table->is_included = is_included;
  notify (table, PROP_IS_INCLUDED);
}

/* Of a schema: all of its tables. */
void
pgm_table_choice_set_included (PgmTableChoice *self, gboolean is_included)
{
  if (self->parent != NULL)
    {
      set_table_included (self, is_included);
      recount (self->parent);
      return;
    }
  for (guint i = 0; i < self->tables->len; i++)
    set_table_included (g_ptr_array_index (self->tables, i), is_included);
  recount (self);
}

void
pgm_table_choice_set_empty (PgmTableChoice *self, gboolean is_empty)
{
  if (self->is_empty == is_empty)
    return;
  self->is_empty = is_empty;
  notify (self, PROP_IS_EMPTY);
}

static void
pgm_table_choice_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PgmTableChoice *self = PGM_TABLE_CHOICE (object);

  if (id == PROP_IS_INCLUDED)
    g_value_set_boolean (value, self->is_included);
  else if (id == PROP_IS_EMPTY)
    g_value_set_boolean (value, self->is_empty);
  else if (id == PROP_IS_MIXED)
    g_value_set_boolean (value, pgm_table_choice_is_mixed (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_table_choice_finalize (GObject *object)
{
  PgmTableChoice *self = PGM_TABLE_CHOICE (object);

  g_free (self->schema);
  g_free (self->name);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  G_OBJECT_CLASS (pgm_table_choice_parent_class)->finalize (object);
}

static void
pgm_table_choice_class_init (PgmTableChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[] = { NULL, "is-included", "is-empty", "is-mixed" };

  object_class->get_property = pgm_table_choice_get_property;
  object_class->finalize = pgm_table_choice_finalize;
  for (guint i = 1; i < N_PROPS; i++)
    properties[i] =
        g_param_spec_boolean (names[i], NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pgm_table_choice_init (PgmTableChoice *self)
{
  self->is_included = TRUE;
  self->n_rows = -1;
}

PgmTableChoice *
pgm_table_choice_new_schema (const char *schema)
{
  PgmTableChoice *self = g_object_new (PGM_TYPE_TABLE_CHOICE, NULL);

  self->schema = g_strdup (schema);
  self->tables = g_ptr_array_new ();
  return self;
}

/* @parent: a schema, which has to live as long as the table */
PgmTableChoice *
pgm_table_choice_new_table (PgmTableChoice *parent,
                            const char *name,
                            guint64 size_bytes,
                            gint64 n_rows)
{
  PgmTableChoice *self = g_object_new (PGM_TYPE_TABLE_CHOICE, NULL);

  self->schema = g_strdup (parent->schema);
  self->name = g_strdup (name);
  self->parent = parent;
  self->size_bytes = size_bytes;
  self->n_rows = n_rows;
  parent->size_bytes += size_bytes;
  g_ptr_array_add (parent->tables, self);
  parent->n_included++;
  return self;
}

gboolean
pgm_table_choice_is_schema (PgmTableChoice *self)
{
  return self->parent == NULL;
}

/* Returns: (transfer none) (nullable) */
PgmTableChoice *
pgm_table_choice_get_parent (PgmTableChoice *self)
{
  return self->parent;
}

const char *
pgm_table_choice_get_schema (PgmTableChoice *self)
{
  return self->schema;
}

/* Returns: (transfer none) (nullable): NULL for a schema */
const char *
pgm_table_choice_get_name (PgmTableChoice *self)
{
  return self->name;
}

guint64
pgm_table_choice_get_size (PgmTableChoice *self)
{
  return self->size_bytes;
}

gint64
pgm_table_choice_get_n_rows (PgmTableChoice *self)
{
  return self->n_rows;
}

gboolean
pgm_table_choice_is_included (PgmTableChoice *self)
{
  return self->is_included;
}

gboolean
pgm_table_choice_is_empty (PgmTableChoice *self)
{
  return self->is_empty;
}

gboolean
pgm_table_choice_is_mixed (PgmTableChoice *self)
{
  return self->tables != NULL && self->n_included > 0 && self->n_included < self->tables->len;
}
