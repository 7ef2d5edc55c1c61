/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Comments, owners and privileges: an archive has them as entries without an oid, so that each
 * goes with its object. */

#include "pgm-catalog-inventory-private.h"

#include <glib/gi18n-lib.h>

/* SQL is laid out by hand. */
/* clang-format off */

#define NOT_MEMBER "(o.class, o.oid) NOT IN (SELECT m.class, m.oid FROM member m)"

/* What has an owner and privileges, with the kind as acldefault() calls it. */
#define OWNED \
  " (SELECT 'pg_class'::regclass::oid AS class, c.oid, c.relowner AS owner, c.relacl AS acl," \
  "     CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\" AS kind," \
  "     c.title" \
  "   FROM rel c" \
  "   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')" \
  "   UNION ALL" \
  "   SELECT 'pg_proc'::regclass, p.oid, p.proowner, p.proacl, 'f'," \
  "     format('%I.%I(%s)', n.nspname, p.proname, " PGM_SQL_ARGUMENTS ("p") ")" \
  "   FROM pg_proc p" \
  "   JOIN n ON n.oid = p.pronamespace" \
  "   UNION ALL" \
  "   SELECT 'pg_namespace'::regclass, s.oid, s.nspowner, s.nspacl, 'n'," \
  "     quote_ident(s.nspname)" \
  "   FROM pg_namespace s" \
  "   JOIN n ON n.oid = s.oid" \
  "   WHERE s.nspname <> 'public'" \
  "   UNION ALL" \
  "   SELECT 'pg_type'::regclass, t.oid, t.typowner, t.typacl, 'T'," \
  "     format('%I.%I', n.nspname, t.typname)" \
  "   FROM pg_type t" \
  "   JOIN n ON n.oid = t.typnamespace" \
  "   WHERE t.typtype IN ('e', 'd', 'r')" \
  "     OR t.oid IN (SELECT c.reltype FROM rel c WHERE c.relkind = 'c')" \
  "   UNION ALL" \
  "   SELECT 'pg_foreign_server'::regclass, s.oid, s.srvowner, s.srvacl, 'S'," \
  "     quote_ident(s.srvname)" \
  "   FROM pg_foreign_server s" \
  "   UNION ALL" \
  "   SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, f.fdwowner, f.fdwacl, 'F'," \
  "     quote_ident(f.fdwname)" \
  "   FROM pg_foreign_data_wrapper f" \
  "   UNION ALL" \
  "   SELECT 'pg_language'::regclass, l.oid, l.lanowner, l.lanacl, 'l'," \
  "     quote_ident(l.lanname)" \
  "   FROM pg_language l" \
  "   WHERE l.oid >= 16384)"

/* pg_dump takes the same. */
#define OTHERS \
  "(SELECT oid, nspname, nspowner, nspacl FROM pg_namespace" \
  " WHERE nspname <> 'information_schema' AND nspname !~ '^pg_(toast|temp)')"

#define IS_FOREIGN(catalog, alias) \
  "(" alias ".oid < 16384" \
  "   OR " alias ".oid IN (SELECT m.oid FROM member m WHERE m.class = '" catalog "'::regclass))"

/* What the server or an extension made: privileges are those of pg_init_privs until somebody
 * changes them, and only a change is in an archive. */
#define FOREIGN \
  " (SELECT 'pg_class'::regclass::oid AS class, c.oid, 0 AS sub, c.relowner AS owner," \
  "     c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\" AS kind," \
  "     format('%I.%I', s.nspname, c.relname) AS title" \
  "   FROM pg_class c" \
  "   JOIN " OTHERS " s ON s.oid = c.relnamespace" \
  "   WHERE c.relacl IS NOT NULL AND " IS_FOREIGN ("pg_class", "c") \
  "   UNION ALL" \
  "   SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, 'c'," \
  "     format('%I.%I.%I', s.nspname, c.relname, a.attname)" \
  "   FROM pg_attribute a" \
  "   JOIN pg_class c ON c.oid = a.attrelid" \
  "   JOIN " OTHERS " s ON s.oid = c.relnamespace" \
  "   WHERE a.attacl IS NOT NULL AND " IS_FOREIGN ("pg_class", "c") \
  "   UNION ALL" \
  "   SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, 'f'," \
  "     format('%I.%I(%s)', s.nspname, p.proname, " PGM_SQL_ARGUMENTS ("p") ")" \
  "   FROM pg_proc p" \
  "   JOIN " OTHERS " s ON s.oid = p.pronamespace" \
  "   WHERE p.proacl IS NOT NULL AND " IS_FOREIGN ("pg_proc", "p") \
  "   UNION ALL" \
  "   SELECT 'pg_namespace'::regclass, s.oid, 0, s.nspowner, s.nspacl, 'n'," \
  "     quote_ident(s.nspname)" \
  "   FROM " OTHERS " s" \
  "   WHERE s.nspname <> 'public' AND s.nspacl IS NOT NULL AND " IS_FOREIGN ("pg_namespace", "s") \
  "   UNION ALL" \
  "   SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, 'T'," \
  "     format('%I.%I', s.nspname, t.typname)" \
  "   FROM pg_type t" \
  "   JOIN " OTHERS " s ON s.oid = t.typnamespace" \
  "   WHERE t.typacl IS NOT NULL AND " IS_FOREIGN ("pg_type", "t") \
  "   UNION ALL" \
  "   SELECT 'pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl, 'l'," \
  "     quote_ident(l.lanname)" \
  "   FROM pg_language l" \
  "   WHERE l.lanacl IS NOT NULL AND " IS_FOREIGN ("pg_language", "l") \
  "   UNION ALL" \
  "   SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, 0, f.fdwowner, f.fdwacl, 'F'," \
  "     quote_ident(f.fdwname)" \
  "   FROM pg_foreign_data_wrapper f" \
  "   WHERE f.fdwacl IS NOT NULL AND " IS_FOREIGN ("pg_foreign_data_wrapper", "f") ")"

/* Of the one schema that nobody has made; before 15 it belonged to the superuser of initdb. */
#define PUBLIC_SCHEMA \
  " (SELECT s.oid, s.nspowner AS owner, s.nspacl AS acl," \
  "     s.nspowner = 10 OR pg_get_userbyid(s.nspowner) = 'pg_database_owner' AS is_default" \
  "   FROM pg_namespace s" \
  "   WHERE s.nspname = 'public')"

/* Grants to the owner say nothing, and who granted may differ. */
#define GRANTS_WHERE(acl, owner, condition) \
  " (SELECT string_agg(" \
  "       concat(CASE g.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(g.grantee) END, ' '," \
  "         g.privilege_type, g.is_grantable), ','" \
  "       ORDER BY g.grantee <> 0, pg_get_userbyid(g.grantee), g.privilege_type)" \
  "   FROM aclexplode(" acl ") g" \
  "   WHERE g.grantee <> " owner condition ")"

#define GRANTS(acl, owner) GRANTS_WHERE (acl, owner, "")

/* GRANT ALL of a server before 17 is more on one from 17 on. */
#define COMMON_GRANTS(acl, owner) \
  GRANTS_WHERE (acl, owner, " AND g.privilege_type <> 'MAINTAIN'")
#define NEW_GRANTS(acl, owner) GRANTS_WHERE (acl, owner, " AND g.privilege_type = 'MAINTAIN'")

/* There may be millions of large objects, and most have one owner and the same privileges: what most
 * have is told once, and each of the others by its oid. */
#define LARGE_OBJECTS(rights) \
  " SELECT 'pg_largeobject'::regclass, o.oid, " PGM_SQL_NOTHING ", o.title, o.rights, NULL" \
  " FROM (" \
  "   WITH lo AS {12:MATERIALIZED;} (" \
  "     SELECT m.oid, " rights " AS rights" \
  "     FROM pg_largeobject_metadata m)," \
  "   most AS {12:MATERIALIZED;} (" \
  "     SELECT lo.rights" \
  "     FROM lo" \
  "     GROUP BY lo.rights" \
  "     ORDER BY count(*) DESC, lo.rights COLLATE \"C\"" \
  "     LIMIT 1)" \
  "   SELECT 0::oid AS oid, 'large objects' AS title, most.rights" \
  "   FROM most" \
  "   WHERE most.rights IS NOT NULL" \
  "   UNION ALL" \
  "   SELECT lo.oid, concat('large object ', lo.oid), lo.rights" \
  "   FROM lo, most" \
  "   WHERE lo.rights IS DISTINCT FROM most.rights) o"

const PgmInventoryQuery pgm_inventory_rights[] = {
  {
    N_("comment"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_BY_OWNER,
    " SELECT o.class, o.oid,"
    "   CASE WHEN k.contypid <> 0 THEN 'pg_type'::regclass::oid"
    "     WHEN k.oid IS NOT NULL OR c.reltype <> 0"
    "     THEN CASE WHEN c.relkind = 'c' THEN 'pg_type' ELSE 'pg_class' END::regclass::oid"
    "     WHEN x.oid IS NOT NULL THEN 'pg_constraint'::regclass::oid"
    "     ELSE 0 END,"
    "   CASE WHEN k.contypid <> 0 THEN k.contypid"
    "     WHEN k.oid IS NOT NULL THEN k.conrelid"
    "     WHEN c.relkind = 'c' THEN c.reltype"
    "     WHEN x.oid IS NOT NULL THEN x.oid"
    "     ELSE 0 END,"
    "   concat(i.type, ' ', i.identity),"
    "   d.description,"
    "   NULL"
    " FROM pg_description d"
    " CROSS JOIN LATERAL (SELECT d.classoid AS class, d.objoid AS oid) o"
    " CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i"
    " LEFT JOIN pg_constraint k ON k.oid = o.oid AND o.class = 'pg_constraint'::regclass"
    " LEFT JOIN pg_class c ON c.oid = o.oid AND o.class = 'pg_class'::regclass"
    " LEFT JOIN pg_constraint x ON x.conindid = c.oid AND x.contype IN ('p', 'u', 'x')"
    " WHERE d.objoid >= 16384"
    "   AND o.class NOT IN ('pg_extension'::regclass, 'pg_largeobject'::regclass)"
    "   AND i.identity IS NOT NULL"
    "   AND coalesce(c.relpersistence, 'p') <> 't'"
    "   AND " NOT_MEMBER
  },

  {
    N_("comment"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_WITH_LARGE,
    " SELECT d.classoid, d.objoid, " PGM_SQL_NOTHING ","
    "   concat('large object ', d.objoid),"
    "   d.description,"
    "   NULL"
    " FROM pg_description d"
    " WHERE d.classoid = 'pg_largeobject'::regclass"
  },

  {
    N_("comment"),
    PGM_INVENTORY_OBJECTS,
    PGM_CARRIED_WITH_ALL,
    " SELECT 'pg_namespace'::regclass, o.oid, " PGM_SQL_NOTHING ","
    "   'schema public',"
    "   obj_description(o.oid, 'pg_namespace'),"
    "   NULL"
    " FROM " PUBLIC_SCHEMA " o"
    " WHERE obj_description(o.oid, 'pg_namespace') IS NOT NULL"
  },

  {
    N_("owner of"),
    PGM_INVENTORY_OWNERS,
    PGM_CARRIED_BY_ITSELF,
    " SELECT o.class, o.oid, " PGM_SQL_NOTHING ","
    "   o.title,"
    "   pg_get_userbyid(o.owner)::text,"
    "   NULL"
    " FROM " OWNED " o"
    " WHERE " NOT_MEMBER
  },

  {
    N_("owner of"),
    PGM_INVENTORY_OWNERS,
    PGM_CARRIED_WITH_LARGE,
    LARGE_OBJECTS ("pg_get_userbyid(m.lomowner)::text")
  },

  {
    N_("owner of"),
    PGM_INVENTORY_OWNERS,
    PGM_CARRIED_WITH_ALL,
    " SELECT 'pg_namespace'::regclass, o.oid, " PGM_SQL_NOTHING ","
    "   'schema public',"
    "   pg_get_userbyid(o.owner)::text,"
    "   NULL"
    " FROM " PUBLIC_SCHEMA " o"
    " WHERE NOT o.is_default"
  },

  {
    N_("grant on"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_BY_ITSELF,
    " SELECT o.class, o.oid, " PGM_SQL_NOTHING ","
    "   o.title,"
    "   " COMMON_GRANTS ("o.acl", "o.owner") ","
    "   " NEW_GRANTS ("o.acl", "o.owner")
    " FROM " OWNED " o"
    " WHERE o.acl IS NOT NULL"
    "   AND " NOT_MEMBER
    "   AND " GRANTS ("o.acl", "o.owner")
    "     IS DISTINCT FROM " GRANTS ("acldefault(o.kind, o.owner)", "o.owner")
  },

  {
    N_("grant on"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_BY_ITSELF,
    " SELECT 'pg_class'::regclass, t.oid, " PGM_SQL_NOTHING ","
    "   t.title || '.' || quote_ident(a.attname),"
    "   " GRANTS ("a.attacl", "t.relowner") ","
    "   NULL"
    " FROM rel t"
    " JOIN pg_attribute a ON a.attrelid = t.oid"
    " WHERE a.attacl IS NOT NULL"
    "   AND a.attnum > 0"
    "   AND NOT a.attisdropped"
    "   AND " GRANTS ("a.attacl", "t.relowner") " IS NOT NULL"
  },

  {
    N_("grant on"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_WITH_LARGE,
    LARGE_OBJECTS (GRANTS ("m.lomacl", "m.lomowner"))
  },

  {
    N_("grant on"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_WITH_ALL,
    " SELECT 'pg_namespace'::regclass, o.oid, " PGM_SQL_NOTHING ","
    "   'schema public',"
    "   " GRANTS ("o.acl", "o.owner") ","
    "   NULL"
    " FROM " PUBLIC_SCHEMA " o"
    " WHERE " GRANTS ("o.acl", "o.owner") " IS DISTINCT FROM ' USAGEf'"
  },

  {
    N_("grant on"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_WITH_ALL,
    " SELECT o.class, o.oid, " PGM_SQL_NOTHING ","
    "   o.title,"
    "   " GRANTS ("o.acl", "o.owner") ","
    "   NULL"
    " FROM " FOREIGN " o"
    " LEFT JOIN pg_init_privs i ON i.objoid = o.oid AND i.classoid = o.class"
    "   AND i.objsubid = o.sub"
    " WHERE " GRANTS ("o.acl", "o.owner")
    "     IS DISTINCT FROM " GRANTS ("coalesce(i.initprivs, acldefault(o.kind, o.owner))",
                                     "o.owner")
  },

  {
    N_("default grant of"),
    PGM_INVENTORY_PRIVILEGES,
    PGM_CARRIED_AS_DEFAULT,
    " SELECT 'pg_default_acl'::regclass, d.oid, " PGM_SQL_NOTHING ","
    "   concat_ws(' ', quote_ident(pg_get_userbyid(d.defaclrole)), quote_ident(s.nspname),"
    "     d.defaclobjtype),"
    "   " COMMON_GRANTS ("d.defaclacl", "d.defaclrole") ","
    "   " NEW_GRANTS ("d.defaclacl", "d.defaclrole")
    " FROM pg_default_acl d"
    " LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace"
  },

  { NULL }
};
/* clang-format on */
