/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-conn-private.h"

#include <stdlib.h>
#include <string.h>

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
  g_autoptr(PGresult) result = NULL;
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
                     use_utf8 ? "SET client_encoding = 'UTF8'; " : "", "SELECT pg_backend_pid()",
                     NULL);
  result = pgm_conn_collect_sync (self, PQsendQuery (self->pg, sql) != 0, cancellable, error);
  self->pid = result != NULL ? atoi (PQgetvalue (result, 0, 0)) : 0;
  return result != NULL;
}

/* @server: has @self set up, which is watched from here on and is no tool's */
static void
join_server (PgmConn *self, PgmServer *server)
{
  self->server = pgm_server_ref (server);
  pgm_lookout_add_own (pgm_server_get_lookout (server), self->pid);
}

typedef enum
{
  OPEN_PLAIN = 0,
  OPEN_UTF8 = 1 << 0,
  OPEN_EXPENDABLE = 1 << 1,
} OpenFlags;

static PgmConn *
open_session (PgmServer *server,
              const char *database,
              OpenFlags flags,
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
  pgm_conn_set_limit (self, pgm_server_get_patience_ms (server));
  self->is_expendable = (flags & OPEN_EXPENDABLE) != 0;
  if (!set_up (self, server, (flags & OPEN_UTF8) != 0, cancellable, error))
    {
      failure->cause = self->is_silent ? PGM_CONNECT_SILENT : PGM_CONNECT_OK;
      return NULL;
    }
  if (self->is_expendable)
    return g_steal_pointer (&self);
  pgm_conn_set_limit (self, 0);
  join_server (self, server);
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

  return open_session (server, database, OPEN_UTF8, cancellable, &failure, error);
}

static PgmConn *
open_maintenance (PgmServer *server,
                  OpenFlags flags,
                  GCancellable *cancellable,
                  PgmConnectFailure *failure,
                  GError **error)
{
  g_autoptr(GError) local = NULL;
  PgmConn *self = NULL;

  if (g_strcmp0 (pgm_server_get_endpoint (server)->database, "postgres") != 0)
    {
      self = open_session (server, "postgres", flags, cancellable, failure, &local);
      if (self != NULL || failure->cause != PGM_CONNECT_NO_DATABASE)
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return self;
        }
    }
  return open_session (server, "template1", flags, cancellable, failure, error);
}

/* Opens a session where databases are managed from: "postgres", or "template1" where the run
 * is about "postgres" itself or the server has none. Names of databases are in no encoding of
 * their own: here they stay the bytes that they are. */
PgmConn *
pgm_conn_open_maintenance_sync (PgmServer *server, GCancellable *cancellable, GError **error)
{
  g_auto(PgmConnectFailure) failure = { 0 };

  return open_maintenance (server, OPEN_PLAIN, cancellable, &failure, error);
}

/* As the one above, for questions of which none is worth a wait: all of them end within the
 * connect time-out, or with the session. It must not outlive @server. */
PgmConn *
pgm_conn_open_expendable_sync (PgmServer *server,
                               PgmConnectFailure *failure,
                               GCancellable *cancellable)
{
  return open_maintenance (server, OPEN_EXPENDABLE, cancellable, failure, NULL);
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
                      ? open_session (server, database, OPEN_UTF8, cancellable, &failure, error)
                      : open_maintenance (server, OPEN_PLAIN, cancellable, &failure, error);

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
  if (self->server != NULL)
    pgm_lookout_remove_own (pgm_server_get_lookout (self->server), self->pid);
  g_clear_pointer (&self->server, pgm_server_unref);
  g_free (self->sqlstate);
  g_free (self->database);
  g_free (self->address);
  g_clear_object (&self->kill);
  g_free (self);
}

/* Returns: FALSE once the server went away or a query could not be brought to its end */
/* Between two queries. A session that was ended is known as such without a question: first its
 * last words are read, if there are any, then its end. */
gboolean
pgm_conn_is_alive (PgmConn *self)
{
  for (guint i = 0; i < 2 && !self->is_broken; i++)
    self->is_broken = PQconsumeInput (self->pg) == 0 || PQstatus (self->pg) != CONNECTION_OK;
  return !self->is_broken;
}

/* Returns: whether it was given up because no answer came within its limit */
gboolean
pgm_conn_is_silent (PgmConn *self)
{
  return self->is_silent;
}

/* For queries that must not wait for a server that says nothing: one that takes longer fails, and
 * the session with it. 0: no limit, but a watch (pgm-stall.h). */
void
pgm_conn_set_limit (PgmConn *self, guint limit_ms)
{
  self->limit_us = limit_ms * G_TIME_SPAN_MILLISECOND;
}

gboolean
pgm_conn_is_in_transaction (PgmConn *self)
{
  return PQtransactionStatus (self->pg) != PQTRANS_IDLE;
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
