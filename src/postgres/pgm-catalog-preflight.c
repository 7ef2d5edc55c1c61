/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the source's role may not read, who is in its way, and what only a superuser may make
 * again. Nothing here takes a lock on a table. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

/* To be called before the other functions here. Large statements over small catalogs: to compile
 * one takes longer than to run it, seconds with many tables. */
gboolean
pgm_catalog_set_up_preflight_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  return pgm_conn_get_version (conn) < 110000 ||
         pgm_conn_exec_sync (conn, "SET jit = off", cancellable, error);
}

static PgmRows *
query_filtered (PgmConn *conn,
                const PgmOptions *options,
                const char *sql,
                GCancellable *cancellable,
                GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (conn, options);
  g_autofree char *whole = g_strconcat (with, sql, NULL);

  return pgm_conn_query_sync (conn, whole, NULL, cancellable, error);
}

static const char denied_relations[] =
    "SELECT 'schema-denied', format('%I', n.nspname),"
    "       format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, current_user), NULL"
    "  FROM pg_namespace n WHERE NOT has_schema_privilege(n.oid, 'USAGE')"
    "   AND n.oid IN (SELECT relnamespace FROM rel"
    "                  WHERE relkind IN ('r', 'p') OR (relkind = 'S' AND has_data))"
    " UNION ALL "
    "SELECT 'table-denied', format('%I.%I', nspname, relname),"
    "       format('GRANT SELECT ON TABLE %I.%I TO %I', nspname, relname, current_user),"
    "       format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', nspname, current_user)"
    "  FROM rel WHERE relkind IN ('r', 'p') AND NOT has_table_privilege(oid, 'SELECT')"
    " UNION ALL "
    "SELECT 'sequence-denied', format('%I.%I', nspname, relname),"
    "       format('GRANT SELECT ON SEQUENCE %I.%I TO %I', nspname, relname, current_user),"
    "       format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', nspname, current_user)"
    "  FROM rel WHERE relkind = 'S' AND has_data AND NOT has_table_privilege(oid, 'SELECT')"
    " UNION ALL "
    "SELECT 'row-security', format('%I.%I', nspname, relname),"
    "       format('ALTER ROLE %I BYPASSRLS', current_user), NULL"
    "  FROM rel WHERE relkind = 'r' AND has_data AND row_security_active(oid)"
    " UNION ALL "
    "SELECT 'constraint-unenforced', format('%I.%I.%I', nspname, relname, o.conname),"
    "       format('ALTER TABLE %I.%I ENABLE TRIGGER ALL', nspname, relname), NULL"
    "  FROM rel JOIN pg_constraint o ON o.conrelid = rel.oid AND o.contype = 'f'"
    " WHERE has_data AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = o.oid"
    "                              AND g.tgrelid = rel.oid AND g.tgisinternal"
    "                              AND g.tgenabled = 'D')"
    " UNION ALL "
    "SELECT DISTINCT 'tablespace-ignored', format('%I', t.spcname), NULL, NULL"
    "  FROM rel JOIN pg_tablespace t ON t.oid = rel.reltablespace"
    " WHERE t.spcname <> 'pg_default'";

/* There is no has_largeobject_privilege() before 18. */
static const char denied_large_objects[] =
    " UNION ALL "
    "SELECT 'large-object-denied', m.oid::text,"
    "       format('GRANT SELECT ON LARGE OBJECT %s TO %I', m.oid, current_user),"
    "       format('SELECT format(''GRANT SELECT ON LARGE OBJECT %%s TO %I'', oid)"
    " FROM pg_largeobject_metadata \\gexec', current_user)"
    "  FROM pg_largeobject_metadata m"
    " WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    "   AND current_setting('lo_compat_privileges') = 'off'"
    "   AND NOT pg_has_role(m.lomowner, 'USAGE')"
    "   AND NOT EXISTS (SELECT 1 FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'"
    "         AND CASE WHEN a.grantee = 0 THEN true ELSE pg_has_role(a.grantee, 'USAGE') END)";

/* What the dump would need and the role may not read. */
PgmRows *
pgm_catalog_preflight_access_sync (PgmConn *source,
                                   const PgmOptions *options,
                                   GCancellable *cancellable,
                                   GError **error)
{
  gboolean has_large_objects =
      pgm_catalog_filter_takes_everything (options) && !options->schema_only;
  g_autofree char *sql = g_strconcat (
      denied_relations, has_large_objects ? denied_large_objects : "", " ORDER BY 1, 2", NULL);

  return query_filtered (source, options, sql, cancellable, error);
}

/* Who holds, or waits for, a lock on a table that pg_dump would have to wait for. */
PgmRows *
pgm_catalog_preflight_locks_sync (PgmConn *source,
                                  const PgmOptions *options,
                                  GCancellable *cancellable,
                                  GError **error)
{
  return query_filtered (
      source, options,
      "SELECT 'table-locked',"
      "       format(CASE WHEN l.pid IS NULL THEN '%1$I.%2$I'"
      "                   WHEN a.application_name <> '' THEN '%1$I.%2$I (%3$s, pid %4$s, %5$s)'"
      "                   ELSE '%1$I.%2$I (%3$s, pid %4$s)' END,"
      "              nspname, relname, a.usename, l.pid, a.application_name),"
      "       format('SELECT pg_terminate_backend(%s)', l.pid), NULL"
      "  FROM pg_locks l JOIN rel ON rel.oid = l.relation AND rel.relkind IN ('r', 'p')"
      "  LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
      " WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'"
      "   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      "   AND l.pid IS DISTINCT FROM pg_backend_pid() ORDER BY 2",
      cancellable, error);
}

/* Tables whose own owner does not see all their rows, for a target role that will be that. */
PgmRows *
pgm_catalog_preflight_forced_security_sync (PgmConn *source,
                                            const PgmOptions *options,
                                            const char *target_role,
                                            GCancellable *cancellable,
                                            GError **error)
{
  const char *params[] = { target_role, NULL };
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql =
      g_strconcat (with,
                   "SELECT 'row-security-forced', format('%I.%I', rel.nspname, rel.relname),"
                   "       format('ALTER ROLE %I BYPASSRLS', $1::text), NULL"
                   "  FROM rel JOIN pg_class c ON c.oid = rel.oid"
                   " WHERE rel.has_data AND c.relrowsecurity AND c.relforcerowsecurity ORDER BY 2",
                   NULL);

  return pgm_conn_query_sync (source, sql, params, cancellable, error);
}

/* Those of a schema that travels. */
static const char privileged_in_schemas[] =
    "SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
    "  LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid"
    " WHERE p.pronamespace IN (SELECT oid FROM ns)"
    "   AND (p.proleakproof OR (g.aggfnoid IS NULL AND NOT l.lanpltrusted)"
    "        OR g.aggtranstype = 'internal'::regtype)"
    " UNION ALL "
    "SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace IN (SELECT oid FROM ns)"
    " UNION ALL "
    "SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily"
    " WHERE opfnamespace IN (SELECT oid FROM ns)"
    " UNION ALL "
    "SELECT 'pg_ts_template'::regclass, oid FROM pg_ts_template"
    " WHERE tmplnamespace IN (SELECT oid FROM ns)"
    " UNION ALL "
    "SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser"
    " WHERE prsnamespace IN (SELECT oid FROM ns)"
    " UNION ALL "
    "SELECT 'pg_type'::regclass, t.oid FROM pg_type t"
    " WHERE t.typtype = 'b' AND t.typnamespace IN (SELECT oid FROM ns)"
    "   AND NOT EXISTS (SELECT 1 FROM pg_type b WHERE b.typarray = t.oid)";

/* SQL is laid out by hand. */
/* clang-format off */

/* A type of the server or of an extension. */
#define NOT_OWN(type) \
  "(" type " < 16384 OR EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass" \
  "   AND e.objid = " type " AND e.deptype = 'e'))"

/* Those of the whole database; 16384 is the first oid that is not the server's own. */
static const char privileged_globals[] =
  " UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper"
  " UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger"
  " UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast WHERE oid >= 16384"
  "   AND (castmethod = 'b' OR (" NOT_OWN ("castsource") " AND " NOT_OWN ("casttarget") "))"
  " UNION ALL SELECT 'pg_transform'::regclass, oid FROM pg_transform WHERE oid >= 16384"
  "   AND " NOT_OWN ("trftype")
  " UNION ALL SELECT 'pg_language'::regclass, oid FROM pg_language WHERE oid >= 16384"
  " UNION ALL SELECT 'pg_am'::regclass, oid FROM pg_am WHERE oid >= 16384";

/* Privileges on what belongs to the server or to an extension: who may not grant them loses them,
 * mostly without an error. */
#define CHANGED_GRANTS(catalog, acl, is_servers) \
  " SELECT '" catalog "'::regclass, o.oid, 0 FROM " catalog " o" \
  "   LEFT JOIN pg_init_privs i ON i.classoid = '" catalog "'::regclass AND i.objoid = o.oid" \
  "        AND i.objsubid = 0" \
  "  WHERE o." acl " IS DISTINCT FROM i.initprivs AND (" is_servers \
  "         OR EXISTS (SELECT FROM pg_depend e WHERE e.classid = '" catalog "'::regclass" \
  "                       AND e.objid = o.oid AND e.deptype = 'e'))"

#define IN_CATALOG(column) "o." column " = 'pg_catalog'::regnamespace"

static const char changed_grants[] =
  " UNION ALL SELECT 'needs-superuser', 'GRANT ON ' || i.type || ' ' || i.identity, NULL, NULL"
  " FROM (" CHANGED_GRANTS ("pg_proc", "proacl", IN_CATALOG ("pronamespace"))
  " UNION ALL" CHANGED_GRANTS ("pg_class", "relacl", IN_CATALOG ("relnamespace"))
  " UNION ALL" CHANGED_GRANTS ("pg_type", "typacl", IN_CATALOG ("typnamespace"))
  " UNION ALL" CHANGED_GRANTS ("pg_language", "lanacl", "o.oid < 16384")
  ") o(classid, objid, objsubid)"
  " CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, o.objsubid) i";
/* clang-format on */

/* Since 12. */
static const char supported_functions[] =
    " UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc"
    "  WHERE prosupport <> 0 AND pronamespace IN (SELECT oid FROM ns)";

static const char all_tables_publications[] =
    " UNION ALL SELECT 'pg_publication'::regclass, oid FROM pg_publication WHERE puballtables";
static const char schema_publications[] =
    " UNION ALL SELECT DISTINCT 'pg_publication'::regclass, pnpubid FROM pg_publication_namespace";

/* What a role that is no superuser cannot make again. The functions of a range type come with it
 * (deptype i). */
PgmRows *
pgm_catalog_preflight_privileged_sync (PgmConn *source,
                                       const PgmOptions *options,
                                       GCancellable *cancellable,
                                       GError **error)
{
  gboolean has_globals = pgm_catalog_filter_takes_everything (options);
  int version = pgm_conn_get_version (source);
  g_autofree char *sql = g_strconcat (
      "SELECT 'needs-superuser', i.type || ' ' || i.identity, NULL, NULL FROM (",
      privileged_in_schemas, version >= 120000 ? supported_functions : "",
      has_globals ? privileged_globals : "",
      has_globals && version >= 100000 ? all_tables_publications : "",
      has_globals && version >= 150000 ? schema_publications : "",
      ") o(classid, objid) CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i"
      " WHERE NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = o.classid"
      "                      AND e.objid = o.objid AND e.deptype IN ('e', 'i'))",
      has_globals && !options->no_acl && version >= 90600 ? changed_grants : "", " ORDER BY 2",
      NULL);

  return query_filtered (source, options, sql, cancellable, error);
}
