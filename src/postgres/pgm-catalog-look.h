/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"

G_BEGIN_DECLS

/* What a person is shown before anything runs. */

typedef struct
{
  char *schema;
  char *name;
  char kind; /* of pg_class: 'r', 'p' or 'f' */
  guint64 size_bytes;
  gint64 n_rows; /* -1: never analyzed */
} PgmTableLook;

GPtrArray *pgm_catalog_look_tables_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
int pgm_catalog_look_n_tables_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
void pgm_table_look_free (PgmTableLook *self);

G_END_DECLS
