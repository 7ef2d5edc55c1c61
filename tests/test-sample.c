/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server.h"

#include <stdlib.h>

static PgmTestServer *server;

/* A plain owner has to be able to load it; tests and the quickstart rely on its size. */
static void
test_loads (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "data", "sample", "shop.sql", NULL);
  g_autofree char *schemas = NULL;
  g_autofree char *rows = NULL;

  g_free (pgm_test_server_psql (server, "postgres",
                                "CREATE ROLE owner LOGIN; CREATE DATABASE shop OWNER owner"
                                " TEMPLATE template0"));
  pgm_test_server_run_file (server, "owner", "shop", path);
  schemas = pgm_test_server_psql (
      server, "shop", "SELECT count(*) FROM pg_namespace WHERE nspowner = 'owner'::regrole");
  rows = pgm_test_server_psql (
      server, "shop", "SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind IN ('r', 'm')");
  g_assert_cmpint (atoi (schemas), >=, 5);
  g_assert_cmpint (atoi (rows), >, 100000);
}

static void
test_kinds (void)
{
  g_autofree char *kinds =
      pgm_test_server_psql (server, "shop",
                            "SELECT string_agg(DISTINCT relkind::text, '' ORDER BY relkind::text)"
                            " FROM pg_class WHERE relnamespace NOT IN"
                            " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)");
  g_autofree char *methods = pgm_test_server_psql (
      server, "shop", "SELECT count(DISTINCT relam) FROM pg_class WHERE relkind = 'i'");

  g_assert_cmpstr (kinds, ==, "IScimprtv");
  g_assert_cmpstr (methods, ==, "6");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  server = pgm_test_server_start ("sample", NULL);
  g_test_add_func ("/sample/loads", test_loads);
  g_test_add_func ("/sample/kinds", test_kinds);
  status = g_test_run ();
  pgm_test_server_free (server);
  return status;
}
