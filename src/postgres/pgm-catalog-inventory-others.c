/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Collations, text search, languages, and what reaches beyond the database. */

#include "pgm-catalog-inventory-private.h"

#include <glib/gi18n-lib.h>

/* SQL is laid out by hand. */
/* clang-format off */

const PgmInventoryQuery pgm_inventory_others[] = {
  {
    N_("collation"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_collation'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("c", "collname") ","
    "   concat_ws('|', c.collprovider, {12:c.collisdeterministic;true},"
    "     c.collencoding IN (-1,"
    "       (SELECT d.encoding FROM pg_database d WHERE d.datname = current_database()))),"
    "   concat_ws('|', c.collcollate, c.collctype, to_jsonb(c) ->> 'colliculocale',"
    "     to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'collicurules')"
    " FROM pg_collation c"
    " JOIN n ON n.oid = c.collnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_collation", "c")
  },

  {
    N_("conversion"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_conversion'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("c", "conname") ","
    "   concat_ws('|', c.conforencoding, c.contoencoding, c.conproc, c.condefault),"
    "   NULL"
    " FROM pg_conversion c"
    " JOIN n ON n.oid = c.connamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_conversion", "c")
  },

  {
    N_("text search configuration"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_ts_config'::regclass, c.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("c", "cfgname") ","
    "   concat("
    "     (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser), '|',"
    "     (SELECT string_agg(concat(m.maptokentype, ':', m.mapdict::regdictionary), ','"
    "         ORDER BY m.maptokentype, m.mapseqno)"
    "       FROM pg_ts_config_map m"
    "       WHERE m.mapcfg = c.oid)),"
    "   NULL"
    " FROM pg_ts_config c"
    " JOIN n ON n.oid = c.cfgnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_ts_config", "c")
  },

  {
    N_("text search dictionary"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_ts_dict'::regclass, d.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("d", "dictname") ","
    "   concat_ws('|',"
    "     (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate),"
    "     d.dictinitoption),"
    "   NULL"
    " FROM pg_ts_dict d"
    " JOIN n ON n.oid = d.dictnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_ts_dict", "d")
  },

  {
    N_("text search parser"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_ts_parser'::regclass, p.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("p", "prsname") ","
    "   concat_ws('|', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype),"
    "   NULL"
    " FROM pg_ts_parser p"
    " JOIN n ON n.oid = p.prsnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_ts_parser", "p")
  },

  {
    N_("text search template"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_ts_template'::regclass, t.oid, " PGM_SQL_NOTHING ","
    "   " PGM_SQL_NAMED ("t", "tmplname") ","
    "   concat_ws('|', t.tmplinit, t.tmpllexize),"
    "   NULL"
    " FROM pg_ts_template t"
    " JOIN n ON n.oid = t.tmplnamespace"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_ts_template", "t")
  },

  {
    N_("language"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_language'::regclass, l.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(l.lanname),"
    "   concat_ws('|', l.lanpltrusted, l.lanplcallfoid::regproc, l.laninline::regproc,"
    "     l.lanvalidator::regproc),"
    "   NULL"
    " FROM pg_language l"
    " WHERE " PGM_SQL_OWN_OID ("l")
    "   AND " PGM_SQL_NOT_MEMBER ("pg_language", "l")
  },

  {
    N_("access method"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_am'::regclass, a.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(a.amname),"
    "   concat_ws('|', a.amtype, a.amhandler),"
    "   NULL"
    " FROM pg_am a"
    " WHERE " PGM_SQL_OWN_OID ("a")
    "   AND " PGM_SQL_NOT_MEMBER ("pg_am", "a")
  },

  {
    N_("transform"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_transform'::regclass, t.oid, " PGM_SQL_NOTHING ","
    "   concat(t.trftype::regtype, ' ', l.lanname),"
    "   concat_ws('|', t.trffromsql, t.trftosql),"
    "   NULL"
    " FROM pg_transform t"
    " JOIN pg_language l ON l.oid = t.trflang"
    " WHERE " PGM_SQL_OWN_OID ("t")
    "   AND " PGM_SQL_NOT_MEMBER ("pg_transform", "t")
  },

  {
    N_("foreign data wrapper"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(f.fdwname),"
    "   concat_ws('|', f.fdwhandler::regproc, f.fdwvalidator::regproc,"
    "     " PGM_SQL_OPTIONS ("f.fdwoptions") "),"
    "   NULL"
    " FROM pg_foreign_data_wrapper f"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_foreign_data_wrapper", "f")
  },

  {
    N_("foreign server"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_foreign_server'::regclass, s.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(s.srvname),"
    "   concat_ws('|', f.fdwname, quote_nullable(s.srvtype), quote_nullable(s.srvversion),"
    "     " PGM_SQL_OPTIONS ("s.srvoptions") "),"
    "   NULL"
    " FROM pg_foreign_server s"
    " JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_foreign_server", "s")
  },

  {
    N_("event trigger"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_event_trigger'::regclass, e.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(e.evtname),"
    "   concat_ws('|', e.evtevent, e.evtfoid::regprocedure, e.evtenabled, e.evttags),"
    "   NULL"
    " FROM pg_event_trigger e"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_event_trigger", "e")
  },

  {
    N_("publication"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_publication'::regclass, p.oid, " PGM_SQL_NOTHING ","
    "   quote_ident(p.pubname),"
    "   concat_ws('|', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,"
    "     {11:p.pubtruncate;false}, {13:p.pubviaroot;false}, {18:nullif(p.pubgencols, 'n')}),"
    "   NULL"
    " FROM pg_publication p"
    " WHERE true"
    "   AND " PGM_SQL_NOT_MEMBER ("pg_publication", "p")
  },

  {
    N_("table of publication"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_publication_rel'::regclass, r.oid, 'pg_publication'::regclass, p.oid,"
    "   quote_ident(p.pubname) || '.' || c.title,"
    "   '',"
    "   concat_ws('|', {15:pg_get_expr(r.prqual, r.prrelid)},"
    "     {15:(SELECT string_agg(a.attname, ',' ORDER BY a.attname)"
    "       FROM pg_attribute a"
    "       WHERE a.attrelid = r.prrelid"
    "         AND a.attnum = ANY (r.prattrs::int2[]))})"
    " FROM pg_publication_rel r"
    " JOIN pg_publication p ON p.oid = r.prpubid"
    " JOIN rel c ON c.oid = r.prrelid"
  },

  {
    N_("schema of publication"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_publication_namespace'::regclass, r.oid, 'pg_publication'::regclass, p.oid,"
    "   quote_ident(p.pubname) || '.' || quote_ident(n.nspname),"
    "   '',"
    "   NULL"
    " FROM pg_publication_namespace r"
    " JOIN pg_publication p ON p.oid = r.pnpubid"
    " JOIN n ON n.oid = r.pnnspid",
    15
  },

  {
    N_("user mapping"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_HAND,
    " SELECT 0::oid, 0::oid, 'pg_foreign_server'::regclass, m.srvid,"
    "   concat_ws(' ', quote_ident(m.usename), quote_ident(m.srvname)),"
    "   '',"
    "   NULL"
    " FROM pg_user_mappings m"
  },

  {
    N_("subscription"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_HAND,
    " SELECT 0::oid, 0::oid, " PGM_SQL_NOTHING ","
    "   quote_ident(s.subname),"
    "   '',"
    "   NULL"
    " FROM pg_subscription s"
    " WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"
  },

  { NULL }
};
/* clang-format on */
