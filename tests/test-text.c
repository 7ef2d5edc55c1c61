/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-text.h"

static void
test_escape (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "plain", "plain" },
    { "maçã 日本", "maçã 日本" },
    { "a\nb\tc\r", "a\\nb\\tc\\r" },
    { "\x1b[31mred", "\\x1b[31mred" },
    { "a\xe2\x80\xae"
      "b",
      "a\\u202eb" },
    { "bad \xe7 byte", "bad \\xe7 byte" },
    { "cut \xc3", "cut \\xc3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = pgm_text_escape (cases[i].text);

      g_assert_cmpstr (escaped, ==, cases[i].expected);
    }
}

static void
test_quote_name (void)
{
  g_autofree char *plain = pgm_text_quote_name ("shop");
  g_autofree char *hostile = pgm_text_quote_name ("a\"; DROP \"b");

  g_assert_cmpstr (plain, ==, "\"shop\"");
  g_assert_cmpstr (hostile, ==, "\"a\"\"; DROP \"\"b\"");
}

static void
test_quote_conninfo (void)
{
  g_autofree char *plain = pgm_text_quote_conninfo ("shop");
  g_autofree char *hostile = pgm_text_quote_conninfo ("x' host='evil\\");

  g_assert_cmpstr (plain, ==, "'shop'");
  g_assert_cmpstr (hostile, ==, "'x\\' host=\\'evil\\\\'");
}

static void
test_cut_bytes (void)
{
  static const struct
  {
    const char *text;
    gsize max;
    const char *expected;
  } cases[] = {
    { "short", 63, "short" }, { "exact", 5, "exact" }, { "longer", 3, "lon" },
    { "çç", 3, "ç" },         { "日本", 5, "日" },     { "日", 2, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *cut = pgm_text_cut_bytes (cases[i].text, cases[i].max);

      g_assert_cmpstr (cut, ==, cases[i].expected);
    }
}

static void
test_find_nearest (void)
{
  static const char *const commands[] = { "mirror", "check", "validate", "version", NULL };

  g_assert_cmpstr (pgm_text_find_nearest ("miror", commands), ==, "mirror");
  g_assert_cmpstr (pgm_text_find_nearest ("chekc", commands), ==, "check");
  g_assert_cmpstr (pgm_text_find_nearest ("verison", commands), ==, "version");
  g_assert_null (pgm_text_find_nearest ("frobnicate", commands));
  g_assert_null (pgm_text_find_nearest ("", commands));
}

static void
test_format (void)
{
  static const struct
  {
    gint64 duration_us;
    const char *expected;
  } cases[] = {
    { 0, "0.0 s" },
    { 440 * 1000, "0.4 s" },
    { 12 * G_USEC_PER_SEC, "12 s" },
    { 185 * G_USEC_PER_SEC, "3 min 05 s" },
    { G_GINT64_CONSTANT (7800) * G_USEC_PER_SEC, "2 h 10 min" },
  };
  g_autofree char *none = pgm_text_format_count (0);
  g_autofree char *many = pgm_text_format_count (1234567);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = pgm_text_format_duration (cases[i].duration_us);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
  g_assert_cmpstr (none, ==, "0");
  g_assert_cmpstr (many, ==, "1 234 567");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/escape", test_escape);
  g_test_add_func ("/text/quote-conninfo", test_quote_conninfo);
  g_test_add_func ("/text/quote-name", test_quote_name);
  g_test_add_func ("/text/cut-bytes", test_cut_bytes);
  g_test_add_func ("/text/find-nearest", test_find_nearest);
  g_test_add_func ("/text/format", test_format);
  return g_test_run ();
}
