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
  PGM_MEASURE_HASH_AS_OLD,  /* that too, and where one of the servers is older than 12 */
} PgmMeasure;

typedef struct
{
  gint64 n_rows; /* -1: not measured */
  char *hash;    /* (nullable): of all rows, in whatever order rows and columns are */
} PgmTableContent;

PgmMeasure
pgm_catalog_choose_hash (int source_version, int target_version, gboolean has_same_encoding);
gboolean pgm_catalog_set_up_content_sync (PgmConn *conn,
                                          PgmMeasure how,
                                          GCancellable *cancellable,
                                          GError **error);
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
GArray *pgm_catalog_list_rewritten_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_has_rows_sync (PgmConn *conn,
                                    const PgmTable *table,
                                    gboolean *ret_has_rows,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
