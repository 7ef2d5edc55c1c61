/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog-standby.h"

/* How long a standby may take to hear of what its primary does, and how often it is looked for. */
#define LIMIT_US (5 * G_TIME_SPAN_SECOND)
#define LOOK_US (50 * G_TIME_SPAN_MILLISECOND)

/* A file copy has the system identifier of its original, as a standby has that of its primary. */
static const char identity_sql[] = "SELECT system_identifier, pg_is_in_recovery()"
                                   " FROM pg_control_system()";

/* A table that nobody else sees, in a transaction that is rolled back. A standby holds its lock as
 * well, from when it has heard of it; the log goes there by whole pages, for which the message is.
 * A copy may hold a lock on what has that oid there, and not at that place of the log. */
static const char hold_sql[] =
    "BEGIN; SET LOCAL statement_timeout = '5s'; CREATE TEMP TABLE pgmirror_token ()";
static const char token_sql[] =
    "SELECT (SELECT oid FROM pg_database WHERE datname = current_database()),"
    "       'pg_temp.pgmirror_token'::regclass::oid, pg_current_wal_insert_lsn(),"
    "       pg_logical_emit_message(false, 'pgmirror', repeat(' ', 32768))";
static const char look_sql[] = "SELECT pg_last_wal_replay_lsn() >= $3::pg_lsn,"
                               "       EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation'"
                               "                  AND mode = 'AccessExclusiveLock' AND granted"
                               "                  AND database = $1::oid AND relation = $2::oid)";

/* Whether it may be: the source is a standby, and both say that they are of one origin or do not
 * say it. */
static gboolean
may_follow (PgmConn *source, PgmConn *target, GCancellable *cancellable)
{
  g_autoptr(PgmRows) there = NULL;
  g_autoptr(PgmRows) here = NULL;
  g_autoptr(PgmRows) role = pgm_conn_query_sync (source, "SELECT pg_is_in_recovery()", NULL,
                                                  cancellable, NULL);

  if (role == NULL || !pgm_rows_get_bool (role, 0, 0))
    return FALSE;
  there = pgm_conn_query_sync (source, identity_sql, NULL, cancellable, NULL);
  here = pgm_conn_query_sync (target, identity_sql, NULL, cancellable, NULL);
  return there == NULL || here == NULL ||
         (g_str_equal (pgm_rows_get (there, 0, 0), pgm_rows_get (here, 0, 0)) &&
          !pgm_rows_get_bool (here, 0, 1));
}

/* Waits until the source has come to where the target took its lock. */
static PgmKinship
look_for_token (PgmConn *source, const PgmRows *token, GCancellable *cancellable)
{
  const char *params[] = { pgm_rows_get (token, 0, 0), pgm_rows_get (token, 0, 1),
                           pgm_rows_get (token, 0, 2), NULL };
  gint64 deadline_us = g_get_monotonic_time () + LIMIT_US;

  for (;;)
    {
      g_autoptr(PgmRows) look = pgm_conn_query_sync (source, look_sql, params, cancellable, NULL);

      if (look == NULL)
        return PGM_KINSHIP_UNKNOWN;
      if (pgm_rows_get_bool (look, 0, 0))
        return pgm_rows_get_bool (look, 0, 1) ? PGM_KINSHIP_STANDBY : PGM_KINSHIP_NONE;
      if (g_get_monotonic_time () > deadline_us)
        return PGM_KINSHIP_UNKNOWN;
      g_usleep (LOOK_US);
    }
}

/* Whether @source is a standby of the server of @target: then both have the same databases, and
 * what is done to the one is done to the other.
 *
 * @source, @target: outside a transaction */
PgmKinship
pgm_catalog_find_kinship_sync (PgmConn *source, PgmConn *target, GCancellable *cancellable)
{
  g_autoptr(PgmRows) token = NULL;
  PgmKinship kinship = PGM_KINSHIP_UNKNOWN;

  if (!may_follow (source, target, cancellable))
    return PGM_KINSHIP_NONE;
  if (pgm_conn_exec_sync (target, hold_sql, cancellable, NULL))
    token = pgm_conn_query_sync (target, token_sql, NULL, cancellable, NULL);
  if (token != NULL)
    kinship = look_for_token (source, token, cancellable);
  pgm_conn_exec_sync (target, "ROLLBACK", NULL, NULL);
  return kinship;
}
