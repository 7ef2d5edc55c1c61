/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Finds what runs left of their folders. Only a folder that is this user's own, named as a run
 * names it, with the lock file that a run writes, unlocked, is one for certain. Somebody else's
 * folder is nobody's business here, and a symbolic link is no folder. */

#include "pgm-run-folder-find.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef G_OS_UNIX
#include <unistd.h>
#endif

#include "pgm-error.h"
#include "pgm-marker.h"
#include "pgm-run-folder-private.h"

#define MAX_LOCK_BYTES 4096

/* A run that has made its folder has locked it long before. */
#define NEW_FOLDER_S 60

void
pgm_found_folder_free (PgmFoundFolder *self)
{
  g_free (self->path);
  g_free (self->run);
  g_free (self->host);
  g_free (self);
}

/* Returns: (transfer full) (nullable): NULL unless @name is `pg-mirror-7f3a91c2-XXXXXX` */
static char *
dup_run_id (const char *name)
{
  const char *start = name + strlen (PGM_RUN_FOLDER_PREFIX);
  g_autofree char *run = NULL;

  if (!g_str_has_prefix (name, PGM_RUN_FOLDER_PREFIX) ||
      strlen (start) != PGM_RUN_ID_LENGTH + strlen ("-XXXXXX") || start[PGM_RUN_ID_LENGTH] != '-')
    return NULL;
  run = g_strndup (start, PGM_RUN_ID_LENGTH);
  return pgm_marker_is_run_id (run) ? g_steal_pointer (&run) : NULL;
}

static gboolean
is_own (guint uid)
{
#ifdef G_OS_UNIX
  return uid == geteuid ();
#else
  return TRUE; /* the folder for temporary files is each user's own there */
#endif
}

static gboolean
is_own_folder (const char *path, GStatBuf *ret_info)
{
  return g_lstat (path, ret_info) == 0 && S_ISDIR (ret_info->st_mode) && is_own (ret_info->st_uid);
}

static PgmMarker *
read_marker (int fd)
{
  char text[MAX_LOCK_BYTES + 1] = { 0 };
  struct stat info;
  gssize n = -1;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || !is_own (info.st_uid) ||
      lseek (fd, 0, SEEK_SET) != 0)
    return NULL;
  do
    n = read (fd, text, MAX_LOCK_BYTES);
  while (n < 0 && errno == EINTR);
  return n > 0 ? pgm_marker_parse (text) : NULL;
}

/* @ret_size: (out): bytes of the files in it
 *
 * Returns: whether there is anything in it but an empty lock file */
static gboolean
has_content (const char *path, guint64 *ret_size)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;
  gboolean has_any = dir == NULL; /* who cannot look must not say that it is empty */

  *ret_size = 0;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      GStatBuf info = { 0 };

      if (g_lstat (file, &info) == 0 && S_ISREG (info.st_mode))
        *ret_size += (guint64) info.st_size;
      has_any = has_any || !g_str_equal (name, PGM_RUN_FOLDER_LOCK) || !S_ISREG (info.st_mode) ||
                info.st_size > 0;
    }
  return has_any;
}

/* A program that is killed before its lock is written leaves a folder without any data. */
static PgmFolderState
judge_unmarked (gboolean has_any, const GStatBuf *info)
{
  gint64 age_s = g_get_real_time () / G_USEC_PER_SEC - (gint64) info->st_mtime;

  if (has_any)
    return PGM_FOLDER_UNKNOWN;
  return age_s < NEW_FOLDER_S ? PGM_FOLDER_ALIVE : PGM_FOLDER_DEAD;
}

static PgmFolderState
judge_marked (const PgmFoundFolder *self, const PgmMarker *marker, PgmLockState lock)
{
  if (!g_str_equal (marker->state, "folder") || !g_str_equal (marker->run, self->run))
    return PGM_FOLDER_UNKNOWN;
  if (lock == PGM_LOCK_HELD)
    return PGM_FOLDER_ALIVE;
  /* Not every file system tells of the locks of other machines. */
  if (!g_str_equal (marker->host, g_get_host_name ()))
    return PGM_FOLDER_FOREIGN;
  return lock == PGM_LOCK_TAKEN ? PGM_FOLDER_DEAD : PGM_FOLDER_UNKNOWN;
}

/* @fd: of its lock file, or -1 */
static void
judge (PgmFoundFolder *self, int fd, const GStatBuf *info)
{
  PgmLockState lock = fd >= 0 ? pgm_run_folder_try_lock (fd) : PGM_LOCK_UNKNOWN;
  g_autoptr(PgmMarker) marker = fd >= 0 ? read_marker (fd) : NULL;
  gboolean has_any = has_content (self->path, &self->size_bytes);

  self->started_us = (gint64) info->st_mtime * G_USEC_PER_SEC;
  if (marker != NULL)
    {
      self->state = judge_marked (self, marker, lock);
      self->host = g_strdup (marker->host);
      self->started_us = marker->started_us;
    }
  else
    self->state = lock == PGM_LOCK_HELD ? PGM_FOLDER_ALIVE : judge_unmarked (has_any, info);
}

/* @path: has the name of a run's folder
 * @ret_fd: (out): of its lock file, which is locked where the state is PGM_FOLDER_DEAD; or -1
 *
 * Returns: (transfer full) (nullable): NULL where it is not a folder of this user's */
static PgmFoundFolder *
look_at (const char *path, int *ret_fd)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *run = dup_run_id (name);
  PgmFoundFolder *self = NULL;
  GStatBuf info = { 0 };

  *ret_fd = -1;
  if (run == NULL || !is_own_folder (path, &info))
    return NULL;
  self = g_new0 (PgmFoundFolder, 1);
  self->path = g_strdup (path);
  self->run = g_steal_pointer (&run);
  *ret_fd = pgm_run_folder_open_lock (path, 0);
  judge (self, *ret_fd, &info);
  return self;
}

static void
close_fd (int fd)
{
  if (fd >= 0)
    g_close (fd, NULL);
}

/* @parent: (nullable): the system's folder for temporary files when NULL
 *
 * Returns: (transfer full) (element-type PgmFoundFolder): also those of living runs; a @parent
 * that is not there has none */
GPtrArray *
pgm_run_folder_find_sync (const char *parent, GError **error)
{
  g_autofree char *folder =
      g_canonicalize_filename (parent != NULL ? parent : g_get_tmp_dir (), NULL);
  g_autoptr(GPtrArray) found =
                 g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_found_folder_free);
  g_autoptr(GError) local = NULL;
  g_autoptr(GDir) dir = g_dir_open (folder, 0, &local);
  const char *name = NULL;

  if (dir == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                   _("could not look for folders of earlier runs: %s"), local->message);
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      int fd = -1;
      PgmFoundFolder *self = look_at (path, &fd);

      close_fd (fd);
      if (self != NULL)
        g_ptr_array_add (found, self);
    }
  return g_steal_pointer (&found);
}

/* Removes the folder if it still is for certain of a run that is over; its lock is held
 * meanwhile. Without its lock file it is empty, and only an empty one is removed. */
gboolean
pgm_run_folder_remove_dead_sync (const char *path, GError **error)
{
  int fd = -1;
  g_autoptr(PgmFoundFolder) found = look_at (path, &fd);
  PgmRunFolder *folder = NULL;
  gboolean is_removed = FALSE;

  if (found == NULL || found->state != PGM_FOLDER_DEAD)
    {
      close_fd (fd);
      g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                   _("\"%s\" is no longer what was found there"), path);
      return FALSE;
    }
  if (fd < 0)
    {
      if (g_rmdir (path) == 0)
        return TRUE;
      g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                   _("could not remove \"%s\": %s"), path, g_strerror (errno));
      return FALSE;
    }
  folder = pgm_run_folder_adopt (path, fd);
  is_removed = pgm_run_folder_remove (folder, error);
  pgm_run_folder_free (folder);
  return is_removed;
}
