/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-secret.h"

#include <string.h>

static void
test_reveal (void)
{
  g_autoptr(PgmSecret) secret = pgm_secret_new ("pa ss\n\"wörd\"");
  g_autoptr(PgmSecret) taken = pgm_secret_new_take (g_strdup ("taken"));

  g_assert_cmpstr (pgm_secret_reveal (secret), ==, "pa ss\n\"wörd\"");
  g_assert_cmpstr (pgm_secret_reveal (taken), ==, "taken");
  g_assert_false (pgm_secret_is_empty (secret));
}

static void
test_empty (void)
{
  g_autoptr(PgmSecret) empty = pgm_secret_new ("");
  g_autoptr(PgmSecret) null = pgm_secret_new (NULL);
  g_autoptr(PgmSecret) taken = pgm_secret_new_take (NULL);

  g_assert_true (pgm_secret_is_empty (NULL));
  g_assert_true (pgm_secret_is_empty (empty));
  g_assert_true (pgm_secret_is_empty (null));
  g_assert_true (pgm_secret_is_empty (taken));
  g_assert_cmpstr (pgm_secret_reveal (null), ==, "");
}

static void
test_references (void)
{
  g_auto(GValue) value = G_VALUE_INIT;
  PgmSecret *secret = pgm_secret_new ("shared");
  PgmSecret *same = pgm_secret_ref (secret);

  g_assert_true (same == secret);
  g_value_init (&value, PGM_TYPE_SECRET);
  g_value_set_boxed (&value, secret);
  pgm_secret_unref (secret);
  pgm_secret_unref (same);
  g_assert_cmpstr (pgm_secret_reveal (g_value_get_boxed (&value)), ==, "shared");
}

static void
test_wipe (void)
{
  char memory[] = "secret and more";

  pgm_secret_wipe (memory, 0);
  g_assert_cmpstr (memory, ==, "secret and more");
  pgm_secret_wipe (memory, 6);
  g_assert_cmpmem (memory, 7, "\0\0\0\0\0\0 ", 7);
  g_assert_cmpstr (memory + 7, ==, "and more");
  pgm_secret_wipe (NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/reveal", test_reveal);
  g_test_add_func ("/secret/empty", test_empty);
  g_test_add_func ("/secret/references", test_references);
  g_test_add_func ("/secret/wipe", test_wipe);
  return g_test_run ();
}
