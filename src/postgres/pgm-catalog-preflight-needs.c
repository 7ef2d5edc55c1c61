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
}

static const char policy_roles[] =
    "SELECT unnest(p.polroles) AS role, 'policies' AS use FROM pg_policy p"
    "  JOIN rel ON rel.oid = p.polrelid";

static const char owners[] =
    " UNION ALL SELECT relowner, 'owner' FROM rel UNION ALL SELECT nspowner, 'owner' FROM ns"
    " UNION ALL SELECT p.proowner, 'owner' FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace"
    " UNION ALL SELECT t.typowner, 'owner' FROM pg_type t JOIN ns ON ns.oid = t.typnamespace";

static const char grantees[] =
    " UNION ALL SELECT a.grantee, 'privileges' FROM rel, aclexplode(rel.relacl) a"
    " UNION ALL SELECT a.grantee, 'privileges' FROM ns, aclexplode(ns.nspacl) a"
    " UNION ALL SELECT a.grantee, 'privileges'"
    "   FROM pg_attribute t JOIN rel ON rel.oid = t.attrelid, aclexplode(t.attacl) a"
    " UNION ALL SELECT a.grantee, 'privileges'"
    "   FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace, aclexplode(p.proacl) a"
    " UNION ALL SELECT a.grantee, 'privileges' FROM pg_default_acl d, aclexplode(d.defaclacl) a"
    " UNION ALL SELECT d.defaclrole, 'privileges' FROM pg_default_acl d";

static char *
dup_roles_with (const PgmOptions *options)
{
  return g_strconcat (", named AS (", policy_roles, options->no_owner ? "" : owners,
                      options->no_acl ? "" : grantees,
                      "), roles AS (SELECT r.rolname::text AS rolname,"
                      "   string_agg(DISTINCT n.use, ', ') AS uses"
                      "   FROM named n JOIN pg_roles r ON r.oid = n.role"
                      "  WHERE r.rolname !~ '^pg_' GROUP BY r.rolname)",
                      NULL);
}

/* Collations of the server that a column, an index or a domain names. */
static const char used_collations[] =
    ", used AS (SELECT DISTINCT k.collname::text AS collname FROM pg_depend d"
    "  JOIN pg_collation k ON d.refclassid = 'pg_collation'::regclass AND k.oid = d.refobjid"
    " WHERE k.collnamespace = 'pg_catalog'::regnamespace AND (d.classid <> 'pg_class'::regclass"
    "    OR d.objid IN (SELECT oid FROM rel) OR d.objid IN (SELECT i.indexrelid FROM pg_index i"
    "                                                     JOIN rel ON rel.oid = i.indrelid))) ";

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
  g_autofree char *roles = dup_roles_with (options);
  const char *extensions =
      pgm_catalog_filter_takes_everything (options) ? "extname <> 'plpgsql'" : "false";
  g_autofree char *sql = g_strconcat (
      with, roles, used_collations,
      "SELECT (SELECT array_agg(rolname ORDER BY rolname) FROM roles),"
      "       (SELECT array_agg(uses ORDER BY rolname) FROM roles),"
      "       (SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension WHERE ",
      extensions, "), (SELECT array_agg(extversion ORDER BY extname) FROM pg_extension WHERE ",
      extensions,
      "), (SELECT array_agg(collname) FROM used),"
      "   (SELECT array_agg(DISTINCT k.collcollate::text) FROM pg_collation k"
      "      JOIN ns ON ns.oid = k.collnamespace WHERE k.collprovider = 'c')",
      NULL);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (source, sql, NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_needs =
      (PgmNeeds){ g_strdup (pgm_rows_get (rows, 0, 0)), g_strdup (pgm_rows_get (rows, 0, 1)),
                  g_strdup (pgm_rows_get (rows, 0, 2)), g_strdup (pgm_rows_get (rows, 0, 3)),
                  g_strdup (pgm_rows_get (rows, 0, 4)), g_strdup (pgm_rows_get (rows, 0, 5)) };
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
  static const char none[] = "{}";
  const char *params[] = { needs->roles != NULL ? needs->roles : none,
                           needs->role_uses != NULL ? needs->role_uses : none,
                           needs->extensions != NULL ? needs->extensions : none,
                           needs->extension_versions != NULL ? needs->extension_versions : none,
                           needs->collations != NULL ? needs->collations : none,
                           encoding,
                           is_merge ? "t" : "f",
                           NULL };
  g_autofree char *sql = g_strconcat (
      "WITH available AS (SELECT name::text AS name, default_version"
      "                     FROM pg_available_extensions),"
      " wanted AS (SELECT n.name, n.version FROM unnest($3::text[], $4::text[]) n(name, version)"
      "  WHERE NOT ($7::bool AND EXISTS (SELECT 1 FROM pg_extension x WHERE x.extname = n.name))) ",
      missing_objects, denied_extensions,
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
