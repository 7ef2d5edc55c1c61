/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-profile-io.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "pgm-error.h"
#include "pgm-profile-file.h"
#include "pgm-sample.h"

#define SUFFIX ".json"
#define DELETED_SUFFIX ".deleted"

typedef struct
{
  char *path;
  char *other; /* (nullable): the new path, or the text to write */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->path);
  if (request->other != NULL)
    pgm_secret_wipe (request->other, strlen (request->other));
  g_free (request->other);
  g_free (request);
}

/* @other: (transfer full) (nullable) */
static void
run (const char *path,
     char *other,
     GTaskThreadFunc func,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  *request = (Request){ g_strdup (path), other };
  g_task_set_source_tag (task, func);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, func);
}

static PgmProfileFile *
read_sync (const char *path)
{
  PgmProfileFile *self = g_new0 (PgmProfileFile, 1);
  g_autoptr(GError) error = NULL;
  gboolean is_exposed = FALSE;
  gsize length = 0;
  char *data = pgm_profile_file_read (path, &length, &is_exposed, &error);

  self->path = g_strdup (path);
  if (data != NULL)
    {
      self->checksum =
          g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, length);
      self->draft = pgm_profile_draft_parse (data, length, path, &error);
      pgm_secret_wipe (data, length);
      g_free (data);
    }
  if (error != NULL)
    self->fault = g_strdup (error->message);
  return self;
}

/* @file: (transfer full): not added when its servers were those of a program that was killed */
static void
add_file (GPtrArray *files, PgmProfileFile *file)
{
  g_autofree char *host =
      file->draft != NULL ? pgm_profile_draft_dup_text (file->draft, "source.host") : NULL;

  if (host == NULL || !pgm_sample_sweep_sync (host))
    {
      g_ptr_array_add (files, file);
      return;
    }
  g_unlink (file->path);
  pgm_profile_file_free (file);
}

static void
list_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const char *folder = ((Request *) task_data)->path;
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_profile_file_free);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  g_mkdir_with_parents (folder, 0700); /* so that it can be watched */
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, DELETED_SUFFIX) && name[0] == '.')
        g_unlink (path); /* of a program that ended before the undo did */
      else if (g_str_has_suffix (name, SUFFIX) && name[0] != '.')
        add_file (files, read_sync (path));
    }
  g_task_return_pointer (task, files, (GDestroyNotify) g_ptr_array_unref);
}

void
pgm_profile_io_list_async (const char *folder,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  run (folder, NULL, list_thread, cancellable, callback, user_data);
}

/* Returns: (transfer full): PgmProfileFile in no order */
GPtrArray *
pgm_profile_io_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
read_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, read_sync (((Request *) task_data)->path),
                         (GDestroyNotify) pgm_profile_file_free);
}

void
pgm_profile_io_read_async (const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  run (path, NULL, read_thread, NULL, callback, user_data);
}

/* Returns: (transfer full): never NULL; what is wrong with the file is in it */
PgmProfileFile *
pgm_profile_io_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
write_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  GError *error = NULL;

  if (pgm_profile_file_write (request->path, request->other, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
pgm_profile_io_write_async (const char *path,
                            char *text,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  run (path, text, write_thread, NULL, callback, user_data);
}

gboolean
pgm_profile_io_write_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
move_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Request *request = task_data;
  int status =
      request->other != NULL ? g_rename (request->path, request->other) : g_unlink (request->path);

  if (status == 0 || errno == ENOENT)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, PGM_ERROR, PGM_ERROR_FAILED, "%s", g_strerror (errno));
}

void
pgm_profile_io_move_async (const char *path,
                           const char *new_path,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  run (path, g_strdup (new_path), move_thread, NULL, callback, user_data);
}

gboolean
pgm_profile_io_move_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

char *
pgm_profile_io_dup_checksum (const char *text)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

void
pgm_profile_file_free (PgmProfileFile *self)
{
  g_free (self->path);
  g_clear_pointer (&self->draft, pgm_profile_draft_free);
  g_free (self->fault);
  g_free (self->checksum);
  g_free (self);
}
