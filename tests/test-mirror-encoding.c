/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Databases that are not in UTF-8 arrive byte for byte, in their own encoding. */

#include "pgm-test-run.h"

#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define ENCODING                                          \
  "SELECT pg_encoding_to_char(encoding) FROM pg_database" \
  " WHERE datname = current_database()"

static void
make (const char *name, const char *encoding, const char *sql)
{
  g_autofree char *create = g_strdup_printf (
      "CREATE DATABASE \"%s\" OWNER app TEMPLATE template0 ENCODING '%s' LOCALE 'C'", name,
      encoding);
  g_autofree char *said = NULL;

  pgm_test_do (source, "postgres", create);
  if (pgm_test_server_psql_status (source, "app", name, sql, &said) != 0)
    g_error ("%s", said);
}

static PgmTestRun *
mirror (const char *name, const char *encoding)
{
  PgmTestRun *run = pgm_test_mirror (source, target, "app", name, NULL);
  g_autofree char *kept = NULL;

  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  pgm_test_assert_equal (source, target, name);
  kept = pgm_test_server_psql (target, name, ENCODING);
  g_assert_cmpstr (kept, ==, encoding);
  pgm_test_assert_nothing_left (source, target);
  return run;
}

static const char *const encodings[] = { "LATIN1", "LATIN9", "WIN1252", "EUC_JP" };

static void
test_single_bytes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autofree char *name = g_ascii_strdown (encodings[i], -1);
      g_autoptr(PgmTestRun) run = NULL;

      make (name, encodings[i],
            "SET client_encoding = 'UTF8';"
            "CREATE SCHEMA \"§ 1\"; CREATE TABLE \"§ 1\".\"×÷\" (\"°\" text, n serial);"
            "INSERT INTO \"§ 1\".\"×÷\" VALUES ('±°¶'), ('plain'), (NULL);"
            "CREATE VIEW \"¶\" AS SELECT * FROM \"§ 1\".\"×÷\" WHERE \"°\" <> '§';"
            "COMMENT ON TABLE \"§ 1\".\"×÷\" IS '¶'");
      run = mirror (name, encodings[i]);
      g_assert_cmpuint (run->data->n_rows, ==, 3);
    }
}

/* Every character of LATIN1, in data and in the name of a table. */
static void
test_latin1 (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("all_latin1", "LATIN1",
        "SET client_encoding = 'UTF8';"
        "CREATE TABLE \"naïve façade ÄÖÜ ÿ\" AS"
        " SELECT n, chr(n) AS c, repeat(chr(n), 1000) AS many FROM generate_series(1, 255) n;"
        "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (x int)', (SELECT"
        " string_agg(chr(n), '' ORDER BY n) FROM generate_series(193, 255) n)); END $$");
  run = mirror ("all_latin1", "LATIN1");
  g_assert_cmpuint (run->data->n_rows, ==, 255);
}

static void
test_sql_ascii (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("no_encoding", "SQL_ASCII",
        "CREATE TABLE \"fa\xe7"
        "ade \xff\xfe\" (\"col\xe4\" text);"
        "INSERT INTO \"fa\xe7"
        "ade \xff\xfe\" VALUES ('\xe7"
        "b'), ('\xc3\xa9'), ('\xed\xa0\x80'),"
        " (E'\\x01\\xff');"
        "CREATE SCHEMA \"\xf0\x9f\"; CREATE SEQUENCE \"\xf0\x9f\".\"\xe4\" START 7;"
        "SELECT nextval('\"\xf0\x9f\".\"\xe4\"')");
  run = mirror ("no_encoding", "SQL_ASCII");
  g_assert_cmpuint (run->data->n_rows, ==, 4);
}

/* Such a table differs: what is said about it has to be fit for a report all the same. */
static void
test_sql_ascii_differs (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *json = NULL;

  pgm_test_do (target, "no_encoding",
               "DROP TABLE \"fa\xe7"
               "ade \xff\xfe\"");
  before = pgm_test_dup_content (target, "no_encoding");
  run = pgm_test_mirror (source, target, "app", "no_encoding", NULL);
  pgm_test_assert_code (run, "preflight");
  node = pgm_report_to_json (run->report);
  json = json_to_string (node, FALSE);
  g_assert_true (g_utf8_validate (json, -1, NULL));
  after = pgm_test_dup_content (target, "no_encoding");
  g_assert_cmpstr (after, ==, before);
}

/* Every character from 1 to 255, which in LATIN1 and without an encoding is every byte, in the
 * names of all that has one. */
#define EVERY_CHARACTER                                                                   \
  "DO $do$ DECLARE i int; q text; BEGIN FOR i IN 0..8 LOOP"                               \
  " SELECT string_agg(chr(n), '' ORDER BY n) INTO q"                                      \
  "   FROM generate_series(greatest(i * 30, 1), least(i * 30 + 29, 255)) n;"              \
  " EXECUTE format('CREATE SCHEMA %1$I; CREATE TABLE %1$I.%1$I (%1$I int CONSTRAINT %1$I" \
  "   CHECK (%1$I > 0), s serial, CONSTRAINT %2$I UNIQUE (%1$I));"                        \
  "   INSERT INTO %1$I.%1$I VALUES (1), (2); CREATE INDEX %3$I ON %1$I.%1$I (s, %1$I);"   \
  "   CREATE FUNCTION %1$I.%1$I (%1$I int) RETURNS int LANGUAGE sql AS ''SELECT 1'';"     \
  "   CREATE SEQUENCE %1$I.%4$I; CREATE TYPE %1$I.%5$I AS ENUM (%1$L);"                   \
  "   CREATE VIEW %1$I.%6$I AS SELECT * FROM %1$I.%1$I; COMMENT ON SCHEMA %1$I IS %1$L;"  \
  "   REVOKE EXECUTE ON FUNCTION %1$I.%1$I FROM PUBLIC;"                                  \
  "   ALTER FUNCTION %1$I.%1$I SECURITY DEFINER',"                                        \
  "   q, q || 'k', q || 'x', q || 's', q || 't', q || 'v');"                              \
  " END LOOP; END $do$"

static void
test_every_character (void)
{
  static const char *const of[] = { "UTF8", "LATIN1", "SQL_ASCII" };

  for (gsize i = 0; i < G_N_ELEMENTS (of); i++)
    {
      g_autofree char *lower = g_ascii_strdown (of[i], -1);
      g_autofree char *name = g_strconcat ("every_", lower, NULL);
      g_autoptr(PgmTestRun) run = NULL;

      make (name, of[i], EVERY_CHARACTER);
      run = mirror (name, of[i]);
      g_assert_cmpuint (run->data->n_tables, ==, 9);
      g_assert_cmpuint (run->data->n_rows, ==, 18);
    }
}

/* pg_dump wants its patterns in the encoding of the database. */
static const struct
{
  const char *encoding;
  const char *options;
  const char *expected; /* tables of the copy, and their rows */
} filters[] = {
  { "LATIN1", "{ \"tables\": [\"\\\"§ 1\\\".\\\"×÷\\\"\"] }", "§ 1.×÷=2" },
  { "LATIN1", "{ \"schemas\": [\"§ 1\"] }", "§ 1.plain=0 § 1.×÷=2" },
  { "LATIN1", "{ \"tables\": [\"§*.×?\", \"public.°\"] }", "public.°=0 § 1.×÷=2" },
  { "LATIN1", "{ \"exclude_schemas\": [\"§*\"] }", "public.°=0" },
  { "LATIN1", "{ \"exclude_tables\": [\"§*.[×÷]*\"] }", "public.°=0 § 1.plain=0" },
  { "LATIN1", "{ \"exclude_table_data\": [\"\\\"§ 1\\\".×÷\"] }",
    "public.°=0 § 1.plain=0 § 1.×÷=0" },
  { "EUC_JP", "{ \"tables\": [\"*.×?\"] }", "§ 1.×÷=2" },
  { "EUC_JP", "{ \"schemas\": [\"\\\"§ 1\\\"\"] }", "§ 1.plain=0 § 1.×÷=2" },
  { "UTF8", "{ \"tables\": [\"*.×?\"] }", "§ 1.×÷=2" },
  { "SQL_ASCII", "{ \"tables\": [\"*.×÷\"] }", "§ 1.×÷=2" },
};

#define FILTERED                                                                              \
  "CREATE SCHEMA \"§ 1\"; CREATE TABLE \"§ 1\".\"×÷\" AS SELECT generate_series(1, 2) i;" \
  "CREATE TABLE \"§ 1\".plain (i int); CREATE TABLE \"°\" (i int)"

/* As bytes of UTF-8 where there is no encoding. */
static char *
list_rows (PgmTestServer *server, const char *database)
{
  return pgm_test_server_psql (
      server, database,
      "SET client_encoding = 'UTF8'; SELECT string_agg(format('%s.%s=%s', n.nspname, c.relname,"
      " (xpath('//c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', n.nspname,"
      " c.relname), true, true, '')))[1]), ' ' ORDER BY n.nspname, c.relname)"
      " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|info)'");
}

static void
test_filters (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autofree char *name = g_strdup_printf ("filtered_%u", (guint) i);
      g_autoptr(PgmTestRun) run = NULL;
      g_autofree char *rows = NULL;

      make (name, filters[i].encoding,
            g_str_equal (filters[i].encoding, "SQL_ASCII")
                ? FILTERED
                : "SET client_encoding = 'UTF8';" FILTERED);
      run = pgm_test_mirror (source, target, "app", name, filters[i].options);
      pgm_test_assert_code (run, "ok");
      g_assert_null (pgm_test_find (run->data->findings, "not-checked"));
      rows = list_rows (target, name);
      g_assert_cmpstr (rows, ==, filters[i].expected);
    }
  pgm_test_assert_nothing_left (source, target);
}

/* Functions are closed by scripts of ours that name them. */
static void
test_closed_function (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *closed = NULL;

  make ("closed", "LATIN1",
        "SET client_encoding = 'UTF8'; CREATE SCHEMA \"§\"; CREATE TYPE \"§\".\"¶\" AS (i int);"
        "CREATE FUNCTION \"§\".\"×\" (\"§\".\"¶\") RETURNS int SECURITY DEFINER LANGUAGE sql AS"
        " 'SELECT 1'; REVOKE EXECUTE ON FUNCTION \"§\".\"×\" FROM PUBLIC");
  run = pgm_test_mirror (source, target, "app", "closed", NULL);
  pgm_test_assert_code (run, "ok");
  closed = pgm_test_server_psql (target, "closed",
                                 "SELECT has_function_privilege('public', oid, 'EXECUTE')"
                                 "  FROM pg_proc WHERE pronamespace > 16383");
  g_assert_cmpstr (closed, ==, "f");
}

/* What the source cannot even spell is not there: said at once, and once. */
static void
test_filter_beyond (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("beyond", "LATIN1", "CREATE TABLE t ()");
  run = pgm_test_mirror (source, target, "app", "beyond", "{ \"tables\": [\"t\", \"日本\"] }");
  pgm_test_assert_code (run, "preflight");
  g_assert_cmpstr (run->data->message, ==,
                   "the source is encoded in LATIN1, which lacks characters of the pattern"
                   " \"日本\"");
  g_assert_null (pgm_test_find (run->data->findings, "not-checked"));
  pgm_test_assert_nothing_left (source, target);
}

/* The names and comments of databases are in no encoding of their own. */
static void
test_database_name (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) again = NULL;
  g_autofree char *comment = NULL;

  make ("größe", "LATIN1", "CREATE TABLE t AS SELECT 1 AS x");
  pgm_test_do (source, "postgres",
               "COMMENT ON DATABASE \"größe\" IS 'Maß';"
               "ALTER DATABASE \"größe\" SET application_name = 'x'");
  run = mirror ("größe", "LATIN1");
  comment = pgm_test_server_psql (target, "postgres",
                                  "SELECT shobj_description(oid, 'pg_database')"
                                  " FROM pg_database WHERE datname = 'größe'");
  g_assert_cmpstr (comment, ==, "Maß");
  again = pgm_test_mirror (source, target, "app", "größe", "{ \"drop_existing\": true }");
  pgm_test_assert_code (again, "ok");
}

static void
test_database_comment (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *comment = NULL;

  make ("said", "LATIN1", "SET client_encoding = 'UTF8'; COMMENT ON DATABASE said IS 'Größe'");
  run = pgm_test_mirror (source, target, "app", "said", NULL);
  pgm_test_assert_code (run, "ok");
  comment = pgm_test_server_psql (target, "postgres",
                                  "SELECT shobj_description(oid, 'pg_database')"
                                  " FROM pg_database WHERE datname = 'said'");
  g_assert_cmpstr (comment, ==, "Größe");
}

/* Whoever made a database from one in LATIN1 left a name that is no UTF-8. It is in nobody's way.
 */
static void
test_neighbour (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *json = NULL;

  make ("beside", "UTF8", "CREATE TABLE t ()");
  pgm_test_do (target, "postgres",
               "CREATE DATABASE latin1_home TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  pgm_test_do (target, "latin1_home",
               "CREATE ROLE \"gr\xfc\xdf\"; CREATE DATABASE \"gr\xfc\xdf__pgm_0123abcd\" OWNER"
               " \"gr\xfc\xdf\"; COMMENT ON DATABASE \"gr\xfc\xdf__pgm_0123abcd\" IS"
               " '{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"gr\xef\xbf\xbd\xef\xbf\xbd\","
               "\"run\":\"0123abcd\"}'");
  run = pgm_test_mirror (source, target, "app", "beside", NULL);
  pgm_test_do (target, "latin1_home",
               "DROP DATABASE \"gr\xfc\xdf__pgm_0123abcd\"; DROP ROLE \"gr\xfc\xdf\"");
  pgm_test_assert_code (run, "ok");
  g_assert_null (pgm_test_find (run->data->findings, "not-checked"));
  pgm_test_assert_has (pgm_test_find (run->data->findings, "leftover-database")->message,
                       "gr\\xfc\\xdf__pgm_0123abcd");
  node = pgm_report_to_json (run->report);
  json = json_to_string (node, FALSE);
  g_assert_true (g_utf8_validate (json, -1, NULL));
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", "CREATE ROLE app LOGIN");
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB");

  g_test_add_func ("/mirror-encoding/single-bytes", test_single_bytes);
  g_test_add_func ("/mirror-encoding/latin1", test_latin1);
  g_test_add_func ("/mirror-encoding/every-character", test_every_character);
  g_test_add_func ("/mirror-encoding/sql-ascii", test_sql_ascii);
  g_test_add_func ("/mirror-encoding/sql-ascii-differs", test_sql_ascii_differs);
  g_test_add_func ("/mirror-encoding/filters", test_filters);
  g_test_add_func ("/mirror-encoding/closed-function", test_closed_function);
  g_test_add_func ("/mirror-encoding/filter-beyond", test_filter_beyond);
  g_test_add_func ("/mirror-encoding/database-name", test_database_name);
  g_test_add_func ("/mirror-encoding/neighbour", test_neighbour);
  g_test_add_func ("/mirror-encoding/database-comment", test_database_comment);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
