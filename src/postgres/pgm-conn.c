/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-conn-private.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How long a cancelled query may take to end before the connection is given up. */
#define CANCEL_GRACE_US (2 * G_TIME_SPAN_SECOND)

struct _PgmConn
{
  PGconn *pg;         /* owned */
  char *sqlstate;     /* owned, nullable: of the last failure */
  char *database;     /* owned */
  char *address;      /* owned: for messages */
  GCancellable *kill; /* owned, nullable: the server's */
  gint64 limit_us;    /* how long a query may take; 0: as long as it likes */
  gboolean is_broken;
};

struct _PgmRows
{
  PGresult *result; /* owned */
};

static void
ignore_notice (void *data, const PGresult *result)
{
}

/* Sets what every session of ours relies on. search_path keeps the objects of a hostile
 * database from standing in for those of pg_catalog (CVE-2018-1058). */
static gboolean
set_up (
    PgmConn *self, PgmServer *server, gboolean use_utf8, GCancellable *cancellable, GError **error)
{
  const char *encoding = PQparameterStatus (self->pg, "server_encoding");
  g_autofree char *settings = pgm_server_dup_settings (server, "SET ", " = ", "; ");
  g_autofree char *sql = NULL;

  use_utf8 = use_utf8 && g_strcmp0 (encoding, "SQL_ASCII") != 0 &&
             g_strcmp0 (encoding, "MULE_INTERNAL") != 0;
  sql = g_strconcat (settings,
                     "SET search_path = pg_catalog; SET row_security = off; "
                     "SET extra_float_digits = 3; SET datestyle = 'ISO, YMD'; "
                     "SET timezone = 'UTC'; SET intervalstyle = postgres; "
                     "SET bytea_output = hex; SET client_min_messages = error; ",
                     use_utf8 ? "SET client_encoding = 'UTF8'" : "", NULL);
  return pgm_conn_exec_sync (self, sql, cancellable, error);
}

static PgmConn *
open_session (PgmServer *server,
              const char *database,
              gboolean use_utf8,
              GCancellable *cancellable,
              PgmConnectFailure *failure,
              GError **error)
{
  PGconn *pg = pgm_connect_sync (server, database, cancellable, failure, error);
  g_autoptr(PgmConn) self = NULL;

  if (pg == NULL)
    return NULL;
  self = g_new0 (PgmConn, 1);
  self->pg = pg;
  self->database = g_strdup (database);
  self->address = pgm_endpoint_dup_address (pgm_server_get_endpoint (server));
  g_set_object (&self->kill, pgm_server_get_kill (server));
  PQsetnonblocking (pg, 1);
  PQsetNoticeReceiver (pg, ignore_notice, NULL);
  pgm_server_set_version (server, PQserverVersion (pg));
  if (pgm_server_get_password (server) == NULL && PQconnectionUsedPassword (pg))
    {
      g_autoptr(PgmSecret) found = pgm_secret_new (PQpass (pg));

      pgm_server_set_password (server, found);
    }
  pgm_conn_set_limit (self, pgm_server_get_connect_timeout (server));
  if (!set_up (self, server, use_utf8, cancellable, error))
    return NULL;
  pgm_conn_set_limit (self, 0);
  return g_steal_pointer (&self);
}

/* Opens a session on @database: read-only on a source, with fixed output settings, and without
 * the time-outs that the role may carry. */
PgmConn *
pgm_conn_open_sync (PgmServer *server,
                    const char *database,
                    GCancellable *cancellable,
                    GError **error)
{
  g_auto(PgmConnectFailure) failure = { 0 };

  return open_session (server, database, /* use_utf8= */ TRUE, cancellable, &failure, error);
}

static PgmConn *
open_maintenance (PgmServer *server,
                  GCancellable *cancellable,
                  PgmConnectFailure *failure,
                  GError **error)
{
  g_autoptr(GError) local = NULL;
  PgmConn *self = NULL;

  if (g_strcmp0 (pgm_server_get_endpoint (server)->database, "postgres") != 0)
    {
      self = open_session (server, "postgres", FALSE, cancellable, failure, &local);
      if (self != NULL || failure->cause != PGM_CONNECT_NO_DATABASE)
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return self;
        }
    }
  return open_session (server, "template1", FALSE, cancellable, failure, error);
}

/* Opens a session where databases are managed from: "postgres", or "template1" where the run
 * is about "postgres" itself or the server has none. Names of databases are in no encoding of
 * their own: here they stay the bytes that they are. */
PgmConn *
pgm_conn_open_maintenance_sync (PgmServer *server, GCancellable *cancellable, GError **error)
{
  g_auto(PgmConnectFailure) failure = { 0 };

  return open_maintenance (server, cancellable, &failure, error);
}

/* As the two above, for somebody who is to be told what to do about a failure.
 *
 * @database: (nullable): NULL for where databases are managed from
 * @ret_cause: (out): PGM_CONNECT_OK with a session or on a cancel */
PgmConn *
pgm_conn_open_explained_sync (PgmServer *server,
                              const char *database,
                              PgmConnectCause *ret_cause,
                              GCancellable *cancellable,
                              GError **error)
{
  g_auto(PgmConnectFailure) failure = { 0 };
  PgmConn *self = database != NULL
                      ? open_session (server, database, TRUE, cancellable, &failure, error)
                      : open_maintenance (server, cancellable, &failure, error);

  *ret_cause = PGM_CONNECT_OK;
  if (self != NULL || g_cancellable_is_cancelled (cancellable))
    return self;
  *ret_cause = failure.cause;
  if (failure.cause == PGM_CONNECT_OK)
    *ret_cause = PGM_CONNECT_OTHER; /* the session was there, but not for long */
  if (*ret_cause == PGM_CONNECT_OTHER && failure.sqlstate == NULL)
    *ret_cause = pgm_connect_probe_sync (server, cancellable);
  return NULL;
}

void
pgm_conn_free (PgmConn *self)
{
  PQfinish (self->pg);
  g_free (self->sqlstate);
  g_free (self->database);
  g_free (self->address);
  g_clear_object (&self->kill);
  g_free (self);
}

/* Returns: FALSE once the server went away or a query could not be brought to its end */
gboolean
pgm_conn_is_alive (PgmConn *self)
{
  return !self->is_broken && PQstatus (self->pg) == CONNECTION_OK;
}

/* For queries that must not wait for a server that says nothing: one that takes longer fails, and
 * the session with it. */
void
pgm_conn_set_limit (PgmConn *self, guint seconds)
{
  self->limit_us = seconds * G_TIME_SPAN_SECOND;
}

const char *
pgm_conn_get_database (PgmConn *self)
{
  return self->database;
}

/* Returns: server_version_num, 150020 for 15.20 */
int
pgm_conn_get_version (PgmConn *self)
{
  return PQserverVersion (self->pg);
}

int
pgm_conn_get_pid (PgmConn *self)
{
  return PQbackendPID (self->pg);
}

/* Returns: (nullable) (transfer none): a parameter that the server reports by itself */
const char *
pgm_conn_get_parameter (PgmConn *self, const char *name)
{
  return PQparameterStatus (self->pg, name);
}

gboolean
pgm_conn_uses_tls (PgmConn *self)
{
  return PQsslInUse (self->pg) != 0;
}

/* Returns: (nullable) (transfer none): "TLSv1.3"; NULL when the session is not encrypted */
const char *
pgm_conn_get_tls_version (PgmConn *self)
{
  return PQsslInUse (self->pg) ? PQsslAttribute (self->pg, "protocol") : NULL;
}

/* Returns: (nullable) (transfer none): of the last failed call; NULL when the connection broke */
const char *
pgm_conn_get_sqlstate (PgmConn *self)
{
  return self->sqlstate;
}

int
pgm_conn_get_libpq_version (void)
{
  return PQlibVersion ();
}

typedef char *(*QuoteFunc) (PGconn *pg, const char *text, size_t length);

static char *
quote (PgmConn *self, const char *text, QuoteFunc func)
{
  char *quoted = func (self->pg, text, strlen (text));
  g_autofree char *escaped = NULL;
  char *copy = NULL;

  if (quoted == NULL) /* not valid in the client's encoding: no object can be called so */
    {
      escaped = g_strescape (text, NULL);
      quoted = func (self->pg, escaped, strlen (escaped));
    }
  copy = g_strdup (quoted);
  PQfreemem (quoted);
  return copy;
}

/* Returns: (transfer full): @name as an SQL identifier */
char *
pgm_conn_quote_name (PgmConn *self, const char *name)
{
  return quote (self, name, PQescapeIdentifier);
}

/* Returns: (transfer full): @text as an SQL literal, for statements that take no parameters */
char *
pgm_conn_quote_text (PgmConn *self, const char *text)
{
  return quote (self, text, PQescapeLiteral);
}

static gboolean
flush (PgmConn *self, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  int left = PQflush (self->pg);

  while (left > 0)
    {
      if (!pgm_socket_wait (PQsocket (self->pg), G_IO_IN | G_IO_OUT, deadline_us, cancellable,
                            error))
        return FALSE;
      if (!PQconsumeInput (self->pg))
        return TRUE; /* the broken connection shows when the result is read */
      left = PQflush (self->pg);
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): NULL without @error when there are no more results */
static PGresult *
next_result (PgmConn *self, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  while (PQisBusy (self->pg))
    {
      if (!pgm_socket_wait (PQsocket (self->pg), G_IO_IN, deadline_us, cancellable, error))
        return NULL;
      if (!PQconsumeInput (self->pg))
        break;
    }
  return PQgetResult (self->pg);
}

static gboolean
drain (PgmConn *self, gint64 deadline_us)
{
  g_autoptr(GError) error = NULL;

  for (;;)
    {
      g_autoptr(PGresult) result = next_result (self, deadline_us, self->kill, &error);

      if (result == NULL)
        return error == NULL;
    }
}

/* Brings a connection back to idle whose query is no longer wanted. A request to cancel that is
 * still on its way would hit the next query. */
static void
abandon_query (PgmConn *self)
{
  gint64 deadline_us = g_get_monotonic_time () + CANCEL_GRACE_US;
  g_autoptr(GAsyncQueue) done = pgm_cancel_send (self->pg);

  if (!drain (self, deadline_us) ||
      g_async_queue_timeout_pop (done, MAX (deadline_us - g_get_monotonic_time (), 0)) == NULL)
    self->is_broken = TRUE;
}

static void
set_result_error (PgmConn *self, const PGresult *result, GError **error)
{
  const char *sqlstate = PQresultErrorField (result, PG_DIAG_SQLSTATE);
  const char *primary = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);
  g_autofree char *message = NULL;

  if (sqlstate == NULL || PQstatus (self->pg) == CONNECTION_BAD)
    {
      self->is_broken = TRUE;
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
                   _("the connection to %s was lost"), self->address);
      return;
    }
  self->sqlstate = g_strdup (sqlstate);
  message = pgm_text_escape (primary != NULL ? primary : "");
  if (g_str_has_prefix (sqlstate, "57P")) /* the server says good-bye before it closes */
    {
      self->is_broken = TRUE;
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
                   _("the connection to %s was lost: %s"), self->address, message);
      return;
    }
  g_set_error_literal (error, PGM_ERROR, (int) pgm_error_from_sqlstate (sqlstate), message);
}

/* @local: (transfer full): why the wait for the server ended */
static void
set_wait_error (PgmConn *self, GError *local, GError **error)
{
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_propagate_error (error, local);
      return;
    }
  self->is_broken = TRUE;
  g_error_free (local);
  g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
               _("%s does not answer any more"), self->address);
}

static gboolean
is_failure (const PGresult *result)
{
  ExecStatusType status = PQresultStatus (result);

  return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
}

/* Returns: (transfer full) (nullable): the last result; the first failure wins */
static PGresult *
collect (PgmConn *self, gboolean was_sent, GCancellable *cancellable, GError **error)
{
  gint64 deadline_us =
      self->limit_us > 0 ? g_get_monotonic_time () + self->limit_us : PGM_NO_DEADLINE;
  g_autoptr(GError) local = NULL;
  g_autoptr(PGresult) last = NULL;

  g_clear_pointer (&self->sqlstate, g_free);
  if (was_sent && flush (self, deadline_us, cancellable, &local))
    {
      PGresult *result = NULL;

      while ((result = next_result (self, deadline_us, cancellable, &local)) != NULL)
        {
          g_clear_pointer (&last, PQclear);
          last = result;
          if (is_failure (last))
            break;
        }
    }
  if (local != NULL)
    {
      abandon_query (self);
      set_wait_error (self, g_steal_pointer (&local), error);
      return NULL;
    }
  if (last == NULL || is_failure (last))
    {
      set_result_error (self, last, error);
      self->is_broken = self->is_broken || !drain (self, g_get_monotonic_time () + CANCEL_GRACE_US);
      return NULL;
    }
  return g_steal_pointer (&last);
}

/* Runs one or several statements without parameters; @sql holds nothing of the user's that did
 * not go through pgm_conn_quote_name(). */
gboolean
pgm_conn_exec_sync (PgmConn *self, const char *sql, GCancellable *cancellable, GError **error)
{
  g_autoptr(PGresult) result = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  result = collect (self, PQsendQuery (self->pg, sql) != 0, cancellable, error);
  return result != NULL;
}

/* @params: (nullable): NULL-terminated texts for $1, $2 …
 *
 * Returns: (transfer full) */
PgmRows *
pgm_conn_query_sync (PgmConn *self,
                     const char *sql,
                     const char *const *params,
                     GCancellable *cancellable,
                     GError **error)
{
  int n = params != NULL ? (int) g_strv_length ((char **) params) : 0;
  PGresult *result = NULL;
  PgmRows *rows = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  result = collect (self, PQsendQueryParams (self->pg, sql, n, NULL, params, NULL, NULL, 0) != 0,
                    cancellable, error);
  if (result == NULL)
    return NULL;
  rows = g_new (PgmRows, 1);
  rows->result = result;
  return rows;
}

void
pgm_rows_free (PgmRows *self)
{
  PQclear (self->result);
  g_free (self);
}

guint
pgm_rows_get_n (const PgmRows *self)
{
  return (guint) PQntuples (self->result);
}

/* Returns: (transfer none) (nullable): NULL for SQL's NULL */
const char *
pgm_rows_get (const PgmRows *self, guint row, guint column)
{
  if (PQgetisnull (self->result, (int) row, (int) column))
    return NULL;
  return PQgetvalue (self->result, (int) row, (int) column);
}

/* Returns: 0 for SQL's NULL */
gint64
pgm_rows_get_int (const PgmRows *self, guint row, guint column)
{
  const char *text = pgm_rows_get (self, row, column);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

gboolean
pgm_rows_get_bool (const PgmRows *self, guint row, guint column)
{
  return g_strcmp0 (pgm_rows_get (self, row, column), "t") == 0;
}
