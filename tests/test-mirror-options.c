/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Each option does what it says: one source, mirrored anew each time. */

#include "pgm-test-run.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;
static char *folder; /* for scripts and archives */

#define SHOP                                                                       \
  "CREATE SCHEMA a; CREATE SCHEMA \"b B\"; CREATE ROLE reader;"                    \
  "CREATE TABLE a.t (id serial PRIMARY KEY, x text); CREATE TABLE a.log (x text);" \
  "CREATE TABLE \"b B\".\"T 2\" (id int PRIMARY KEY, t int REFERENCES a.t,"        \
  "  twice int GENERATED ALWAYS AS (id * 2) STORED);"                              \
  "CREATE TABLE public.t (id int GENERATED ALWAYS AS IDENTITY, x text);"           \
  "INSERT INTO a.t (x) SELECT 'x' || i FROM generate_series(1, 100) i;"            \
  "INSERT INTO a.log SELECT 'line' FROM generate_series(1, 50);"                   \
  "INSERT INTO \"b B\".\"T 2\" SELECT i, i FROM generate_series(1, 30) i;"         \
  "INSERT INTO public.t (x) SELECT 'p' FROM generate_series(1, 20);"               \
  "GRANT SELECT ON a.t TO reader; SELECT lo_create(99);"                           \
  "CREATE FUNCTION a.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"

static void
assert_sql (const char *sql, const char *expected)
{
  g_autofree char *got = pgm_test_server_psql (target, "shop", sql);

  g_assert_cmpstr (got, ==, expected);
}

/* Replaces what the case before left. */
static PgmTestRun *
mirror_as (const char *role, const char *code, const char *options)
{
  g_autofree char *all =
      g_strconcat ("{ \"drop_existing\": true", *options != '\0' ? ", " : "", options, " }", NULL);
  PgmTestRun *run = pgm_test_mirror (source, target, role, "shop", all);

  pgm_test_assert_code (run, code);
  pgm_test_assert_nothing_left (source, target);
  return run;
}

static PgmTestRun *
mirror (const char *options)
{
  return mirror_as ("app", "ok", options);
}

#define TABLES                                                                         \
  "SELECT string_agg(n.nspname || '.' || relname, ' ' ORDER BY 1, n.nspname, relname)" \
  "  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"                      \
  " WHERE relkind = 'r' AND n.nspname IN ('a', 'b B', 'public')"

static void
test_filters (void)
{
  static const struct
  {
    const char *options;
    const char *tables;
    guint64 n_rows;
    const char *said; /* (nullable) */
  } cases[] = {
    { "\"schemas\": [\"a\"]", "a.log a.t", 150 },
    { "\"schemas\": [\"a\", \"pub*\"]", "a.log a.t public.t", 170 },
    { "\"exclude_schemas\": [\"\\\"b B\\\"\"]", "a.log a.t public.t", 170 },
    { "\"tables\": [\"a.t\"]", "a.t", 100, "was mirrored and verified: 1 table, rows: 100" },
    { "\"tables\": [\"a.t\", \"\\\"b B\\\".*\"]", "a.t b B.T 2", 130 },
    { "\"exclude_tables\": [\"a.log\", \"public.*\"]", "a.t b B.T 2", 130 },
    { "\"exclude_table_data\": [\"a.log\"]", "a.log a.t b B.T 2 public.t", 150 },
    { "\"schema_only\": true", "a.log a.t b B.T 2 public.t", 0,
      "the structure of database \"shop\" was mirrored and verified" },
    { "\"schema_only\": true, \"tables\": [\"a.log\"]", "a.log", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmTestRun) run = mirror (cases[i].options);

      g_assert_true (run->data->verified);
      g_assert_cmpuint (run->data->n_rows, ==, cases[i].n_rows);
      if (cases[i].said != NULL)
        pgm_test_assert_has (run->data->message, cases[i].said);
      assert_sql (TABLES, cases[i].tables);
    }
}

static void
test_pattern_without_match (void)
{
  static const char *const options[] = { "\"tables\": [\"nosuch\"]", "\"schemas\": [\"nosuch\"]",
                                         "\"tables\": [\"a.t\", \"x'; DROP\"]" };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr(PgmTestRun) run = mirror_as ("app", "preflight", options[i]);

      pgm_test_assert_has (run->data->message, "matches these patterns");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
    }
}

static void
test_compression (void)
{
  static const char *const methods[] = { "none", "gzip", "gzip:1", "gzip:9", "auto" };
  guint64 sizes[G_N_ELEMENTS (methods)];

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *option = g_strdup_printf ("\"compression\": \"%s\"", methods[i]);
      g_autoptr(PgmTestRun) run = mirror (option);

      g_assert_cmpuint (run->data->n_rows, ==, 200);
      sizes[i] = run->data->archive_bytes;
    }
  for (gsize i = 1; i < G_N_ELEMENTS (methods); i++)
    g_assert_cmpuint (sizes[0], >, sizes[i]);
}

/* A check finds it as a run does. */
static void
test_compression_of_later_tools (void)
{
  static const PgmMirrorFlags flags[] = { PGM_MIRROR_ASSUME_YES, PGM_MIRROR_CHECK_ONLY };
  g_autofree char *json = pgm_test_profile_json (
      source, target, "app", "shop", "{ \"drop_existing\": true, \"compression\": \"lz4\" }");

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      const PgmTestRunOptions options = { .flags = flags[i] };
      g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);

      if (run->data->tools != NULL && atoi (run->data->tools + strlen ("pg_dump ")) >= 16)
        {
          g_test_skip ("this pg_dump knows lz4");
          return;
        }
      pgm_test_assert_code (run, "tools");
      pgm_test_assert_has (run->data->message, "needs pg_dump 16");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
    }
}

static void
test_jobs (void)
{
  static const char *const jobs[] = { "1", "8" };

  for (gsize i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *option = g_strdup_printf ("\"parallel_jobs\": %s", jobs[i]);
      g_autoptr(PgmTestRun) run = mirror (option);

      g_assert_true (run->data->verified);
      pgm_test_assert_equal (source, target, "shop");
    }
}

static void
test_verify_none (void)
{
  g_autoptr(PgmTestRun) run = mirror ("\"verify\": \"none\"");

  g_assert_false (run->data->verified);
  pgm_test_assert_has (run->data->message, "not verified");
  pgm_test_assert_equal (source, target, "shop");
}

static void
test_analyze (void)
{
  static const struct
  {
    const char *options;
    const char *has_statistics;
  } cases[] = { { "\"analyze\": true", "t" }, { "\"analyze\": false", "f" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmTestRun) run = mirror (cases[i].options);

      g_assert_true (run->data->verified);
      assert_sql ("SELECT count(*) > 0 FROM pg_stats WHERE schemaname = 'a'",
                  cases[i].has_statistics);
    }
}

static void
test_owner_and_acl (void)
{
  g_autoptr(PgmTestRun) with = NULL;
  g_autoptr(PgmTestRun) without = NULL;

  with = mirror_as (NULL, "ok", "\"no_owner\": false, \"no_acl\": false");
  assert_sql ("SELECT relowner::regrole, has_table_privilege('reader', oid, 'SELECT')"
              " FROM pg_class WHERE oid = 'a.t'::regclass",
              "app|t");
  without = mirror_as (NULL, "ok", "");
  assert_sql ("SELECT relowner::regrole, has_table_privilege('reader', oid, 'SELECT')"
              " FROM pg_class WHERE oid = 'a.t'::regclass",
              "postgres|f");
  pgm_test_do (target, "postgres", "ALTER DATABASE shop OWNER TO app");
}

/* Returns: (transfer full): the path, in JSON quotes */
static char *
write_script (const char *name, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, sql, -1, &error);
  g_assert_no_error (error);
  return g_strdup_printf ("\"%s\"", path);
}

static void
test_scripts (void)
{
  g_autofree char *first = write_script ("first it's.sql", "CREATE TABLE said (n serial, x text,"
                                                           " db name DEFAULT current_database());"
                                                           "INSERT INTO said (x) VALUES ('1');");
  g_autofree char *second = write_script (
      "second", "INSERT INTO said (x) SELECT coalesce(to_regclass('a.t')::text, '2');");
  g_autofree char *last =
      write_script ("last.sql", "INSERT INTO said (x) SELECT count(*)::text FROM a.t;"
                                "DELETE FROM a.log; \\echo done\n");
  g_autofree char *options =
      g_strdup_printf ("\"pre_sql\": [ %s, %s ], \"post_sql\": [ %s ]", first, second, last);
  g_autoptr(PgmTestRun) run = mirror (options);

  g_assert_true (run->data->verified);
  assert_sql ("SELECT string_agg(x, ' ' ORDER BY n), bool_and(db LIKE 'shop\\_\\_pgm\\_%')"
              " FROM said",
              "1 2 100|t");
  assert_sql ("SELECT count(*) FROM a.log", "0");
}

static void
test_failing_scripts (void)
{
  g_autofree char *bad = write_script (
      "bad.sql", "CREATE TABLE left_over ();\n\nSELECT 'secret' / 0;\nCREATE TABLE later ();");
  g_autofree char *open = write_script ("open.sql", "SELECT 'never closed");
  const char *const scripts[] = { bad, open };
  g_autoptr(PgmTestRun) good = mirror ("");
  g_autofree char *before = pgm_test_dup_content (target, "shop");

  g_assert_true (good->data->verified);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *options =
          g_strdup_printf ("\"%s\": [ %s ]", i % 2 == 0 ? "pre_sql" : "post_sql", scripts[i / 2]);
      g_autoptr(PgmTestRun) run = mirror_as ("app", "script-failed", options);
      g_autofree char *after = pgm_test_dup_content (target, "shop");

      pgm_test_assert_has (run->data->message, i / 2 == 0 ? "bad.sql" : ".sql\" failed: ");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
      g_assert_cmpstr (after, ==, before);
    }
}

/* Not after hours, but before anything runs. */
static void
test_missing_scripts (void)
{
  static const char *const options[] = { "\"pre_sql\": [ \"/nosuch/script.sql\" ]",
                                         "\"post_sql\": [ \"/nosuch/script.sql\", \"/\" ]" };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr(PgmTestRun) run = mirror_as ("app", "preflight", options[i]);

      pgm_test_assert_has (run->data->message, "script \"/nosuch/script.sql\" cannot be read");
      g_assert_cmpuint (run->data->archive_bytes, ==, 0);
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
    }
}

static void
look_for_archive (PgmMirror *mirror, PgmEvent *event, gpointer n_seen)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry = NULL;

  while ((entry = g_dir_read_name (dir)) != NULL)
    *(guint *) n_seen += g_str_has_prefix (entry, "pg-mirror-");
}

static void
test_temp_dir (void)
{
  guint n_seen = 0;
  g_autofree char *options_json =
      g_strdup_printf ("{ \"drop_existing\": true, \"temp_dir\": \"%s\" }", folder);
  g_autofree char *json = pgm_test_profile_json (source, target, "app", "shop", options_json);
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES,
                                      .event = look_for_archive,
                                      .user_data = &n_seen };
  g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);
  g_autoptr(PgmTestRun) missing = NULL;
  guint n_left = 0;

  pgm_test_assert_code (run, "ok");
  g_assert_cmpuint (n_seen, >, 0);
  look_for_archive (NULL, NULL, &n_left);
  g_assert_cmpuint (n_left, ==, 0);

  missing = mirror_as ("app", "preflight", "\"temp_dir\": \"/nosuch/folder\"");
  pgm_test_assert_has (missing->data->message, "/nosuch/folder");
  g_assert_cmpint (missing->data->target_state, ==, PGM_TARGET_UNCHANGED);
}

/* A policy for a role that the target has not: everything else arrives. */
static void
test_on_error_report (void)
{
  g_autoptr(PgmTestRun) stopped = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  const PgmFinding *finding = NULL;

  pgm_test_do (source, "shop",
               "CREATE ROLE tenant; CREATE TABLE a.guarded AS SELECT 5 AS x;"
               "ALTER TABLE a.guarded OWNER TO app; CREATE POLICY p ON a.guarded TO tenant");
  stopped = mirror_as ("app", "preflight", "");
  pgm_test_assert_has (stopped->data->message, "tenant");
  run = mirror_as ("app", "differences", "\"on_error\": \"report\"");
  pgm_test_do (source, "shop", "DROP TABLE a.guarded; DROP ROLE tenant");

  g_assert_cmpint (pgm_report_get_exit_status (run->report), ==, 3);
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
  finding = pgm_test_find (run->data->differences, "not-restored");
  pgm_test_assert_has (finding->message, "POLICY a guarded p");
  g_assert_cmpuint (run->data->n_rows, ==, 201);
  assert_sql ("SELECT x FROM a.guarded", "5");
}

static PgmTestRun *
fill (const char *code, const char *options)
{
  PgmTestRun *run = pgm_test_mirror (source, target, "app", "shop", options);

  pgm_test_assert_code (run, code);
  pgm_test_assert_nothing_left (source, target);
  return run;
}

static void
test_data_only (void)
{
  g_autoptr(PgmTestRun) prepared = mirror ("\"schema_only\": true");
  g_autoptr(PgmTestRun) run = fill ("ok", "{ \"data_only\": true }");
  g_autoptr(PgmTestRun) again = NULL;
  g_autofree char *before = pgm_test_dup_content (target, "shop");
  g_autofree char *after = NULL;

  g_assert_cmpuint (prepared->data->n_rows, ==, 0);
  g_assert_true (run->data->verified);
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
  g_assert_cmpuint (run->data->n_rows, ==, 200);
  g_assert_cmpuint (run->data->n_sequences, ==, 2);
  pgm_test_assert_equal (source, target, "shop");

  again = fill ("preflight", "{ \"data_only\": true }");
  pgm_test_assert_has (again->data->message,
                       "would double: a.log, a.t, b B.T 2, public.t; empty them");
  g_assert_cmpint (again->data->target_state, ==, PGM_TARGET_UNCHANGED);
  after = pgm_test_dup_content (target, "shop");
  g_assert_cmpstr (after, ==, before);
}

static void
test_data_only_of_tables (void)
{
  g_autoptr(PgmTestRun) prepared = mirror ("\"schema_only\": true");
  g_autoptr(PgmTestRun) run =
                 fill ("ok", "{ \"data_only\": true, \"tables\": [\"a.log\", \"public.t\"] }");

  g_assert_cmpuint (prepared->data->n_tables, ==, 0);
  g_assert_cmpuint (run->data->n_rows, ==, 70);
  g_assert_cmpuint (run->data->n_sequences, ==, 1);
  assert_sql ("SELECT (SELECT count(*) FROM a.log), (SELECT count(*) FROM a.t)", "50|0");
}

static void
test_data_only_without_tables (void)
{
  g_autoptr(PgmTestRun) prepared = mirror ("\"schema_only\": true, \"tables\": [\"a.t\"]");
  g_autoptr(PgmTestRun) run = fill ("preflight", "{ \"data_only\": true }");
  g_autoptr(PgmTestRun) missing = NULL;

  g_assert_cmpuint (prepared->data->n_tables, ==, 0);
  pgm_test_assert_has (run->data->message, "a.log");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  pgm_test_do (target, "postgres", "DROP DATABASE shop");
  missing = fill ("preflight", "{ \"data_only\": true }");
  pgm_test_assert_has (missing->data->message, "there is no database");
}

static void
remove_scripts (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry = NULL;

  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  folder = g_dir_make_tmp ("options-XXXXXX", NULL);
  pgm_test_do (source, "postgres",
               "CREATE ROLE app LOGIN CREATEROLE; CREATE DATABASE shop OWNER app");
  g_assert_cmpint (pgm_test_server_psql_status (source, "app", "shop", SHOP, NULL), ==, 0);
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB; CREATE ROLE reader");

  g_test_add_func ("/mirror-options/filters", test_filters);
  g_test_add_func ("/mirror-options/pattern-without-match", test_pattern_without_match);
  g_test_add_func ("/mirror-options/compression", test_compression);
  g_test_add_func ("/mirror-options/compression-of-later-tools", test_compression_of_later_tools);
  g_test_add_func ("/mirror-options/jobs", test_jobs);
  g_test_add_func ("/mirror-options/verify-none", test_verify_none);
  g_test_add_func ("/mirror-options/analyze", test_analyze);
  g_test_add_func ("/mirror-options/owner-and-acl", test_owner_and_acl);
  g_test_add_func ("/mirror-options/scripts", test_scripts);
  g_test_add_func ("/mirror-options/failing-scripts", test_failing_scripts);
  g_test_add_func ("/mirror-options/missing-scripts", test_missing_scripts);
  g_test_add_func ("/mirror-options/temp-dir", test_temp_dir);
  g_test_add_func ("/mirror-options/on-error-report", test_on_error_report);
  g_test_add_func ("/mirror-options/data-only", test_data_only);
  g_test_add_func ("/mirror-options/data-only-of-tables", test_data_only_of_tables);
  g_test_add_func ("/mirror-options/data-only-without-tables", test_data_only_without_tables);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  remove_scripts ();
  pgm_test_run_end ();
  return status;
}
