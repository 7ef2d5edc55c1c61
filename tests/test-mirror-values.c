/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Rows travel as text. Settings that either side has for itself must not make other values of it,
 * which the same number of rows would not show. */

#include "pgm-test-locale.h"
#include "pgm-test-pair.h"

static PgmTestServer *source;
static PgmTestServer *target;

typedef struct
{
  const char *name;  /* of the database, too */
  const char *there; /* (nullable): setting of the source's role */
  const char *here;  /* (nullable): of the target's */
  const char *sql;
  const char *look;
  const char *expected;
} Case;

#define MONEY "CREATE TABLE t (i int, m money); INSERT INTO t VALUES (1, 12.34::numeric::money)"
#define LOOK_AT_MONEY "SELECT m::numeric FROM t"

static const Case cases[] = {
  { "money_here", NULL, "lc_monetary = 'es_AR.UTF-8'", MONEY, LOOK_AT_MONEY, "12.34" },
  { "money_there", "lc_monetary = 'es_AR.UTF-8'", NULL, MONEY, LOOK_AT_MONEY, "12.34" },
  { "array_nulls", NULL, "array_nulls = off", "CREATE TABLE t AS SELECT ARRAY['a', NULL] AS a",
    "SELECT a[2] IS NULL FROM t", "t" },
  { "intervals", "intervalstyle = sql_standard", "intervalstyle = sql_standard",
    "CREATE TABLE t AS SELECT interval '-1 day 2 hours' AS i",
    "SELECT extract (epoch FROM i)::int FROM t", "-79200" },
  { "dates", "datestyle = 'SQL, DMY'", "datestyle = 'German, MDY'",
    "CREATE TABLE t AS SELECT date '2026-02-01' AS d", "SELECT d - date '2026-02-01' FROM t", "0" },
  { "bytes", "bytea_output = escape", NULL, "CREATE TABLE t AS SELECT '\\x00ff5c'::bytea AS b",
    "SELECT encode (b, 'hex') FROM t", "00ff5c" },
  { "floats", "extra_float_digits = -15", NULL, "CREATE TABLE t AS SELECT 0.1::float8 + 0.2 AS f",
    "SELECT f = 0.1::float8 + 0.2 FROM t", "t" },
};

/* @setting: (nullable) */
static void
set (PgmTestServer *server, const char *setting)
{
  g_autofree char *sql = g_strconcat ("ALTER ROLE app SET ", setting, NULL);

  pgm_test_do (server, "postgres", "ALTER ROLE app RESET ALL");
  if (setting != NULL)
    pgm_test_do (server, "postgres", sql);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s OWNER app", c->name);
  g_autofree char *grant = g_strconcat (c->sql, "; GRANT SELECT ON t TO app", NULL);
  g_autofree char *value = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", create);
  pgm_test_do (source, c->name, grant);
  set (source, c->there);
  set (target, c->here);
  run = pgm_test_mirror (source, target, "app", c->name, NULL);
  pgm_test_assert_code (run, "ok");
  value = pgm_test_server_psql (target, c->name, c->look);
  g_assert_cmpstr (value, ==, c->expected);
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  const char *const locales[] = { "es_AR.UTF-8", NULL };
  int status = 0;

  pgm_test_run_init (&argc, &argv);
  if (!pgm_test_locales_make (locales))
    return 77;
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", "CREATE ROLE app LOGIN");
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-values/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_locales_remove ();
  pgm_test_run_end ();
  return status;
}
