/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-program.h"

#include <glib/gstdio.h>
#include <string.h>

const char *pgm_test_program;

/* Takes the program's path from the command line of the test. */
void
pgm_test_program_find (int argc, char **argv)
{
  g_assert_cmpint (argc, ==, 2);
  pgm_test_program = g_canonicalize_filename (argv[1], NULL);
}

void
pgm_test_program_write_file (PgmTestProgram *fx, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fx->folder, name, NULL);

  g_assert_true (
      g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

void
pgm_test_program_set_up (PgmTestProgram *fx, gconstpointer data)
{
  fx->folder = g_dir_make_tmp ("pgm-cli-XXXXXX", NULL);
  g_assert_nonnull (fx->folder);
  pgm_test_program_write_file (fx, "config.json", PGM_TEST_CONFIG);
}

static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_assert_cmpint (g_unlink (child), ==, 0);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

/* Whatever a test did: no password was printed. */
void
pgm_test_program_tear_down (PgmTestProgram *fx, gconstpointer data)
{
  g_assert_null (strstr (fx->out != NULL ? fx->out : "", PGM_TEST_SECRET));
  g_assert_null (strstr (fx->err != NULL ? fx->err : "", PGM_TEST_SECRET));
  remove_folder (fx->folder);
  g_free (fx->folder);
  g_free (fx->out);
  g_free (fx->err);
}

GSubprocessLauncher *
pgm_test_program_new_launcher (PgmTestProgram *fx, GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_cwd (launcher, fx->folder);
  g_subprocess_launcher_setenv (launcher, "HOME", fx->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", fx->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", fx->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "TERM", "xterm", TRUE);
  return launcher;
}

/* @args: after the program's name, up to a NULL */
void
pgm_test_program_fill_argv (const char **argv, const char *const *args)
{
  guint n = 1;

  argv[0] = pgm_test_program;
  for (; *args != NULL; args++)
    argv[n++] = *args;
  argv[n] = NULL;
}

void
pgm_test_program_run (PgmTestProgram *fx, const char *const *args)
{
  const GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE;
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (fx, flags);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[PGM_TEST_MAX_ARGS];

  pgm_test_program_fill_argv (argv, args);
  g_clear_pointer (&fx->out, g_free);
  g_clear_pointer (&fx->err, g_free);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &fx->out, &fx->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  fx->status = g_subprocess_get_exit_status (process);
}

void
pgm_test_assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in:\n%s", part, text);
}

const char *
pgm_test_get_last_line (char *text)
{
  char *last = strrchr (g_strchomp (text), '\n');

  return last != NULL ? last + 1 : text;
}
