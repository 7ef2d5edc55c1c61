/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What a run needs of a server beside its objects: locks, snapshot, sessions, progress. */

#include "pgm-catalog.h"

#include "pgm-database-info.h"
#include "pgm-error.h"

/* How long a session that was told to end is waited for, and how often it is looked for. */
#define SESSIONS_LIMIT_US (5 * G_TIME_SPAN_SECOND)
#define SESSIONS_LOOK_US (50 * G_TIME_SPAN_MILLISECOND)

/* Returns: (transfer full): the name of the database that the session is on, in its encoding */
char *
pgm_catalog_get_database_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows =
                 pgm_conn_query_sync (conn, "SELECT current_database()", NULL, cancellable, error);

  return rows != NULL ? g_strdup (pgm_rows_get (rows, 0, 0)) : NULL;
}

/* Returns: bytes that the COPY commands in progress of the run have moved, as the server counts
 * them; 0 when it does not say (before 14, or the connection is gone) */
guint64
pgm_catalog_get_copied_bytes_sync (PgmConn *conn,
                                   const char *application_name,
                                   GCancellable *cancellable)
{
  const char *params[] = { application_name, NULL };
  g_autoptr(PgmRows) rows = NULL;

  if (!pgm_conn_is_alive (conn) || pgm_conn_get_version (conn) < 140000)
    return 0;
  /* A transaction sees one picture of the statistics unless it asks for a new one. */
  if (!pgm_conn_exec_sync (conn, "SELECT pg_stat_clear_snapshot()", cancellable, NULL))
    return 0;
  rows = pgm_conn_query_sync (conn,
                              "SELECT coalesce(sum(p.bytes_processed), 0)"
                              "  FROM pg_stat_progress_copy p JOIN pg_stat_activity a USING (pid)"
                              " WHERE a.application_name = $1",
                              params, cancellable, NULL);
  return rows != NULL ? (guint64) pgm_rows_get_int (rows, 0, 0) : 0;
}

/* Begins a read-only transaction that stays open, and exports what it sees.
 *
 * Returns: (transfer full): the snapshot's name, good while the transaction lasts */
char *
pgm_catalog_export_snapshot_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = NULL;

  if (!pgm_conn_exec_sync (conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellable,
                           error))
    return NULL;
  rows = pgm_conn_query_sync (conn, "SELECT pg_export_snapshot()", NULL, cancellable, error);
  return rows != NULL ? g_strdup (pgm_rows_get (rows, 0, 0)) : NULL;
}

/* Begins a transaction that sees what the exporting one sees. Its queries take one process each:
 * they run beside a dump, which they shall not slow down. */
gboolean
pgm_catalog_import_snapshot_sync (PgmConn *conn,
                                  const char *snapshot,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *quoted = pgm_conn_quote_text (conn, snapshot);
  g_autofree char *sql = g_strconcat (
      "SET max_parallel_workers_per_gather = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
      "SET TRANSACTION SNAPSHOT ",
      quoted, NULL);

  return pgm_conn_exec_sync (conn, sql, cancellable, error);
}

gboolean
pgm_catalog_end_snapshot_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  return pgm_conn_exec_sync (conn, "COMMIT", cancellable, error);
}

/* Gathers the planner's statistics of the whole database; an archive brings none. */
gboolean
pgm_catalog_analyze_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  return pgm_conn_exec_sync (conn, "ANALYZE", cancellable, error);
}

/* @seconds: how long a statement of the session may wait for a lock; 0: for ever */
gboolean
pgm_catalog_set_lock_timeout_sync (PgmConn *conn,
                                   guint seconds,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SET lock_timeout = '%us'", seconds);

  return pgm_conn_exec_sync (conn, sql, cancellable, error);
}

/* 10 has no hash of a text in 64 bits. */
#define RUN_KEY "('x' || left(md5('pgmirror:' || $1::text), 16))::bit(64)::bigint"

/* Takes the lock that lets one run at a time write to @database, for as long as the session
 * lives. The space of advisory locks is per database, so a run that works from another
 * maintenance database is looked for as well.
 *
 * @ret_taken: (out): FALSE when another run has it */
gboolean
pgm_catalog_take_run_lock_sync (PgmConn *maintenance,
                                const char *database,
                                gboolean *ret_taken,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *params[] = { database, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      maintenance,
      "WITH key AS (SELECT " RUN_KEY " AS k)"
      "SELECT pg_try_advisory_lock(k) AND NOT EXISTS ("
      "         SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted"
      "            AND l.objsubid = 1 AND l.pid <> pg_backend_pid()"
      "            AND l.classid = ((k >> 32) & 4294967295)::oid"
      "            AND l.objid = (k & 4294967295)::oid)"
      "  FROM key",
      params, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_taken = pgm_rows_get_bool (rows, 0, 0);
  return TRUE;
}

/* Gives back what pgm_catalog_take_run_lock_sync() took, also where it was not enough. */
void
pgm_catalog_release_run_lock_sync (PgmConn *maintenance,
                                   const char *database,
                                   GCancellable *cancellable)
{
  const char *params[] = { database, NULL };
  PgmRows *rows = pgm_conn_query_sync (maintenance, "SELECT pg_advisory_unlock(" RUN_KEY ")",
                                       params, cancellable, NULL);

  g_clear_pointer (&rows, pgm_rows_free);
}

static gboolean
hold_token (PgmConn *conn, const char *const *params, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = NULL;

  if (!pgm_conn_exec_sync (conn, "BEGIN", cancellable, error))
    return FALSE;
  rows = pgm_conn_query_sync (conn, "SELECT pg_advisory_xact_lock($1::int, $2::int)", params,
                              cancellable, error);
  return rows != NULL;
}

/* Whether two sessions are on one server, by whatever names and addresses they came: one takes a
 * lock with a random number, the other looks whether it sees that lock. Addresses say nothing
 * (proxies, containers), and a standby has its primary's system identifier.
 *
 * @one: outside a transaction
 * @ret_same: (out) */
gboolean
pgm_catalog_is_same_server_sync (
    PgmConn *one, PgmConn *other, gboolean *ret_same, GCancellable *cancellable, GError **error)
{
  g_autofree char *high = g_strdup_printf ("%d", g_random_int_range (1, G_MAXINT32));
  g_autofree char *low = g_strdup_printf ("%d", g_random_int_range (1, G_MAXINT32));
  const char *params[] = { high, low, NULL };
  g_autoptr(PgmRows) rows = NULL;

  if (!hold_token (one, params, cancellable, error))
    return FALSE;
  rows = pgm_conn_query_sync (other,
                              "SELECT EXISTS (SELECT 1 FROM pg_locks"
                              " WHERE locktype = 'advisory' AND classid = $1::oid"
                              "   AND objid = $2::oid AND objsubid = 2 AND granted)",
                              params, cancellable, error);
  if (rows == NULL || !pgm_conn_exec_sync (one, "ROLLBACK", cancellable, error))
    return FALSE;
  *ret_same = pgm_rows_get_bool (rows, 0, 0);
  return TRUE;
}

/* Ends what is left of the run on the server: a session whose client was killed may go on for
 * long. Asks nothing of the caller: it runs when things have gone wrong already.
 *
 * Returns: how many sessions were ended */
guint
pgm_catalog_end_run_sessions_sync (PgmConn *conn,
                                   const char *application_name,
                                   GCancellable *cancellable)
{
  const char *params[] = { application_name, NULL };
  g_autoptr(PgmRows) rows = NULL;

  /* Sessions are whose they were opened for; the role may be told to act as another one. */
  pgm_conn_exec_sync (conn, "SET ROLE NONE", cancellable, NULL);
  rows = pgm_conn_query_sync (conn,
                              "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                              " WHERE application_name = $1 AND pid <> pg_backend_pid()"
                              "   AND usename = session_user",
                              params, cancellable, NULL);
  pgm_conn_exec_sync (conn, "RESET ROLE", cancellable, NULL);
  return rows != NULL ? (guint) pgm_rows_get_int (rows, 0, 0) : 0;
}

/* Waits until the sessions of the run are gone that were ended: what one of them has begun to
 * commit is seen by others only then.
 *
 * Returns: FALSE when they are still there after a while, or nobody knows */
gboolean
pgm_catalog_await_run_sessions_sync (PgmConn *conn,
                                     const char *application_name,
                                     GCancellable *cancellable)
{
  const char *params[] = { application_name, NULL };
  gint64 deadline_us = g_get_monotonic_time () + SESSIONS_LIMIT_US;

  for (;;)
    {
      g_autoptr(PgmRows) rows = pgm_conn_query_sync (
          conn,
          "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = $1"
          "                      AND pid <> pg_backend_pid() AND usename = session_user)",
          params, cancellable, NULL);

      if (rows == NULL || pgm_rows_get_bool (rows, 0, 0))
        return rows != NULL;
      if (g_get_monotonic_time () > deadline_us)
        return FALSE;
      g_usleep (SESSIONS_LOOK_US);
    }
}

/* Lists the databases that can be connected to.
 *
 * Returns: (transfer full) (element-type PgmDatabaseInfo) */
GPtrArray *
pgm_catalog_list_databases_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT d.datname, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding),"
      "       CASE WHEN has_database_privilege(d.oid, 'CONNECT') AND d.datconnlimit <> -2"
      "            THEN pg_database_size(d.oid) ELSE -1 END"
      "  FROM pg_database d WHERE d.datallowconn AND NOT d.datistemplate ORDER BY d.datname",
      NULL, cancellable, error);
  GPtrArray *databases = NULL;

  if (rows == NULL)
    return NULL;
  databases = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_database_info_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_ptr_array_add (databases, pgm_database_info_new (
                                    pgm_rows_get (rows, i, 0), pgm_rows_get (rows, i, 1),
                                    pgm_rows_get (rows, i, 2), pgm_rows_get_int (rows, i, 3)));
  return databases;
}
