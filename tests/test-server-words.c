/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-server-words.h"

#include <string.h>

static void
test_harmless (void)
{
  const PgmErrorPlace nowhere = { NULL };
  g_autofree char *denied =
      pgm_server_words_dup ("42501", "permission denied for table t", &nowhere);
  g_autofree char *lines = pgm_server_words_dup ("42P01", "relation \"a\nb\" is missing", &nowhere);

  g_assert_cmpstr (denied, ==, "permission denied for table t");
  g_assert_null (strchr (lines, '\n'));
}

static void
test_telling (void)
{
  static const struct
  {
    const char *sqlstate;
    const char *function;
    const char *shown; /* the beginning */
  } cases[] = {
    { "22P02", NULL, "invalid_text_representation (SQLSTATE 22P02), " },
    { "23505", NULL, "unique_violation (SQLSTATE 23505), constraint \"t_pkey\", table \"s.t\"" },
    { "P0001", NULL, "raise_exception (SQLSTATE P0001), " },
    { "22ZZZ", NULL, "SQLSTATE 22ZZZ, " },
    { "HV00R", NULL, "SQLSTATE HV00R, " },
    /* a user's RAISE … USING ERRCODE */
    { "42501", "exec_stmt_raise", "SQLSTATE 42501, " },
    { "ABCDE", NULL, "SQLSTATE ABCDE, " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const PgmErrorPlace place = {
        .schema = "s", .table = "t", .constraint = "t_pkey", .function = cases[i].function
      };
      g_autofree char *words = pgm_server_words_dup (cases[i].sqlstate, "row 4711 is bad", &place);

      g_test_message ("%s", words);
      g_assert_true (g_str_has_prefix (words, cases[i].shown));
      g_assert_null (strstr (words, "4711"));
      g_assert_nonnull (strstr (words, "in its log"));
    }
}

static void
test_of_tool (void)
{
  static const struct
  {
    const char *text;
    const char *shown; /* NULL: as it is */
  } cases[] = {
    { "could not open input file \"x\": No such file or directory", NULL },
    { "could not execute query: ERROR:  could not create unique index \"t_f_idx\"", NULL },
    { "COPY failed for table \"t\": ERROR:  could not extend file \"base/1/2\": No space left on "
      "device",
      NULL },
    { "could not execute query: ERROR:  function helper(integer) does not exist", NULL },
    { "reconnection failed: connection to server at \"::1\", port 5432 failed: FATAL:  too many "
      "connections for role \"app\"",
      NULL },
    { "connection to server at \"::1\", port 5432 failed: FATAL:  sorry, too many clients already",
      NULL },
    { "connection to server at \"::1\", port 5432 failed: FATAL:  the database system is starting "
      "up",
      NULL },
    { "COPY failed for table \"t\": ERROR:  invalid input syntax for type integer: \"4711\"",
      "COPY failed for table \"t\": ERROR:  invalid input syntax for type integer" },
    { "COPY failed for table \"t\": ERROR:  4711 is not wanted",
      "COPY failed for table \"t\": ERROR:  the server's own words may show rows, and are in its "
      "log" },
    { "COPY failed for table \"t\": FEHLER:  ung\303\274ltige Eingabe: \302\2734711\302\253",
      "COPY failed for table \"t\": FEHLER:  the server's own words may show rows, and are in its "
      "log" },
    { "could not execute query: ERROR:  relation \"a\" does not exist 4711",
      "could not execute query: ERROR:  the server's own words may show rows, and are in its log" },
    { "NOTICE:  row 4711", "NOTICE:  the server's own words may show rows, and are in its log" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = pgm_server_words_dup_of_tool (cases[i].text);

      g_assert_cmpstr (words, ==, cases[i].shown != NULL ? cases[i].shown : cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server-words/harmless", test_harmless);
  g_test_add_func ("/server-words/telling", test_telling);
  g_test_add_func ("/server-words/of-tool", test_of_tool);
  return g_test_run ();
}
