/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What a new database is told takes after the source's: whether the target's role may say so is
 * asked beforehand. */

#include "pgm-catalog-preflight.h"

static const char source_sql[] =
    "SELECT (SELECT array_agg(split_part(u, '=', 1)) FROM pg_db_role_setting s, "
    "unnest(s.setconfig) u"
    "         WHERE s.setdatabase = d.oid AND s.setrole = 0),"
    "       (SELECT array_agg(DISTINCT r.rolname::text) FROM aclexplode(d.datacl) a"
    "          JOIN pg_roles r ON r.oid = a.grantee)"
    "  FROM pg_database d WHERE d.datname = current_database()";

static const char roles_sql[] =
    " UNION ALL "
    "SELECT 'role-missing', format('%I (database)', n.name), format('CREATE ROLE %I', n.name), NULL"
    "  FROM unnest($2::text[]) n(name)"
    " WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = n.name)"
    " ORDER BY 1, 2";

static char *
dup_target_sql (PgmConn *target)
{
  gboolean has_grants = pgm_conn_get_version (target) >= 150000;

  return g_strconcat ("SELECT 'setting-denied', c.name,",
                      has_grants
                          ? "format('GRANT SET ON PARAMETER %I TO %I', c.name, current_user), NULL"
                          : "NULL, NULL",
                      " FROM unnest($1::text[]) c(name)"
                      "  LEFT JOIN pg_settings p ON lower(p.name) = lower(c.name)"
                      " CROSS JOIN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me"
                      " WHERE NOT me.rolsuper AND ",
                      pgm_catalog_preflight_get_setting_denied (target), roles_sql, NULL);
}

PgmRows *
pgm_catalog_preflight_heritage_sync (PgmConn *source,
                                     PgmConn *target,
                                     const PgmOptions *options,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr(PgmRows) told = pgm_conn_query_sync (source, source_sql, NULL, cancellable, error);
  g_autofree char *sql = NULL;
  const char *params[] = { NULL, NULL, NULL };

  if (told == NULL)
    return NULL;
  params[0] = pgm_rows_get (told, 0, 0) != NULL ? pgm_rows_get (told, 0, 0) : "{}";
  params[1] =
      options->no_acl || pgm_rows_get (told, 0, 1) == NULL ? "{}" : pgm_rows_get (told, 0, 1);
  sql = dup_target_sql (target);
  return pgm_conn_query_sync (target, sql, params, cancellable, error);
}

/* @ret_may: (out): whether the session's role may make a database belong to @owner, who may not be
 * there at all */
gboolean
pgm_catalog_may_give_to_sync (PgmConn *target,
                              const char *owner,
                              gboolean *ret_may,
                              GCancellable *cancellable,
                              GError **error)
{
  const char *params[] = { owner, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      target, "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = $1", params,
      cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_may = pgm_rows_get_n (rows) > 0 && pgm_rows_get_bool (rows, 0, 0);
  return TRUE;
}
