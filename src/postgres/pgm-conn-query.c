/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Queries, and the waits for their answers: for data, for a cancel, for a limit, and under the eye
 * of the watchdog, whichever comes first. */

#include "pgm-conn-private.h"

#include "pgm-error.h"
#include "pgm-server-words.h"
#include "pgm-stall.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How long a cancelled query may take to end before the connection is given up. */
#define CANCEL_GRACE_US (2 * G_TIME_SPAN_SECOND)

struct _PgmRows
{
  PGresult *result; /* owned */
};

/* A wait for the server, until @limit_us or until nothing moves any more. */
typedef struct
{
  gint64 limit_us; /* monotonic */
  PgmStall stall;
} Wait;

static void
wait_init (Wait *wait, PgmConn *self, gint64 limit_us)
{
  wait->limit_us = limit_us;
  pgm_stall_init (&wait->stall, limit_us == PGM_NO_DEADLINE ? self->server : NULL, self->pid);
}

/* Waits until the socket is ready. */
static gboolean
wait_for_server (
    PgmConn *self, GIOCondition condition, Wait *wait, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr(GError) local = NULL;
      gint64 deadline_us = MIN (wait->limit_us, wait->stall.look_us);

      if (pgm_socket_wait (PQsocket (self->pg), condition, deadline_us, cancellable, &local))
        {
          pgm_stall_moved (&wait->stall);
          return TRUE;
        }
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
          wait->limit_us <= g_get_monotonic_time ())
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!pgm_stall_look_sync (&wait->stall, cancellable, error))
        return FALSE;
    }
}

static gboolean
flush (PgmConn *self, Wait *wait, GCancellable *cancellable, GError **error)
{
  int left = PQflush (self->pg);

  while (left > 0)
    {
      if (!wait_for_server (self, G_IO_IN | G_IO_OUT, wait, cancellable, error))
        return FALSE;
      if (!PQconsumeInput (self->pg))
        return TRUE; /* the broken connection shows when the result is read */
      left = PQflush (self->pg);
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): NULL without @error when there are no more results */
static PGresult *
next_result (PgmConn *self, Wait *wait, GCancellable *cancellable, GError **error)
{
  while (PQisBusy (self->pg))
    {
      if (!wait_for_server (self, G_IO_IN, wait, cancellable, error))
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
  Wait wait;

  wait_init (&wait, self, deadline_us);
  for (;;)
    {
      g_autoptr(PGresult) result = next_result (self, &wait, self->kill, &error);

      if (result == NULL)
        return error == NULL;
    }
}

/* Brings a connection back to idle whose query is no longer wanted. A request to cancel that is
 * still on its way would hit the next query.
 *
 * @is_silent: it has been waited for in vain already */
static void
abandon_query (PgmConn *self, gboolean is_silent)
{
  gint64 deadline_us = g_get_monotonic_time () + CANCEL_GRACE_US;
  g_autoptr(GAsyncQueue) done = NULL;

  if (!self->is_expendable)
    done = pgm_cancel_send (self->pg);
  if (self->is_expendable || is_silent)
    {
      self->is_broken = TRUE;
      return;
    }
  if (!drain (self, deadline_us) ||
      g_async_queue_timeout_pop (done, MAX (deadline_us - g_get_monotonic_time (), 0)) == NULL)
    self->is_broken = TRUE;
}

static char *
dup_words (const PGresult *result, const char *sqlstate)
{
  const char *primary = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);
  const PgmErrorPlace place = { .schema = PQresultErrorField (result, PG_DIAG_SCHEMA_NAME),
                                .table = PQresultErrorField (result, PG_DIAG_TABLE_NAME),
                                .column = PQresultErrorField (result, PG_DIAG_COLUMN_NAME),
                                .constraint = PQresultErrorField (result, PG_DIAG_CONSTRAINT_NAME),
                                .function = PQresultErrorField (result, PG_DIAG_SOURCE_FUNCTION) };

  return pgm_server_words_dup (sqlstate, primary != NULL ? primary : "", &place);
}

static void
set_result_error (PgmConn *self, const PGresult *result, GError **error)
{
  const char *sqlstate = PQresultErrorField (result, PG_DIAG_SQLSTATE);
  g_autofree char *message = NULL;

  if (sqlstate == NULL || PQstatus (self->pg) == CONNECTION_BAD)
    {
      self->is_broken = TRUE;
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
                   _("the connection to %s was lost"), self->address);
      return;
    }
  self->sqlstate = g_strdup (sqlstate);
  message = dup_words (result, sqlstate);
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
  self->is_broken = self->is_broken || g_error_matches (local, PGM_ERROR, PGM_ERROR_STALLED);
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_propagate_error (error, local);
      return;
    }
  self->is_broken = TRUE;
  self->is_silent = TRUE;
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
PGresult *
pgm_conn_collect_sync (PgmConn *self, gboolean was_sent, GCancellable *cancellable, GError **error)
{
  Wait wait;
  g_autoptr(GError) local = NULL;
  g_autoptr(PGresult) last = NULL;

  g_clear_pointer (&self->sqlstate, g_free);
  wait_init (&wait, self,
             self->limit_us > 0 ? g_get_monotonic_time () + self->limit_us : PGM_NO_DEADLINE);
  if (was_sent && flush (self, &wait, cancellable, &local))
    {
      PGresult *result = NULL;

      while ((result = next_result (self, &wait, cancellable, &local)) != NULL)
        {
          g_clear_pointer (&last, PQclear);
          last = result;
          if (is_failure (last))
            break;
        }
    }
  if (local != NULL)
    {
      abandon_query (self, !pgm_error_is_cancelled (local));
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
  result = pgm_conn_collect_sync (self, PQsendQuery (self->pg, sql) != 0, cancellable, error);
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
  result = pgm_conn_collect_sync (
      self, PQsendQueryParams (self->pg, sql, n, NULL, params, NULL, NULL, 0) != 0, cancellable,
      error);
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
