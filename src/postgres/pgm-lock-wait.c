/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-lock-wait.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* pg_blocking_pids() names those who wait in front of us, too; who holds the lock comes first.
 * A prepared transaction has no process: its number is 0. */
static const char query[] =
    "SELECT coalesce(l.relation, 0), b.pid, s.usename, s.application_name, s.state,"
    "       to_char(s.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')"
    "  FROM pg_stat_activity a"
    "  JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted"
    " CROSS JOIN LATERAL unnest(pg_blocking_pids(a.pid)) WITH ORDINALITY b (pid, n)"
    "  LEFT JOIN pg_stat_activity s ON s.pid = b.pid"
    " WHERE a.application_name = $1 AND a.usename = session_user AND a.wait_event_type = 'Lock'"
    "   AND s.application_name IS DISTINCT FROM $1"
    " ORDER BY EXISTS (SELECT 1 FROM pg_locks w WHERE w.pid = b.pid AND NOT w.granted), b.n"
    " LIMIT 1";

/* Nothing but the strongest lock keeps others from reading; who only waits for it keeps those away
 * that come later. */
static const char holder_query[] =
    "SELECT l.relation::regclass, l.pid, s.usename, s.application_name, s.state,"
    "       to_char(s.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')"
    "  FROM pg_locks l LEFT JOIN pg_stat_activity s ON s.pid = l.pid"
    " WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'"
    "   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    "   AND s.application_name IS DISTINCT FROM current_setting('application_name')"
    " ORDER BY NOT l.granted, s.xact_start LIMIT 1";

static char *
dup_shown (const char *text)
{
  return text != NULL && *text != '\0' ? pgm_text_escape (text) : NULL;
}

static PgmLockWait *
read_blocker (const PgmRows *rows)
{
  PgmLockWait *self = g_new (PgmLockWait, 1);

  *self = (PgmLockWait){ .relation = (guint32) pgm_rows_get_int (rows, 0, 0),
                         .pid = (int) pgm_rows_get_int (rows, 0, 1),
                         .role = dup_shown (pgm_rows_get (rows, 0, 2)),
                         .application = dup_shown (pgm_rows_get (rows, 0, 3)),
                         .state = dup_shown (pgm_rows_get (rows, 0, 4)),
                         .since = dup_shown (pgm_rows_get (rows, 0, 5)) };
  return self;
}

/* Looks for a session of the run that waits for somebody else's lock.
 *
 * @ret_wait: (out) (transfer full) (nullable): NULL when there is none
 *
 * Returns: FALSE when the server does not say (before 9.6, or the connection is gone) */
gboolean
pgm_lock_wait_find_sync (PgmConn *conn,
                         const char *application_name,
                         PgmLockWait **ret_wait,
                         GCancellable *cancellable)
{
  const char *params[] = { application_name, NULL };
  g_autoptr(PgmRows) rows = NULL;

  *ret_wait = NULL;
  if (pgm_conn_get_version (conn) < 90600)
    return FALSE;
  rows = pgm_conn_query_sync (conn, query, params, cancellable, NULL);
  if (rows == NULL || pgm_rows_get_n (rows) == 0)
    return rows != NULL;
  *ret_wait = read_blocker (rows);
  return TRUE;
}

void
pgm_lock_wait_free (PgmLockWait *self)
{
  g_free (self->role);
  g_free (self->application);
  g_free (self->state);
  g_free (self->since);
  g_free (self);
}

/* Returns: (transfer full): `session 4711 (role "app", application "psql", idle in transaction,
 * its transaction began 2026-…)` */
char *
pgm_lock_wait_describe (const PgmLockWait *self)
{
  g_autoptr(GString) details = g_string_new (NULL);

  if (self->pid == 0)
    return g_strdup (_("a prepared transaction"));
  if (self->role != NULL)
    g_string_append_printf (details, _("role \"%s\", "), self->role);
  if (self->application != NULL)
    g_string_append_printf (details, _("application \"%s\", "), self->application);
  if (self->state != NULL)
    g_string_append_printf (details, "%s, ", self->state);
  if (self->since != NULL)
    g_string_append_printf (details, _("in a transaction since %s, "), self->since);
  if (details->len == 0)
    return g_strdup_printf (_("session %d"), self->pid);
  g_string_truncate (details, details->len - 2);
  return g_strdup_printf (_("session %d (%s)"), self->pid, details->str);
}

/* After a query of @conn that only reads and that waited for a lock in vain: adds to @error who is
 * in the way, if that is still so. A transaction of @conn's ends. */
void
pgm_lock_wait_explain_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = NULL;
  g_autoptr(PgmLockWait) blocker = NULL;
  g_autofree char *relation = NULL;
  g_autofree char *who = NULL;
  g_autofree char *message = NULL;

  if (error == NULL || *error == NULL || g_strcmp0 (pgm_conn_get_sqlstate (conn), "55P03") != 0)
    return;
  if (pgm_conn_is_in_transaction (conn) &&
      !pgm_conn_exec_sync (conn, "ROLLBACK", cancellable, NULL))
    return;
  rows = pgm_conn_query_sync (conn, holder_query, NULL, cancellable, NULL);
  if (rows == NULL || pgm_rows_get_n (rows) == 0)
    return;
  blocker = read_blocker (rows);
  relation = pgm_text_escape (pgm_rows_get (rows, 0, 0));
  who = pgm_lock_wait_describe (blocker);
  message = g_strdup_printf (_("%s; \"%s\" is locked by %s"), (*error)->message, relation, who);
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&message);
}
