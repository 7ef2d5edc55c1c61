/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-server-ask.h"

#include "pgm-password.h"

typedef struct
{
  PgmEndpoint *endpoint;
  PgmSecret *password; /* (nullable) */
  guint connect_timeout_s;
  PgmServerQuery query;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  pgm_endpoint_unref (request->endpoint);
  g_clear_pointer (&request->password, pgm_secret_unref);
  g_free (request);
}

static GPtrArray *
ask (Request *request, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmServer) server = NULL;
  g_autofree char *warning = NULL;

  if (request->password == NULL &&
      !pgm_password_resolve_sync (request->endpoint, &request->password, &warning, cancellable,
                                  error))
    return NULL;
  server =
      pgm_server_new (request->endpoint, request->password, "pgmirror", request->connect_timeout_s);
  pgm_server_set_stall_timeout (server, request->connect_timeout_s);
  return request->query (server, cancellable, error);
}

static void
ask_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *list = ask (task_data, cancellable, &error);

  if (list != NULL)
    g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* @password: (nullable): NULL for what the endpoint itself says; needed where it is prompted */
void
pgm_server_ask_async (PgmEndpoint *endpoint,
                      PgmSecret *password,
                      guint connect_timeout_s,
                      PgmServerQuery query,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  *request =
      (Request){ pgm_endpoint_ref (endpoint), password != NULL ? pgm_secret_ref (password) : NULL,
                 connect_timeout_s, query };
  g_task_set_source_tag (task, query);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, ask_thread);
}

/* Returns: (transfer full) */
GPtrArray *
pgm_server_ask_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
