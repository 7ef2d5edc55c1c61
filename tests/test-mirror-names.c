/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* P9: any legal name works as database, role, schema, table and column. Each is created, then
 * replaced, by a role of the same name. */

#include "pgm-test-names.h"
#include "pgm-test-run.h"

#include <string.h>

#define AT_A_TIME 4

static PgmTestServer *source;
static PgmTestServer *target;

static void
make (const char *name)
{
  g_autofree char *quoted = pgm_test_quote_name (name);
  g_autofree char *role = g_strdup_printf ("CREATE ROLE %s LOGIN CREATEDB", quoted);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s OWNER %s", quoted, quoted);
  g_autofree char *fill = g_strdup_printf (
      "CREATE SCHEMA %s; CREATE TABLE %s.%s (%s int PRIMARY KEY, next serial);"
      "INSERT INTO %s.%s SELECT generate_series(1, 3);"
      "CREATE VIEW %s.v AS SELECT * FROM %s.%s; COMMENT ON SCHEMA %s IS E'%%\\n\\''",
      quoted, quoted, quoted, quoted, quoted, quoted, quoted, quoted, quoted, quoted);
  g_autofree char *said = NULL;

  pgm_test_do (source, "postgres", role);
  pgm_test_do (target, "postgres", role);
  pgm_test_do (source, "postgres", create);
  if (pgm_test_server_psql_status (source, name, name, fill, &said) != 0)
    g_error ("%s: %s", name, said);
}

static void
assert_arrived (PgmTestRun *run, const char *name, PgmTargetState state)
{
  g_autofree char *quoted = pgm_test_quote_name (name);
  g_autofree char *sql =
      g_strdup_printf ("SELECT count(*), sum(%s), sum(next) FROM %s.%s", quoted, quoted, quoted);
  g_autofree char *sums = NULL;

  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  g_assert_cmpint (run->data->target_state, ==, state);
  g_assert_cmpuint (run->data->n_rows, ==, 3);
  sums = pgm_test_server_psql (target, name, sql);
  g_assert_cmpstr (sums, ==, "3|6|6");
}

static void
mirror_all (const char *const *all, gsize n, PgmTargetState state)
{
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  PgmTestRun *runs[AT_A_TIME];

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *json =
          pgm_test_profile_json (source, target, all[i], all[i], "{ \"drop_existing\": true }");

      runs[i] = pgm_test_run_start (json, &options);
    }
  for (gsize i = 0; i < n; i++)
    {
      pgm_test_run_wait (runs[i]);
      assert_arrived (runs[i], all[i], state);
    }
  for (gsize i = 0; i < n; i++)
    pgm_test_run_free (runs[i]);
}

static char *
list_databases (PgmTestServer *server)
{
  return pgm_test_server_psql (server, "postgres",
                               "SELECT string_agg(quote_ident(datname), ' ' ORDER BY datname)"
                               "  FROM pg_database");
}

/* Creates and replaces them; nothing else comes into being or goes away. */
static void
test_some (const char *const *some, gsize n)
{
  g_autofree char *expected = NULL;
  g_autofree char *there = NULL;

  for (gsize i = 0; i < n; i++)
    make (some[i]);
  for (gsize i = 0; i < n; i += AT_A_TIME)
    mirror_all (some + i, MIN (AT_A_TIME, n - i), PGM_TARGET_CREATED);
  for (gsize i = 0; i < n; i += AT_A_TIME)
    mirror_all (some + i, MIN (AT_A_TIME, n - i), PGM_TARGET_REPLACED);
  expected = list_databases (source);
  there = list_databases (target);
  g_assert_cmpstr (there, ==, expected);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_hostile (void)
{
  test_some (pgm_test_names, G_N_ELEMENTS (pgm_test_names));
}

/* Every character from U+0001 to U+00FF, in as many names as that takes. */
static void
test_every_character (void)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) name = g_string_new (NULL);

  for (gunichar c = 1; c <= 0xFF; c++)
    {
      g_string_append_unichar (name, c);
      if (name->len < 62 && c < 0xFF)
        continue;
      g_ptr_array_add (all, g_strdup (name->str));
      g_string_truncate (name, 0);
    }
  test_some ((const char *const *) all->pdata, all->len);
}

/* The database that others are managed from can be mirrored like any other. */
static void
test_postgres (void)
{
  const char *postgres = "postgres";

  pgm_test_do (source, "postgres",
               "CREATE SCHEMA postgres; CREATE TABLE postgres.postgres (postgres int, next serial);"
               "INSERT INTO postgres.postgres SELECT generate_series(1, 3)");
  pgm_test_do (target, "postgres", "CREATE TABLE old ()");
  mirror_all (&postgres, 1, PGM_TARGET_REPLACED);
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);

  g_test_add_func ("/mirror-names/hostile", test_hostile);
  g_test_add_func ("/mirror-names/every-character", test_every_character);
  g_test_add_func ("/mirror-names/postgres", test_postgres);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
