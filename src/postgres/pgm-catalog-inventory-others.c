/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Types, functions, and everything that is no relation. */

#include "pgm-catalog-inventory-private.h"

#include <glib/gi18n-lib.h>

#define NOTHING "0::oid, 0::oid"
/* Not as a join, which would be planned for the one row that the planner expects. */
#define NOT_MEMBER(catalog, alias) \
  " AND " alias ".oid NOT IN (SELECT m.oid FROM member m WHERE m.class = '" catalog "'::regclass)"

/* Objects without a schema that came with the server have oids below this one. */
#define OWN_OID(alias) alias ".oid >= 16384"

#define NAMED(alias, name) "format('%I.%I', n.nspname, " alias "." name ")"

#define ROUTINES(kinds)                                                                      \
  "SELECT 'pg_proc'::regclass, p.oid, " NOTHING ", format('%I.%I(%s)', n.nspname,"           \
  " p.proname, pg_get_function_identity_arguments(p.oid)),"                                  \
  " concat_ws('|', l.lanname, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict,"        \
  "   p.proretset, p.provolatile, p.proparallel, p.procost, p.prorows, p.proconfig,"         \
  "   nullif(p.prosupport, 0), pg_get_function_result(p.oid), p.probin, p.prosrc),"          \
  " concat_ws('|', pg_get_function_arguments(p.oid), {14:pg_get_function_sqlbody(p.oid)})"   \
  " FROM pg_proc p JOIN n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang" \
  " WHERE p.prokind IN (" kinds ")" NOT_MEMBER ("pg_proc", "p")

#define COLUMNS_OF_TYPE                                                                   \
  "(SELECT string_agg(concat(a.attname, ' ', format_type(a.atttypid, a.atttypmod), ' ',"  \
  " nullif(a.attcollation, 0)::regcollation), ',' ORDER BY a.attnum) FROM pg_attribute a" \
  " WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)"

/* clang-format off: one query reads like one */
const PgmInventoryQuery pgm_inventory_others[] = {
  { N_("schema"),
        PGM_INVENTORY_OBJECTS,
        PGM_CARRIED_BY_ITSELF,
        "SELECT 'pg_namespace'::regclass, n.oid, " NOTHING
        ", quote_ident(n.nspname), '', NULL FROM n"
        " WHERE n.nspname <> 'public'" NOT_MEMBER ("pg_namespace", "n") },
    { N_("extension"),
          PGM_INVENTORY_OBJECTS,
          PGM_CARRIED_BY_ITSELF,
          "SELECT 'pg_extension'::regclass, e.oid, " NOTHING ", quote_ident(e.extname),"
          " e.extnamespace::regnamespace::text, NULL FROM pg_extension e WHERE e.extname <> "
          "'plpgsql'" },
      { N_("type"),
            PGM_INVENTORY_OBJECTS,
            PGM_CARRIED_BY_ITSELF,
            "SELECT 'pg_type'::regclass, t.oid, " NOTHING ", " NAMED (
                "t", "typname") ","
                                " concat_ws('|', t.typtype, t.typisdefined,"
                                "   (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY "
                                "e.enumsortorder)"
                                "      FROM pg_enum e WHERE e.enumtypid = t.oid), " COLUMNS_OF_TYPE
                                ","
                                "   r.rngsubtype::regtype, nullif(r.rngcollation, "
                                "0)::regcollation, r.rngcanonical, r.rngsubdiff,"
                                "   CASE WHEN t.typtype = 'b' THEN concat_ws('|', t.typlen, "
                                "t.typbyval, t.typcategory,"
                                "     t.typispreferred, t.typdelim, t.typinput, t.typoutput, "
                                "t.typreceive, t.typsend, t.typmodin,"
                                "     t.typmodout, t.typalign, t.typstorage, nullif(t.typelem, "
                                "0)::regtype) END), NULL"
                                " FROM pg_type t JOIN n ON n.oid = t.typnamespace LEFT JOIN "
                                "pg_range r ON r.rngtypid = t.oid"
                                " WHERE (t.typtype IN ('e', 'r') OR (t.typtype = 'p' AND NOT "
                                "t.typisdefined)"
                                "   OR (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e "
                                "WHERE e.typarray = t.oid))"
                                "   OR t.oid IN (SELECT c.reltype FROM rel c WHERE c.relkind = "
                                "'c'))" NOT_MEMBER ("pg_type", "t") },
        { N_("domain"),
              PGM_INVENTORY_OBJECTS,
              PGM_CARRIED_BY_ITSELF,
              "SELECT 'pg_type'::regclass, t.oid, " NOTHING
              ", " NAMED ("t", "typname") ","
                                          " concat_ws('|', format_type(t.typbasetype, "
                                          "t.typtypmod), t.typnotnull,"
                                          "   nullif(t.typcollation, 0)::regcollation, "
                                          "t.typdefault IS NOT NULL),"
                                          " coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)"
                                          " FROM pg_type t JOIN n ON n.oid = t.typnamespace WHERE "
                                          "t.typtype = 'd'" NOT_MEMBER ("pg_type", "t") },
          { N_("constraint"),
                PGM_INVENTORY_OBJECTS,
                PGM_CARRIED_BY_OWNER,
                "SELECT 'pg_constraint'::regclass, o.oid, 'pg_type'::regclass, t.oid,"
                " " NAMED ("t",
                           "typname") " || '.' || quote_ident(o.conname), o.convalidated::text,"
                                      " pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN "
                                      "pg_type t ON t.oid = o.contypid"
                                      " JOIN n ON n.oid = t.typnamespace WHERE o.contype = "
                                      "'c'" NOT_MEMBER ("pg_type", "t") },
            { N_("function"),
                  PGM_INVENTORY_OBJECTS,
                  PGM_CARRIED_BY_ITSELF,
                  ROUTINES ("'f', 'w'") },
              { N_("procedure"), PGM_INVENTORY_OBJECTS, PGM_CARRIED_BY_ITSELF, ROUTINES ("'p'") },
                { N_("aggregate"),
                      PGM_INVENTORY_OBJECTS,
                      PGM_CARRIED_BY_ITSELF,
                      "SELECT 'pg_proc'::regclass, p.oid, " NOTHING ", p.oid::regprocedure::text,"
                      " concat_ws('|', p.proparallel, a.aggkind, a.aggnumdirectargs, a.aggtransfn, "
                      "a.aggfinalfn,"
                      "   a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, "
                      "a.aggminvtransfn, a.aggmfinalfn,"
                      "   a.aggfinalextra, a.aggfinalmodify, nullif(a.aggsortop, 0)::regoperator, "
                      "a.aggtranstype::regtype,"
                      "   a.aggtransspace, a.agginitval, a.aggminitval, "
                      "pg_get_function_result(p.oid)), NULL"
                      " FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN n ON n.oid = "
                      "p.pronamespace"
                      " WHERE true" NOT_MEMBER ("pg_proc", "p") },
                  { N_("operator"),
                        PGM_INVENTORY_OBJECTS,
                        PGM_CARRIED_BY_ITSELF,
                        "SELECT 'pg_operator'::regclass, o.oid, " NOTHING
                        ", o.oid::regoperator::text,"
                        " concat_ws('|', o.oprcode, o.oprresult::regtype, nullif(o.oprcom, "
                        "0)::regoperator,"
                        "   nullif(o.oprnegate, 0)::regoperator, o.oprcanmerge, o.oprcanhash, "
                        "o.oprrest, o.oprjoin), NULL"
                        " FROM pg_operator o JOIN n ON n.oid = o.oprnamespace WHERE "
                        "true" NOT_MEMBER ("pg_operator", "o") },
                    { N_("operator class"),
                          PGM_INVENTORY_OBJECTS,
                          PGM_CARRIED_BY_ITSELF,
                          "SELECT 'pg_opclass'::regclass, o.oid, " NOTHING ", " NAMED (
                              "o", "opcname") " || ' ' || m.amname,"
                                              " concat_ws('|', o.opcintype::regtype, o.opcdefault, "
                                              "nullif(o.opckeytype, 0)::regtype, f.opfname), NULL"
                                              " FROM pg_opclass o JOIN n ON n.oid = o.opcnamespace "
                                              "JOIN pg_am m ON m.oid = o.opcmethod"
                                              " JOIN pg_opfamily f ON f.oid = o.opcfamily WHERE "
                                              "true" NOT_MEMBER ("pg_opclass", "o") },
                      { N_("operator family"),
                            PGM_INVENTORY_OBJECTS,
                            PGM_CARRIED_BY_ITSELF,
                            "SELECT 'pg_opfamily'::regclass, f.oid, " NOTHING ", " NAMED (
                                "f",
                                "opfname") " || ' ' || m.amname,"
                                           " concat((SELECT string_agg(concat(a.amopstrategy, "
                                           "a.amopopr::regoperator), ',' ORDER BY a.amopstrategy,"
                                           "   a.amopopr::regoperator::text) FROM pg_amop a WHERE "
                                           "a.amopfamily = f.oid),"
                                           "  (SELECT string_agg(concat(a.amprocnum, a.amproc), "
                                           "',' ORDER BY a.amprocnum, a.amproc::text)"
                                           "   FROM pg_amproc a WHERE a.amprocfamily = f.oid)), "
                                           "NULL"
                                           " FROM pg_opfamily f JOIN n ON n.oid = f.opfnamespace "
                                           "JOIN pg_am m ON m.oid = f.opfmethod"
                                           " WHERE true" NOT_MEMBER ("pg_opfamily", "f") },
                        { N_("cast"),
                              PGM_INVENTORY_OBJECTS,
                              PGM_CARRIED_BY_ITSELF,
                              "SELECT 'pg_cast'::regclass, c.oid, " NOTHING
                              ", concat(c.castsource::regtype, ' AS ', c.casttarget::regtype),"
                              " concat_ws('|', c.castcontext, c.castmethod, nullif(c.castfunc, "
                              "0)::regprocedure), NULL"
                              " FROM pg_cast c WHERE " OWN_OID ("c") NOT_MEMBER ("pg_cast", "c") },
                          { N_("collation"),
                                PGM_INVENTORY_OBJECTS,
                                PGM_CARRIED_BY_ITSELF,
                                "SELECT 'pg_collation'::regclass, c.oid, " NOTHING ", " NAMED (
                                    "c", "collname") ","
                                                     " concat_ws('|', c.collprovider, "
                                                     "c.collisdeterministic, c.collencoding), NULL"
                                                     " FROM pg_collation c JOIN n ON n.oid = "
                                                     "c.collnamespace WHERE true" NOT_MEMBER (
                                                         "pg_collation", "c") },
                            { N_("conversion"),
                                  PGM_INVENTORY_OBJECTS,
                                  PGM_CARRIED_BY_ITSELF,
                                  "SELECT 'pg_conversion'::regclass, c.oid, " NOTHING ", " NAMED (
                                      "c",
                                      "conname") ","
                                                 " concat_ws('|', c.conforencoding, "
                                                 "c.contoencoding, c.conproc, c.condefault), NULL"
                                                 " FROM pg_conversion c JOIN n ON n.oid = "
                                                 "c.connamespace WHERE true" NOT_MEMBER (
                                                     "pg_conversion", "c") },
                              { N_("text search configuration"),
                                    PGM_INVENTORY_OBJECTS,
                                    PGM_CARRIED_BY_ITSELF,
                                    "SELECT 'pg_ts_config'::regclass, c.oid, " NOTHING ", " NAMED (
                                        "c",
                                        "cfgname") ","
                                                   " concat((SELECT p.prsname FROM pg_ts_parser p "
                                                   "WHERE p.oid = c.cfgparser), '|',"
                                                   "  (SELECT string_agg(concat(m.maptokentype, "
                                                   "':', m.mapdict::regdictionary), ',' ORDER BY "
                                                   "m.maptokentype, m.mapseqno)"
                                                   "   FROM pg_ts_config_map m WHERE m.mapcfg = "
                                                   "c.oid)), NULL"
                                                   " FROM pg_ts_config c JOIN n ON n.oid = "
                                                   "c.cfgnamespace WHERE true" NOT_MEMBER (
                                                       "pg_ts_config", "c") },
                                { N_("text search dictionary"),
                                      PGM_INVENTORY_OBJECTS,
                                      PGM_CARRIED_BY_ITSELF,
                                      "SELECT 'pg_ts_dict'::regclass, d.oid, " NOTHING ", " NAMED (
                                          "d",
                                          "dictname") ","
                                                      " concat_ws('|', (SELECT t.tmplname FROM "
                                                      "pg_ts_template t WHERE t.oid = "
                                                      "d.dicttemplate), d.dictinitoption), NULL"
                                                      " FROM pg_ts_dict d JOIN n ON n.oid = "
                                                      "d.dictnamespace WHERE true" NOT_MEMBER (
                                                          "pg_ts_dict", "d") },
                                  { N_("text search parser"),
                                        PGM_INVENTORY_OBJECTS,
                                        PGM_CARRIED_BY_ITSELF,
                                        "SELECT 'pg_ts_parser'::regclass, p.oid, " NOTHING
                                        ", " NAMED (
                                            "p",
                                            "prsname") ","
                                                       " concat_ws('|', p.prsstart, p.prstoken, "
                                                       "p.prsend, p.prsheadline, p.prslextype), "
                                                       "NULL"
                                                       " FROM pg_ts_parser p JOIN n ON n.oid = "
                                                       "p.prsnamespace WHERE true" NOT_MEMBER (
                                                           "pg_ts_parser", "p") },
                                    { N_("text search template"),
                                          PGM_INVENTORY_OBJECTS,
                                          PGM_CARRIED_BY_ITSELF,
                                          "SELECT 'pg_ts_template'::regclass, t.oid, " NOTHING
                                          ", " NAMED (
                                              "t", "tmplname") ","
                                                               " concat_ws('|', t.tmplinit, "
                                                               "t.tmpllexize), NULL"
                                                               " FROM pg_ts_template t JOIN n ON "
                                                               "n.oid = t.tmplnamespace WHERE "
                                                               "true" NOT_MEMBER ("pg_ts_template",
                                                                                  "t") },
                                      { N_("language"),
                                            PGM_INVENTORY_OBJECTS,
                                            PGM_CARRIED_BY_ITSELF,
                                            "SELECT 'pg_language'::regclass, l.oid, " NOTHING
                                            ", quote_ident(l.lanname),"
                                            " concat_ws('|', l.lanpltrusted, "
                                            "l.lanplcallfoid::regproc, l.laninline::regproc, "
                                            "l.lanvalidator::regproc), NULL"
                                            " FROM pg_language l WHERE " OWN_OID ("l")
                                                NOT_MEMBER ("pg_language", "l") },
                                        { N_("access method"),
                                              PGM_INVENTORY_OBJECTS,
                                              PGM_CARRIED_BY_ITSELF,
                                              "SELECT 'pg_am'::regclass, a.oid, " NOTHING
                                              ", quote_ident(a.amname), concat_ws('|', a.amtype, "
                                              "a.amhandler), NULL"
                                              " FROM pg_am a WHERE " OWN_OID ("a")
                                                  NOT_MEMBER ("pg_am", "a") },
                                          { N_("transform"),
                                                PGM_INVENTORY_OBJECTS,
                                                PGM_CARRIED_BY_ITSELF,
                                                "SELECT 'pg_transform'::regclass, t.oid, " NOTHING
                                                ", concat(t.trftype::regtype, ' ', l.lanname),"
                                                " concat_ws('|', t.trffromsql, t.trftosql), NULL"
                                                " FROM pg_transform t JOIN pg_language l ON l.oid "
                                                "= t.trflang WHERE " OWN_OID ("t")
                                                    NOT_MEMBER ("pg_transform", "t") },
                                            { N_("foreign data wrapper"),
                                                  PGM_INVENTORY_OBJECTS,
                                                  PGM_CARRIED_BY_ITSELF,
                                                  "SELECT 'pg_foreign_data_wrapper'::regclass, "
                                                  "f.oid, " NOTHING ", quote_ident(f.fdwname),"
                                                  " concat_ws('|', f.fdwhandler::regproc, "
                                                  "f.fdwvalidator::regproc, f.fdwoptions), NULL"
                                                  " FROM pg_foreign_data_wrapper f WHERE "
                                                  "true" NOT_MEMBER ("pg_foreign_data_wrapper",
                                                                     "f") },
                                              { N_("foreign server"),
                                                    PGM_INVENTORY_OBJECTS,
                                                    PGM_CARRIED_BY_ITSELF,
                                                    "SELECT 'pg_foreign_server'::regclass, "
                                                    "s.oid, " NOTHING ", quote_ident(s.srvname),"
                                                    " concat_ws('|', f.fdwname, s.srvtype, "
                                                    "s.srvversion, s.srvoptions), NULL"
                                                    " FROM pg_foreign_server s JOIN "
                                                    "pg_foreign_data_wrapper f ON f.oid = s.srvfdw"
                                                    " WHERE true" NOT_MEMBER ("pg_foreign_server",
                                                                              "s") },
                                                { N_("event trigger"),
                                                      PGM_INVENTORY_OBJECTS,
                                                      PGM_CARRIED_BY_ITSELF,
                                                      "SELECT 'pg_event_trigger'::regclass, "
                                                      "e.oid, " NOTHING ", quote_ident(e.evtname),"
                                                      " concat_ws('|', e.evtevent, "
                                                      "e.evtfoid::regprocedure, e.evtenabled, "
                                                      "e.evttags), NULL"
                                                      " FROM pg_event_trigger e WHERE "
                                                      "true" NOT_MEMBER ("pg_event_trigger", "e") },
                                                  { N_("publication"),
                                                        PGM_INVENTORY_OBJECTS,
                                                        PGM_CARRIED_BY_ITSELF,
                                                        "SELECT 'pg_publication'::regclass, "
                                                        "p.oid, " NOTHING
                                                        ", quote_ident(p.pubname),"
                                                        " concat_ws('|', p.puballtables, "
                                                        "p.pubinsert, p.pubupdate, p.pubdelete, "
                                                        "p.pubtruncate, p.pubviaroot), NULL"
                                                        " FROM pg_publication p WHERE "
                                                        "true" NOT_MEMBER ("pg_publication", "p") },
                                                    { N_("table of publication"),
                                                          PGM_INVENTORY_OBJECTS,
                                                          PGM_CARRIED_BY_ITSELF,
                                                          "SELECT 'pg_publication_rel'::regclass, "
                                                          "r.oid, 'pg_publication'::regclass, "
                                                          "p.oid,"
                                                          " quote_ident(p.pubname) || '.' || "
                                                          "c.title, '',"
                                                          " concat_ws('|', "
                                                          "{15:pg_get_expr(r.prqual, r.prrelid)},"
                                                          "   {15:(SELECT string_agg(a.attname, "
                                                          "',' ORDER BY a.attname) FROM "
                                                          "pg_attribute a"
                                                          "     WHERE a.attrelid = r.prrelid AND "
                                                          "a.attnum = ANY (r.prattrs::int2[]))})"
                                                          " FROM pg_publication_rel r JOIN "
                                                          "pg_publication p ON p.oid = r.prpubid "
                                                          "JOIN rel c ON c.oid = r.prrelid" },
                                                      { NULL } };
/* clang-format on */
