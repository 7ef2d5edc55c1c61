/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-endpoint.h"

G_BEGIN_DECLS

/* What a table chooser shows. Immutable. */
typedef struct
{
  char *schema;
  char *name;
  gboolean is_partitioned; /* its rows are in its partitions, which are listed, too */
  gboolean is_foreign;
  guint64 size_bytes; /* with TOAST, without indexes; of a partitioned table 0 */
  gint64 n_rows;      /* an estimate; -1: never analyzed */
} PgmTableInfo;

/* The result holds PgmTableInfo by schema and name, of the endpoint's database.
 *
 * @password: (nullable): NULL for what the endpoint itself says */
void pgm_table_list_async (PgmEndpoint *endpoint,
                           PgmSecret *password,
                           guint connect_timeout_s,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
GPtrArray *pgm_table_list_finish (GAsyncResult *result, GError **error);
void pgm_table_info_free (PgmTableInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTableInfo, pgm_table_info_free)

G_END_DECLS
