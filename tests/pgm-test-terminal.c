/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#define _GNU_SOURCE /* posix_openpt() */

#include "pgm-test-terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void
pgm_test_terminal_start (PgmTestTerminal *self, PgmTestProgram *fx, const char *const *args)
{
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_program_new_launcher (
      fx, G_SUBPROCESS_FLAGS_STDIN_INHERIT | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr(GError) error = NULL;
  const char *argv[PGM_TEST_MAX_ARGS];

  self->shown = g_string_new (NULL);
  self->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (grantpt (self->master), ==, 0);
  g_assert_cmpint (unlockpt (self->master), ==, 0);
  g_subprocess_launcher_set_child_setup (launcher, take_terminal_cb,
                                         g_strdup (ptsname (self->master)), g_free);
  pgm_test_program_fill_argv (argv, args);
  self->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
}

/* Reads until the terminal shows @text, or the program has closed it. */
void
pgm_test_terminal_expect (PgmTestTerminal *self, const char *text)
{
  char buffer[512];
  ssize_t n = 0;

  while (text == NULL || strstr (self->shown->str, text) == NULL)
    {
      n = read (self->master, buffer, sizeof buffer);
      if (n <= 0)
        break;
      g_string_append_len (self->shown, buffer, n);
    }
  if (text != NULL)
    pgm_test_assert_has (self->shown->str, text);
}

void
pgm_test_terminal_type (PgmTestTerminal *self, const char *text)
{
  g_assert_cmpint (write (self->master, text, strlen (text)), ==, (gssize) strlen (text));
}

/* Returns: the program's exit status */
int
pgm_test_terminal_end (PgmTestTerminal *self)
{
  int status = -1;

  pgm_test_terminal_expect (self, NULL);
  g_assert_true (g_subprocess_wait (self->process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (self->process));
  status = g_subprocess_get_exit_status (self->process);
  g_clear_object (&self->process);
  close (self->master);
  g_string_free (self->shown, TRUE);
  return status;
}
