/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A whole database with every kind of object arrives whole, and the report says so. */

#include "pgm-test-run.h"

#include <stdlib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

static void
make_shop (const char *name, const char *const *scripts)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE %s OWNER app TEMPLATE template0", name);

  pgm_test_do (source, "postgres", create);
  for (; *scripts != NULL; scripts++)
    {
      g_autofree char *path =
          g_test_build_filename (G_TEST_DIST, "..", "data", "sample", *scripts, NULL);

      pgm_test_server_run_file (source, "app", name, path);
    }
}

static guint64
count_rows (PgmTestServer *server, const char *database)
{
  g_autofree char *text = pgm_test_server_psql (
      server, database,
      "SELECT format('SELECT count(*) FROM ONLY %s', c.oid::regclass) FROM pg_class c"
      " WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
      " \\gexec");
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  guint64 n = 0;

  for (gsize i = 0; lines[i] != NULL; i++)
    n += g_ascii_strtoull (lines[i], NULL, 10);
  return n;
}

static guint
count_relations (PgmTestServer *server, const char *database, char kind)
{
  g_autofree char *sql =
      g_strdup_printf ("SELECT count(*) FROM pg_class WHERE relkind = '%c'"
                       " AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'",
                       kind);
  g_autofree char *count = pgm_test_server_psql (server, database, sql);

  return (guint) atoi (count);
}

static void
assert_phases (PgmTestRun *run)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < run->events->len; i++)
    {
      const PgmEvent *event = run->events->pdata[i];

      if (event->kind == PGM_EVENT_PHASE)
        g_string_append_printf (text, "%s ", pgm_phase_get_nick (event->progress.phase));
    }
  g_assert_cmpstr (text->str, ==, "check backup prepare restore verify replace clean-up done ");
}

static void
assert_numbers (PgmTestRun *run, const char *database)
{
  g_autofree char *n_large_objects =
      pgm_test_server_psql (source, database, "SELECT count(*) FROM pg_largeobject_metadata");

  g_assert_true (run->data->verified);
  g_assert_cmpuint (run->data->n_tables, ==, count_relations (source, database, 'r'));
  g_assert_cmpuint (run->data->n_rows, ==, count_rows (source, database));
  g_assert_cmpuint (run->data->n_sequences, ==, count_relations (source, database, 'S'));
  g_assert_cmpint (run->data->n_large_objects, ==, atoi (n_large_objects));
  g_assert_cmpuint (run->data->archive_bytes, >, 0);
  g_assert_cmpint (run->data->duration_us, >, 0);
  g_assert_true (g_str_has_prefix (run->data->tools, "pg_dump "));
  g_assert_nonnull (run->data->source_version);
  g_assert_nonnull (run->data->target_version);
  g_assert_null (run->data->previous_name);
  g_assert_cmpuint (run->data->left_behind->len, ==, 1);
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "privileges"));
  g_assert_cmpuint (run->data->differences->len, ==, 0);
  g_assert_cmpuint (run->data->leftovers->len, ==, 0);
}

static void
assert_json (PgmTestRun *run)
{
  static const char *const members[] = {
    "event",        "code",          "message",        "source",        "target",
    "target_state", "verified",      "started",        "seconds",       "exit_status",
    "tables",       "rows",          "sequences",      "large_objects", "archive_bytes",
    "tools",        "phases",        "source_version", "findings",      "target_version",
    "left_behind",  "previous_name", "differences",    "leftovers"
  };
  g_autoptr(JsonNode) node = pgm_report_to_json (run->report);
  JsonObject *object = json_node_get_object (node);

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (!json_object_has_member (object, members[i]))
      g_error ("the report has no \"%s\"", members[i]);
  g_assert_cmpint (json_object_get_int_member (object, "exit_status"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "rows"), ==, (gint64) run->data->n_rows);
  g_assert_cmpstr (json_object_get_string_member (object, "target_state"), ==, "created");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "phases")), ==, 7);
}

static void
test_shop (void)
{
  static const char *const scripts[] = { "shop.sql", NULL };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  make_shop ("shop", scripts);
  before = pgm_test_dup_content (source, "shop");
  run = pgm_test_mirror (source, target, "app", "shop", NULL);
  after = pgm_test_dup_content (source, "shop");

  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_CREATED);
  pgm_test_assert_equal (source, target, "shop");
  g_assert_cmpstr (after, ==, before);
  assert_numbers (run, "shop");
  assert_json (run);
  assert_phases (run);
  pgm_test_assert_nothing_left (source, target);
}

/* The extensions of the sample are trusted ones, which a plain role may create. */
static void
test_extensions (void)
{
  static const char *const scripts[] = { "shop.sql", "extensions.sql", NULL };
  g_autofree char *available =
      pgm_test_server_psql (source, "postgres",
                            "SELECT count(*) FROM pg_available_extensions"
                            " WHERE name IN ('pg_trgm', 'citext', 'btree_gist')");
  g_autoptr(PgmTestRun) run = NULL;

  if (!g_str_equal (available, "3"))
    {
      g_test_skip ("the contrib extensions are not installed");
      return;
    }
  make_shop ("extended", scripts);
  run = pgm_test_mirror (source, target, "app", "extended", "{ \"parallel_jobs\": 8 }");
  pgm_test_assert_code (run, "ok");
  pgm_test_assert_equal (source, target, "extended");
  pgm_test_assert_nothing_left (source, target);
}

/* What the source's transaction began with arrives, whatever is written meanwhile. */
static gpointer
write_thread (gpointer stop)
{
  while (!g_atomic_int_get ((int *) stop))
    pgm_test_do (source, "busy",
                 "BEGIN; INSERT INTO a SELECT FROM generate_series(1, 100);"
                 " INSERT INTO b SELECT FROM generate_series(1, 100);"
                 " SELECT nextval('s'); COMMIT");
  return NULL;
}

static void
test_busy_source (void)
{
  int stop = FALSE;
  GThread *thread = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *rows = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE busy OWNER app");
  pgm_test_server_psql_status (source, "app", "busy",
                               "CREATE TABLE a (); CREATE TABLE b (); CREATE SEQUENCE s", NULL);
  thread = g_thread_new ("writer", write_thread, &stop);
  run = pgm_test_mirror (source, target, "app", "busy", NULL);
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);

  pgm_test_assert_code (run, "ok");
  rows = pgm_test_server_psql (target, "busy",
                               "SELECT (SELECT count(*) FROM a) = (SELECT count(*) FROM b)");
  g_assert_cmpstr (rows, ==, "t");
  pgm_test_assert_nothing_left (source, target);
}

/* What must not travel is named, and so are the settings of single roles. */
static void
test_left_behind (void)
{
  static const char *const codes[] = { "subscription", "user-mapping", "comment", "role-setting" };
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *there = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE linked");
  pgm_test_do (source, "linked",
               "CREATE TABLE t (); CREATE FOREIGN DATA WRAPPER w;"
               "CREATE SERVER s FOREIGN DATA WRAPPER w;"
               "CREATE USER MAPPING FOR app SERVER s OPTIONS (password 'canary');"
               "CREATE SUBSCRIPTION sub CONNECTION 'host=elsewhere password=canary' PUBLICATION p"
               "  WITH (connect = false); COMMENT ON SUBSCRIPTION sub IS 'said';"
               "ALTER ROLE app IN DATABASE linked SET work_mem = '3MB'");
  run = pgm_test_mirror (source, target, NULL, "linked", NULL);
  pgm_test_do (source, "linked",
               "ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub");
  pgm_test_assert_code (run, "ok");
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_nonnull (pgm_test_find (run->data->left_behind, codes[i]));
  g_assert_false (pgm_test_run_logged (run, "canary"));
  there = pgm_test_server_psql (target, "linked",
                                "SELECT (SELECT count(*) FROM pg_subscription),"
                                " (SELECT count(*) FROM pg_user_mapping),"
                                " (SELECT count(*) FROM pg_foreign_server)");
  g_assert_cmpstr (there, ==, "0|0|1");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_empty (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE nothing OWNER app");
  run = pgm_test_mirror (source, target, "app", "nothing", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  g_assert_cmpuint (run->data->n_tables, ==, 0);
  pgm_test_assert_equal (source, target, "nothing");
  pgm_test_assert_nothing_left (source, target);
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

  g_test_add_func ("/mirror-clone/shop", test_shop);
  g_test_add_func ("/mirror-clone/extensions", test_extensions);
  g_test_add_func ("/mirror-clone/busy-source", test_busy_source);
  g_test_add_func ("/mirror-clone/left-behind", test_left_behind);
  g_test_add_func ("/mirror-clone/empty", test_empty);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
