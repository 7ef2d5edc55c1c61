/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-run.h"

#include <stdlib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

static void
test_clone (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, "app", "shop", NULL);
  g_autoptr(PgmTestRun) run = pgm_test_run (json, NULL);

  pgm_test_assert_code (run, "ok");
  pgm_test_assert_equal (source, target, "shop");
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_free (pgm_test_server_psql (target, "postgres", "CREATE ROLE app LOGIN CREATEDB"));
  g_free (pgm_test_server_psql (
      source, "postgres",
      "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app TEMPLATE template0"));
  {
    g_autofree char *path =
        g_test_build_filename (G_TEST_DIST, "..", "data", "sample", "shop.sql", NULL);
    pgm_test_server_run_file (source, "app", "shop", path);
  }
  g_test_add_func ("/mirror-clone/clone", test_clone);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
