-- SPDX-License-Identifier: GPL-3.0-or-later
-- Copyright The PG Mirror authors

-- What a database contains, as lines "kind|schema|name|rows|hash" in one order: two databases are
-- equal when their lines are. Independent of PG Mirror's own verification.

\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset fieldsep '|'
SET client_min_messages = warning;
SET search_path = '';
SET TIME ZONE 'UTC';
SET row_security = off;
SET extra_float_digits = 3;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = postgres;
SET bytea_output = hex;

BEGIN;

CREATE TEMPORARY VIEW own_schema AS
SELECT oid, nspname FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema';

-- The sum of the rows' hashes does not depend on their order.
SELECT format('SELECT %L, %L, %L, count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY %I.%I t',
              'table', n.nspname, quote_ident(translate(c.relname, E'|\n', '¦ ')), n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relispopulated
ORDER BY n.nspname, c.relname \gexec

SELECT format('SELECT %L, %L, %L, last_value, is_called FROM %I.%I',
              'sequence', n.nspname, c.relname, n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
WHERE c.relkind = 'S'
ORDER BY n.nspname, c.relname \gexec

SELECT 'large object', '', oid, octet_length(lo_get(oid)), md5(lo_get(oid))
FROM pg_catalog.pg_largeobject_metadata ORDER BY oid;

SELECT 'count', '', kind, count(*), md5(string_agg(what, E'\n' ORDER BY what COLLATE "C"))
FROM (
  SELECT CASE c.relkind WHEN 'r' THEN 'tables' WHEN 'p' THEN 'partitioned tables' WHEN 'v' THEN 'views'
           WHEN 'm' THEN 'materialized views' WHEN 'S' THEN 'sequences' WHEN 'c' THEN 'composite types'
           ELSE 'indexes' END AS kind,
         concat(n.nspname, '.', c.relname, c.relkind, c.reloptions, c.relpersistence, c.relispopulated, c.relrowsecurity,
                CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) WHEN 'm' THEN pg_get_viewdef(c.oid)
                  WHEN 'i' THEN pg_get_indexdef(c.oid) WHEN 'I' THEN pg_get_indexdef(c.oid) END) AS what
  FROM pg_catalog.pg_class c JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
  UNION ALL
  SELECT 'columns', concat(a.attrelid::regclass, '.', a.attname, ' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
                           a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'constraints', concat(conrelid::regclass, contypid::regtype, conname, pg_get_constraintdef(c.oid), convalidated)
  FROM pg_catalog.pg_constraint c JOIN pg_temp.own_schema n ON n.oid = c.connamespace
  UNION ALL
  SELECT CASE prokind WHEN 'f' THEN 'functions' WHEN 'p' THEN 'procedures' ELSE 'aggregates' END,
         concat(p.oid::regprocedure, CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END)
  FROM pg_catalog.pg_proc p JOIN pg_temp.own_schema n ON n.oid = p.pronamespace
  UNION ALL
  SELECT 'triggers', concat(pg_get_triggerdef(t.oid), tgenabled)
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = tgrelid
    JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
  WHERE NOT tgisinternal
  UNION ALL
  SELECT 'rules', pg_get_ruledef(r.oid)
  FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = ev_class
    JOIN pg_temp.own_schema n ON n.oid = c.relnamespace
  WHERE rulename <> '_RETURN'
  UNION ALL
  SELECT 'policies', concat(schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check)
  FROM pg_catalog.pg_policies
  UNION ALL
  SELECT 'other types', concat(t.oid::regtype, typtype, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                                                   FROM pg_catalog.pg_enum WHERE enumtypid = t.oid))
  FROM pg_catalog.pg_type t JOIN pg_temp.own_schema n ON n.oid = t.typnamespace
  WHERE typtype IN ('e', 'd', 'r', 'm')
  UNION ALL
  SELECT 'statistics', pg_get_statisticsobjdef(s.oid)
  FROM pg_catalog.pg_statistic_ext s JOIN pg_temp.own_schema n ON n.oid = s.stxnamespace
  UNION ALL
  SELECT 'operators', o.oid::regoperator::text
  FROM pg_catalog.pg_operator o JOIN pg_temp.own_schema n ON n.oid = o.oprnamespace
  UNION ALL
  SELECT 'collations', concat(n.nspname, collname, collprovider)
  FROM pg_catalog.pg_collation JOIN pg_temp.own_schema n ON n.oid = collnamespace
  UNION ALL
  SELECT 'text search configurations', c.oid::regconfig::text
  FROM pg_catalog.pg_ts_config c JOIN pg_temp.own_schema n ON n.oid = c.cfgnamespace
  UNION ALL
  SELECT 'comments', concat(o.type, o.schema, o.identity, d.description)
  FROM pg_catalog.pg_description d,
    LATERAL pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
  WHERE d.objoid >= 16384
  UNION ALL
  SELECT 'extensions', concat(extname, ' ', extversion) FROM pg_catalog.pg_extension
) object
WHERE what NOT LIKE '%own_schema%'
GROUP BY kind ORDER BY kind;

SELECT 'database', '', current_database(), datcollate || ' ' || datctype || ' ' || pg_encoding_to_char(encoding),
       concat(shobj_description(d.oid, 'pg_database'), ' / ', datconnlimit, ' / ', (
         SELECT string_agg(concat(setrole::regrole, setconfig), ' ' ORDER BY setrole)
         FROM pg_catalog.pg_db_role_setting WHERE setdatabase = d.oid))
FROM pg_catalog.pg_database d WHERE datname = current_database();

ROLLBACK;
