/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-list.h"

#include "pgm-catalog-look.h"
#include "pgm-password.h"

typedef struct
{
  PgmEndpoint *endpoint;
  PgmSecret *password; /* (nullable) */
  guint connect_timeout_s;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  pgm_endpoint_unref (request->endpoint);
  g_clear_pointer (&request->password, pgm_secret_unref);
  g_free (request);
}

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
list_tables (Request *request, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmServer) server = NULL;
  g_autoptr(PgmConn) conn = NULL;
  g_autoptr(GPtrArray) looks = NULL;
  g_autofree char *warning = NULL;
  GPtrArray *tables = NULL;

  if (request->password == NULL &&
      !pgm_password_resolve_sync (request->endpoint, &request->password, &warning, cancellable,
                                  error))
    return NULL;
  server =
      pgm_server_new (request->endpoint, request->password, "pgmirror", request->connect_timeout_s);
  conn = pgm_conn_open_sync (server, request->endpoint->database, cancellable, error);
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

static void
list_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *tables = list_tables (task_data, cancellable, &error);

  if (tables != NULL)
    g_task_return_pointer (task, tables, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
pgm_table_list_async (PgmEndpoint *endpoint,
                      PgmSecret *password,
                      guint connect_timeout_s,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  *request = (Request){ pgm_endpoint_ref (endpoint),
                        password != NULL ? pgm_secret_ref (password) : NULL, connect_timeout_s };
  g_task_set_source_tag (task, pgm_table_list_async);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, list_thread);
}

/* Returns: (transfer full) (element-type PgmTableInfo) */
GPtrArray *
pgm_table_list_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
