/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Code on the source that roles without special rights wrote, and that would run with the rights
 * of a superuser who restores it. What a restore runs: the query of a materialized view, index
 * expressions and predicates, generated columns, the checks of tables and domains and the keys of
 * partitioned tables (at COPY), expressions of extended statistics (at ANALYZE), and event
 * triggers. What waits on the copy for a superuser who uses it: defaults, triggers, rules, and
 * functions with the rights of their owner. The bounds of partitions are constants. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

/* SQL is laid out by hand. */
/* clang-format off */

/* Functions of users, and what calls one, also through an operator, with the name of an owner that
 * is no superuser. 16384 is the first oid that is not the server's own. */
#define CALLS \
  ", fn AS (" \
  "   SELECT p.oid, CASE WHEN NOT r.rolsuper THEN r.rolname END AS role" \
  "   FROM pg_proc p" \
  "   JOIN pg_roles r ON r.oid = p.proowner" \
  "   WHERE p.oid >= 16384" \
  "     AND NOT EXISTS (SELECT FROM pg_depend e" \
  "       WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))," \
  " calls AS (" \
  "   SELECT d.classid, d.objid, min(fn.role) AS role" \
  "   FROM pg_depend d" \
  "   LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid" \
  "   JOIN fn ON fn.oid = CASE WHEN o.oid IS NULL THEN d.refobjid ELSE o.oprcode::oid END" \
  "   WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)" \
  "   GROUP BY 1, 2)"

/* A check may call whatever the server has, and such functions reach beyond the row. */
#define REACHES_OUT \
  "EXISTS (SELECT FROM regexp_matches(k.conbin::text, ':(?:op)?funcid ([0-9]+)', 'g') m" \
  "   JOIN pg_proc p ON p.oid = m[1]::oid" \
  "   WHERE p.provolatile = 'v' OR p.proacl IS NOT NULL)"

/* Code of the finding, the object, the object whose calls count, its owner, and whether it is
 * harmless without a call. */
static const char pieces[] =
  " SELECT 'foreign-code' AS code, 'pg_class'::regclass AS class, rel.oid,"
  "   'pg_rewrite'::regclass AS call_class, w.oid AS call_oid, rel.relowner AS owner,"
  "   false AS has_to_call"
  " FROM rel"
  " JOIN pg_rewrite w ON w.ev_class = rel.oid"
  " WHERE rel.relkind = 'm'"
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_class'::regclass, i.indexrelid,"
  "   'pg_class'::regclass, i.indexrelid, rel.relowner, true"
  " FROM pg_index i"
  " JOIN rel ON rel.oid = i.indrelid"
  " WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL"
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_constraint'::regclass, k.oid,"
  "   'pg_constraint'::regclass, k.oid, rel.relowner, NOT " REACHES_OUT
  " FROM pg_constraint k"
  " JOIN rel ON rel.oid = k.conrelid"
  " WHERE k.contype = 'c'"
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_constraint'::regclass, k.oid,"
  "   'pg_constraint'::regclass, k.oid, t.typowner, NOT " REACHES_OUT
  " FROM pg_constraint k"
  " JOIN pg_type t ON t.oid = k.contypid"
  " WHERE t.typnamespace IN (SELECT oid FROM ns)"
  " UNION ALL"
  " SELECT 'foreign-code-later', 'pg_trigger'::regclass, g.oid,"
  "   'pg_trigger'::regclass, g.oid, rel.relowner, true"
  " FROM pg_trigger g"
  " JOIN rel ON rel.oid = g.tgrelid"
  " WHERE NOT g.tgisinternal"
  " UNION ALL"
  " SELECT 'foreign-code-later', 'pg_rewrite'::regclass, w.oid,"
  "   'pg_rewrite'::regclass, w.oid, rel.relowner, false"
  " FROM pg_rewrite w"
  " JOIN rel ON rel.oid = w.ev_class"
  " WHERE w.rulename <> '_RETURN'"
  " UNION ALL"
  " SELECT 'foreign-code-later', 'pg_type'::regclass, t.oid,"
  "   'pg_type'::regclass, t.oid, t.typowner, true"
  " FROM pg_type t"
  " WHERE t.typdefaultbin IS NOT NULL AND t.typnamespace IN (SELECT oid FROM ns)"
  " UNION ALL"
  " SELECT 'foreign-code-later', 'pg_proc'::regclass, p.oid,"
  "   'pg_proc'::regclass, p.oid, p.proowner, false"
  " FROM pg_proc p"
  " JOIN fn ON fn.oid = p.oid"
  " WHERE p.prosecdef AND p.pronamespace IN (SELECT oid FROM ns)";

static const char defaults[] =
  " UNION ALL"
  " SELECT 'foreign-code-later', 'pg_attrdef'::regclass, f.oid,"
  "   'pg_attrdef'::regclass, f.oid, rel.relowner, true"
  " FROM pg_attrdef f"
  " JOIN rel ON rel.oid = f.adrelid";

/* 10 */
static const char partition_keys[] =
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_class'::regclass, rel.oid, 'pg_class'::regclass, rel.oid,"
  "   rel.relowner, true"
  " FROM pg_partitioned_table p"
  " JOIN rel ON rel.oid = p.partrelid"
  " WHERE p.partexprs IS NOT NULL";

/* 12: an expression there is a default, or that of a generated column. */
static const char defaults_or_generated[] =
  " UNION ALL"
  " SELECT CASE WHEN a.attgenerated = '' THEN 'foreign-code-later' ELSE 'foreign-code' END,"
  "   'pg_attrdef'::regclass, f.oid, 'pg_attrdef'::regclass, f.oid, rel.relowner, true"
  " FROM pg_attrdef f"
  " JOIN rel ON rel.oid = f.adrelid"
  " JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum";

/* 14 */
static const char statistics[] =
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_statistic_ext'::regclass, s.oid,"
  "   'pg_statistic_ext'::regclass, s.oid, s.stxowner, true"
  " FROM pg_statistic_ext s"
  " JOIN rel ON rel.oid = s.stxrelid"
  " WHERE s.stxexprs IS NOT NULL";

static const char event_triggers[] =
  " UNION ALL"
  " SELECT 'foreign-code', 'pg_event_trigger'::regclass, e.oid,"
  "   'pg_event_trigger'::regclass, e.oid, e.evtowner, true"
  " FROM pg_event_trigger e";

#define SELECT_FOREIGN \
  " SELECT o.code, format('%s %s (%s)', i.type, i.identity," \
  "     CASE WHEN r.rolsuper THEN c.role ELSE r.rolname END), NULL, NULL" \
  " FROM piece o" \
  " JOIN pg_roles r ON r.oid = o.owner" \
  " LEFT JOIN calls c ON c.classid = o.call_class AND c.objid = o.call_oid" \
  " CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) i" \
  " WHERE (c.objid IS NOT NULL OR NOT o.has_to_call)" \
  "   AND (NOT r.rolsuper OR c.role IS NOT NULL)" \
  " ORDER BY 1, 2"
/* clang-format on */

PgmRows *
pgm_catalog_preflight_foreign_code_sync (PgmConn *source,
                                         const PgmOptions *options,
                                         GCancellable *cancellable,
                                         GError **error)
{
  int version = pgm_conn_get_version (source);
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql = g_strconcat (
      with, CALLS ", piece AS (", pieces, version >= 120000 ? defaults_or_generated : defaults,
      version >= 100000 ? partition_keys : "", version >= 140000 ? statistics : "",
      pgm_catalog_filter_takes_everything (options) ? event_triggers : "", ")" SELECT_FOREIGN,
      NULL);

  return pgm_conn_query_sync (source, sql, NULL, cancellable, error);
}
