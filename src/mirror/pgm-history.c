/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-private.h"

#include "pgm-error.h"
#include "pgm-json-parse.h"
#include "pgm-json-write.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define LOG_SHOWN_BYTES (1024 * 1024)

/* Returns: (transfer full): it need not exist */
char *
pgm_history_dup_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "pg-mirror", "history", NULL);
}

/* Returns: (transfer full) */
char *
pgm_history_dup_file (const char *id, const char *suffix)
{
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autofree char *name = g_strconcat (id, suffix, NULL);

  return g_build_filename (folder, name, NULL);
}

gboolean
pgm_history_write_file (const char *id, JsonNode *node, GError **error)
{
  g_autofree char *path = pgm_history_dup_file (id, PGM_HISTORY_ENTRY_SUFFIX);
  g_autofree char *text = pgm_json_write (node);

  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

/* A run whose program is gone will never end; its entry says so from now on. */
static void
resolve (PgmHistoryEntry *entry, JsonNode *node)
{
  JsonObject *object = json_node_get_object (node);
  const PgmHistoryData *data = pgm_history_entry_get_data (entry);

  if (data->state != PGM_HISTORY_INTERRUPTED ||
      g_str_equal (json_object_get_string_member (object, "state"), "interrupted"))
    return;
  json_object_set_string_member (object, "state", "interrupted");
  pgm_history_write_file (data->id, node, NULL);
}

/* Returns: (transfer full) (nullable): NULL for a file that is not an entry */
static PgmHistoryEntry *
read_entry (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (PGM_HISTORY_ENTRY_SUFFIX));
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(PgmHistoryEntry) entry = NULL;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return NULL;
  node = pgm_json_parse (text, (gssize) length, name, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  entry = pgm_history_entry_new_from_json (json_node_get_object (node));
  if (entry == NULL || !g_str_equal (pgm_history_entry_get_data (entry)->id, stem))
    return NULL;
  resolve (entry, node);
  return g_steal_pointer (&entry);
}

static int
compare_latest_first (gconstpointer a, gconstpointer b)
{
  gint64 first = pgm_history_entry_get_data (*(PgmHistoryEntry *const *) a)->started_us;
  gint64 second = pgm_history_entry_get_data (*(PgmHistoryEntry *const *) b)->started_us;

  return first < second ? 1 : first > second ? -1 : 0;
}

static void
list_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (folder, 0, &error);
  const char *name = NULL;

  if (dir == NULL && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_task_return_new_error (task, PGM_ERROR, PGM_ERROR_FAILED,
                               _("could not list the history: %s"), error->message);
      return;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      PgmHistoryEntry *entry = g_str_has_suffix (name, PGM_HISTORY_ENTRY_SUFFIX) && name[0] != '.'
                                   ? read_entry (folder, name)
                                   : NULL;

      if (entry != NULL)
        g_ptr_array_add (list, entry);
    }
  g_ptr_array_sort (list, compare_latest_first);
  g_task_return_pointer (task, g_steal_pointer (&list), (GDestroyNotify) g_ptr_array_unref);
}

void
pgm_history_list_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_history_list_async);
  g_task_run_in_thread (task, list_thread);
}

/* Returns: (transfer full): PgmHistoryEntry; empty when nothing was ever run */
GPtrArray *
pgm_history_list_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Returns: (transfer none) (nullable): the last run of the profile; dry runs do not count */
PgmHistoryEntry *
pgm_history_find_latest (GPtrArray *entries, const char *profile_path)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const PgmHistoryData *data = pgm_history_entry_get_data (entries->pdata[i]);

      if (!data->is_dry_run && g_strcmp0 (data->path, profile_path) == 0)
        return entries->pdata[i];
    }
  return NULL;
}

static char *
read_end (const char *path, GError **error)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);
  gsize length = 0;
  gsize start = 0;
  const char *text = NULL;
  const char *line = NULL;

  if (file == NULL)
    return NULL;
  length = g_mapped_file_get_length (file);
  start = length - MIN (length, LOG_SHOWN_BYTES);
  text = g_mapped_file_get_contents (file);
  line = start > 0 ? memchr (text + start, '\n', length - start) : NULL;
  if (line != NULL)
    start = (gsize) (line + 1 - text);
  return g_utf8_make_valid (text != NULL ? text + start : "", (gssize) (length - start));
}

static void
read_log_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  char *text = read_end (path, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_new_error (task, PGM_ERROR, PGM_ERROR_MISSING,
                             _("could not read the log: %s"), error->message);
}

void
pgm_history_read_log_async (PgmHistoryEntry *entry,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (PGM_IS_HISTORY_ENTRY (entry));

  g_task_set_source_tag (task, pgm_history_read_log_async);
  g_task_set_task_data (task, pgm_history_entry_dup_log_path (entry), g_free);
  g_task_run_in_thread (task, read_log_thread);
}

/* Returns: (transfer full): valid UTF-8, whole lines */
char *
pgm_history_read_log_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
remove_thread (GTask *task, gpointer source, gpointer id, GCancellable *cancellable)
{
  g_autofree char *entry = pgm_history_dup_file (id, PGM_HISTORY_ENTRY_SUFFIX);
  g_autofree char *log = pgm_history_dup_file (id, PGM_HISTORY_LOG_SUFFIX);

  if ((g_unlink (log) != 0 && errno != ENOENT) || (g_unlink (entry) != 0 && errno != ENOENT))
    g_task_return_new_error (task, PGM_ERROR, PGM_ERROR_FAILED,
                             _("could not remove the entry: %s"), g_strerror (errno));
  else
    g_task_return_boolean (task, TRUE);
}

void
pgm_history_remove_async (PgmHistoryEntry *entry,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (PGM_IS_HISTORY_ENTRY (entry));

  g_task_set_source_tag (task, pgm_history_remove_async);
  g_task_set_task_data (task, g_strdup (pgm_history_entry_get_data (entry)->id), g_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, remove_thread);
}

gboolean
pgm_history_remove_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
