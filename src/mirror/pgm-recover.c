/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-recover-private.h"

#include "pgm-error.h"
#include "pgm-password.h"
#include "pgm-recover-look.h"

/* In the thread that opened the session. */
void
pgm_recover_request_disconnect (PgmRecoverRequest *self)
{
  g_clear_pointer (&self->psql, pgm_psql_free);
  g_clear_pointer (&self->conn, pgm_conn_free);
  g_clear_pointer (&self->server, pgm_server_unref);
}

void
pgm_recover_request_free (gpointer data)
{
  PgmRecoverRequest *self = data;

  g_clear_pointer (&self->leftovers, g_ptr_array_unref);
  g_clear_object (&self->logger);
  g_clear_pointer (&self->password, pgm_secret_unref);
  g_clear_pointer (&self->profile, pgm_profile_unref);
  g_free (self);
}

PgmRecoverRequest *
pgm_recover_request_new (PgmProfile *profile, PgmSecret *password)
{
  PgmRecoverRequest *self = g_new0 (PgmRecoverRequest, 1);

  self->profile = profile != NULL ? pgm_profile_ref (profile) : NULL;
  self->password = password != NULL ? pgm_secret_ref (password) : NULL;
  return self;
}

/* Returns: (nullable) */
const char *
pgm_recover_request_get_temp_dir (PgmRecoverRequest *self)
{
  return self->profile != NULL ? pgm_profile_get_options (self->profile)->temp_dir : NULL;
}

static gboolean
connect_target (PgmRecoverRequest *self, GCancellable *cancellable, GError **error)
{
  PgmEndpoint *target = pgm_profile_get_target (self->profile);
  g_autofree char *warning = NULL;

  if (self->password == NULL &&
      !pgm_password_resolve_sync (target, &self->password, &warning, cancellable, error))
    return FALSE;
  self->server = pgm_server_new (target, self->password, "pgmirror",
                                 pgm_profile_get_options (self->profile)->connect_timeout_s);
  pgm_server_set_stall_timeout (self->server,
                                pgm_profile_get_options (self->profile)->connect_timeout_s);
  self->conn = pgm_conn_open_maintenance_sync (self->server, cancellable, error);
  if (self->logger != NULL)
    pgm_logger_add_secret (self->logger, pgm_server_get_password (self->server));
  return self->conn != NULL;
}

/* After a failure there is nothing left of it. */
gboolean
pgm_recover_request_reach_target_sync (PgmRecoverRequest *self,
                                       GCancellable *cancellable,
                                       GError **error)
{
  if (self->conn != NULL && pgm_conn_is_alive (self->conn))
    return TRUE;
  pgm_recover_request_disconnect (self);
  if (connect_target (self, cancellable, error))
    return TRUE;
  pgm_recover_request_disconnect (self);
  return FALSE;
}

static void
find_folders_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *list =
      pgm_recover_look_at_folders_sync (pgm_recover_request_get_temp_dir (task_data), &error);

  if (list != NULL)
    g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* @profile: (nullable): whose temp_dir is looked into, beside the system's */
void
pgm_recover_find_folders_async (PgmProfile *profile,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_recover_find_folders_async);
  g_task_set_task_data (task, pgm_recover_request_new (profile, NULL), pgm_recover_request_free);
  g_task_run_in_thread (task, find_folders_thread);
}

/* Returns: (transfer full) (element-type PgmLeftover): databases, then schemas */
static GPtrArray *
look_at_target (PgmRecoverRequest *self, GCancellable *cancellable, GError **error)
{
  const char *temp_dir = pgm_recover_request_get_temp_dir (self);
  g_autoptr(GPtrArray) list = NULL;
  GPtrArray *schemas = NULL;

  if (!pgm_recover_request_reach_target_sync (self, cancellable, error))
    return NULL;
  list =
      pgm_recover_look_at_databases_sync (self->conn, self->server, temp_dir, cancellable, error);
  if (list != NULL)
    schemas = pgm_recover_look_at_schemas_sync (self->server,
                                                pgm_profile_get_source (self->profile)->database,
                                                temp_dir, cancellable, error);
  if (schemas == NULL)
    return NULL;
  g_ptr_array_extend_and_steal (list, schemas);
  return g_steal_pointer (&list);
}

static void
find_databases_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *list = look_at_target (task_data, cancellable, &error);

  pgm_recover_request_disconnect (task_data);
  if (list != NULL)
    g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* @password: (nullable): of the target: NULL for what the profile says; needed where it is
 *   prompted */
void
pgm_recover_find_databases_async (PgmProfile *profile,
                                  PgmSecret *password,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_recover_find_databases_async);
  g_task_set_task_data (task, pgm_recover_request_new (profile, password),
                        pgm_recover_request_free);
  g_task_run_in_thread (task, find_databases_thread);
}

/* Returns: (transfer full) (element-type PgmLeftover) */
GPtrArray *
pgm_recover_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
