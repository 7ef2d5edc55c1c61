/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-pattern.h"

static void
test_write (void)
{
  static const struct
  {
    const char *schema;
    const char *name;
    const char *pattern;
  } cases[] = {
    { "public", "orders", "public.orders" },
    { "Sales", "Order Lines", "\"Sales\".\"Order Lines\"" },
    { "a.b", "c*", "\"a.b\".\"c*\"" },
    { "s", "say \"hi\"", "s.\"say \"\"hi\"\"\"" },
    { "s", "1st", "s.\"1st\"" },
    { "s", "ação", "s.\"ação\"" },
    { "s", "new\nline", "s.\"new\nline\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *pattern = pgm_pattern_for_table (cases[i].schema, cases[i].name);
      g_autofree char *whole = pgm_pattern_for_schema (cases[i].schema);
      g_autofree char *schema = NULL;
      g_autofree char *name = NULL;
      g_autofree char *again = NULL;

      g_assert_cmpstr (pattern, ==, cases[i].pattern);
      g_assert_true (pgm_pattern_get_table (pattern, &schema, &name));
      g_assert_cmpstr (schema, ==, cases[i].schema);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (pgm_pattern_get_schema (whole, &again));
      g_assert_cmpstr (again, ==, cases[i].schema);
    }
}

static void
test_fold (void)
{
  g_autofree char *schema = NULL;
  g_autofree char *name = NULL;

  g_assert_true (pgm_pattern_get_table ("Public.\"Or\"DERS", &schema, &name));
  g_assert_cmpstr (schema, ==, "public");
  g_assert_cmpstr (name, ==, "Orders");
}

/* What may match more than one table, or none. */
static void
test_refuse (void)
{
  static const char *const patterns[] = { "",      "orders", "public.*", "pub?ic.orders", "a.b.c",
                                          "\"a.b", "a.",     ".b",       "a.(b|c)",       "a.b$" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      char *schema = NULL;
      char *name = NULL;

      g_assert_false (pgm_pattern_get_table (patterns[i], &schema, &name));
      g_assert_null (schema);
      g_assert_null (name);
    }
  for (gsize i = 2; i < G_N_ELEMENTS (patterns); i++)
    {
      char *schema = NULL;

      g_assert_false (pgm_pattern_get_schema (patterns[i], &schema));
      g_assert_null (schema);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pattern/write", test_write);
  g_test_add_func ("/pattern/fold", test_fold);
  g_test_add_func ("/pattern/refuse", test_refuse);
  return g_test_run ();
}
