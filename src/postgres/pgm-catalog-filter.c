/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog-filter.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>
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

/* @hex: "\\x6d65", as the server writes bytes
 *
 * Returns: (transfer full) */
static char *
decode_bytes (const char *hex)
{
  GString *bytes = g_string_new (NULL);

  for (const char *p = hex + strlen ("\\x"); p[0] != '\0' && p[1] != '\0'; p += 2)
    g_string_append_c (bytes,
                       (char) (g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1])));
  return g_string_free (bytes, FALSE);
}

/* Returns: (transfer full): @pattern in the encoding of the server, which raises 22P05 where that
 * has not all its characters */
static char *
encode_pattern (PgmConn *conn, const char *pattern, GCancellable *cancellable, GError **error)
{
  const char *encoding = pgm_conn_get_parameter (conn, "server_encoding");
  const char *params[] = { pattern, encoding, NULL };
  g_autoptr(PgmRows) rows = NULL;

  if (g_str_is_ascii (pattern))
    return g_strdup (pattern);
  rows = pgm_conn_query_sync (conn, "SELECT convert_to($1::text, $2::name)", params, cancellable,
                              error);
  if (rows != NULL)
    return decode_bytes (pgm_rows_get (rows, 0, 0));
  if (g_strcmp0 (pgm_conn_get_sqlstate (conn), "22P05") == 0)
    {
      g_clear_error (error);
      g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
                   _("the source is encoded in %s, which lacks characters of the pattern \"%s\""),
                      encoding, pattern);
    }
  return NULL;
}

/* pg_dump takes its patterns in the encoding of the database, and knows of no other.
 *
 * Returns: (transfer full): @options with the patterns as pg_dump wants them: bytes, and no text
 * for people */
PgmOptions *
pgm_catalog_filter_encode_sync (PgmConn *conn,
                                PgmOptions *options,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *server = pgm_conn_get_parameter (conn, "server_encoding");
  g_autoptr(PgmOptions) encoded = NULL;
  char **lists[5] = { 0 };

  if (g_strcmp0 (server, pgm_conn_get_parameter (conn, "client_encoding")) == 0)
    return pgm_options_ref (options);
  encoded = pgm_options_copy (options);
  lists[0] = encoded->schemas;
  lists[1] = encoded->exclude_schemas;
  lists[2] = encoded->tables;
  lists[3] = encoded->exclude_tables;
  lists[4] = encoded->exclude_table_data;
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (char **pattern = lists[i]; *pattern != NULL; pattern++)
      {
        char *bytes = encode_pattern (conn, *pattern, cancellable, error);

        if (bytes == NULL)
          return NULL;
        g_free (*pattern);
        *pattern = bytes;
      }
  return g_steal_pointer (&encoded);
}

/* Returns: (transfer full): the oids of the tables whose rows travel, each as a pointer */
GHashTable *
pgm_catalog_list_travelling_sync (PgmConn *source,
                                  const PgmOptions *options,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql = g_strconcat (with, "SELECT oid FROM rel WHERE has_data", NULL);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (source, sql, NULL, cancellable, error);
  GHashTable *oids = NULL;

  if (rows == NULL)
    return NULL;
  oids = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_hash_table_add (oids, GUINT_TO_POINTER ((guint) pgm_rows_get_int (rows, i, 0)));
  return oids;
}
