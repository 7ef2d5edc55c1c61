/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the source's content needs is read there in one query, and what of it is missing is asked
 * of the target in another. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

void
pgm_needs_clear (PgmNeeds *self)
{
  g_clear_pointer (&self->roles, g_free);
  g_clear_pointer (&self->role_uses, g_free);
  g_clear_pointer (&self->extensions, g_free);
  g_clear_pointer (&self->extension_versions, g_free);
  g_clear_pointer (&self->collations, g_free);
  g_clear_pointer (&self->locales, g_free);
  g_clear_pointer (&self->settings, g_free);
  g_clear_pointer (&self->setting_uses, g_free);
  g_clear_pointer (&self->owners, g_free);
  g_clear_pointer (&self->owner_schemas, g_free);
  g_clear_pointer (&self->owner_holders, g_free);
}

/* Collations of the server that a column, an index or a domain names. */
static const char used_collations[] =
    ", used AS (SELECT DISTINCT k.collname::text AS collname FROM pg_depend d"
    "  JOIN pg_collation k ON d.refclassid = 'pg_collation'::regclass AND k.oid = d.refobjid"
    " WHERE k.collnamespace = 'pg_catalog'::regnamespace AND (d.classid <> 'pg_class'::regclass"
    "    OR d.objid IN (SELECT oid FROM rel) OR d.objid IN (SELECT i.indexrelid FROM pg_index i"
    "                                                     JOIN rel ON rel.oid = i.indrelid))) ";

/* What functions set for themselves. The parameters of an extension are known once it is loaded,
 * which making it does. */
static const char function_settings[] =
    ", setting AS (SELECT split_part(u, '=', 1) AS name, 'function ' || p.oid::regprocedure AS use"
    "  FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace, unnest(p.proconfig) u"
    " WHERE split_part(split_part(u, '=', 1), '.', 1) NOT IN (SELECT extname FROM pg_extension)"
    "   AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass"
    "                      AND e.objid = p.oid AND e.deptype = 'e')) ";

/* Reads what has to be there already where the content comes to. With data_only that is all on
 * the target, or nothing comes at all. */
gboolean
pgm_catalog_read_needs_sync (PgmConn *source,
                             const PgmOptions *options,
                             PgmNeeds *ret_needs,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *roles = pgm_catalog_preflight_dup_roles_with (source, options);
  const char *extensions =
      pgm_catalog_filter_takes_everything (options) ? "extname <> 'plpgsql'" : "false";
  g_autofree char *sql = g_strconcat (
      with, roles, used_collations, function_settings,
      "SELECT (SELECT array_agg(rolname ORDER BY rolname) FROM roles),"
      "       (SELECT array_agg(uses ORDER BY rolname) FROM roles),"
      "       (SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension WHERE ",
      extensions, "), (SELECT array_agg(extversion ORDER BY extname) FROM pg_extension WHERE ",
      extensions,
      "), (SELECT array_agg(collname) FROM used),"
      "   (SELECT array_agg(DISTINCT k.collcollate::text) FROM pg_collation k"
      "      JOIN ns ON ns.oid = k.collnamespace WHERE k.collprovider = 'c'),"
      "   (SELECT array_agg(name ORDER BY name, use) FROM setting),"
      "   (SELECT array_agg(use ORDER BY name, use) FROM setting),"
      "   (SELECT array_agg(rolname ORDER BY rolname, nspname) FROM owned),"
      "   (SELECT array_agg(nspname ORDER BY rolname, nspname) FROM owned),"
      "   (SELECT array_agg(holder ORDER BY rolname, nspname) FROM owned)",
      NULL);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (source, sql, NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_needs =
      (PgmNeeds){ g_strdup (pgm_rows_get (rows, 0, 0)), g_strdup (pgm_rows_get (rows, 0, 1)),
                  g_strdup (pgm_rows_get (rows, 0, 2)), g_strdup (pgm_rows_get (rows, 0, 3)),
                  g_strdup (pgm_rows_get (rows, 0, 4)), g_strdup (pgm_rows_get (rows, 0, 5)),
                  g_strdup (pgm_rows_get (rows, 0, 6)), g_strdup (pgm_rows_get (rows, 0, 7)),
                  g_strdup (pgm_rows_get (rows, 0, 8)), g_strdup (pgm_rows_get (rows, 0, 9)),
                  g_strdup (pgm_rows_get (rows, 0, 10)) };
  return TRUE;
}

static const char missing_objects[] =
    "SELECT 'role-missing', format('%I (%s)', n.name, n.uses), format('CREATE ROLE %I', n.name),"
    "       NULL"
    "  FROM unnest($1::text[], $2::text[]) n(name, uses)"
    " WHERE NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = n.name)"
    " UNION ALL "
    "SELECT 'owner-denied', format('%I', n.name), format('GRANT %I TO %I', n.name, current_user),"
    "       NULL"
    "  FROM unnest($1::text[], $2::text[]) n(name, uses) JOIN pg_roles r ON r.rolname = n.name"
    " WHERE n.uses ~ 'owner' AND NOT pg_has_role(r.oid, 'MEMBER')"
    " UNION ALL "
    "SELECT 'needs-superuser', format('ALTER DEFAULT PRIVILEGES FOR ROLE %I', n.name), NULL, NULL"
    "  FROM unnest($1::text[], $2::text[]) n(name, uses) JOIN pg_roles r ON r.rolname = n.name"
    " WHERE n.uses ~ 'default' AND NOT pg_has_role(r.oid, 'MEMBER')"
    /* To own something takes CREATE on its schema, and GRANT comes later. */
    " UNION ALL "
    "SELECT 'owner-create-denied', format('%I (schema %I)', n.name, n.schema), NULL, NULL"
    "  FROM unnest($10::text[], $11::text[], $12::text[]) n(name, schema, holder)"
    "  JOIN pg_roles r ON r.rolname = n.name LEFT JOIN pg_roles h ON h.rolname = n.holder"
    "  LEFT JOIN pg_namespace s ON s.nspname = n.schema AND $7::bool"
    " WHERE NOT (r.rolsuper OR pg_has_role(r.oid, current_user, 'USAGE')"
    "            OR coalesce(pg_has_role(r.oid, h.oid, 'USAGE'), false)"
    "            OR coalesce(has_schema_privilege(r.oid, s.oid, 'CREATE'), false)"
    "            OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))"
    " UNION ALL "
    "SELECT 'default-tablespace-denied', format('%I', t.spcname),"
    "       format('GRANT CREATE ON TABLESPACE %I TO %I', t.spcname, current_user), NULL"
    "  FROM pg_tablespace t WHERE t.spcname = current_setting('default_tablespace')"
    "   AND NOT has_tablespace_privilege(t.oid, 'CREATE')"
    " UNION ALL "
    "SELECT 'collation-missing', format('%I', n.name), NULL, NULL FROM unnest($5::text[]) n(name)"
    " WHERE NOT EXISTS (SELECT 1 FROM pg_collation k WHERE k.collname = n.name"
    "                      AND k.collencoding IN (-1, pg_char_to_encoding($6)))"
    " UNION ALL "
    "SELECT 'extension-missing', format('%s %s', n.name, n.version), NULL, NULL"
    "  FROM wanted n WHERE NOT EXISTS (SELECT 1 FROM available a WHERE a.name = n.name)"
    " UNION ALL "
    "SELECT 'extension-version', format('%s %s (target: %s)', n.name, n.version,"
    "                                   a.default_version), NULL, NULL"
    "  FROM wanted n JOIN available a ON a.name = n.name AND a.default_version <> n.version";

static char *
dup_setting_denied (PgmConn *target)
{
  gboolean has_grants = pgm_conn_get_version (target) >= 150000;

  return g_strconcat (" UNION ALL "
                      "SELECT 'setting-denied', format('%s (%s)', c.name, c.use),",
                      has_grants
                          ? "format('GRANT SET ON PARAMETER %I TO %I', c.name, current_user), NULL"
                          : "NULL, NULL",
                      "  FROM unnest($8::text[], $9::text[]) c(name, use)"
                      "  LEFT JOIN pg_settings p ON lower(p.name) = lower(c.name)"
                      " WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
                      "   AND ",
                      pgm_catalog_preflight_get_setting_denied (target), NULL);
}

static const char *
or_none (const char *array)
{
  return array != NULL ? array : "{}";
}

/* For a role that is no superuser. */
static const char denied_extensions[] =
    " UNION ALL "
    "SELECT 'extension-denied', n.name, NULL, NULL FROM wanted n JOIN available a USING (name)"
    "  JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version"
    " WHERE v.superuser AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";

/* @target: on the database itself where it is merged into
 * @encoding: of the database that the content comes to */
PgmRows *
pgm_catalog_preflight_missing_sync (PgmConn *target,
                                    const PgmNeeds *needs,
                                    const char *encoding,
                                    gboolean is_merge,
                                    GCancellable *cancellable,
                                    GError **error)
{
  const char *params[] = { or_none (needs->roles),
                           or_none (needs->role_uses),
                           or_none (needs->extensions),
                           or_none (needs->extension_versions),
                           or_none (needs->collations),
                           encoding,
                           is_merge ? "t" : "f",
                           or_none (needs->settings),
                           or_none (needs->setting_uses),
                           or_none (needs->owners),
                           or_none (needs->owner_schemas),
                           or_none (needs->owner_holders),
                           NULL };
  g_autofree char *denied = dup_setting_denied (target);
  g_autofree char *sql = g_strconcat (
      "WITH available AS (SELECT name::text AS name, default_version"
      "                     FROM pg_available_extensions),"
      " wanted AS (SELECT n.name, n.version FROM unnest($3::text[], $4::text[]) n(name, version)"
      "  WHERE NOT ($7::bool AND EXISTS (SELECT 1 FROM pg_extension x WHERE x.extname = n.name))) ",
      missing_objects, denied, denied_extensions,
      pgm_conn_get_version (target) >= 130000 ? " AND NOT v.trusted" : "", " ORDER BY 1, 2", NULL);

  return pgm_conn_query_sync (target, sql, params, cancellable, error);
}

/* Locales are spelt in several ways: en_US.UTF-8 and en_US.utf8 are one. */
#define PLAIN(locale) "regexp_replace(lower(" locale "), '[^a-z0-9_.@]', '', 'g')"

/* Which of @locales no collation and no database of the server has. A server cannot be asked for
 * the locales of its system, and one may have been installed since it was set up.
 *
 * @locales: an array as SQL writes it for each element */
PgmRows *
pgm_catalog_preflight_locale_sync (PgmConn *target,
                                   const char *const *locales,
                                   GCancellable *cancellable,
                                   GError **error)
{
  return pgm_conn_query_sync (
      target,
      "SELECT DISTINCT 'locale-missing', n.name, NULL, NULL"
      "  FROM unnest($1::text[] || ARRAY[$2, $3]) n(name)"
      " WHERE n.name NOT IN ('C', 'POSIX', '') AND NOT EXISTS ("
      "  SELECT 1 FROM pg_collation k WHERE " PLAIN ("k.collcollate::text") " = " PLAIN (
          "n.name") " UNION ALL SELECT 1 FROM pg_database d"
                    "  WHERE " PLAIN ("n.name") " IN (" PLAIN ("d.datcollate::text") ", " PLAIN (
                        "d.datctype::text") ")) ORDER BY 2",
      locales, cancellable, error);
}
