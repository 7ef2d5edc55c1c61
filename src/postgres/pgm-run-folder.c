/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* While a run lives it holds a lock on a file in its folder. The kernel lets go of it when the
 * run's program dies, of whatever; what a program of a later day finds unlocked is a leftover
 * (pgm-run-folder-find.c).
 *
 * The lock belongs to the open file (flock(2)), which is closed on exec: no child keeps it. A
 * child that outlives its run therefore does not protect the folder, and need not: what it has
 * open stays readable to it, and what it would open is for nobody. Between fork and exec a child
 * has the file open for a moment; the folder then looks alive a moment longer than it is. */

#include "pgm-run-folder-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <sys/file.h>
#include <unistd.h>
#endif
#ifdef G_OS_WIN32
#include <io.h>
#include <windows.h>
#endif

#include "pgm-error.h"
#include "pgm-marker.h"

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif
#ifndef O_NOFOLLOW
#define O_NOFOLLOW 0
#endif
#ifndef O_NOINHERIT
#define O_NOINHERIT 0
#endif

struct _PgmRunFolder
{
  char *path;  /* owned, absolute */
  int lock_fd; /* owned; -1: none */
  gboolean is_removed;
};

#ifdef G_OS_WIN32

/* A locked part cannot be read by others, so it lies far behind what is written. */
static gboolean
lock (int fd, gboolean waits)
{
  OVERLAPPED where = { .OffsetHigh = 1 };
  DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | (waits ? 0 : LOCKFILE_FAIL_IMMEDIATELY);

  errno = EWOULDBLOCK;
  return LockFileEx ((HANDLE) _get_osfhandle (fd), flags, 0, 1, 0, &where);
}

#else

static gboolean
lock (int fd, gboolean waits)
{
  int status = 0;

  do
    status = flock (fd, waits ? LOCK_EX : LOCK_EX | LOCK_NB);
  while (status != 0 && errno == EINTR);
  return status == 0;
}

#endif

/* Opens the lock file of @folder, whose lock is not taken by that.
 *
 * Returns: a descriptor, or -1 and errno */
int
pgm_run_folder_open_lock (const char *folder, int flags)
{
  g_autofree char *path = g_build_filename (folder, PGM_RUN_FOLDER_LOCK, NULL);

  return g_open (path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOINHERIT, 0600);
}

PgmLockState
pgm_run_folder_try_lock (int fd)
{
  if (lock (fd, /* waits= */ FALSE))
    return PGM_LOCK_TAKEN;
  return errno == EWOULDBLOCK ? PGM_LOCK_HELD : PGM_LOCK_UNKNOWN;
}

static gboolean
write_all (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = write (fd, text, left);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        {
          text += n;
          left -= (gsize) n;
        }
    }
  return TRUE;
}

/* Locked before a word is in it, and on the disk before any data is in the folder: what is found
 * whole and unlocked is of a run that is over, also after a power cut. Somebody who looks at the
 * file in between holds its lock for a moment. A file system without locks does not stop a run;
 * it keeps others from telling that it is over. */
static gboolean
take_lock (PgmRunFolder *self, const char *run_id)
{
  g_autofree char *marker = pgm_marker_dup_text ("folder", NULL, run_id, NULL);

  self->lock_fd = pgm_run_folder_open_lock (self->path, O_CREAT | O_EXCL);
  if (self->lock_fd < 0)
    return FALSE;
  lock (self->lock_fd, /* waits= */ TRUE);
  return write_all (self->lock_fd, marker) && g_fsync (self->lock_fd) == 0;
}

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
  self = pgm_run_folder_adopt (path, -1);
  if (take_lock (self, run_id))
    return self;
  g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
               _("could not create a file in \"%s\": %s"), path, g_strerror (errno));
  pgm_run_folder_free (self);
  return NULL;
}

/* @lock_fd: (transfer full): of the folder's lock, which is held; or -1 */
PgmRunFolder *
pgm_run_folder_adopt (const char *path, int lock_fd)
{
  PgmRunFolder *self = g_new0 (PgmRunFolder, 1);

  self->path = g_strdup (path);
  self->lock_fd = lock_fd;
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

/* @spared: (nullable): not removed */
static gboolean
remove_children (GFile *folder, GFile *spared, GError **error)
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
      if (spared != NULL && g_file_equal (child, spared))
        continue;
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
      !remove_children (file, NULL, error))
    return FALSE;
  if (g_file_delete (file, NULL, &local) ||
      g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
close_lock (PgmRunFolder *self)
{
  if (self->lock_fd >= 0)
    g_close (self->lock_fd, NULL);
  self->lock_fd = -1;
}

/* The lock goes last: what is left if this is cut short is still known as ours. Windows does not
 * remove a file that is open. */
static gboolean
remove_all (PgmRunFolder *self, GError **error)
{
  g_autoptr(GFile) folder = g_file_new_for_path (self->path);
  g_autoptr(GFile) lock_file = g_file_get_child (folder, PGM_RUN_FOLDER_LOCK);

  if (g_file_query_file_type (folder, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL) ==
          G_FILE_TYPE_DIRECTORY &&
      !remove_children (folder, lock_file, error))
    return FALSE;
#ifdef G_OS_WIN32
  close_lock (self);
#endif
  return remove_tree (folder, error);
}

/* Removes the folder with all that is in it; a symbolic link is removed, not followed. Once it
 * is gone a second call does nothing. */
gboolean
pgm_run_folder_remove (PgmRunFolder *self, GError **error)
{
  g_autoptr(GError) local = NULL;

  if (self->is_removed)
    return TRUE;
  self->is_removed = remove_all (self, &local);
  if (!self->is_removed)
    g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                 _("could not remove \"%s\": %s"), self->path, local->message);
  else
    close_lock (self);
  return self->is_removed;
}

/* Removes the folder unless that was done. */
void
pgm_run_folder_free (PgmRunFolder *self)
{
  pgm_run_folder_remove (self, NULL);
  close_lock (self);
  g_free (self->path);
  g_free (self);
}
