/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Without drop_existing a target that is there receives what comes, or is left alone. */

#include "pgm-test-pair.h"

#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

static void
as_app (PgmTestServer *server, const char *database, const char *sql)
{
  g_autofree char *said = NULL;

  if (pgm_test_server_psql_status (server, "app", database, sql, &said) != 0)
    g_error ("%s: %s", sql, said);
}

static void
make (PgmTestServer *server, const char *name, const char *sql)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE %s OWNER app TEMPLATE template0", name);

  pgm_test_do (server, "postgres", create);
  as_app (server, name, sql);
}

static void
assert_sql (const char *database, const char *sql, const char *expected)
{
  g_autofree char *got = pgm_test_server_psql (target, database, sql);

  g_assert_cmpstr (got, ==, expected);
}

static gboolean
has_begun (PgmTestRun *run, PgmPhase phase)
{
  for (guint i = 0; i < run->events->len; i++)
    if (((PgmEvent *) run->events->pdata[i])->progress.phase == phase)
      return TRUE;
  return FALSE;
}

/* Runs @database, which has to end with @code and leave the target as it is. */
static PgmTestRun *
mirror_unchanged (const char *database, const char *options, const char *code)
{
  g_autofree char *before = pgm_test_dup_content (target, database);
  g_autofree char *after = NULL;
  PgmTestRun *run = pgm_test_mirror (source, target, "app", database, options);

  pgm_test_assert_code (run, code);
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  after = pgm_test_dup_content (target, database);
  g_assert_cmpstr (after, ==, before);
  pgm_test_assert_nothing_left (source, target);
  return run;
}

static void
test_empty (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "empty", "CREATE TABLE t AS SELECT generate_series(1, 5) AS x");
  make (target, "empty", "ALTER DATABASE empty SET work_mem = '3MB'");
  run = pgm_test_mirror (source, target, "app", "empty", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
  g_assert_true (run->data->verified);
  assert_sql ("empty", "SELECT count(*), current_setting('work_mem') FROM t", "5|3MB");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_empty_without_createdb (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "small", "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT generate_series(1, 5) AS x");
  make (target, "small", "SELECT 1");
  pgm_test_do (target, "small", "ALTER ROLE app NOCREATEDB");
  run = pgm_test_mirror (source, target, "app", "small", NULL);
  pgm_test_do (target, "small", "ALTER ROLE app CREATEDB");
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
  g_assert_true (pgm_test_run_logged (run, "jobs: 1"));
  pgm_test_assert_equal (source, target, "small");
  pgm_test_assert_nothing_left (source, target);
}

/* What a database without a table may hold all the same; none of it is lost. */
static void
test_nearly_empty (void)
{
  static const struct
  {
    const char *name;
    const char *sql;
    const char *look; /* answers "1" as long as it is there */
  } cases[] = {
    { "has_large_object", "SELECT lo_from_bytea (4711, 'abc')",
      "SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 4711" },
    { "has_publication", "CREATE PUBLICATION p", "SELECT count(*) FROM pg_publication" },
    { "has_default_acl", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
      "SELECT count(*) FROM pg_default_acl" },
    { "has_collation", "CREATE COLLATION c FROM \"C\"",
      "SELECT count(*) FROM pg_collation WHERE collname = 'c'" },
    { "has_comment", "COMMENT ON SCHEMA public IS 'mine'",
      "SELECT count(*) FROM pg_description WHERE description = 'mine'" },
    { "has_grant", "GRANT CREATE ON SCHEMA public TO PUBLIC",
      "SELECT count(*) FROM pg_namespace WHERE nspacl::text ~ '[{,]=UC/'" },
    { "has_extension", "CREATE EXTENSION pgcrypto",
      "SELECT count(*) FROM pg_extension WHERE extname = 'pgcrypto'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;

      make (source, cases[i].name, "CREATE TABLE t AS SELECT generate_series(1, 5) AS x");
      make (target, cases[i].name, "SELECT 1");
      g_test_message ("%s", cases[i].name);
      pgm_test_do (target, cases[i].name, cases[i].sql);
      run = pgm_test_mirror (source, target, "app", cases[i].name, NULL);
      pgm_test_assert_code (run, "ok");
      assert_sql (cases[i].name, "SELECT count(*) FROM t", "5");
      assert_sql (cases[i].name, cases[i].look, "1");
      pgm_test_assert_nothing_left (source, target);
    }
}

/* An empty database that is no longer empty when its place is to be taken. */
static void
test_filled_meanwhile (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, "app", "filled_meanwhile", NULL);
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autoptr(PgmTestRun) run = NULL;
  PgmConn *gate = NULL;

  make (source, "filled_meanwhile", PGM_TEST_PAUSING_COPY);
  make (target, "filled_meanwhile", "SELECT 1");
  run = pgm_test_run_start (json, &options);
  pgm_test_wait_until (target, PGM_TEST_IS_COPYING);
  as_app (target, "filled_meanwhile", "CREATE TABLE precious AS SELECT 42 AS x");
  gate = pgm_test_open_gate (target);
  pgm_test_run_wait (run);
  pgm_test_close_gate (gate);
  pgm_test_assert_code (run, "replace-failed");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  assert_sql ("filled_meanwhile", "SELECT x FROM precious", "42");
  pgm_test_assert_nothing_left (source, target);
}

#define MERGED                                                                                   \
  "CREATE SCHEMA shared; CREATE TABLE shared.a (id serial PRIMARY KEY, x text);"                 \
  "INSERT INTO shared.a (x) SELECT 'r' || i FROM generate_series(1, 9) i;"                       \
  "CREATE TYPE shared.kind AS ENUM ('x'); CREATE SCHEMA fresh; CREATE VIEW fresh.v AS SELECT * " \
  "FROM shared.a;"                                                                               \
  "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT lo_create(4242);"

static void
test_merge (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "merged", MERGED);
  make (target, "merged",
        "CREATE SCHEMA shared; CREATE TABLE shared.mine AS SELECT 7 AS x;"
        "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 2'; SELECT lo_create(7)");
  run = pgm_test_mirror (source, target, "app", "merged", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
  g_assert_true (run->data->verified);
  g_assert_cmpuint (run->data->n_rows, ==, 9);
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "schema"));
  assert_sql ("merged", "SELECT (SELECT x FROM shared.mine), count(*), f(''), f(0) FROM fresh.v",
              "7|9|2|1");
  assert_sql ("merged", "SELECT nextval('shared.a_id_seq')", "10");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_collisions (void)
{
  static const struct
  {
    const char *name;
    const char *there;
    const char *first;
  } cases[] = {
    { "hit_table", "CREATE SCHEMA shared; CREATE TABLE shared.a ()", "relation shared.a" },
    { "hit_view", "CREATE SCHEMA shared; CREATE VIEW shared.a AS SELECT 1", "relation shared.a" },
    { "hit_function", "CREATE FUNCTION f(x int) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
      "function public.f" },
    { "hit_type", "CREATE SCHEMA shared; CREATE TYPE shared.kind AS (x int)", "type shared.kind" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;

      make (source, cases[i].name, MERGED);
      make (target, cases[i].name, cases[i].there);
      run = mirror_unchanged (cases[i].name, NULL, "preflight");
      pgm_test_assert_has (run->data->message, cases[i].first);
      g_assert_false (has_begun (run, PGM_PHASE_BACKUP));
    }
}

/* A kind of object that is not looked for beforehand: the one transaction is rolled back. */
static void
test_merge_fails (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "broken",
        "CREATE TABLE a AS SELECT 1 AS x;"
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = pg_catalog.simple)");
  make (target, "broken",
        "CREATE TABLE b AS SELECT 2 AS x;"
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = pg_catalog.simple)");
  run = mirror_unchanged ("broken", NULL, "restore-failed");
}

/* Positions of sequences stand outside of transactions. */
static void
test_rows_alone_fail (void)
{
  static const char content[] = "CREATE TABLE t (x int);"
                                "CREATE SEQUENCE a START 5; CREATE SEQUENCE b MAXVALUE %s START 5";
  g_autofree char *there = g_strdup_printf (content, "1000");
  g_autofree char *here = g_strdup_printf (content, "50");
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "rows_alone", there);
  as_app (source, "rows_alone",
          "INSERT INTO t VALUES (1); SELECT setval('a', 77), setval('b', 99)");
  make (target, "rows_alone", here);
  run = pgm_test_mirror (source, target, "app", "rows_alone", "{ \"data_only\": true }");
  pgm_test_assert_code (run, "restore-failed");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  assert_sql ("rows_alone", "SELECT count(*) FROM t", "0");
  assert_sql ("rows_alone", "SELECT last_value, is_called FROM a", "5|f");
  assert_sql ("rows_alone", "SELECT last_value, is_called FROM b", "5|f");
  pgm_test_assert_nothing_left (source, target);
}

/* The schema of a chosen table is made beforehand, and goes away again with a failure. */
static void
test_merge_of_tables_fails (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "chosen",
        "CREATE SCHEMA s; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE TABLE s.t (x int DEFAULT f())");
  make (target, "chosen", "CREATE TABLE b AS SELECT 2 AS x");
  run = mirror_unchanged ("chosen", "{ \"tables\": [\"s.t\"] }", "restore-failed");
}

static void
test_merge_of_tables (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "picked",
        "CREATE SCHEMA \"s 1\"; CREATE TABLE \"s 1\".t AS SELECT 4 AS x; CREATE TABLE u ()");
  make (target, "picked", "CREATE TABLE u AS SELECT 2 AS x");
  run = pgm_test_mirror (source, target, "app", "picked", "{ \"tables\": [\"\\\"s 1\\\".t\"] }");
  pgm_test_assert_code (run, "ok");
  assert_sql ("picked", "SELECT u.x, t.x FROM u, \"s 1\".t", "2|4");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_merge_of_foreign_table (void)
{
  static const char server[] = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER v FOREIGN DATA WRAPPER"
                               " w; GRANT USAGE ON FOREIGN SERVER v TO app";
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "picked_foreign", "CREATE SCHEMA s");
  make (target, "picked_foreign", "CREATE TABLE u AS SELECT 2 AS x");
  pgm_test_do (source, "picked_foreign", server);
  pgm_test_do (target, "picked_foreign", server);
  as_app (source, "picked_foreign", "CREATE FOREIGN TABLE s.t (x int) SERVER v");
  run = pgm_test_mirror (source, target, "app", "picked_foreign", "{ \"tables\": [\"s.t\"] }");
  pgm_test_assert_code (run, "ok");
  assert_sql ("picked_foreign", "SELECT ftrelid::regclass FROM pg_foreign_table", "s.t");
  pgm_test_assert_nothing_left (source, target);
}

/* The target goes away in the middle of the transaction, and comes back too late. */
static void
test_merge_of_tables_cut (void)
{
  g_autofree char *json = pgm_test_profile_json (
      source, target, NULL, "severed", "{ \"tables\": [\"s.t\"], \"connect_timeout\": 2 }");
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autoptr(PgmTestRun) run = NULL;
  const PgmFinding *finding = NULL;
  PgmConn *holder = NULL;

  make (source, "severed", "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 'x'::text AS x");
  make (target, "severed", "CREATE TABLE b AS SELECT 2 AS x");
  holder = pgm_test_hold (target, NULL, "severed",
                          "BEGIN; LOCK TABLE pg_catalog.pg_index IN SHARE MODE");
  run = pgm_test_run_start (json, &options);
  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = 'severed'"
                               " AND wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%')");
  pgm_test_server_stop (target);
  pgm_conn_free (holder);
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "restore-failed");
  finding = pgm_test_find (run->data->leftovers, "leftover-schema");
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->message, "schema \"s\" on the target could not be removed");
  pgm_test_server_restart (target);
  assert_sql ("severed", "SELECT count(*) FROM pg_class WHERE relnamespace = 's'::regnamespace",
              "0");
  pgm_test_assert_nothing_left (source, target);
}

/* Statistics wait for whoever maintains a table, as long as a lock is waited for, and no longer. */
static void
test_merge_beside_maintenance (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmConn) holder = NULL;

  make (source, "maintained", "CREATE TABLE a AS SELECT 1 AS x");
  make (target, "maintained", "CREATE TABLE b AS SELECT 2 AS x");
  holder = pgm_test_hold (target, NULL, "maintained",
                          "BEGIN; LOCK TABLE public.b IN SHARE UPDATE EXCLUSIVE MODE");
  run = pgm_test_mirror (source, target, "app", "maintained", "{ \"lock_wait_timeout\": 2 }");
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->findings, "analyze"));
  assert_sql ("maintained", "SELECT a.x, b.x FROM a, b", "1|2");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_filtered_collision (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make (source, "sieved", "CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE b AS SELECT 1 AS x");
  make (target, "sieved", "CREATE TABLE b AS SELECT 2 AS x");
  run = mirror_unchanged ("sieved", "{ \"tables\": [\"b\"] }", "preflight");
  pgm_test_assert_has (run->data->message, "relation public.b");
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

  g_test_add_func ("/mirror-reuse/empty", test_empty);
  g_test_add_func ("/mirror-reuse/empty-without-createdb", test_empty_without_createdb);
  g_test_add_func ("/mirror-reuse/nearly-empty", test_nearly_empty);
  g_test_add_func ("/mirror-reuse/filled-meanwhile", test_filled_meanwhile);
  g_test_add_func ("/mirror-reuse/merge", test_merge);
  g_test_add_func ("/mirror-reuse/collisions", test_collisions);
  g_test_add_func ("/mirror-reuse/merge-beside-maintenance", test_merge_beside_maintenance);
  g_test_add_func ("/mirror-reuse/merge-fails", test_merge_fails);
  g_test_add_func ("/mirror-reuse/rows-alone-fail", test_rows_alone_fail);
  g_test_add_func ("/mirror-reuse/merge-of-tables", test_merge_of_tables);
  g_test_add_func ("/mirror-reuse/merge-of-foreign-table", test_merge_of_foreign_table);
  g_test_add_func ("/mirror-reuse/merge-of-tables-cut", test_merge_of_tables_cut);
  g_test_add_func ("/mirror-reuse/filtered-collision", test_filtered_collision);
  g_test_add_func ("/mirror-reuse/merge-of-tables-fails", test_merge_of_tables_fails);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
