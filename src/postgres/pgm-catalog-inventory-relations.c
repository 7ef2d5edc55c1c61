/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Relations and what belongs to them. Numbers of columns, oids and everything else that a
 * restored object has of its own are no part of a definition. */

#include "pgm-catalog-inventory-private.h"

#include <glib/gi18n-lib.h>

/* SQL is laid out by hand. */
/* clang-format off */

#define OF_TABLE "'pg_class'::regclass, t.oid"

#define PARENTS \
  " (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno)" \
  "   FROM pg_inherits i" \
  "   WHERE i.inhrelid = c.oid)"

/* That of the partitioned table. */
#define PARENT_TRIGGER \
  " {13:g.tgparentid;(SELECT d.refobjid" \
  "   FROM pg_depend d" \
  "   WHERE d.classid = 'pg_trigger'::regclass" \
  "     AND d.objid = g.oid" \
  "     AND d.refclassid = 'pg_trigger'::regclass)}"

const PgmInventoryQuery pgm_inventory_relations[] = {
  {
    N_("table"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   c.title,"
    "   concat_ws('|', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,"
    "     c.relreplident, c.reloptions, concat('toast', o.reloptions), nullif(a.amname, 'heap'),"
    "     c.reloftype::regtype,"
    "     c.relispartition, " PARENTS "),"
    "   CASE WHEN c.relkind = 'p' OR c.relispartition"
    "     THEN concat(pg_get_partkeydef(c.oid), ' ', pg_get_expr(c.relpartbound, c.oid)) END"
    " FROM rel c"
    " LEFT JOIN pg_am a ON a.oid = c.relam"
    " LEFT JOIN pg_class o ON o.oid = c.reltoastrelid"
    " WHERE c.relkind IN ('r', 'p')"
  },

  {
    N_("column"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_OWNER,
    " SELECT 0::oid, 0::oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(a.attname),"
    "   concat_ws('|', format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    "     CASE WHEN t.relispartition THEN '' ELSE a.attidentity::text END,"
    "     {12:a.attgenerated;''}, a.atthasdef,"
    "     CASE WHEN t.relkind NOT IN ('v', 'm')"
    "       THEN " PGM_SQL_COLLATION ("a.attcollation", "y.typcollation") " END,"
    "     " PGM_SQL_OPTIONS ("a.attfdwoptions") ","
    "     a.attislocal OR t.relispartition,"
    "     CASE WHEN t.relkind IN ('r', 'p', 'm')"
    "       THEN concat(a.attstorage, {14:a.attcompression}, coalesce(a.attstattarget, -1),"
    "         CASE WHEN a.attoptions::text LIKE '%n_distinct%'"
    "           THEN (SELECT string_agg(v, ',' ORDER BY v)"
    "             FROM unnest(a.attoptions) v"
    "             WHERE v LIKE 'n_distinct%') END) END),"
    "   concat_ws('|', pg_get_expr(d.adbin, d.adrelid), a.attidentity,"
    "     {13:nullif(a.attcollation, 0)::regcollation},"
    "     {18:concat_ws(' ', o.conname, o.convalidated, o.connoinherit)})"
    " FROM rel t"
    " JOIN pg_attribute a ON a.attrelid = t.oid"
    " JOIN pg_type y ON y.oid = a.atttypid"
    " LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum AND a.atthasdef"
    " {18:LEFT JOIN pg_constraint o"
    "   ON o.conrelid = t.oid AND o.contype = 'n' AND o.conkey[1] = a.attnum;}"
    " WHERE t.relkind IN ('r', 'p', 'f', 'v', 'm')"
    "   AND a.attnum > 0"
    "   AND NOT a.attisdropped"
  },

  {
    N_("index"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " OF_TABLE ","
    "   c.title,"
    "   concat_ws('|', c.relkind, x.indisunique, x.indisclustered, x.indisreplident, x.indisvalid,"
    "     coalesce({15:x.indnullsnotdistinct}, false), " PARENTS ","
    "     (SELECT string_agg(concat(a.attnum, ':', a.attstattarget), ',' ORDER BY a.attnum)"
    "       FROM pg_attribute a"
    "       WHERE a.attrelid = c.oid"
    "         AND a.attstattarget >= 0)),"
    "   pg_get_indexdef(c.oid)"
    " FROM rel c"
    " JOIN pg_index x ON x.indexrelid = c.oid"
    " JOIN rel t ON t.oid = x.indrelid"
    " WHERE (x.indisvalid OR t.relkind = 'p')"
    "   AND NOT EXISTS (SELECT FROM pg_constraint o"
    "     WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x'))"
  },

  {
    N_("invalid index"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_NOTHING,
    " SELECT 'pg_class'::regclass, c.oid, " OF_TABLE ","
    "   c.title,"
    "   '',"
    "   NULL"
    " FROM rel c"
    " JOIN pg_index x ON x.indexrelid = c.oid"
    " JOIN rel t ON t.oid = x.indrelid"
    " WHERE NOT x.indisvalid"
    "   AND t.relkind <> 'p'"
    "   AND NOT EXISTS (SELECT FROM pg_constraint o"
    "     WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x'))"
  },

  {
    N_("constraint"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_constraint'::regclass, o.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(o.conname),"
    "   concat_ws('|', o.contype, o.condeferrable, o.condeferred, o.convalidated, x.indisvalid,"
    "     x.indisclustered, x.indisreplident, i.reloptions),"
    "   pg_get_constraintdef(o.oid)"
    " FROM rel t"
    " JOIN pg_constraint o ON o.conrelid = t.oid"
    " LEFT JOIN pg_index x ON x.indexrelid = o.conindid AND o.contype IN ('p', 'u', 'x')"
    " LEFT JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE o.contype IN ('p', 'u', 'x')"
    "   OR (o.contype = 'f' AND {11:o.conparentid;0} = 0)"
  },

  {
    N_("constraint"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_OWNER,
    " SELECT 'pg_constraint'::regclass, o.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(o.conname),"
    "   concat_ws('|', o.convalidated, o.connoinherit, o.conislocal OR t.relispartition),"
    "   pg_get_constraintdef(o.oid)"
    " FROM rel t"
    " JOIN pg_constraint o ON o.conrelid = t.oid"
    " WHERE o.contype = 'c'"
  },

  {
    /* ALTER TABLE … DISABLE TRIGGER ALL */
    N_("unenforced constraint"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_NOTHING,
    " SELECT 'pg_constraint'::regclass, o.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(o.conname),"
    "   '',"
    "   NULL"
    " FROM rel t"
    " JOIN pg_constraint o ON o.conrelid = t.oid"
    " WHERE o.contype IN ('f', 'p', 'u', 'x')"
    "   AND EXISTS (SELECT FROM pg_trigger g"
    "     WHERE g.tgconstraint = o.oid AND g.tgisinternal AND g.tgenabled <> 'O')"
  },

  {
    N_("view"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   c.title,"
    "   concat(c.reloptions),"
    "   pg_get_viewdef(c.oid)"
    " FROM rel c"
    " WHERE c.relkind = 'v'"
  },

  {
    N_("materialized view"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   c.title,"
    "   concat_ws('|', c.reloptions, concat('toast', o.reloptions), nullif(a.amname, 'heap')),"
    "   pg_get_viewdef(c.oid)"
    " FROM rel c"
    " LEFT JOIN pg_am a ON a.oid = c.relam"
    " LEFT JOIN pg_class o ON o.oid = c.reltoastrelid"
    " WHERE c.relkind = 'm'"
  },

  {
    N_("content of materialized view"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_AS_CONTENT,
    " SELECT 'pg_class'::regclass, c.oid, 'pg_class'::regclass, c.oid,"
    "   c.title,"
    "   '',"
    "   NULL"
    " FROM rel c"
    " WHERE c.relkind = 'm'"
    "   AND c.relispopulated"
  },

  {
    N_("foreign table"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   c.title,"
    "   concat_ws('|', s.srvname, " PGM_SQL_OPTIONS ("f.ftoptions") ", " PARENTS "),"
    "   NULL"
    " FROM rel c"
    " JOIN pg_foreign_table f ON f.ftrelid = c.oid"
    " JOIN pg_foreign_server s ON s.oid = f.ftserver"
  },

  {
    N_("sequence"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   c.title,"
    "   concat_ws('|', c.relpersistence, s.seqtypid::regtype, s.seqstart, s.seqincrement,"
    "     s.seqmax, s.seqmin, s.seqcache, s.seqcycle, d.deptype, d.refobjid::regclass, a.attname),"
    "   NULL"
    " FROM rel c"
    " JOIN pg_sequence s ON s.seqrelid = c.oid"
    " LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass"
    "   AND d.objid = c.oid"
    "   AND d.refclassid = 'pg_class'::regclass"
    "   AND d.deptype IN ('a', 'i')"
    " LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
  },

  {
    N_("trigger"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_trigger'::regclass, g.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(g.tgname),"
    "   g.tgenabled::text,"
    "   pg_get_triggerdef(g.oid)"
    " FROM rel t"
    " JOIN pg_trigger g ON g.tgrelid = t.oid"
    " LEFT JOIN pg_trigger p ON p.oid = " PARENT_TRIGGER
    " WHERE (NOT g.tgisinternal AND p.oid IS NULL)"
    "   OR g.tgenabled <> p.tgenabled"
  },

  {
    N_("rule"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_rewrite'::regclass, r.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(r.rulename),"
    "   r.ev_enabled::text,"
    "   pg_get_ruledef(r.oid)"
    " FROM rel t"
    " JOIN pg_rewrite r ON r.ev_class = t.oid"
    " WHERE r.rulename <> '_RETURN'"
  },

  {
    N_("policy"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_policy'::regclass, p.oid, " OF_TABLE ","
    "   t.title || '.' || quote_ident(p.polname),"
    "   concat_ws('|', p.polcmd, p.polpermissive,"
    "     (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END, ','"
    "         ORDER BY r <> 0, pg_get_userbyid(r))"
    "       FROM unnest(p.polroles) r)),"
    "   concat_ws('|', pg_get_expr(p.polqual, t.oid), '', pg_get_expr(p.polwithcheck, t.oid))"
    " FROM rel t"
    " JOIN pg_policy p ON p.polrelid = t.oid"
  },

  {
    N_("statistics object"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_statistic_ext'::regclass, s.oid, " OF_TABLE ","
    "   format('%I.%I', n.nspname, s.stxname),"
    "   coalesce({13:s.stxstattarget}, -1)::text,"
    "   pg_get_statisticsobjdef(s.oid)"
    " FROM rel t"
    " JOIN pg_statistic_ext s ON s.stxrelid = t.oid"
    " JOIN n ON n.oid = s.stxnamespace"
  },

  { NULL }
};
/* clang-format on */
