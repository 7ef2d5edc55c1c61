/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the program says to somebody who does not read English. argv[1] is the program, with the
 * translations of the build folder. */

#include <string.h>

#include "pgm-test-locale.h"
#include "pgm-test-program.h"

#define LOCALE "es_ES.UTF-8"

/* Returns: (transfer full): what it says on both streams */
static char *
run_in (PgmTestProgram *fx, const char *locale, const char *const *args)
{
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (
      fx, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[PGM_TEST_MAX_ARGS];
  char *said = NULL;

  g_subprocess_launcher_setenv (launcher, "LC_ALL", locale, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LANGUAGE");
  pgm_test_program_fill_argv (argv, args);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  return said;
}

/* Returns: what is said of an option, or NULL where @line is not about one */
static const char *
find_words (const char *line)
{
  const char *gap = g_str_has_prefix (line, "  -") ? strstr (line + 2, "  ") : NULL;

  return gap != NULL ? gap + strspn (gap, " ") : NULL;
}

/* Options that commands share come from a header. */
static void
test_options (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const commands[] = { "mirror",   "check",   "validate", "verify", "databases",
                                          "profiles", "history", "recover",  "version" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *const args[] = { commands[i], "--help", NULL };
      g_autofree char *english = run_in (fx, "C.UTF-8", args);
      g_autofree char *foreign = run_in (fx, LOCALE, args);
      g_auto(GStrv) lines = g_strsplit (english, "\n", -1);
      guint n = 0;

      for (gsize k = 0; lines[k] != NULL; k++)
        {
          const char *words = find_words (lines[k]);

          if (words == NULL)
            continue;
          n++;
          if (strstr (foreign, words) != NULL)
            g_error ("%s --help: \"%s\" is not translated", commands[i], words);
        }
      g_assert_cmpuint (n, >=, 6);
    }
}

/* Neither server answers, and how many things that are has forms of its own. */
static void
test_plural (PgmTestProgram *fx, gconstpointer data)
{
  const char *const args[] = { "mirror", NULL };
  g_autofree char *said = run_in (fx, LOCALE, args);

  pgm_test_assert_has (said, "hay 2 impedimentos");
  pgm_test_assert_has (said, "El destino no cambió.");
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { LOCALE, NULL };
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  if (!pgm_test_locales_make (names))
    {
      g_print ("1..0 # SKIP no localedef, or no locale sources\n");
      return 0;
    }
  PGM_TEST_ADD ("/cli-language/options", test_options);
  PGM_TEST_ADD ("/cli-language/plural", test_plural);
  status = g_test_run ();
  pgm_test_locales_remove ();
  return status;
}
