/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The roles that a dump names. What belongs to an extension comes with it and is nobody's; the
 * privileges on it come, where they were changed. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

/* SQL is laid out by hand. */
/* clang-format off */

#define NO_MEMBER(catalog, alias) \
  " NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '" catalog "'::regclass" \
  "   AND e.objid = " alias ".oid AND e.deptype = 'e')"

static const char policy_roles[] =
  "SELECT unnest(p.polroles) AS role, 'policies' AS use, 0::oid AS schema FROM pg_policy p"
  " JOIN rel ON rel.oid = p.polrelid";

#define OWNERS_IN_SCHEMAS(catalog, owner, namespace) \
  " UNION ALL SELECT o." owner ", 'owner', ns.oid FROM " catalog " o" \
  " JOIN ns ON ns.oid = o." namespace " WHERE" NO_MEMBER (catalog, "o")

static const char owners[] =
  " UNION ALL SELECT rel.relowner, 'owner', rel.relnamespace FROM rel WHERE"
  NO_MEMBER ("pg_class", "rel")
  " UNION ALL SELECT ns.nspowner, 'owner', 0 FROM ns WHERE" NO_MEMBER ("pg_namespace", "ns")
  OWNERS_IN_SCHEMAS ("pg_proc", "proowner", "pronamespace")
  OWNERS_IN_SCHEMAS ("pg_operator", "oprowner", "oprnamespace")
  OWNERS_IN_SCHEMAS ("pg_opclass", "opcowner", "opcnamespace")
  OWNERS_IN_SCHEMAS ("pg_opfamily", "opfowner", "opfnamespace")
  OWNERS_IN_SCHEMAS ("pg_collation", "collowner", "collnamespace")
  OWNERS_IN_SCHEMAS ("pg_conversion", "conowner", "connamespace")
  OWNERS_IN_SCHEMAS ("pg_ts_config", "cfgowner", "cfgnamespace")
  OWNERS_IN_SCHEMAS ("pg_ts_dict", "dictowner", "dictnamespace")
  " UNION ALL SELECT t.typowner, 'owner', ns.oid FROM pg_type t"
  " JOIN ns ON ns.oid = t.typnamespace WHERE t.typcategory <> 'A'"
  "   AND (t.typrelid = 0 OR t.typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c')) AND"
  NO_MEMBER ("pg_type", "t");

/* Since 10. */
static const char statistics_owners[] =
  " UNION ALL SELECT s.stxowner, 'owner', rel.relnamespace FROM pg_statistic_ext s"
  " JOIN rel ON rel.oid = s.stxrelid";

static const char global_owners[] =
  " UNION ALL SELECT s.srvowner, 'owner', 0 FROM pg_foreign_server s"
  " UNION ALL SELECT l.lomowner, 'owner', 0 FROM pg_largeobject_metadata l";

static const char publication_owners[] =
  " UNION ALL SELECT p.pubowner, 'owner', 0 FROM pg_publication p";

static const char grantees[] =
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM rel, aclexplode(rel.relacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM ns, aclexplode(ns.nspacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_attribute t"
  " JOIN rel ON rel.oid = t.attrelid, aclexplode(t.attacl) a WHERE t.attacl IS NOT NULL"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_proc p"
  " JOIN ns ON ns.oid = p.pronamespace, aclexplode(p.proacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_type t"
  " JOIN ns ON ns.oid = t.typnamespace, aclexplode(t.typacl) a WHERE t.typacl IS NOT NULL"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_default_acl d, aclexplode(d.defaclacl) a"
  " UNION ALL SELECT d.defaclrole, 'default privileges', 0 FROM pg_default_acl d";

static const char global_grantees[] =
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_foreign_server s, aclexplode(s.srvacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0"
  "   FROM pg_foreign_data_wrapper f, aclexplode(f.fdwacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0 FROM pg_language l, aclexplode(l.lanacl) a"
  " UNION ALL SELECT a.grantee, 'privileges', 0"
  "   FROM pg_largeobject_metadata l, aclexplode(l.lomacl) a";

#define ROLES \
  "), roles AS (SELECT r.rolname::text AS rolname, string_agg(DISTINCT n.use, ', ') AS uses" \
  "   FROM named n JOIN pg_roles r ON r.oid = n.role" \
  "  WHERE r.rolname !~ '^pg_' GROUP BY r.rolname)," \
  " owned AS (SELECT DISTINCT r.rolname::text AS rolname, s.nspname::text AS nspname," \
  "     CASE h.rolname WHEN 'pg_database_owner' THEN pg_get_userbyid(b.datdba)" \
  "       ELSE h.rolname END::text AS holder" \
  "   FROM named n JOIN pg_roles r ON r.oid = n.role JOIN pg_namespace s ON s.oid = n.schema" \
  "   JOIN pg_roles h ON h.oid = s.nspowner" \
  "   JOIN pg_database b ON b.datname = current_database()" \
  "  WHERE n.use = 'owner' AND r.oid <> s.nspowner AND NOT r.rolsuper)"
/* clang-format on */

/* Returns: (transfer full): ", roles AS (…), owned AS (…)" for behind what
 * pgm_catalog_filter_dup_with() returns: roles with what they are named in; owners in schemas of
 * others, and whose those schemas will be */
char *
pgm_catalog_preflight_dup_roles_with (PgmConn *source, const PgmOptions *options)
{
  gboolean has_globals = pgm_catalog_filter_takes_everything (options);
  gboolean is_10 = pgm_conn_get_version (source) >= 100000;
  GString *sql = g_string_new (", named AS (");

  g_string_append (sql, policy_roles);
  if (!options->no_owner)
    {
      g_string_append (sql, owners);
      g_string_append (sql, is_10 ? statistics_owners : "");
      g_string_append (sql, has_globals ? global_owners : "");
      g_string_append (sql, has_globals && is_10 ? publication_owners : "");
    }
  if (!options->no_acl)
    {
      g_string_append (sql, grantees);
      g_string_append (sql, has_globals ? global_grantees : "");
    }
  g_string_append (sql, ROLES);
  return g_string_free (sql, FALSE);
}
