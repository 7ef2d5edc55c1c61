/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-server-list.h"

#include "pgm-catalog.h"
#include "pgm-server-ask.h"

static GPtrArray *
list_databases (PgmServer *server, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_maintenance_sync (server, cancellable, error);

  return conn != NULL ? pgm_catalog_list_databases_sync (conn, cancellable, error) : NULL;
}

/* @password: (nullable): NULL for what the endpoint itself says; needed where it is prompted */
void
pgm_server_list_databases_async (PgmEndpoint *endpoint,
                                 PgmSecret *password,
                                 guint connect_timeout_s,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  pgm_server_ask_async (endpoint, password, connect_timeout_s, list_databases, cancellable,
                        callback, user_data);
}

/* Returns: (transfer full) (element-type PgmDatabaseInfo) */
GPtrArray *
pgm_server_list_databases_finish (GAsyncResult *result, GError **error)
{
  return pgm_server_ask_finish (result, error);
}
