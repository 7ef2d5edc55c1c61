/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-endpoint.h"

static const struct
{
  const char *host;
  guint port;
  const char *address;
  gboolean is_socket;
  gboolean is_local;
} cases[] = {
  { "db.example.org", 5432, "db.example.org:5432", FALSE, FALSE },
  { "10.0.0.7", 6543, "10.0.0.7:6543", FALSE, FALSE },
  { "localhost", 5432, "localhost:5432", FALSE, TRUE },
  { "LocalHost", 5432, "LocalHost:5432", FALSE, TRUE },
  { "localhost.example.org", 5432, "localhost.example.org:5432", FALSE, FALSE },
  { "127.0.0.1", 5432, "127.0.0.1:5432", FALSE, TRUE },
  { "127.8.9.10", 5432, "127.8.9.10:5432", FALSE, TRUE },
  { "128.0.0.1", 5432, "128.0.0.1:5432", FALSE, FALSE },
  { "::1", 5432, "[::1]:5432", FALSE, TRUE },
  { "2001:db8::5", 5433, "[2001:db8::5]:5433", FALSE, FALSE },
  { "/run/postgresql", 5432, "/run/postgresql:5432", TRUE, TRUE },
  { "/tmp/with:colon", 1, "/tmp/with:colon:1", TRUE, TRUE },
  { "@abstract", 5432, "@abstract:5432", TRUE, TRUE },
  { "evil\x1b[31m\nhost", 5432, "evil\\x1b[31m\\nhost:5432", FALSE, FALSE },
};

static void
test_address (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (PGM_SIDE_SOURCE);
      g_autofree char *address = NULL;

      endpoint->host = g_strdup (cases[i].host);
      endpoint->port = cases[i].port;
      address = pgm_endpoint_dup_address (endpoint);
      g_assert_cmpstr (address, ==, cases[i].address);
      g_assert_cmpint (pgm_endpoint_is_socket (endpoint), ==, cases[i].is_socket);
      g_assert_cmpint (pgm_endpoint_is_local (endpoint), ==, cases[i].is_local);
    }
}

static void
test_defaults (void)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (PGM_SIDE_TARGET);
  g_autoptr(PgmEndpoint) same = pgm_endpoint_ref (endpoint);

  g_assert_true (same == endpoint);
  g_assert_cmpint (endpoint->side, ==, PGM_SIDE_TARGET);
  g_assert_cmpuint (endpoint->port, ==, 5432);
  g_assert_cmpint (endpoint->password_from, ==, PGM_PASSWORD_IN_PROFILE);
  g_assert_null (endpoint->password);
  g_assert_null (endpoint->sslmode);
  g_assert_false (endpoint->is_protected);
}

static void
test_side_name (void)
{
  g_assert_cmpstr (pgm_side_get_name (PGM_SIDE_SOURCE), ==, "source");
  g_assert_cmpstr (pgm_side_get_name (PGM_SIDE_TARGET), ==, "target");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/address", test_address);
  g_test_add_func ("/endpoint/defaults", test_defaults);
  g_test_add_func ("/endpoint/side-name", test_side_name);
  return g_test_run ();
}
