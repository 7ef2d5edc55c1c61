/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-list.h"

#include "pgm-catalog-look.h"
#include "pgm-server-ask.h"

void
pgm_table_info_free (PgmTableInfo *self)
{
  g_free (self->schema);
  g_free (self->name);
  g_free (self);
}

static PgmTableInfo *
take_look (PgmTableLook *look)
{
  PgmTableInfo *info = g_new (PgmTableInfo, 1);

  *info = (PgmTableInfo){
    .schema = g_steal_pointer (&look->schema),
    .name = g_steal_pointer (&look->name),
    .is_partitioned = look->kind == 'p',
    .is_foreign = look->kind == 'f',
    .size_bytes = look->size_bytes,
    .n_rows = look->kind == 'r' ? look->n_rows : -1,
  };
  return info;
}

static GPtrArray *
list_tables (PgmServer *server, GCancellable *cancellable, GError **error)
{
  const char *database = pgm_server_get_endpoint (server)->database;
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (server, database, cancellable, error);
  g_autoptr(GPtrArray) looks = NULL;
  GPtrArray *tables = NULL;

  if (conn == NULL)
    return NULL;
  looks = pgm_catalog_look_tables_sync (conn, cancellable, error);
  if (looks == NULL)
    return NULL;
  tables = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_info_free);
  for (guint i = 0; i < looks->len; i++)
    g_ptr_array_add (tables, take_look (looks->pdata[i]));
  return tables;
}

void
pgm_table_list_async (PgmEndpoint *endpoint,
                      PgmSecret *password,
                      guint connect_timeout_s,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  pgm_server_ask_async (endpoint, password, connect_timeout_s, list_tables, cancellable, callback,
                        user_data);
}

/* Returns: (transfer full) (element-type PgmTableInfo) */
GPtrArray *
pgm_table_list_finish (GAsyncResult *result, GError **error)
{
  return pgm_server_ask_finish (result, error);
}
