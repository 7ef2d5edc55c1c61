/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog-filter.h"

#include <string.h>

/* Schemas of the role's own search path, as pg_dump looks names without a schema up in them. */
#define ON_SEARCH_PATH                                                                      \
  "n.nspname = ANY (string_to_array(replace(replace((SELECT s.reset_val FROM pg_settings s" \
  " WHERE s.name = 'search_path'), '\"', ''), '$user', current_user), ', '))"

/* Without include filters a dump also holds what belongs to no schema: extensions, languages,
 * large objects, publications … */
gboolean
pgm_catalog_filter_takes_everything (const PgmOptions *options)
{
  return options->schemas[0] == NULL && options->tables[0] == NULL;
}

/* Reads one name of a pattern from *@cursor on, as patternToSQLRegex() of PostgreSQL does.
 *
 * Returns: (transfer full): a regular expression */
static char *
read_part (const char **cursor)
{
  GString *regex = g_string_new ("^(");
  gboolean in_quotes = FALSE;
  const char *p = *cursor;

  for (; *p != '\0' && (in_quotes || *p != '.'); p++)
    {
      if (*p == '"' && in_quotes && p[1] == '"')
        g_string_append_c (regex, *p++);
      else if (*p == '"')
        in_quotes = !in_quotes;
      else if (!in_quotes && *p == '*')
        g_string_append (regex, ".*");
      else if (!in_quotes && *p == '?')
        g_string_append_c (regex, '.');
      else if (*p == '$' || (in_quotes && strchr ("|*+?()[]{}.^\\", *p) != NULL) ||
               (*p == '[' && p[1] == ']'))
        g_string_append_printf (regex, "\\%c", *p);
      else
        g_string_append_c (regex, in_quotes ? *p : g_ascii_tolower (*p));
    }
  g_string_append (regex, ")$");
  *cursor = p;
  return g_string_free (regex, FALSE);
}

static void
append_match (GString *sql, PgmConn *conn, const char *column, const char *regex)
{
  g_autofree char *quoted = pgm_conn_quote_text (conn, regex);

  g_string_append_printf (sql, "%s ~ %s COLLATE \"default\"", column, quoted);
}

/* Appends whether the relation c in the namespace n, or n alone, matches @pattern, which has up to
 * three names; the first of three is the database. */
void
pgm_catalog_filter_append_pattern (GString *sql,
                                   PgmConn *conn,
                                   const char *pattern,
                                   gboolean is_table)
{
  g_autofree char *schema = NULL;
  g_autofree char *name = read_part (&pattern);

  while (*pattern == '.')
    {
      pattern++;
      g_free (schema);
      schema = name;
      name = read_part (&pattern);
    }
  if (!is_table)
    {
      append_match (sql, conn, "n.nspname", name);
      return;
    }
  g_string_append_c (sql, '(');
  append_match (sql, conn, "c.relname", name);
  g_string_append (sql, " AND ");
  if (schema != NULL)
    append_match (sql, conn, "n.nspname", schema);
  else
    g_string_append (sql, ON_SEARCH_PATH);
  g_string_append_c (sql, ')');
}

/* The same for any of @patterns.
 *
 * @if_none: what an empty list means */
void
pgm_catalog_filter_append_any (
    GString *sql, PgmConn *conn, char **patterns, gboolean is_table, const char *if_none)
{
  if (patterns[0] == NULL)
    {
      g_string_append (sql, if_none);
      return;
    }
  g_string_append_c (sql, '(');
  for (gsize i = 0; patterns[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append (sql, " OR ");
      pgm_catalog_filter_append_pattern (sql, conn, patterns[i], is_table);
    }
  g_string_append_c (sql, ')');
}

static void
append_schemas (GString *sql, PgmConn *conn, const PgmOptions *options)
{
  g_string_append (sql, "ns AS (SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n"
                        " WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND ");
  pgm_catalog_filter_append_any (sql, conn, options->schemas, FALSE,
                                 options->tables[0] == NULL ? "true" : "false");
  g_string_append (sql, " AND NOT ");
  pgm_catalog_filter_append_any (sql, conn, options->exclude_schemas, FALSE, "false");
  g_string_append_c (sql, ')');
}

/* Of an extension's tables only those that hold its settings have rows of their own. */
static void
append_relations (GString *sql, PgmConn *conn, const PgmOptions *options)
{
  g_string_append (sql,
                   "picked AS (SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relacl,"
                   "  c.relnamespace, c.relpages, c.reltoastrelid, c.reltablespace,"
                   "  c.relkind IN ('r', 'S') AND NOT ");
  pgm_catalog_filter_append_any (sql, conn, options->exclude_table_data, TRUE, "false");
  if (options->schema_only)
    g_string_append (sql, " AND false");
  g_string_append (sql,
                   " AS has_data"
                   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                   " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't'"
                   " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
                   " AND (NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.deptype = 'e'"
                   "       AND e.classid = 'pg_class'::regclass AND e.objid = c.oid)"
                   "  OR EXISTS (SELECT 1 FROM pg_extension x WHERE c.oid = ANY (x.extconfig)))"
                   " AND ");
  pgm_catalog_filter_append_any (sql, conn, options->tables, TRUE,
                                 "c.relnamespace IN (SELECT oid FROM ns)");
  g_string_append (sql, " AND NOT ");
  pgm_catalog_filter_append_any (sql, conn, options->exclude_tables, TRUE, "false");
  g_string_append_c (sql, ')');
}

/* Returns: (transfer full): "WITH ns AS (…), rel AS (…) ": the schemas and the relations that
 * travel. A sequence of a serial column goes with its table. rel.has_data: so do its rows. */
char *
pgm_catalog_filter_dup_with (PgmConn *conn, const PgmOptions *options)
{
  GString *sql = g_string_new ("WITH ");

  append_schemas (sql, conn, options);
  g_string_append (sql, ", ");
  append_relations (sql, conn, options);
  if (options->tables[0] == NULL)
    g_string_append (sql, ", rel AS (SELECT * FROM picked) ");
  else
    g_string_append_printf (
        sql,
        ", rel AS (SELECT * FROM picked UNION ALL"
        " SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relacl, c.relnamespace,"
        "        c.relpages, c.reltoastrelid, c.reltablespace, %s"
        "   FROM pg_depend d JOIN picked p ON p.oid = d.refobjid"
        "   JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'"
        "   JOIN pg_namespace n ON n.oid = c.relnamespace"
        "  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
        "    AND d.deptype IN ('a', 'i') AND c.oid NOT IN (SELECT oid FROM picked)) ",
        options->schema_only ? "false" : "true");
  return g_string_free (sql, FALSE);
}
