/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the program reads from and writes to, and what becomes of it when that goes away.
 * argv[1] is the program. */

#define _GNU_SOURCE /* pipe2() */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "pgm-test-terminal.h"

/* What was asked for is not there, and that is said; a run has failed for a reason of its own. */
static void
test_output_fails (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const cases[][5] = { { "version" },
                                          { "--help" },
                                          { "mirror", "--help" },
                                          { "check", "--json" },
                                          { "recover", "--json" },
                                          { "verify", "--json", "-c", "none.json" },
                                          { "mirror", "--json", "-c", "none.json" } };

  if (g_access ("/dev/full", W_OK) != 0)
    {
      g_test_skip ("there is no /dev/full");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GSubprocessLauncher) launcher =
                     pgm_test_program_new_launcher (fx, G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_autoptr(GSubprocess) process = NULL;
      g_autoptr(GError) error = NULL;
      g_auto(GStrv) parts = NULL;
      const char *argv[PGM_TEST_MAX_ARGS];

      g_subprocess_launcher_set_stdout_file_path (launcher, "/dev/full");
      pgm_test_program_fill_argv (argv, cases[i]);
      process = g_subprocess_launcher_spawnv (launcher, argv, &error);
      g_assert_no_error (error);
      g_clear_pointer (&fx->err, g_free);
      g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &fx->err, &error);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
      parts = g_strsplit (fx->err, "could not write to standard output", -1);
      g_assert_cmpuint (g_strv_length (parts), ==, 2);
    }
}

/* The reader is gone before the first line. */
static void
test_reader_gone (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(GSubprocessLauncher) launcher =
                 pgm_test_program_new_launcher (fx, G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  close (ends[0]);
  g_subprocess_launcher_take_stdout_fd (launcher, ends[1]);
  process = g_subprocess_launcher_spawn (launcher, &error, pgm_test_program, "version", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &fx->err, &error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_cmpstr (fx->err, ==, "");
}

static void
test_prompt (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "Password of \"u\" at 127.0.0.1:1: ");
  pgm_test_terminal_type (&terminal, PGM_TEST_SECRET "\n");
  pgm_test_terminal_expect (&terminal, " - ERROR - ");
  g_assert_null (strstr (terminal.shown->str, PGM_TEST_SECRET));
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 1);
}

static void
test_prompt_interrupted (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "Password of");
  pgm_test_terminal_type (&terminal, "half\003");
  pgm_test_terminal_expect (&terminal, "stopping");
  g_assert_null (strstr (terminal.shown->str, "half"));
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 130);
}

static void
test_prompt_terminated (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "Password of");
  g_subprocess_send_signal (terminal.process, SIGTERM);
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 143);
}

/* Nobody is there: no wait, no end of the terminal, and it is said whose password it was about. */
static void
test_prompt_without_terminal (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const commands[] = { "databases", "mirror", "verify" };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (
          fx, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_autoptr(GSubprocess) process = NULL;
      g_autoptr(GError) error = NULL;

      process = g_subprocess_launcher_spawn (launcher, &error, "setsid", "--wait", pgm_test_program,
                                             commands[i], "-c", "asking.json", NULL);
      if (process == NULL)
        {
          g_test_skip ("there is no setsid");
          return;
        }
      g_clear_pointer (&fx->err, g_free);
      g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &fx->err, &error);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
      pgm_test_assert_has (fx->err, "could not ask for the source's password: "
                                    "there is no terminal to ask on");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  PGM_TEST_ADD ("/cli-streams/output-fails", test_output_fails);
  PGM_TEST_ADD ("/cli-streams/reader-gone", test_reader_gone);
  PGM_TEST_ADD ("/cli-streams/prompt", test_prompt);
  PGM_TEST_ADD ("/cli-streams/prompt-interrupted", test_prompt_interrupted);
  PGM_TEST_ADD ("/cli-streams/prompt-terminated", test_prompt_terminated);
  PGM_TEST_ADD ("/cli-streams/prompt-without-terminal", test_prompt_without_terminal);
  return g_test_run ();
}
