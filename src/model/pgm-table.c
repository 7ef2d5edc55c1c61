/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table.h"

static void
table_clear (gpointer data)
{
  PgmTable *self = data;

  g_free (self->schema);
  g_free (self->name);
}

G_DEFINE_BOXED_TYPE (PgmTable, pgm_table, pgm_table_ref, pgm_table_unref)

PgmTable *
pgm_table_new (guint32 oid, const char *schema, const char *name, guint64 size_bytes)
{
  PgmTable *self = g_atomic_rc_box_new (PgmTable);

  *self = (PgmTable){ oid, g_strdup (schema), g_strdup (name), size_bytes };
  return self;
}

PgmTable *
pgm_table_ref (PgmTable *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_table_unref (PgmTable *self)
{
  g_atomic_rc_box_release_full (self, table_clear);
}

/* Returns: (transfer full): `schema.name` for people; not SQL */
char *
pgm_table_dup_title (const PgmTable *self)
{
  return g_strconcat (self->schema, ".", self->name, NULL);
}
