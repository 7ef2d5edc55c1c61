/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Databases are looked for, created, renamed and dropped by psql; what is only asked goes through
 * libpq.
 *
 * The swap is one transaction of two renames, so that at every instant, a crash of the server
 * included, the name belongs to the complete old or to the complete new database. Closing the
 * old database first (ALLOW_CONNECTIONS false) would be committed state of its own, and a crash
 * would leave it closed. A rename waits up to 5 s for the sessions on the database to end while
 * new ones wait for the rename; meanwhile the tick ends those that are left. */

#include "pgm-database.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SWAP_TRIES 5
#define DROP_TRIES 3
#define DROP_RETRY_US (300 * G_TIME_SPAN_MILLISECOND)
#define DROP_UNUSED "DROP DATABASE IF EXISTS %I"
#define DROP_WITH_ALL "DROP DATABASE IF EXISTS %I WITH (FORCE)"

/* Returns: (transfer full): `shop__pgm_7f3a91c2`: never longer than a name may be, the base cut
 * where it has to be: the server would cut the end, and two names become one */
char *
pgm_database_dup_name (const char *database, const char *suffix, const char *tag)
{
  g_autofree char *end = g_strconcat ("__", suffix, "_", tag, NULL);
  g_autofree char *base = pgm_text_cut_bytes (database, PGM_NAME_MAX_BYTES - strlen (end));

  return g_strconcat (base, end, NULL);
}

/* @ret_exists: (out) */
gboolean
pgm_database_exists_sync (PgmPsql *psql,
                          const char *name,
                          gboolean *ret_exists,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_auto(PgmScriptResult) result = { 0 };

  pgm_script_add (script, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %L", name);
  if (!pgm_psql_run_sync (psql, NULL, script, &result, cancellable, error))
    return FALSE;
  *ret_exists = result.lines->len > 0;
  return TRUE;
}

/* @ret_oid: (out): 0 where there is no such database, or only what a DROP in the middle left */
gboolean
pgm_database_find_oid_sync (PgmConn *maintenance,
                            const char *name,
                            guint32 *ret_oid,
                            GCancellable *cancellable,
                            GError **error)
{
  const char *params[] = { name, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      maintenance, "SELECT oid FROM pg_database WHERE datname = $1 AND datconnlimit <> -2", params,
      cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_oid = pgm_rows_get_n (rows) > 0 ? (guint32) pgm_rows_get_int (rows, 0, 0) : 0;
  return TRUE;
}

static void
set_changed_error (GError **error, const char *name)
{
  g_autofree char *clean = pgm_text_escape (name);

  g_set_error (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
               _("database \"%s\" of the target is not the one that it was when the run began; "
                 "it was left alone"),
                  clean);
}

/* @ret_name: (out) (transfer full) (nullable): of the database @oid; NULL where there is none */
gboolean
pgm_database_find_name_sync (
    PgmConn *maintenance, guint32 oid, char **ret_name, GCancellable *cancellable, GError **error)
{
  g_autofree char *digits = g_strdup_printf ("%u", oid);
  const char *params[] = { digits, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      maintenance, "SELECT datname FROM pg_database WHERE oid = $1", params, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_name = pgm_rows_get_n (rows) > 0 ? g_strdup (pgm_rows_get (rows, 0, 0)) : NULL;
  return TRUE;
}

/* Fails where @name is not the database @oid. */
gboolean
pgm_database_check_oid_sync (
    PgmConn *maintenance, const char *name, guint32 oid, GCancellable *cancellable, GError **error)
{
  guint32 found = 0;

  if (!pgm_database_find_oid_sync (maintenance, name, &found, cancellable, error))
    return FALSE;
  if (found != oid)
    set_changed_error (error, name);
  return found == oid;
}

/* Ends the sessions on database @name if the role may end them all: otherwise it would only
 * disturb people and get no further. What kind of session another
 * role's is, is hidden from a plain role; those of the server itself have no role.
 *
 * @ret_n_left: (out): sessions that it may not end */
gboolean
pgm_database_end_sessions_sync (PgmConn *maintenance,
                                const char *name,
                                guint *ret_n_left,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *params[] = { name, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      maintenance,
      "WITH s AS (SELECT a.pid, me.rolsuper OR (NOT coalesce(r.rolsuper, true) AND"
      "             (pg_has_role('pg_signal_backend', 'MEMBER')"
      "              OR pg_has_role(a.usesysid, 'MEMBER'))) AS may"
      "        FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid"
      "       CROSS JOIN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me"
      "       WHERE a.datname = $1 AND a.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL"
      "         AND coalesce(a.backend_type, 'client backend') = 'client backend'),"
      "     stays AS (SELECT count(*) AS n FROM s WHERE NOT may)"
      "SELECT stays.n, (SELECT count(pg_terminate_backend(pid)) FROM s WHERE stays.n = 0)"
      "  FROM stays",
      params, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_n_left = (guint) pgm_rows_get_int (rows, 0, 0);
  return TRUE;
}

/* Fails, and with it the script, where @name is no longer the database that it was. */
static void
add_guard (PgmScript *script, const char *name, guint32 oid)
{
  g_autofree char *digits = g_strdup_printf ("%u", oid);

  pgm_script_add (script,
                  "SELECT 1 / pg_catalog.count(*) FROM pg_catalog.pg_database"
                  " WHERE datname = %L AND oid = %L",
                  name, digits);
}

/* @oid: of the database that is meant, another one of that name is left alone; 0: whichever it is
 */
static gboolean
drop (PgmPsql *psql,
      const char *statement,
      const char *name,
      guint32 oid,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_auto(PgmScriptResult) result = { 0 };
  g_autoptr(GError) local = NULL;

  if (oid != 0)
    add_guard (script, name, oid);
  pgm_script_add (script, "SET statement_timeout = '5min'");
  pgm_script_add (script, statement, name);
  if (pgm_psql_run_sync (psql, NULL, script, &result, cancellable, &local))
    return TRUE;
  if (oid != 0 && result.failed_line == 1)
    set_changed_error (error, name);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Drops @name with whoever is on it. That there is none is not an error. FORCE is refused because
 * of a superuser's session, and a worker of autovacuum is one, maybe for hours; without it the
 * server itself tells such workers to go, and gives everybody else 5 s to leave.
 *
 * @oid: of the database that is meant, another one of that name is left alone; 0: whichever it is
 * @maintenance: (nullable): needed for servers before 13 only, which know no FORCE */
gboolean
pgm_database_drop_sync (PgmPsql *psql,
                        PgmConn *maintenance,
                        const char *name,
                        guint32 oid,
                        GCancellable *cancellable,
                        GError **error)
{
  gboolean has_force = maintenance == NULL || pgm_conn_get_version (maintenance) >= 130000;
  g_autoptr(GError) local = NULL;
  guint n_left = 0;

  if (!has_force &&
      !pgm_database_end_sessions_sync (maintenance, name, &n_left, cancellable, error))
    return FALSE;
  for (guint i = 0; i < DROP_TRIES; i++)
    {
      g_clear_error (&local);
      if (drop (psql, has_force && i % 2 == 0 ? DROP_WITH_ALL : DROP_UNUSED, name, oid, cancellable,
                &local))
        return TRUE;
      if (!g_error_matches (local, PGM_ERROR, PGM_ERROR_DENIED) &&
          !g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE))
        break;
      g_usleep (DROP_RETRY_US);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Drops @name unless somebody is on it: PGM_ERROR_IN_USE.
 *
 * @oid: as above */
gboolean
pgm_database_drop_unused_sync (
    PgmPsql *psql, const char *name, guint32 oid, GCancellable *cancellable, GError **error)
{
  return drop (psql, DROP_UNUSED, name, oid, cancellable, error);
}

/* Gives a database, and the comment that it had, back to the name that users know.
 *
 * @old_name: (nullable): NULL when it has its name already
 * @comment: (nullable) */
gboolean
pgm_database_give_back_sync (PgmPsql *psql,
                             const char *old_name,
                             const char *name,
                             const char *comment,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  const char *present = old_name != NULL ? old_name : name;

  pgm_script_add (script, "BEGIN");
  pgm_script_add (script, "SET LOCAL lock_timeout = '5s'");
  pgm_script_add (script, "SET LOCAL statement_timeout = '15s'");
  if (comment != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", present, comment);
  else
    pgm_script_add (script, "COMMENT ON DATABASE %I IS NULL", present);
  if (old_name != NULL)
    pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", old_name, name);
  pgm_script_add (script, "COMMIT");
  return pgm_psql_run_sync (psql, NULL, script, NULL, cancellable, error);
}

typedef struct
{
  PgmConn *maintenance;
  const PgmSwap *swap;
  GCancellable *cancellable;
  guint n_left;     /* sessions on the old database that the role may not end */
  guint n_visitors; /* those on the new one, which may leave by themselves */
} Clearing;

/* A failure shows by itself: the rename finds the database in use. Also the new database has
 * visitors: programs that watch over all databases of a server. */
static void
end_sessions_cb (gpointer user_data)
{
  Clearing *clearing = user_data;
  const PgmSwap *swap = clearing->swap;

  pgm_database_end_sessions_sync (clearing->maintenance, swap->staging, &clearing->n_visitors,
                                  clearing->cancellable, NULL);
  if (swap->old_name != NULL)
    pgm_database_end_sessions_sync (clearing->maintenance, swap->name, &clearing->n_left,
                                    clearing->cancellable, NULL);
}

/* @ret_guard_line: (out): of the line that fails where the old database is another one by now */
static PgmScript *
swap_script (const PgmSwap *swap, guint *ret_guard_line)
{
  PgmScript *script = pgm_script_new ();

  pgm_script_add (script, "BEGIN");
  pgm_script_add (script, "SET LOCAL lock_timeout = '5s'");
  pgm_script_add (script, "SET LOCAL statement_timeout = '15s'");
  pgm_script_add (script, "SET LOCAL idle_in_transaction_session_timeout = '15s'");
  if (swap->comment != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", swap->staging, swap->comment);
  else
    pgm_script_add (script, "COMMENT ON DATABASE %I IS NULL", swap->staging);
  if (swap->old_name != NULL && swap->marker != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", swap->name, swap->marker);
  if (swap->old_name != NULL)
    {
      pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", swap->name, swap->old_name);
      add_guard (script, swap->old_name, swap->old_oid);
      *ret_guard_line = pgm_script_get_n_lines (script);
    }
  pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", swap->staging, swap->name);
  if (swap->is_closed)
    pgm_script_add (script, "ALTER DATABASE %I ALLOW_CONNECTIONS false", swap->name);
  pgm_script_add (script, "COMMIT");
  return script;
}

static void
set_in_use_error (GError **error, const Clearing *clearing)
{
  const PgmSwap *swap = clearing->swap;
  guint n_left = clearing->n_left > 0 ? clearing->n_left : clearing->n_visitors;
  g_autofree char *name = pgm_text_escape (n_left > clearing->n_left ? swap->staging : swap->name);

  if (n_left > 0)
    g_set_error (error, PGM_ERROR, PGM_ERROR_IN_USE,
                 ngettext ("database \"%s\" is in use by %u session that this role may not end; "
                           "membership in pg_signal_backend allows it, except for a superuser's",
                           "database \"%s\" is in use by %u sessions that this role may not end; "
                           "membership in pg_signal_backend allows it, except for a superuser's",
                           n_left),
                 name, n_left);
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_IN_USE, _("database \"%s\" stays in use"), name);
}

/* Gives the staging database the name that users know. When it fails the caller has to look
 * whose name it is now (by oid): the transaction may have been committed without an answer. */
gboolean
pgm_database_swap_sync (PgmPsql *psql,
                        PgmConn *maintenance,
                        const PgmSwap *swap,
                        GCancellable *cancellable,
                        GError **error)
{
  guint guard_line = 0;
  g_autoptr(PgmScript) script = swap_script (swap, &guard_line);
  g_autoptr(GError) local = NULL;
  gboolean has_changed = FALSE;
  Clearing clearing = { maintenance, swap, cancellable, 0, 0 };
  gboolean is_done = FALSE;
  gboolean may_retry = TRUE;

  pgm_psql_set_tick (psql, end_sessions_cb, &clearing);
  end_sessions_cb (&clearing);
  for (guint i = 0; i < SWAP_TRIES && !is_done && may_retry; i++)
    {
      g_auto(PgmScriptResult) result = { 0 };

      g_clear_error (&local);
      is_done = pgm_psql_run_sync (psql, NULL, script, &result, cancellable, &local);
      has_changed = !is_done && guard_line != 0 && result.failed_line == guard_line;
      may_retry =
          !is_done && clearing.n_left == 0 && g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE);
    }
  pgm_psql_set_tick (psql, NULL, NULL);
  if (is_done)
    return TRUE;
  if (has_changed)
    set_changed_error (error, swap->name);
  else if (g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE))
    set_in_use_error (error, &clearing);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
