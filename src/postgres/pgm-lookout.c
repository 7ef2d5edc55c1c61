/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-lookout.h"

#include "pgm-catalog.h"
#include "pgm-conn-private.h"
#include "pgm-lock-wait.h"

/* After a failure progress is not asked for again before this. */
#define REST_US (10 * G_TIME_SPAN_SECOND)

struct _PgmLookout
{
  PgmServer *server; /* borrowed: it owns this */

  GMutex mutex;     /* guards what follows */
  PgmConn *conn;    /* owned, nullable */
  GArray *own_pids; /* owned: int: sessions of our own process, which are no tool's */
  gint64 rest_until_us;
  guint64 copied_bytes; /* the last answer */
};

PgmLookout *
pgm_lookout_new (PgmServer *server)
{
  PgmLookout *self = g_new0 (PgmLookout, 1);

  self->server = server;
  self->own_pids = g_array_new (FALSE, FALSE, sizeof (int));
  g_mutex_init (&self->mutex);
  return self;
}

void
pgm_lookout_free (PgmLookout *self)
{
  g_clear_pointer (&self->conn, pgm_conn_free);
  g_array_unref (self->own_pids);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* Ends the session; the next question opens another one. */
void
pgm_lookout_close (PgmLookout *self)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->conn, pgm_conn_free);
  self->copied_bytes = 0;
  g_mutex_unlock (&self->mutex);
}

void
pgm_lookout_add_own (PgmLookout *self, int pid)
{
  g_mutex_lock (&self->mutex);
  g_array_append_val (self->own_pids, pid);
  g_mutex_unlock (&self->mutex);
}

void
pgm_lookout_remove_own (PgmLookout *self, int pid)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->own_pids->len; i++)
    if (g_array_index (self->own_pids, int, i) == pid)
      {
        g_array_remove_index_fast (self->own_pids, i);
        break;
      }
  g_mutex_unlock (&self->mutex);
}

/* Returns: (transfer full): "{17,4711}" */
static char *
own_pids_to_array (PgmLookout *self)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < self->own_pids->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? "," : "", g_array_index (self->own_pids, int, i));
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

/* What is not known to be idle counts as work: a server may be told not to track its sessions.
 * Before 10 no server says that a session waits for its client. */
static const char *
activity_query (PgmConn *conn)
{
#define QUERY(at_work)                                                \
  "SELECT count(*), count(*) FILTER (WHERE " at_work ")"              \
  "  FROM pg_stat_activity"                                           \
  " WHERE CASE WHEN $1::int > 0 THEN pid = $1::int"                   \
  "            ELSE application_name = $2 AND usename = session_user" \
  "                 AND pid <> pg_backend_pid() AND pid <> ALL ($3::int[]) END"
#define NOT_IDLE \
  "coalesce(state, '') NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)')"
  if (pgm_conn_get_version (conn) >= 100000)
    return QUERY (NOT_IDLE " AND coalesce(wait_event, '') NOT IN ('ClientRead', 'ClientWrite')");
  return QUERY (NOT_IDLE);
}

static PgmLook
ask (PgmLookout *self, int pid, GCancellable *cancellable)
{
  g_autofree char *pid_text = g_strdup_printf ("%d", pid);
  g_autofree char *own = own_pids_to_array (self);
  const char *params[] = { pid_text, pgm_server_get_application_name (self->server), own, NULL };
  g_autoptr(PgmRows) rows = NULL;

  if (pgm_conn_exec_sync (self->conn, "SELECT pg_stat_clear_snapshot()", cancellable, NULL))
    rows = pgm_conn_query_sync (self->conn, activity_query (self->conn), params, cancellable, NULL);
  if (rows == NULL)
    return pgm_conn_get_sqlstate (self->conn) != NULL ? PGM_LOOK_UNKNOWN : PGM_LOOK_SILENT;
  if (pgm_rows_get_int (rows, 0, 0) == 0)
    return PGM_LOOK_NO_SESSION;
  return pgm_rows_get_int (rows, 0, 1) > 0 ? PGM_LOOK_AT_WORK : PGM_LOOK_WAITING;
}

/* Returns: whether there is a session; otherwise @ret_look says how the server took it */
static gboolean
reach (PgmLookout *self, PgmLook *ret_look, GCancellable *cancellable)
{
  g_auto(PgmConnectFailure) failure = { 0 };

  if (self->conn != NULL && pgm_conn_is_alive (self->conn))
    return TRUE;
  g_clear_pointer (&self->conn, pgm_conn_free);
  self->conn = pgm_conn_open_expendable_sync (self->server, &failure, cancellable);
  *ret_look = failure.sqlstate != NULL ? PGM_LOOK_UNKNOWN : PGM_LOOK_SILENT;
  return self->conn != NULL;
}

/* Takes the connect time-out at most, twice where the session was lost since the last question.
 *
 * @pid: of the session; 0: those of the tools of the run, of which one at work is enough */
PgmLook
pgm_lookout_ask_sync (PgmLookout *self, int pid, GCancellable *cancellable)
{
  PgmLook look = PGM_LOOK_SILENT;
  gboolean was_there = FALSE;

  g_mutex_lock (&self->mutex);
  was_there = self->conn != NULL;
  if (reach (self, &look, cancellable))
    look = ask (self, pid, cancellable);
  if (look == PGM_LOOK_SILENT && was_there && reach (self, &look, cancellable))
    look = ask (self, pid, cancellable);
  g_mutex_unlock (&self->mutex);
  return g_cancellable_is_cancelled (cancellable) ? PGM_LOOK_UNKNOWN : look;
}

/* Returns: bytes that COPY commands in progress of the run have moved, as the server counts them;
 * 0 when it does not say. It never waits for another thread's question. */
guint64
pgm_lookout_get_copied_bytes_sync (PgmLookout *self, GCancellable *cancellable)
{
  PgmLook look = PGM_LOOK_SILENT;
  guint64 bytes = 0;

  if (!g_mutex_trylock (&self->mutex))
    return 0;
  if (g_get_monotonic_time () >= self->rest_until_us)
    {
      if (reach (self, &look, cancellable))
        self->copied_bytes = pgm_catalog_get_copied_bytes_sync (
            self->conn, pgm_server_get_application_name (self->server), cancellable);
      if (self->conn == NULL || !pgm_conn_is_alive (self->conn))
        self->rest_until_us = g_get_monotonic_time () + REST_US;
    }
  bytes = self->copied_bytes;
  g_mutex_unlock (&self->mutex);
  return bytes;
}

/* Returns: (transfer full) (nullable): a session of the run that waits for another's lock */
PgmLockWait *
pgm_lookout_find_lock_wait_sync (PgmLookout *self, GCancellable *cancellable)
{
  PgmLockWait *wait = NULL;

  if (!g_mutex_trylock (&self->mutex))
    return NULL;
  if (self->conn != NULL && pgm_conn_is_alive (self->conn))
    pgm_lock_wait_find_sync (self->conn, pgm_server_get_application_name (self->server), &wait,
                             cancellable);
  g_mutex_unlock (&self->mutex);
  return wait;
}
