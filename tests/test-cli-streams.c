/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the program reads from and writes to, and what becomes of it when that goes away.
 * argv[1] is the program. */

#define _GNU_SOURCE /* posix_openpt(), pipe2() */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgm-test-program.h"

static void
test_output_fails (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(GSubprocessLauncher) launcher =
                 pgm_test_program_new_launcher (fx, G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;

  if (g_access ("/dev/full", W_OK) != 0)
    {
      g_test_skip ("there is no /dev/full");
      return;
    }
  g_subprocess_launcher_set_stdout_file_path (launcher, "/dev/full");
  process = g_subprocess_launcher_spawn (launcher, &error, pgm_test_program, "version", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &fx->err, &error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  pgm_test_assert_has (fx->err, "could not write to standard output");
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

/* A terminal of its own for the program: what it asks there, and what the terminal shows. */
typedef struct
{
  int master;
  GString *shown;
  GSubprocess *process;
} Session;

/* In the child: the first terminal that a session leader opens becomes its own. */
static void
take_terminal_cb (gpointer path)
{
  int fd = -1;

  setsid ();
  fd = open (path, O_RDWR);
  dup2 (fd, STDIN_FILENO);
  dup2 (fd, STDERR_FILENO);
}

static void
session_start (Session *session, PgmTestProgram *fx, const char *const *args)
{
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (
      fx, G_SUBPROCESS_FLAGS_STDIN_INHERIT | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr(GError) error = NULL;
  const char *argv[PGM_TEST_MAX_ARGS];

  session->shown = g_string_new (NULL);
  session->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (grantpt (session->master), ==, 0);
  g_assert_cmpint (unlockpt (session->master), ==, 0);
  g_subprocess_launcher_set_child_setup (launcher, take_terminal_cb,
                                         g_strdup (ptsname (session->master)), g_free);
  pgm_test_program_fill_argv (argv, args);
  session->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
}

/* Reads until the terminal shows @text, or the program has closed it. */
static void
session_expect (Session *session, const char *text)
{
  char buffer[512];
  ssize_t n = 0;

  while (text == NULL || strstr (session->shown->str, text) == NULL)
    {
      n = read (session->master, buffer, sizeof buffer);
      if (n <= 0)
        break;
      g_string_append_len (session->shown, buffer, n);
    }
  if (text != NULL)
    pgm_test_assert_has (session->shown->str, text);
}

static void
session_type (Session *session, const char *text)
{
  g_assert_cmpint (write (session->master, text, strlen (text)), ==, (gssize) strlen (text));
}

/* Returns: the program's exit status */
static int
session_end (Session *session)
{
  int status = -1;

  session_expect (session, NULL);
  g_assert_true (g_subprocess_wait (session->process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (session->process));
  status = g_subprocess_get_exit_status (session->process);
  g_clear_object (&session->process);
  close (session->master);
  g_string_free (session->shown, TRUE);
  return status;
}

static void
test_prompt (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  Session session = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  session_start (&session, fx, args);
  session_expect (&session, "Password of \"u\" at 127.0.0.1:1: ");
  session_type (&session, PGM_TEST_SECRET "\n");
  session_expect (&session, " - ERROR - ");
  g_assert_null (strstr (session.shown->str, PGM_TEST_SECRET));
  g_assert_cmpint (session_end (&session), ==, 1);
}

static void
test_prompt_interrupted (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  Session session = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  session_start (&session, fx, args);
  session_expect (&session, "Password of");
  session_type (&session, "half\003");
  session_expect (&session, "stopping");
  g_assert_null (strstr (session.shown->str, "half"));
  g_assert_cmpint (session_end (&session), ==, 130);
}

static void
test_prompt_terminated (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "databases", "-c", "asking.json", NULL };
  Session session = { 0 };

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  session_start (&session, fx, args);
  session_expect (&session, "Password of");
  g_subprocess_send_signal (session.process, SIGTERM);
  g_assert_cmpint (session_end (&session), ==, 143);
}

/* Nobody is there: no wait, no end of the terminal. */
static void
test_prompt_without_terminal (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (
      fx, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;

  pgm_test_program_write_file (fx, "asking.json", PGM_TEST_ASKING_CONFIG);
  process = g_subprocess_launcher_spawn (launcher, &error, "setsid", "--wait", pgm_test_program,
                                         "databases", "-c", "asking.json", NULL);
  if (process == NULL)
    {
      g_test_skip ("there is no setsid");
      return;
    }
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &fx->err, &error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  pgm_test_assert_has (fx->err, "there is no terminal to ask on");
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
