/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run-folder.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "pgm-error.h"

struct _PgmRunFolder
{
  char *path; /* owned, absolute */
  gboolean is_removed;
};

/* @parent: (nullable): the system's folder for temporary files when NULL
 * @run_id: becomes part of the folder's name
 *
 * Returns: NULL and PGM_ERROR_PREFLIGHT when no folder can be made in @parent */
PgmRunFolder *
pgm_run_folder_new (const char *parent, const char *run_id, GError **error)
{
  g_autofree char *name = g_strdup_printf ("pg-mirror-%s-XXXXXX", run_id);
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  PgmRunFolder *self = NULL;

  g_return_val_if_fail (strpbrk (run_id, "/\\") == NULL, NULL);

  folder = g_canonicalize_filename (parent != NULL ? parent : g_get_tmp_dir (), NULL);
  path = g_build_filename (folder, name, NULL);
  if (g_mkdtemp_full (path, 0700) == NULL)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
                   _("could not create a folder in \"%s\": %s"), folder, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (PgmRunFolder, 1);
  self->path = g_steal_pointer (&path);
  return self;
}

/* @path: absolute, of a program that has ended and did not remove it */
PgmRunFolder *
pgm_run_folder_new_left_over (const char *path)
{
  PgmRunFolder *self = NULL;

  g_return_val_if_fail (g_path_is_absolute (path), NULL);

  self = g_new0 (PgmRunFolder, 1);
  self->path = g_strdup (path);
  return self;
}

const char *
pgm_run_folder_get_path (PgmRunFolder *self)
{
  return self->path;
}

/* Returns: (transfer full): the path of @name in the folder, whether it exists or not */
char *
pgm_run_folder_dup_file (PgmRunFolder *self, const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

/* Returns: what an unprivileged user may still write there; G_MAXUINT64 where the system does
 * not say */
guint64
pgm_run_folder_get_free_bytes (PgmRunFolder *self)
{
  g_autoptr(GFile) folder = g_file_new_for_path (self->path);
  g_autoptr(GFileInfo) info = g_file_query_filesystem_info (
      folder, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);

  if (info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    return G_MAXUINT64;
  return g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
}

static gboolean remove_tree (GFile *file, GError **error);

static gboolean
remove_children (GFile *folder, GError **error)
{
  g_autoptr(GFileEnumerator) children = g_file_enumerate_children (
      folder, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, error);
  gboolean has_all = TRUE;

  if (children == NULL)
    return FALSE;
  while (TRUE)
    {
      GFile *child = NULL; /* borrowed */

      if (!g_file_enumerator_iterate (children, NULL, &child, NULL, has_all ? error : NULL))
        return FALSE;
      if (child == NULL)
        return has_all;
      has_all = remove_tree (child, has_all ? error : NULL) && has_all;
    }
}

/* Goes on after a failure, so that as little as possible stays; @error is the first one. */
static gboolean
remove_tree (GFile *file, GError **error)
{
  g_autoptr(GError) local = NULL;

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL) ==
          G_FILE_TYPE_DIRECTORY &&
      !remove_children (file, error))
    return FALSE;
  if (g_file_delete (file, NULL, &local) ||
      g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Removes the folder with all that is in it; a symbolic link is removed, not followed. Once it
 * is gone a second call does nothing. */
gboolean
pgm_run_folder_remove (PgmRunFolder *self, GError **error)
{
  g_autoptr(GFile) folder = g_file_new_for_path (self->path);
  g_autoptr(GError) local = NULL;

  if (self->is_removed)
    return TRUE;
  self->is_removed = remove_tree (folder, &local);
  if (!self->is_removed)
    g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                 _("could not remove \"%s\": %s"), self->path, local->message);
  return self->is_removed;
}

/* Removes the folder unless that was done. */
void
pgm_run_folder_free (PgmRunFolder *self)
{
  pgm_run_folder_remove (self, NULL);
  g_free (self->path);
  g_free (self);
}
