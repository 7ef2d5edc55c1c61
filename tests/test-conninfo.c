/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-conninfo.h"
#include "pgm-error.h"

#include <string.h>

static void
test_uri (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmConninfo) info = pgm_conninfo_parse (
      " postgresql://ana:p%40ss@db.example.org:5433/shop%20one?sslmode=verify-full\n", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (info->host, ==, "db.example.org");
  g_assert_cmpstr (info->port, ==, "5433");
  g_assert_cmpstr (info->database, ==, "shop one");
  g_assert_cmpstr (info->user, ==, "ana");
  g_assert_cmpstr (pgm_secret_reveal (info->password), ==, "p@ss");
  g_assert_cmpstr (info->sslmode, ==, "verify-full");
  g_assert_null (info->sslcert);
}

static void
test_keywords (void)
{
  g_autoptr(PgmConninfo) info =
                 pgm_conninfo_parse ("host=/run/postgresql user='o''x' sslcert=/c.pem", NULL);

  g_assert_null (info);
  info = pgm_conninfo_parse ("host=/run/postgresql user='o\\'x' sslcert=/c.pem", NULL);
  g_assert_cmpstr (info->host, ==, "/run/postgresql");
  g_assert_cmpstr (info->user, ==, "o'x");
  g_assert_cmpstr (info->sslcert, ==, "/c.pem");
  g_assert_null (info->port);
  g_assert_null (info->password);
}

/* libpq quotes what it cannot read. */
static void
test_fault_has_no_secret (void)
{
  static const char *const texts[] = { "postgresql://u:hunter2@[h/", "host=h password=hunter2 =",
                                       "postgresql://u:hunter2@h/%zz" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (pgm_conninfo_parse (texts[i], &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_looks (void)
{
  g_assert_true (pgm_conninfo_looks_like_one ("postgresql://h"));
  g_assert_true (pgm_conninfo_looks_like_one ("  postgres://u@h/d"));
  g_assert_true (pgm_conninfo_looks_like_one ("host=h user=u"));
  g_assert_true (pgm_conninfo_looks_like_one ("dbname=d"));
  g_assert_false (pgm_conninfo_looks_like_one ("db.example.org"));
  g_assert_false (pgm_conninfo_looks_like_one ("a=b"));
  g_assert_false (pgm_conninfo_looks_like_one (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conninfo/uri", test_uri);
  g_test_add_func ("/conninfo/keywords", test_keywords);
  g_test_add_func ("/conninfo/fault-has-no-secret", test_fault_has_no_secret);
  g_test_add_func ("/conninfo/looks", test_looks);
  return g_test_run ();
}
