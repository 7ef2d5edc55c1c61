/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The time-out counts for everything together from when the password is known: a person may be
 * asked to unlock the keyring first. A server that falls silent after it let us in is cut off by
 * @limit, and the thread is left to end by itself. */

#include "pgm-connection-test-private.h"

#include "pgm-catalog-look.h"
#include "pgm-catalog.h"
#include "pgm-error.h"
#include "pgm-password.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  /* owned */
  PgmEndpoint *endpoint;
  PgmSecret *password;     /* (nullable) */
  GCancellable *cancelled; /* (nullable): the caller's */
  GCancellable *limit;     /* ends when the caller cancels or the time is up */
  GSource *timer;          /* (nullable) */

  gulong cancelled_id;
  guint connect_timeout_s;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->timer != NULL)
    {
      g_source_destroy (request->timer);
      g_source_unref (request->timer);
    }
  g_cancellable_disconnect (request->cancelled, request->cancelled_id);
  pgm_endpoint_unref (request->endpoint);
  g_clear_pointer (&request->password, pgm_secret_unref);
  g_clear_object (&request->cancelled);
  g_object_unref (request->limit);
  g_free (request);
}

static void
cancel_other_cb (GCancellable *cancellable, gpointer other)
{
  g_cancellable_cancel (other);
}

static gboolean
time_up_cb (gpointer limit)
{
  g_cancellable_cancel (limit);
  return G_SOURCE_REMOVE;
}

/* A little more than the time-out: where libpq is what waits, its own end says more. */
static void
start_timer (Request *request, GMainContext *context)
{
  request->timer = g_timeout_source_new (request->connect_timeout_s * 1000 + 250);
  g_source_set_callback (request->timer, time_up_cb, g_object_ref (request->limit), g_object_unref);
  g_source_attach (request->timer, context);
}

static gboolean
is_named (const Request *request)
{
  return request->endpoint->database != NULL && *request->endpoint->database != '\0';
}

/* The version without what a packager adds to it. */
static char *
dup_version (PgmConn *conn)
{
  const char *text = pgm_conn_get_parameter (conn, "server_version");

  return g_strndup (text != NULL ? text : "?", text != NULL ? strcspn (text, " ") : 1);
}

static gboolean
read_server (PgmConnectionReport *report, PgmConn *conn, GCancellable *cancellable, GError **error)
{
  PgmServerFacts facts = { 0 };
  gint64 start_us = 0;
  GPtrArray *databases = NULL;

  report->server_version = dup_version (conn);
  report->tls_version = g_strdup (pgm_conn_get_tls_version (conn));
  start_us = g_get_monotonic_time ();
  if (!pgm_conn_exec_sync (conn, "SELECT 1", cancellable, error))
    return FALSE;
  report->latency_us = g_get_monotonic_time () - start_us;
  if (!pgm_catalog_read_server_facts_sync (conn, &facts, cancellable, error))
    return FALSE;
  report->is_superuser = facts.is_superuser;
  report->may_create_databases = facts.may_create_databases;
  report->is_in_recovery = facts.is_in_recovery;
  databases = pgm_catalog_list_databases_sync (conn, cancellable, error);
  if (databases == NULL)
    return FALSE;
  g_ptr_array_unref (report->databases);
  report->databases = databases;
  return TRUE;
}

static const PgmDatabaseInfo *
find_database (const PgmConnectionReport *report, const char *name)
{
  for (guint i = 0; i < report->databases->len; i++)
    {
      const PgmDatabaseInfo *info = report->databases->pdata[i];

      if (g_str_equal (info->name, name))
        return info;
    }
  return NULL;
}

/* What can be known about the database; what cannot stays unknown.
 *
 * @inside: (nullable): a session on it */
static void
look_at_database (Request *request,
                  PgmConnectionReport *report,
                  PgmServer *server,
                  PgmConn *conn,
                  PgmConn *inside)
{
  const char *name = request->endpoint->database;
  const PgmDatabaseInfo *info = find_database (report, name);
  g_auto(PgmDatabaseUse) use = { 0 };
  g_autoptr(PgmConn) own = NULL;

  report->database_exists = info != NULL || inside != NULL;
  if (!report->database_exists)
    return;
  report->database_bytes = info != NULL ? info->size_bytes : -1;
  if (pgm_catalog_read_use_sync (conn, name, &use, request->limit, NULL))
    report->database_n_sessions = (int) use.n_sessions;
  if (inside == NULL)
    inside = own = pgm_conn_open_sync (server, name, request->limit, NULL);
  if (inside != NULL)
    report->database_n_tables = pgm_catalog_look_n_tables_sync (inside, request->limit, NULL);
}

/* @conn: (nullable) (transfer full): on the database itself; NULL to look from elsewhere */
static gboolean
look_around (Request *request,
             PgmConnectionReport *report,
             PgmServer *server,
             PgmConn *conn,
             PgmConnectCause *ret_cause,
             GError **error)
{
  g_autoptr(PgmConn) inside = conn;
  g_autoptr(PgmConn) outside = NULL;

  if (inside == NULL)
    {
      outside = pgm_conn_open_explained_sync (server, NULL, ret_cause, request->limit, error);
      if (outside == NULL)
        return FALSE;
    }
  conn = inside != NULL ? inside : outside;
  if (!read_server (report, conn, request->limit, error))
    {
      *ret_cause = PGM_CONNECT_OTHER;
      return FALSE;
    }
  if (is_named (request))
    look_at_database (request, report, server, conn, inside);
  return TRUE;
}

/* A source's own database is what its session will be on; failing that, the server is asked
 * what it has instead. */
static gboolean
test_source (Request *request,
             PgmConnectionReport *report,
             PgmServer *server,
             PgmConnectCause *ret_cause,
             GError **error)
{
  g_autoptr(GError) local = NULL;
  PgmConn *conn = pgm_conn_open_explained_sync (server, request->endpoint->database, ret_cause,
                                                request->limit, &local);
  PgmConnectCause cause = *ret_cause;

  if (conn != NULL)
    return look_around (request, report, server, conn, ret_cause, error);
  if ((cause == PGM_CONNECT_NO_DATABASE || cause == PGM_CONNECT_DENIED) &&
      look_around (request, report, server, NULL, ret_cause, NULL) &&
      cause == PGM_CONNECT_NO_DATABASE)
    pgm_connection_report_suggest (report, request->endpoint->database);
  *ret_cause = cause;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
connect_and_look (Request *request,
                  PgmConnectionReport *report,
                  PgmConnectCause *ret_cause,
                  GError **error)
{
  g_autoptr(PgmServer) server = pgm_server_new (request->endpoint, request->password, "pgmirror",
                                                 request->connect_timeout_s);

  pgm_server_set_stall_timeout (server, request->connect_timeout_s);
  if (request->endpoint->side == PGM_SIDE_SOURCE && is_named (request))
    return test_source (request, report, server, ret_cause, error);
  return look_around (request, report, server, NULL, ret_cause, error);
}

static void
test_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *limit)
{
  Request *request = task_data;
  g_autoptr(PgmConnectionReport) report = pgm_connection_report_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *warning = NULL;
  PgmConnectCause cause = PGM_CONNECT_PASSWORD_STORE;
  gboolean success = FALSE;

  if (request->password != NULL ||
      pgm_password_resolve_sync (request->endpoint, &request->password, &warning, limit, &error))
    {
      start_timer (request, g_task_get_context (task));
      success = connect_and_look (request, report, &cause, &error);
    }
  if (!success && !g_cancellable_is_cancelled (limit))
    {
      pgm_connection_report_fail (report, cause, error->message);
      if (cause == PGM_CONNECT_NO_DATABASE)
        pgm_connection_report_suggest (report, request->endpoint->database);
    }
  g_task_return_pointer (task, g_steal_pointer (&report),
                         (GDestroyNotify) pgm_connection_report_free);
}

void
pgm_connection_test_async (PgmEndpoint *endpoint,
                           PgmSecret *password,
                           guint connect_timeout_s,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr(GCancellable) limit = g_cancellable_new ();
  g_autoptr(GTask) task = g_task_new (NULL, limit, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->endpoint = pgm_endpoint_ref (endpoint);
  request->password = password != NULL ? pgm_secret_ref (password) : NULL;
  request->connect_timeout_s = connect_timeout_s;
  request->limit = g_object_ref (limit);
  if (cancellable != NULL)
    {
      request->cancelled = g_object_ref (cancellable);
      request->cancelled_id =
          g_cancellable_connect (cancellable, G_CALLBACK (cancel_other_cb), limit, NULL);
    }
  g_task_set_source_tag (task, pgm_connection_test_async);
  g_task_set_task_data (task, request, request_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, test_thread);
}

static PgmConnectionReport *
new_silent_report (const Request *request)
{
  PgmConnectionReport *report = pgm_connection_report_new ();
  g_autofree char *address = pgm_endpoint_dup_address (request->endpoint);
  g_autofree char *message =
      g_strdup_printf (_("%s did not answer within %u s"), address, request->connect_timeout_s);

  pgm_connection_report_fail (report, PGM_CONNECT_SILENT, message);
  return report;
}

/* Returns: (transfer full): NULL on a cancel only */
PgmConnectionReport *
pgm_connection_test_finish (GAsyncResult *result, GError **error)
{
  Request *request = NULL;
  PgmConnectionReport *report = NULL;

  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  request = g_task_get_task_data (G_TASK (result));
  report = g_task_propagate_pointer (G_TASK (result), NULL);
  if (g_cancellable_set_error_if_cancelled (request->cancelled, error))
    {
      g_clear_pointer (&report, pgm_connection_report_free);
      return NULL;
    }
  return report != NULL ? report : new_silent_report (request);
}
