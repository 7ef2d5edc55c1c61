/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"
#include "pgm-json-parse.h"
#include "pgm-json-write.h"
#include "pgm-test-locale.h"

#include <locale.h>
#include <string.h>

/* What is read, and how it is written again. */
static void
test_round_trip (void)
{
  static const struct
  {
    const char *text;
    const char *written;
  } cases[] = {
    { "{}", "{}" },
    { "[]", "[]" },
    { " null ", "null" },
    { "\xEF\xBB\xBF true", "true" },
    { "false\r\n", "false" },
    { "0", "0" },
    { "-0", "0" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "5432.0", "5432.0" },
    { "0.1", "0.1" },
    { "-0.0", "-0.0" },
    { "0e1", "0.0" },
    { "1E+2", "100.0" },
    { "1e22", "1e+22" },
    { "1.7976931348623157e308", "1.7976931348623157e+308" },
    { "5e-324", "4.94065645841247e-324" },
    { "3.141592653589793", "3.141592653589793" },
    { "\"\"", "\"\"" },
    { "\"maçã 日本 \\u00e9 \\ud83d\\ude00\"", "\"maçã 日本 é 😀\"" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\"",
      "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\t\\u001f\\u007f\"" },
    { "{\"b\":1,\"a\":[1,{\"x\":[]}],\"\":{}}",
      "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    {\n      \"x\": []\n    }\n  ],\n  \"\": {}\n}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) node = pgm_json_parse (cases[i].text, -1, "f", &error);
      g_autoptr(JsonNode) again = NULL;
      g_autofree char *written = NULL;

      g_assert_no_error (error);
      written = pgm_json_write (node);
      again = pgm_json_parse (written, -1, "f", &error);
      g_assert_no_error (error);
      g_assert_true (json_node_equal (node, again) || strstr (cases[i].text, "-0") != NULL);
      g_assert_cmpstr (g_strchomp (written), ==, cases[i].written);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "", "f:1:1: expected a value, got the end of the file" },
    { " \n ", "f:2:2: expected a value, got the end of the file" },
    { "{\n  \"a\": 1,\n  \"b\" 2\n}", "f:3:7: expected \":\" after the key" },
    { "{\"ç\": 1 2}", "f:1:9: expected \",\" or \"}\"" },
    { "[1 2]", "f:1:4: expected \",\" or \"]\"" },
    { "[1,]", "f:1:4: expected a value (text needs double quotes)" },
    { "{\"a\":1,}", "f:1:8: expected a key in double quotes" },
    { "{a:1}", "f:1:2: expected a key in double quotes" },
    { "{'a':1}", "f:1:2: expected a key in double quotes" },
    { "{\"a\":hunter2}", "f:1:6: expected a value (text needs double quotes)" },
    { "{\"a\":'hunter2'}", "f:1:6: expected a value (text needs double quotes)" },
    { "// x\n{}", "f:1:1: comments are not allowed" },
    { "{} # x", "f:1:4: expected the end of the file" },
    { "{} {}", "f:1:4: expected the end of the file" },
    { "var x = {}", "f:1:1: expected a value (text needs double quotes)" },
    { "True", "f:1:1: expected a value (text needs double quotes)" },
    { "nullx", "f:1:1: expected a value (text needs double quotes)" },
    { "NaN", "f:1:1: expected a value (text needs double quotes)" },
    { "-Infinity", "f:1:1: malformed number" },
    { "012", "f:1:1: malformed number" },
    { "0x10", "f:1:1: malformed number" },
    { "1.", "f:1:1: malformed number" },
    { ".5", "f:1:1: expected a value (text needs double quotes)" },
    { "+1", "f:1:1: expected a value (text needs double quotes)" },
    { "1e", "f:1:1: malformed number" },
    { "1.5.2", "f:1:1: malformed number" },
    { "-", "f:1:1: malformed number" },
    { "1e400", "f:1:1: number too large" },
    { "-1e400", "f:1:1: number too large" },
    { "99999999999999999999", "f:1:1: number too large" },
    { "[\"abc]", "f:1:2: this string has no end" },
    { "\"abc\\", "f:1:5: unknown escape in a string, write a backslash as \\\\" },
    { "\"C:\\path\"", "f:1:4: unknown escape in a string, write a backslash as \\\\" },
    { "\"a\nb\"", "f:1:3: a control character in a string, write it as an escape such as \\n" },
    { "\"\\u12\"", "f:1:2: expected four hexadecimal digits after \\u" },
    { "\"\\u0000\"", "f:1:2: \\u0000 is not allowed" },
    { "\"\\ud800\"", "f:1:2: a \\u escape that is half a character" },
    { "\"\\ud800\\u0041\"", "f:1:2: a \\u escape that is half a character" },
    { "\"\\udc00\"", "f:1:2: a \\u escape that is half a character" },
    { "\"\xe7\"", "f:1:2: not valid UTF-8" },
    { "\"\xed\xa0\x80\"", "f:1:2: not valid UTF-8" },
    { "\"\xc0\xaf\"", "f:1:2: not valid UTF-8" },
    { "{\"a\":1,\n \"a\":2}", "f:2:2: the key \"a\" is here a second time" },
    { "{\"port\":1,\"po\\u0072t\":2}", "f:1:11: the key \"port\" is here a second time" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (pgm_json_parse (cases[i].text, -1, "f", &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_nul_byte (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (pgm_json_parse ("[\"a\0b\"]", 7, "f", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "f:1:4: a NUL byte");
}

/* @data ends with the text: a reader that goes on sees memory that is not its own. */
static void
test_length (void)
{
  static const char text[] = { '[', '1', '2', ']' };
  g_autofree char *data = g_memdup2 (text, sizeof text);
  g_autoptr(JsonNode) node = pgm_json_parse (data, sizeof text, "f", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (node);
  g_assert_null (pgm_json_parse (data, sizeof text - 1, "f", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
}

static void
test_limits (void)
{
  g_autoptr(GString) deep = g_string_new (NULL);
  g_autofree char *big = g_strnfill (4 * 1024 * 1024 + 1, ' ');
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GError) depth = NULL;
  g_autoptr(GError) size = NULL;

  for (int i = 0; i < 10000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (pgm_json_parse (deep->str, -1, "f", &depth));
  g_assert_cmpstr (depth->message, ==, "f:1:65: nested too deeply");
  g_assert_null (pgm_json_parse (big, -1, "f", &size));
  g_assert_cmpstr (size->message, ==, "f: larger than 4 MiB");

  g_string_truncate (deep, 64);
  for (int i = 0; i < 64; i++)
    g_string_append_c (deep, ']');
  node = pgm_json_parse (deep->str, -1, "f", NULL);
  g_assert_nonnull (node);
}

/* A comma for the decimal point must not reach the file. */
static void
test_locale (void)
{
  static const char *const german[] = { "de_DE.UTF-8", NULL };
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *written = NULL;

  if (!pgm_test_locales_make (german))
    {
      g_test_skip ("no localedef, or no locale sources");
      return;
    }
  g_assert_nonnull (setlocale (LC_NUMERIC, "de_DE.UTF-8"));
  g_assert_cmpstr (localeconv ()->decimal_point, ==, ",");
  node = pgm_json_parse ("1.5", -1, "f", NULL);
  written = pgm_json_write (node);
  setlocale (LC_NUMERIC, "C");
  pgm_test_locales_remove ();
  g_assert_cmpstr (written, ==, "1.5\n");
}

static void
test_line (void)
{
  g_autoptr(JsonNode) node = json_node_init_string (json_node_alloc (), "a\n\x1e\x1f\x7f\"é");
  g_autofree char *line = pgm_json_write_line (node);
  g_autoptr(JsonNode) back = pgm_json_parse (line, -1, "f", NULL);

  g_assert_null (strchr (line, '\n'));
  g_assert_nonnull (back);
  g_assert_cmpstr (json_node_get_string (back), ==, "a\n\x1e\x1f\x7f\"é");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/round-trip", test_round_trip);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/nul-byte", test_nul_byte);
  g_test_add_func ("/json/length", test_length);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/locale", test_locale);
  g_test_add_func ("/json/line", test_line);
  return g_test_run ();
}
