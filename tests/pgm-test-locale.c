/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-locale.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* What localedef reads; on Debian in the package "locales". */
#define SOURCES "/usr/share/i18n/locales"

static char *folder;

/* @name: "de_DE.UTF-8": language, and encoding as localedef calls it */
static void
make (const char *name)
{
  g_auto(GStrv) parts = g_strsplit (name, ".", 2);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const char *const argv[] = { "localedef", "--no-archive", "-i", parts[0],
                               "-f",        parts[1],       path, NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);

  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, NULL);
  /* 1: with warnings */
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) > 1)
    g_error ("localedef could not build \"%s\"", name);
}

/* To be called once, before any thread is started and before servers are.
 *
 * @names: NULL-terminated: "de_DE.UTF-8"
 *
 * Returns: FALSE where the machine has not what it takes, and it was not promised that it has */
gboolean
pgm_test_locales_make (const char *const *names)
{
  g_autofree char *localedef = g_find_program_in_path ("localedef");

  if (localedef == NULL || !g_file_test (SOURCES "/de_DE", G_FILE_TEST_EXISTS))
    {
      if (g_strcmp0 (g_getenv ("PGM_REQUIRE_SERVERS"), "1") == 0)
        g_error ("no localedef, or no \"" SOURCES "\" (Debian: package locales)");
      return FALSE;
    }
  folder = g_build_filename (g_get_tmp_dir (), "locales-XXXXXX", NULL);
  if (g_mkdtemp_full (folder, 0755) == NULL || g_chmod (folder, 0755) != 0)
    g_error ("could not create \"%s\": %s", folder, g_strerror (errno));
  for (; *names != NULL; names++)
    make (*names);
  g_setenv ("LOCPATH", folder, TRUE);
  return TRUE;
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry = NULL;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, entry, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
pgm_test_locales_remove (void)
{
  if (folder == NULL)
    return;
  g_unsetenv ("LOCPATH");
  remove_tree (folder);
  g_clear_pointer (&folder, g_free);
}
