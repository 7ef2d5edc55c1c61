/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-preflight.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* Only regular files: reading a pipe beforehand would take away what psql is to read. */
static void
look_at_script (PgmPreflight *self, const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileInputStream) stream = NULL;
  g_autoptr(GError) error = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR) &&
      !g_file_test (path, G_FILE_TEST_IS_DIR))
    return;
  stream = g_file_read (file, self->job->cancellable, &error);
  if (stream == NULL)
    pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "script-unreadable", NULL,
                       _("script \"%s\" cannot be read: %s"), path, pgm_error_get_reason (error));
}

/* The user's own scripts run after hours, maybe; that they are there can be seen now. */
void
pgm_preflight_look_at_scripts (PgmPreflight *self)
{
  const PgmOptions *options = self->job->options;

  for (gsize i = 0; options->pre_sql[i] != NULL; i++)
    look_at_script (self, options->pre_sql[i]);
  for (gsize i = 0; options->post_sql[i] != NULL; i++)
    look_at_script (self, options->post_sql[i]);
}
