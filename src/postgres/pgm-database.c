/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Databases are looked for, created, renamed and dropped by psql; what is only asked goes through
 * libpq. */

#include "pgm-database-private.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DROP_TRIES 3
#define DROP_RETRY_US (300 * G_TIME_SPAN_MILLISECOND)
/* How long others are waited for; a run that was cancelled is over within 5 s. */
#define OTHERS_LEAVE_US (6 * G_TIME_SPAN_SECOND)
#define OTHERS_LEAVE_SOON_US (2500 * G_TIME_SPAN_MILLISECOND)
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

void
pgm_database_set_changed_error (GError **error, const char *name)
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
    pgm_database_set_changed_error (error, name);
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
void
pgm_database_add_guard (PgmScript *script, const char *name, guint32 oid)
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
    pgm_database_add_guard (script, name, oid);
  pgm_script_add (script, "SET statement_timeout = '5min'");
  pgm_script_add (script, statement, name);
  if (pgm_psql_run_sync (psql, NULL, script, &result, cancellable, &local))
    return TRUE;
  if (oid != 0 && result.failed_line == 1)
    pgm_database_set_changed_error (error, name);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
pgm_database_set_in_use_error (GError **error, const char *database, guint n_left)
{
  g_autofree char *name = pgm_text_escape (database);

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

/* Whether those whom the role may not end have left database @name, after a while.
 *
 * @maintenance: (nullable)
 * @hurry: (nullable): cancelled when the while is to be short
 * @ret_n_left: (out): how many have not */
static gboolean
others_leave (PgmConn *maintenance,
              const char *name,
              guint *ret_n_left,
              GCancellable *hurry,
              GCancellable *cancellable)
{
  gint64 since_us = g_get_monotonic_time ();
  gint64 limit_us = 0;

  do
    {
      g_usleep (DROP_RETRY_US);
      if (maintenance == NULL ||
          !pgm_database_end_sessions_sync (maintenance, name, ret_n_left, cancellable, NULL))
        return TRUE; /* not known: DROP tells */
      limit_us = g_cancellable_is_cancelled (hurry) ? OTHERS_LEAVE_SOON_US : OTHERS_LEAVE_US;
    }
  while (*ret_n_left > 0 && g_get_monotonic_time () - since_us < limit_us);
  return *ret_n_left == 0;
}

/* Drops @name with whoever is on it. That there is none is not an error. FORCE is refused because
 * of a superuser's session, and a worker of autovacuum is one, maybe for hours; without it the
 * server itself tells such workers to go, and gives everybody else 5 s to leave. It is not asked
 * while a session is there that the role may not end.
 *
 * @oid: of the database that is meant, another one of that name is left alone; 0: whichever it is
 * @maintenance: (nullable): to look at such sessions, and for servers before 13, which know no
 * FORCE
 * @hurry: (nullable): cancelled when they are not to be waited for as long as usual */
gboolean
pgm_database_drop_sync (PgmPsql *psql,
                        PgmConn *maintenance,
                        const char *name,
                        guint32 oid,
                        GCancellable *hurry,
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
      if (!others_leave (maintenance, name, &n_left, hurry, cancellable))
        {
          pgm_database_set_in_use_error (error, name, n_left);
          return FALSE;
        }
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
