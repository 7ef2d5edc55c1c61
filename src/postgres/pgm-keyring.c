/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-keyring-private.h"

typedef struct
{
  PgmEndpoint *endpoint; /* (nullable) */
  PgmSecret *password;   /* (nullable) */
} Request;

static gint prompts_allowed;

gboolean
pgm_keyring_is_built_in (void)
{
#ifdef HAVE_LIBSECRET
  return TRUE;
#else
  return FALSE;
#endif
}

/* For a program with a window, from main before any thread: a locked keyring may then ask the
 * user to unlock it. Without this it is an error. */
void
pgm_keyring_allow_prompts (void)
{
  g_atomic_int_set (&prompts_allowed, 1);
}

/* Blocks: not on the main thread.
 *
 * Returns: (transfer full): NULL with PGM_ERROR_CONFIG, or on a cancel */
PgmSecret *
pgm_keyring_lookup_sync (const PgmEndpoint *endpoint, GCancellable *cancellable, GError **error)
{
  return pgm_keyring_read_sync (endpoint, g_atomic_int_get (&prompts_allowed), cancellable, error);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_pointer (&request->endpoint, pgm_endpoint_unref);
  g_clear_pointer (&request->password, pgm_secret_unref);
  g_free (request);
}

static void
start (PgmEndpoint *endpoint,
       PgmSecret *password,
       GTaskThreadFunc func,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  *request = (Request){ endpoint != NULL ? pgm_endpoint_ref (endpoint) : NULL,
                        password != NULL ? pgm_secret_ref (password) : NULL };
  g_task_set_source_tag (task, func);
  g_task_set_task_data (task, request, request_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, func);
}

static void
return_boolean (GTask *task, gboolean success, GError *error)
{
  if (success)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
probe_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  gboolean success = pgm_keyring_probe_sync (cancellable, &error);

  return_boolean (task, success, error);
}

static void
store_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;
  gboolean success =
      pgm_keyring_write_sync (request->endpoint, request->password,
                              g_atomic_int_get (&prompts_allowed), cancellable, &error);

  return_boolean (task, success, error);
}

static void
forget_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;
  gboolean success = pgm_keyring_erase_sync (request->endpoint, g_atomic_int_get (&prompts_allowed),
                                             cancellable, &error);

  return_boolean (task, success, error);
}

static void
lookup_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;
  PgmSecret *secret = pgm_keyring_lookup_sync (request->endpoint, cancellable, &error);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify) pgm_secret_unref);
  else
    g_task_return_error (task, error);
}

/* Whether passwords can be kept here at all: for the choice that the window offers. */
void
pgm_keyring_probe_async (GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  start (NULL, NULL, probe_thread, cancellable, callback, user_data);
}

gboolean
pgm_keyring_probe_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
pgm_keyring_lookup_async (PgmEndpoint *endpoint,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  start (endpoint, NULL, lookup_thread, cancellable, callback, user_data);
}

/* Returns: (transfer full) */
PgmSecret *
pgm_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
pgm_keyring_store_async (PgmEndpoint *endpoint,
                         PgmSecret *password,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  start (endpoint, password, store_thread, cancellable, callback, user_data);
}

gboolean
pgm_keyring_store_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* A password that is not there is no error. */
void
pgm_keyring_forget_async (PgmEndpoint *endpoint,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  start (endpoint, NULL, forget_thread, cancellable, callback, user_data);
}

gboolean
pgm_keyring_forget_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
