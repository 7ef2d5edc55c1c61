/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A table of the source whose rows travel. Immutable once built: may cross threads. */
typedef struct
{
  guint32 oid; /* on the source */
  char *schema;
  char *name;
  guint64 size_bytes; /* heap and TOAST when planned */
} PgmTable;

#define PGM_TYPE_TABLE (pgm_table_get_type ())

GType pgm_table_get_type (void);
PgmTable *pgm_table_new (guint32 oid, const char *schema, const char *name, guint64 size_bytes);
PgmTable *pgm_table_ref (PgmTable *self);
void pgm_table_unref (PgmTable *self);
char *pgm_table_dup_title (const PgmTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTable, pgm_table_unref)

G_END_DECLS
