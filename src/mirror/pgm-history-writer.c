/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The thread owns the files. Others only push to its queue: lines, and last of all the task that
 * waits for the end. It holds the logger until then, because the logger's sink holds the writer. */

#include "pgm-history-writer.h"

#include "pgm-history-private.h"
#include "pgm-process.h"
#include "pgm-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define KEPT_ENTRIES 200
#define MAX_LOG_BYTES (32 * 1024 * 1024)

typedef struct
{
  char *line;   /* (nullable): owned */
  GTask *close; /* (nullable): owned */
} Item;

struct _PgmHistoryWriter
{
  /* owned */
  char *id;
  JsonNode *node; /* of the entry; the thread's from the start */
  GAsyncQueue *queue;
  PgmLogger *logger; /* the thread's */

  gint is_closed; /* atomic */
};

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->line);
  g_clear_object (&item->close);
  g_free (item);
}

static void
writer_clear (gpointer data)
{
  PgmHistoryWriter *self = data;

  g_free (self->id);
  g_clear_pointer (&self->node, json_node_unref);
  g_async_queue_unref (self->queue);
}

PgmHistoryWriter *
pgm_history_writer_ref (PgmHistoryWriter *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_history_writer_unref (PgmHistoryWriter *self)
{
  g_atomic_rc_box_release_full (self, writer_clear);
}

/* Returns: (transfer none): of its PgmHistoryEntry */
const char *
pgm_history_writer_get_id (PgmHistoryWriter *self)
{
  return self->id;
}

static void
push (PgmHistoryWriter *self, char *line, GTask *close)
{
  Item *item = g_new (Item, 1);

  *item = (Item){ line, close };
  g_async_queue_push (self->queue, item);
}

static void
log_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  PgmHistoryWriter *self = user_data;

  if (!g_atomic_int_get (&self->is_closed))
    push (self, pgm_logger_format_line (level, time_us, message), NULL);
}

static void
complain (PgmHistoryWriter *self, const char *reason)
{
  pgm_warning (self->logger, _("the history could not be written: %s"), reason);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) b, *(const char *const *) a);
}

/* Names begin with the time, so the latest come first. */
static void
remove_oldest (const char *folder)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, PGM_HISTORY_ENTRY_SUFFIX) && name[0] != '.')
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (PGM_HISTORY_ENTRY_SUFFIX)));
  g_ptr_array_sort (names, compare_names);
  for (guint i = KEPT_ENTRIES; i < names->len; i++)
    {
      g_autofree char *entry = pgm_history_dup_file (names->pdata[i], PGM_HISTORY_ENTRY_SUFFIX);
      g_autofree char *log = pgm_history_dup_file (names->pdata[i], PGM_HISTORY_LOG_SUFFIX);

      g_unlink (log);
      g_unlink (entry);
    }
}

/* Returns: (nullable): the log to write to */
static FILE *
open_entry (PgmHistoryWriter *self)
{
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autofree char *path = pgm_history_dup_file (self->id, PGM_HISTORY_LOG_SUFFIX);
  g_autoptr(GError) error = NULL;
  FILE *log = NULL;
  int fd = -1;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      complain (self, g_strerror (errno));
      return NULL;
    }
  remove_oldest (folder);
  if (!pgm_history_write_file (self->id, self->node, &error))
    {
      complain (self, error->message);
      return NULL;
    }
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  log = fd >= 0 ? fdopen (fd, "w") : NULL;
  if (log == NULL)
    complain (self, g_strerror (errno));
  return log;
}

static void
write_line (PgmHistoryWriter *self, FILE *log, const char *line, gsize *n_bytes)
{
  gsize length = strlen (line) + 1;

  if (*n_bytes > MAX_LOG_BYTES)
    return;
  *n_bytes += length;
  fprintf (log, "%s\n", *n_bytes > MAX_LOG_BYTES ? _("the rest of this log was not kept") : line);
  if (g_async_queue_length (self->queue) <= 0)
    fflush (log);
}

/* Returns: (transfer full): the task that waits for the end */
static GTask *
write_log (PgmHistoryWriter *self, FILE *log)
{
  gsize n_bytes = 0;

  for (;;)
    {
      Item *item = g_async_queue_pop (self->queue);
      GTask *task = g_steal_pointer (&item->close);

      if (item->line != NULL && log != NULL)
        write_line (self, log, item->line, &n_bytes);
      item_free (item);
      if (task != NULL)
        return task;
    }
}

static gpointer
writer_thread (gpointer user_data)
{
  g_autoptr(PgmHistoryWriter) self = user_data;
  G_GNUC_UNUSED g_autoptr(PgmLogger) logger = self->logger; /* its reference is ours to drop */
  FILE *log = open_entry (self);
  g_autoptr(GTask) task = write_log (self, log);
  JsonObject *object = json_node_get_object (self->node);
  g_autoptr(GError) error = NULL;

  json_object_set_string_member (object, "state", "finished");
  json_object_set_member (object, "report", json_node_ref (g_task_get_task_data (task)));
  if (log != NULL)
    pgm_history_write_file (self->id, self->node, &error);
  if (log != NULL && fclose (log) != 0 && error == NULL)
    g_set_error_literal (&error, G_FILE_ERROR, g_file_error_from_errno (errno), g_strerror (errno));
  if (error != NULL)
    complain (self, error->message);
  g_task_return_boolean (task, TRUE);
  return NULL;
}

static void
set_shown (JsonObject *object, const char *key, const char *text)
{
  g_autofree char *shown = pgm_text_escape (text);

  json_object_set_string_member (object, key, shown);
}

static void
set_place (JsonObject *object, const char *key, PgmProfile *profile, PgmEndpoint *endpoint)
{
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  g_autofree char *place =
      g_strdup_printf (_("%s at %s"), pgm_profile_get_source (profile)->database, address);

  set_shown (object, key, place);
}

static JsonNode *
make_node (const char *id, PgmProfile *profile, PgmMirrorFlags flags)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const char *given = pgm_profile_get_path (profile);
  g_autofree char *path = given != NULL ? g_canonicalize_filename (given, NULL) : NULL;
  const char *program = g_get_prgname ();
  gint64 pid = pgm_process_get_own ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "state", "running");
  json_object_set_boolean_member (object, "dry_run", (flags & PGM_MIRROR_DRY_RUN) != 0);
  set_shown (object, "program", program != NULL ? program : "pg-mirror");
  json_object_set_int_member (object, "pid", pid);
  json_object_set_int_member (object, "pid_start", (gint64) pgm_process_get_start (pid));
  set_shown (object, "profile", pgm_profile_get_title (profile));
  if (path != NULL && g_utf8_validate (path, -1, NULL))
    json_object_set_string_member (object, "path", path);
  set_place (object, "source", profile, pgm_profile_get_source (profile));
  set_place (object, "target", profile, pgm_profile_get_target (profile));
  json_object_set_int_member (object, "started_us", g_get_real_time ());
  return node;
}

/* Listens to @logger from now on, all levels. Has to be closed. */
PgmHistoryWriter *
pgm_history_writer_new (PgmProfile *profile, PgmLogger *logger, PgmMirrorFlags flags)
{
  PgmHistoryWriter *self = g_atomic_rc_box_new0 (PgmHistoryWriter);
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  self->id = g_strdup_printf ("%s-%08x", stamp, g_random_int ());
  self->node = make_node (self->id, profile, flags);
  self->queue = g_async_queue_new_full (item_free);
  self->logger = g_object_ref (logger);
  pgm_logger_add_sink (logger, PGM_LOG_DEBUG, log_cb, pgm_history_writer_ref (self),
                       (GDestroyNotify) pgm_history_writer_unref);
  g_thread_unref (g_thread_new ("pgm-history", writer_thread, pgm_history_writer_ref (self)));
  return self;
}

static void redact_node (PgmLogger *logger, JsonNode *node);

static void
redact_member_cb (JsonObject *object, const char *key, JsonNode *node, gpointer logger)
{
  redact_node (logger, node);
}

static void
redact_element_cb (JsonArray *array, guint i, JsonNode *node, gpointer logger)
{
  redact_node (logger, node);
}

/* Words of a server or a tool may repeat what they were given. */
static void
redact_node (PgmLogger *logger, JsonNode *node)
{
  g_autofree char *clean = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), redact_member_cb, logger);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), redact_element_cb, logger);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      clean = pgm_logger_redact (logger, json_node_get_string (node));
      json_node_set_string (node, clean);
    }
}

/* Once. What is logged after it is not kept. */
void
pgm_history_writer_close_async (PgmHistoryWriter *self,
                                PgmReport *report,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  JsonNode *node = pgm_report_to_json (report);

  redact_node (self->logger, node);
  g_atomic_int_set (&self->is_closed, TRUE);
  g_task_set_source_tag (task, pgm_history_writer_close_async);
  g_task_set_task_data (task, node, (GDestroyNotify) json_node_unref);
  push (self, NULL, task);
}

/* The files are complete. */
void
pgm_history_writer_close_finish (GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, NULL));

  g_task_propagate_boolean (G_TASK (result), NULL);
}
