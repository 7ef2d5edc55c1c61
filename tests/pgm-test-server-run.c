/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server-private.h"

#include "pgm-server.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The variables that begin with PG are gone after pgm_test_run_init(), these two among them. */
gboolean
pgm_test_runs_all (void)
{
  return g_test_slow () || pgm_server_get_variable ("PGM_TEST_ALL") != NULL;
}

gboolean
pgm_test_is_slow (void)
{
  return pgm_server_get_variable ("PGM_TEST_SLOW") != NULL;
}

/* The newest of the versioned folders of Debian and of the RPMs. */
static char *
find_newest_bindir (void)
{
  static const char *const patterns[][2] = { { "/usr/lib/postgresql", "" }, { "/usr", "pgsql-" } };
  g_autofree char *best = NULL;
  double best_version = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr(GDir) dir = g_dir_open (patterns[i][0], 0, NULL);
      const char *entry;

      while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
        {
          const char *prefix = patterns[i][1];
          double version =
              g_str_has_prefix (entry, prefix) ? g_ascii_strtod (entry + strlen (prefix), NULL) : 0;
          g_autofree char *bindir = g_build_filename (patterns[i][0], entry, "bin", NULL);
          g_autofree char *initdb = g_build_filename (bindir, "initdb", NULL);

          if (version <= best_version || !g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE))
            continue;
          g_free (best);
          best = g_steal_pointer (&bindir);
          best_version = version;
        }
    }
  return g_steal_pointer (&best);
}

/* Returns: (transfer full) (nullable) */
static char *
find_bindir (void)
{
  const char *chosen = g_getenv ("TEST_PG_BINDIR");
  g_autofree char *initdb = NULL;
  char *bindir;

  if (chosen != NULL && *chosen != '\0')
    {
      initdb = g_build_filename (chosen, "initdb", NULL);
      return g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE) ? g_strdup (chosen) : NULL;
    }
  bindir = find_newest_bindir ();
  if (bindir != NULL)
    return bindir;
  initdb = g_find_program_in_path ("initdb");
  return initdb != NULL ? g_path_get_dirname (initdb) : NULL;
}

char *
pgm_test_find_bindir_or_skip (void)
{
  char *bindir = find_bindir ();

  if (bindir != NULL)
    return bindir;
  if (g_strcmp0 (pgm_server_get_variable ("PGM_REQUIRE_SERVERS"), "1") == 0)
    g_error ("no PostgreSQL server binaries found (set TEST_PG_BINDIR)");
  /* The plan of a TAP stream in which everything is skipped; its exit status has to be 0. */
  g_print ("1..0 # SKIP no PostgreSQL server binaries found (set TEST_PG_BINDIR)\n");
  exit (0);
}

char *
pgm_test_server_dup_program (PgmTestServer *self, const char *name)
{
  return g_build_filename (self->bindir, name, NULL);
}

GSubprocessLauncher *
pgm_test_server_new_launcher (PgmTestServer *self, GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_environ (launcher, self->envp);
  g_subprocess_launcher_set_cwd (launcher, self->folder);
  return launcher;
}

/* A program that leaves before it has read its input would break a pipe, and whatever it said
 * would be lost with that.
 *
 * Returns: to be read from the beginning; a file that has no name any more */
static int
open_input (const char *input)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp ("input-XXXXXX", &path, &error);
  gsize left = strlen (input);

  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  while (left > 0)
    {
      ssize_t n = write (fd, input + strlen (input) - left, left);

      g_assert_cmpint (n, >, 0);
      left -= (gsize) n;
    }
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

/* Runs a program to its end.
 * @role, @database, @input: (nullable)
 * @output: (out) (optional): its stdout and stderr
 *
 * Returns: its exit status, or 128 plus the signal */
int
pgm_test_server_run_program (PgmTestServer *self,
                             const char *const *argv,
                             const char *role,
                             const char *database,
                             const char *input,
                             char **output)
{
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_server_new_launcher (
      self, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GBytes) out = NULL;
  g_autoptr(GError) error = NULL;

  if (role != NULL)
    g_subprocess_launcher_setenv (launcher, "PGUSER", role, TRUE);
  if (database != NULL)
    g_subprocess_launcher_setenv (launcher, "PGDATABASE", database, TRUE);
  g_subprocess_launcher_take_stdin_fd (launcher, open_input (input != NULL ? input : ""));
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  if (output != NULL)
    *output = g_strndup (g_bytes_get_size (out) > 0 ? g_bytes_get_data (out, NULL) : "",
                         g_bytes_get_size (out));
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                              : 128 + g_subprocess_get_term_sig (process);
}
