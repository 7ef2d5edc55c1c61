/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Schemas, extensions, types, and the functions and operators that work on types. */

#include "pgm-catalog-inventory-private.h"

#include <glib/gi18n-lib.h>

/* SQL is laid out by hand. */
/* clang-format off */

#define KIND_OF_ROUTINE \
  " {11:p.prokind;CASE WHEN p.proisagg THEN 'a' WHEN p.proiswindow THEN 'w' ELSE 'f' END}"

#define ROUTINES(kinds) \
  " SELECT 'pg_proc'::regclass, p.oid, " PGM_SQL_NOTHING "," \
  "   format('%I.%I(%s)', n.nspname, p.proname, " PGM_SQL_ARGUMENTS ("p") ")," \
  "   concat_ws('|', l.lanname, " KIND_OF_ROUTINE ", p.prosecdef, p.proleakproof, p.proisstrict," \
  "     p.proretset, p.provolatile, p.proparallel, p.procost::numeric, p.prorows::numeric, p.proconfig," \
  "     {12:nullif(p.prosupport, 0)}, pg_get_function_result(p.oid), p.probin, p.prosrc)," \
  "   concat_ws('|', pg_get_function_arguments(p.oid), {14:pg_get_function_sqlbody(p.oid)})" \
  " FROM pg_proc p" \
  " JOIN n ON n.oid = p.pronamespace" \
  " JOIN pg_language l ON l.oid = p.prolang" \
  " WHERE " KIND_OF_ROUTINE " IN (" kinds ")" \
  "   AND " PGM_SQL_NOT_MEMBER ("pg_proc", "p")

#define LABELS_OF_TYPE \
  " (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder)" \
  "   FROM pg_enum e" \
  "   WHERE e.enumtypid = t.oid)"

#define COLUMNS_OF_TYPE \
  " (SELECT string_agg(concat(a.attname, ' ', format_type(a.atttypid, a.atttypmod), ' '," \
  "       " PGM_SQL_COLLATION ("a.attcollation", "y.typcollation") "), ',' ORDER BY a.attnum)" \
  "   FROM pg_attribute a" \
  "   JOIN pg_type y ON y.oid = a.atttypid" \
  "   WHERE a.attrelid = t.typrelid" \
  "     AND a.attnum > 0" \
  "     AND NOT a.attisdropped)"

const PgmInventoryQuery pgm_inventory_types[] = {
  {
    N_("schema"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_namespace'::regclass, n.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(n.nspname),"
    "   '',"
    "   NULL"
    " FROM n"
    " WHERE n.nspname <> 'public'"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_namespace", "n")
  },

  {
    N_("schema"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_WITH_ALL,
    " SELECT 'pg_namespace'::regclass, n.oid, " PGM_SQL_NOTHING ","
    "   'public',"
    "   '',"
    "   NULL"
    " FROM n"
    " WHERE n.nspname = 'public'"
  },

  {
    N_("extension"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_extension'::regclass, e.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(e.extname),"
    "   e.extnamespace::regnamespace::text,"
    "   e.extversion"
    " FROM pg_extension e"
    " WHERE e.extname <> 'plpgsql'"
  },

  {
    N_("type"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_type'::regclass, t.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("t", "typname") ","
    "   concat_ws('|', t.typtype, t.typisdefined,"
    "     " LABELS_OF_TYPE ","
    "     " COLUMNS_OF_TYPE ","
    "     r.rngsubtype::regtype, " PGM_SQL_COLLATION ("r.rngcollation", "y.typcollation") ", r.rngcanonical,"
    "     r.rngsubdiff, (SELECT o.opcname FROM pg_opclass o WHERE o.oid = r.rngsubopc),"
    "     CASE WHEN t.typtype = 'b'"
    "       THEN concat_ws('|', t.typlen, t.typbyval, t.typcategory, t.typispreferred, t.typdelim,"
    "         t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout,"
    "         t.typalign, t.typstorage, nullif(t.typelem, 0)::regtype) END),"
    "   {14:r.rngmultitypid::regtype::text}"
    " FROM pg_type t"
    " JOIN n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_range r ON r.rngtypid = t.oid"
    " LEFT JOIN pg_type y ON y.oid = r.rngsubtype"
    " WHERE (t.typtype IN ('e', 'r')"
    "     OR (t.typtype = 'p' AND NOT t.typisdefined)"
    "     OR (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))"
    "     OR t.oid IN (SELECT c.reltype FROM rel c WHERE c.relkind = 'c'))"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_type", "t")
  },

  {
    N_("domain"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_type'::regclass, t.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("t", "typname") ","
    "   concat_ws('|', format_type(t.typbasetype, t.typtypmod), t.typnotnull,"
    "     " PGM_SQL_COLLATION ("t.typcollation", "y.typcollation") ", t.typdefault IS NOT NULL),"
    "   coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)"
    " FROM pg_type t"
    " JOIN n ON n.oid = t.typnamespace"
    " JOIN pg_type y ON y.oid = t.typbasetype"
    " WHERE t.typtype = 'd'"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_type", "t")
  },

  {
    N_("constraint"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_OWNER,
    " SELECT 'pg_constraint'::regclass, o.oid, 'pg_type'::regclass, t.oid,"
    "   " PGM_SQL_NAMED ("t", "typname") " || '.' || quote_ident(o.conname),"
    "   o.convalidated::text,"
    "   pg_get_constraintdef(o.oid)"
    " FROM pg_constraint o"
    " JOIN pg_type t ON t.oid = o.contypid"
    " JOIN n ON n.oid = t.typnamespace"
    " WHERE o.contype = 'c'"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_type", "t")
  },

  {
    N_("function"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    ROUTINES ("'f', 'w'")
  },

  {
    N_("procedure"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    ROUTINES ("'p'")
  },

  {
    N_("aggregate"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_proc'::regclass, p.oid, " PGM_SQL_NOTHING ","
    "   p.oid::regprocedure::text,"
    "   concat_ws('|', p.proparallel, a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn,"
    "     a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn,"
    "     a.aggmfinalfn, a.aggfinalextra,"
    "     {11:a.aggfinalmodify;CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END},"
    "     nullif(a.aggsortop, 0)::regoperator, a.aggtranstype::regtype, a.aggtransspace,"
    "     nullif(a.aggmtranstype, 0)::regtype, a.aggmtransspace, a.aggmfinalextra,"
    "     {11:a.aggmfinalmodify;CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END},"
    "     quote_nullable(a.agginitval), quote_nullable(a.aggminitval), pg_get_function_result(p.oid)),"
    "   NULL"
    " FROM pg_aggregate a"
    " JOIN pg_proc p ON p.oid = a.aggfnoid"
    " JOIN n ON n.oid = p.pronamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_proc", "p")
  },

  {
    N_("operator"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_operator'::regclass, o.oid, " PGM_SQL_NOTHING ","
    "   o.oid::regoperator::text,"
    "   concat_ws('|', o.oprcode, o.oprresult::regtype, nullif(o.oprcom, 0)::regoperator,"
    "     nullif(o.oprnegate, 0)::regoperator, o.oprcanmerge, o.oprcanhash, o.oprrest, o.oprjoin),"
    "   NULL"
    " FROM pg_operator o"
    " JOIN n ON n.oid = o.oprnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_operator", "o")
  },

  {
    N_("operator class"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_opclass'::regclass, o.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("o", "opcname") " || ' ' || m.amname,"
    "   concat_ws('|', o.opcintype::regtype, o.opcdefault, nullif(o.opckeytype, 0)::regtype,"
    "     f.opfname),"
    "   NULL"
    " FROM pg_opclass o"
    " JOIN n ON n.oid = o.opcnamespace"
    " JOIN pg_am m ON m.oid = o.opcmethod"
    " JOIN pg_opfamily f ON f.oid = o.opcfamily"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_opclass", "o")
  },

  {
    N_("operator family"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_opfamily'::regclass, f.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("f", "opfname") " || ' ' || m.amname,"
    "   concat("
    "     (SELECT string_agg(concat(a.amopstrategy, a.amopopr::regoperator), ','"
    "         ORDER BY a.amopstrategy, a.amopopr::regoperator::text)"
    "       FROM pg_amop a"
    "       WHERE a.amopfamily = f.oid),"
    "     (SELECT string_agg(concat(a.amprocnum, a.amproc), ','"
    "         ORDER BY a.amprocnum, a.amproc::text)"
    "       FROM pg_amproc a"
    "       WHERE a.amprocfamily = f.oid)),"
    "   NULL"
    " FROM pg_opfamily f"
    " JOIN n ON n.oid = f.opfnamespace"
    " JOIN pg_am m ON m.oid = f.opfmethod"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_opfamily", "f")
  },

  {
    N_("cast"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_cast'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   concat(c.castsource::regtype, ' AS ', c.casttarget::regtype),"
    "   concat_ws('|', c.castcontext, c.castmethod, nullif(c.castfunc, 0)::regprocedure),"
    "   NULL"
    " FROM pg_cast c"
    " WHERE " PGM_SQL_OWN_OID ("c")
    "   AND " PGM_SQL_NOT_MEMBER ("pg_cast", "c")
  },

  { NULL }
};
/* clang-format on */
