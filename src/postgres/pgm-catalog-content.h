/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-table.h"

G_BEGIN_DECLS

/* What is in tables and large objects, as numbers that two servers can compare. */

typedef enum
{
  PGM_MEASURE_COUNT,
  PGM_MEASURE_HASH,
  PGM_MEASURE_HASH_AS_UTF8, /* for two databases in different encodings */
} PgmMeasure;

typedef struct
{
  gint64 n_rows; /* -1: not measured */
  char *hash;    /* (nullable): of all rows, in whatever order rows and columns are */
} PgmTableContent;

gboolean pgm_catalog_set_up_content_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_measure_tables_sync (PgmConn *conn,
                                          PgmTable *const *tables,
                                          guint n_tables,
                                          PgmMeasure how,
                                          PgmTableContent *ret_contents,
                                          GCancellable *cancellable,
                                          GError **error);
GHashTable *pgm_catalog_measure_large_objects_sync (PgmConn *conn,
                                                    PgmMeasure how,
                                                    GCancellable *cancellable,
                                                    GError **error);

G_END_DECLS
