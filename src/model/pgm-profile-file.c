/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile-file.h"

#include "pgm-error.h"
#include "pgm-secret.h"
#include "pgm-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#ifdef G_OS_WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

#ifndef O_NONBLOCK
#define O_NONBLOCK 0
#endif
#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif
#ifndef O_BINARY
#define O_BINARY 0
#endif

/* One byte more than pgm_json_parse() takes, so that it is the one to refuse. */
#define MAX_BYTES (4 * 1024 * 1024 + 1)
#define MAX_LINKS 40

static void
set_read_error (GError **error, const char *path, const char *reason)
{
  g_autofree char *shown = pgm_text_escape (path);

  g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG, _("could not read \"%s\": %s"), shown, reason);
}

/* Returns: (transfer full): the absolute folder that @path is in; of NULL, the current one */
char *
pgm_profile_file_dup_folder (const char *path)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *folder = NULL;

  if (path == NULL)
    return g_steal_pointer (&here);
  folder = g_path_get_dirname (path);
  if (g_path_is_absolute (folder))
    return g_steal_pointer (&folder);
  return g_str_equal (folder, ".") ? g_steal_pointer (&here)
                                   : g_build_filename (here, folder, NULL);
}

static gboolean
read_all (int fd, char *data, gsize *length)
{
  gssize n = 0;

  while (*length < MAX_BYTES)
    {
      n = read (fd, data + *length, MAX_BYTES - *length);
      if (n == 0 || (n < 0 && errno != EINTR))
        break;
      *length += MAX (n, 0);
    }
  return n >= 0;
}

/* A pipe would make the program wait for ever: hence O_NONBLOCK, and a look at what was opened
 * rather than at what the name meant a moment before. */
static int
open_regular (const char *path, gboolean *is_exposed, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_BINARY, 0);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      set_read_error (error, path, g_strerror (errno));
      if (fd >= 0)
        g_close (fd, NULL);
      return -1;
    }
  if (!S_ISREG (info.st_mode))
    {
      set_read_error (error, path, _("not a regular file"));
      g_close (fd, NULL);
      return -1;
    }
#ifdef G_OS_UNIX
  *is_exposed = (info.st_mode & 077) != 0;
#endif
  return fd;
}

/* @is_exposed: (out): set when others than the owner may read or write the file
 *
 * Returns: (transfer full): @length bytes, to be wiped; or NULL with a PGM_ERROR_CONFIG */
char *
pgm_profile_file_read (const char *path, gsize *length, gboolean *is_exposed, GError **error)
{
  char *data = NULL;
  gboolean is_read = FALSE;
  int read_errno = 0;
  int fd = open_regular (path, is_exposed, error);

  if (fd < 0)
    return NULL;
  data = g_malloc (MAX_BYTES);
  *length = 0;
  is_read = read_all (fd, data, length);
  read_errno = errno;
  g_close (fd, NULL);
  if (is_read)
    return data;
  set_read_error (error, path, g_strerror (read_errno));
  pgm_secret_wipe (data, *length);
  g_free (data);
  return NULL;
}

/* Returns: (transfer full): the file that the chain of links at @path ends in; it need not
 * exist. The links of folders above are followed by the system anyway. */
static char *
resolve_links (const char *path)
{
  char *at = g_strdup (path);

  for (int i = 0; i < MAX_LINKS; i++)
    {
      g_autofree char *old = NULL;
      g_autofree char *folder = g_path_get_dirname (at);
      g_autofree char *goal = g_file_read_link (at, NULL);

      if (goal == NULL)
        break;
      old = at;
      at = g_path_is_absolute (goal) ? g_strdup (goal) : g_build_filename (folder, goal, NULL);
    }
  return at;
}

/* After a crash the file at @path has the old text or the new one, whole, and is readable by its
 * owner only. A link stays one: the file that it points to is replaced. */
gboolean
pgm_profile_file_write (const char *path, const char *text, GError **error)
{
  g_autofree char *file = resolve_links (path);
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *shown = pgm_text_escape (path);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                   _("could not save \"%s\": %s"), shown, g_strerror (errno));
      return FALSE;
    }
  if (g_file_set_contents_full (file, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                error))
    return TRUE;
  g_prefix_error (error, _("could not save \"%s\": "), shown);
  pgm_error_recode (error, PGM_ERROR_FAILED);
  return FALSE;
}
