/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What is in the way on the target server, and how much room either server has. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

void
pgm_server_room_clear (PgmServerRoom *self)
{
  g_clear_pointer (&self->limit, g_free);
}

/* What keeps a database that is to be replaced from being renamed or dropped. One with a
 * subscription is never dropped; a subscription at work has a session there, besides, which comes
 * back when it is ended. What kind
 * of session another role's is, is hidden from a plain role; those of the server itself have no
 * role.
 *
 * @keeps_it: under another name */
PgmRows *
pgm_catalog_preflight_use_sync (PgmConn *target,
                                const char *database,
                                gboolean keeps_it,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *params[] = { database, keeps_it ? "t" : "f", NULL };
  g_autofree char *sql = g_strconcat (
      "WITH me AS (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
      " others AS (SELECT a.pid, a.usename, a.application_name, r.rolsuper,"
      "   pg_has_role(a.usesysid, 'MEMBER') AS is_mine"
      "   FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid"
      "  WHERE a.datname = $1 AND a.pid <> pg_backend_pid()"
      "    AND coalesce(a.backend_type, 'client backend') = 'client backend')"
      "SELECT CASE WHEN rolsuper THEN 'superuser-session' ELSE 'session-stays' END,"
      "       format(CASE WHEN application_name <> '' THEN '%s (pid %s, %s)'"
      "                   ELSE '%s (pid %s)' END, usename, pid, application_name),"
      "       CASE WHEN NOT rolsuper"
      "            THEN format('GRANT pg_signal_backend TO %I', current_user) END, NULL"
      "  FROM others"
      " WHERE NOT (SELECT rolsuper FROM me) AND (rolsuper OR NOT"
      "       (is_mine OR pg_has_role('pg_signal_backend', 'MEMBER')))"
      " UNION ALL "
      "SELECT 'prepared-transaction', format('%L (%s)', gid, owner),"
      "       format('ROLLBACK PREPARED %L', gid), NULL"
      "  FROM pg_prepared_xacts WHERE database = $1"
      " UNION ALL "
      "SELECT 'tablespace-denied', format('%I', t.spcname),"
      "       format('GRANT CREATE ON TABLESPACE %I TO %I', t.spcname, current_user), NULL"
      "  FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace"
      " WHERE d.datname = $1 AND t.spcname <> 'pg_default'"
      "   AND NOT has_tablespace_privilege(t.oid, 'CREATE')"
      " UNION ALL "
      "SELECT 'replication-slot', slot_name::text, NULL, NULL"
      "  FROM pg_replication_slots WHERE database = $1 AND active"
      " UNION ALL "
      "SELECT 'replication-slot-lost', slot_name::text, NULL, NULL"
      "  FROM pg_replication_slots WHERE database = $1 AND NOT active AND NOT $2::bool",
      pgm_conn_get_version (target) >= 100000
          ? " UNION ALL SELECT 'subscription', format('%I', s.subname),"
            "   format('ALTER SUBSCRIPTION %1$I DISABLE; DROP SUBSCRIPTION %1$I', s.subname), NULL"
            "  FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
            " WHERE d.datname = $1 AND (s.subenabled OR NOT $2::bool)"
          : "",
      " ORDER BY 1, 2", NULL);

  return pgm_conn_query_sync (target, sql, params, cancellable, error);
}

/* Returns: SQL: whether the role may not set c.name, which p is of pg_settings; it may be granted
 * since 15. Two that everybody may set are not shown there. */
const char *
pgm_catalog_preflight_get_setting_denied (PgmConn *target)
{
  return pgm_conn_get_version (target) >= 150000 ? "coalesce(p.context, 'superuser') ~ '^superuser'"
                                                   " AND lower(c.name) NOT IN ('role', 'seed')"
                                                   " AND NOT has_parameter_privilege(c.name, 'SET')"
                                                 : "p.context ~ '^superuser'";
}

/* What was set for a database by somebody with more rights than the role has, which may therefore
 * not set it for the new one. */
PgmRows *
pgm_catalog_preflight_settings_sync (PgmConn *target,
                                     const char *database,
                                     GCancellable *cancellable,
                                     GError **error)
{
  const char *params[] = { database, NULL };
  gboolean has_grants = pgm_conn_get_version (target) >= 150000;
  g_autofree char *sql = g_strdup_printf (
      "SELECT 'setting-denied', CASE WHEN s.setrole = 0 THEN c.name"
      "         ELSE format('%%s (role %%s)', c.name, r.rolname) END,"
      "       %s, NULL"
      "  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
      "  LEFT JOIN pg_roles r ON r.oid = s.setrole"
      " CROSS JOIN LATERAL (SELECT split_part(u, '=', 1) FROM unnest(s.setconfig) u) c(name)"
      "  LEFT JOIN pg_settings p ON lower(p.name) = lower(c.name)"
      " CROSS JOIN (SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user) me"
      " WHERE d.datname = $1 AND NOT me.rolsuper"
      "   AND ((s.setrole <> 0 AND r.rolname <> current_user AND NOT me.rolcreaterole)"
      "        OR (%s)) ORDER BY 2",
      has_grants ? "CASE WHEN s.setrole = 0"
                   " THEN format('GRANT SET ON PARAMETER %I TO %I', c.name, current_user) END"
                 : "NULL",
      pgm_catalog_preflight_get_setting_denied (target));

  return pgm_conn_query_sync (target, sql, params, cancellable, error);
}

/* Superusers have neither the role's limit nor that of the database. */
static const char room_sql[] =
    "WITH me AS (SELECT oid, rolsuper, rolconnlimit FROM pg_roles WHERE rolname = current_user),"
    " there AS (SELECT a.usesysid, a.datname FROM pg_stat_activity a"
    "            WHERE a.usesysid IS NOT NULL"
    "              AND coalesce(a.backend_type, 'client backend') = 'client backend'),"
    " room AS ("
    "  SELECT 'server' AS what, current_setting('max_connections')::int - CASE WHEN me.rolsuper"
    "         THEN 0 ELSE current_setting('superuser_reserved_connections')::int"
    "         + coalesce(current_setting('reserved_connections', true), '0')::int END AS most,"
    "         (SELECT count(*) FROM there) AS used FROM me"
    "  UNION ALL SELECT 'role', me.rolconnlimit,"
    "         (SELECT count(*) FROM there WHERE there.usesysid = me.oid)"
    "    FROM me WHERE me.rolconnlimit >= 0 AND NOT me.rolsuper"
    "  UNION ALL SELECT 'database', d.datconnlimit,"
    "         (SELECT count(*) FROM there WHERE there.datname = d.datname)"
    "    FROM pg_database d, me"
    "   WHERE d.datname = $1 AND d.datconnlimit >= 0 AND NOT me.rolsuper)"
    "SELECT most - used, most, what, pg_backend_pid(),"
    "       current_setting('max_locks_per_transaction')::bigint,"
    "       current_setting('max_locks_per_transaction')::bigint"
    "         * (current_setting('max_connections')::int"
    "            + current_setting('max_prepared_transactions')::int)"
    "  FROM room ORDER BY 1, 2 LIMIT 1";

/* @database: (nullable): on which the sessions will be, where it exists */
gboolean
pgm_catalog_read_room_sync (PgmConn *conn,
                            const char *database,
                            PgmServerRoom *ret_room,
                            GCancellable *cancellable,
                            GError **error)
{
  const char *params[] = { database != NULL ? database : "", NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, room_sql, params, cancellable, error);

  if (rows == NULL)
    return FALSE;
  ret_room->n_free = pgm_rows_get_int (rows, 0, 0);
  ret_room->n_most = pgm_rows_get_int (rows, 0, 1);
  ret_room->limit = g_strdup (pgm_rows_get (rows, 0, 2));
  ret_room->has_pooler = pgm_rows_get_int (rows, 0, 3) != pgm_conn_get_pid (conn);
  ret_room->max_locks_per_transaction = pgm_rows_get_int (rows, 0, 4);
  ret_room->n_locks = pgm_rows_get_int (rows, 0, 5);
  return TRUE;
}

/* Sizes are the statistics' own: asking for the real ones waits for every lock. */
gboolean
pgm_catalog_read_weight_sync (PgmConn *source,
                              const PgmOptions *options,
                              PgmDumpWeight *ret_weight,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql = g_strconcat (
      with,
      "SELECT count(*) FILTER (WHERE rel.relkind IN ('r', 'p')),"
      "       count(*) + (SELECT count(*) FROM pg_index i JOIN rel x ON x.oid = i.indrelid),"
      "       coalesce(sum(rel.relpages::bigint + coalesce(t.relpages, 0))"
      "                FILTER (WHERE rel.relkind = 'r' AND rel.has_data), 0)"
      "         * current_setting('block_size')::bigint"
      "  FROM rel LEFT JOIN pg_class t ON t.oid = rel.reltoastrelid",
      NULL);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (source, sql, NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_weight = (PgmDumpWeight){ pgm_rows_get_int (rows, 0, 0), pgm_rows_get_int (rows, 0, 1),
                                 (guint64) pgm_rows_get_int (rows, 0, 2) };
  return TRUE;
}
