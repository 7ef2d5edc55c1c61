/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-private.h"

#include "pgm-process.h"

#include <glib/gi18n-lib.h>

struct _PgmHistoryEntry
{
  GObject parent_instance;

  /* owned */
  PgmHistoryData data;
  PgmReport *report; /* (nullable): unless finished */
};

G_DEFINE_FINAL_TYPE (PgmHistoryEntry, pgm_history_entry, G_TYPE_OBJECT)

static void
pgm_history_entry_finalize (GObject *object)
{
  PgmHistoryEntry *self = PGM_HISTORY_ENTRY (object);

  g_free (self->data.id);
  g_free (self->data.program);
  g_free (self->data.profile);
  g_free (self->data.path);
  g_free (self->data.source);
  g_free (self->data.target);
  g_free (self->data.code);
  g_free (self->data.message);
  g_clear_object (&self->report);
  G_OBJECT_CLASS (pgm_history_entry_parent_class)->finalize (object);
}

static void
pgm_history_entry_class_init (PgmHistoryEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_history_entry_finalize;
}

static void
pgm_history_entry_init (PgmHistoryEntry *self)
{
}

static const char *
get_text (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  gboolean is_text = node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                     json_node_get_value_type (node) == G_TYPE_STRING;

  return is_text ? json_node_get_string (node) : NULL;
}

static char *
dup_known_text (JsonObject *object, const char *key)
{
  const char *text = get_text (object, key);

  return g_strdup (text != NULL ? text : "");
}

static gint64
get_int (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

static PgmHistoryState
find_state (JsonObject *object)
{
  const char *nick = get_text (object, "state");

  if (g_strcmp0 (nick, "finished") == 0)
    return PGM_HISTORY_FINISHED;
  if (g_strcmp0 (nick, "running") == 0 &&
      pgm_process_is_alive (get_int (object, "pid"), (guint64) get_int (object, "pid_start")))
    return PGM_HISTORY_RUNNING;
  return PGM_HISTORY_INTERRUPTED;
}

static void
read_outcome (PgmHistoryEntry *self, JsonObject *object)
{
  PgmHistoryData *data = &self->data;
  const PgmReportData *result = NULL;

  if (data->state == PGM_HISTORY_RUNNING)
    data->message = g_strdup (_("the run has not ended yet"));
  else if (data->state == PGM_HISTORY_INTERRUPTED)
    data->message = g_strdup (_("the program ended before the run did; look at the target before "
                                "you rely on it, and at what \"pg-mirror-cli recover\" finds"));
  if (data->state != PGM_HISTORY_FINISHED)
    return;
  self->report = pgm_history_report_from_json (json_object_get_object_member (object, "report"));
  result = pgm_report_get_data (self->report);
  pgm_report_get_data (self->report)->started_us = data->started_us;
  data->duration_us = result->duration_us;
  data->code = g_strdup (result->code != NULL ? result->code : "failed");
  data->message = g_strdup (result->message != NULL ? result->message : "");
}

/* Returns: (transfer full) (nullable): NULL when it is not one of our files */
PgmHistoryEntry *
pgm_history_entry_new_from_json (JsonObject *object)
{
  g_autoptr(PgmHistoryEntry) self = g_object_new (PGM_TYPE_HISTORY_ENTRY, NULL);
  PgmHistoryData *data = &self->data;
  JsonNode *report = json_object_get_member (object, "report");
  JsonNode *dry = json_object_get_member (object, "dry_run");

  data->state = find_state (object);
  if (get_text (object, "id") == NULL || get_text (object, "state") == NULL ||
      (data->state == PGM_HISTORY_FINISHED && (report == NULL || !JSON_NODE_HOLDS_OBJECT (report))))
    return NULL;
  data->id = dup_known_text (object, "id");
  data->is_dry_run = dry != NULL && JSON_NODE_HOLDS_VALUE (dry) && json_node_get_boolean (dry);
  data->program = dup_known_text (object, "program");
  data->profile = dup_known_text (object, "profile");
  data->path = g_strdup (get_text (object, "path"));
  data->source = dup_known_text (object, "source");
  data->target = dup_known_text (object, "target");
  data->started_us = get_int (object, "started_us");
  read_outcome (self, object);
  return g_steal_pointer (&self);
}

/* Returns: (transfer none) */
const PgmHistoryData *
pgm_history_entry_get_data (PgmHistoryEntry *self)
{
  g_return_val_if_fail (PGM_IS_HISTORY_ENTRY (self), NULL);

  return &self->data;
}

/* Returns: (transfer none) (nullable): NULL unless the run is finished */
PgmReport *
pgm_history_entry_get_report (PgmHistoryEntry *self)
{
  g_return_val_if_fail (PGM_IS_HISTORY_ENTRY (self), NULL);

  return self->report;
}

/* Returns: (transfer full): the file need not exist */
char *
pgm_history_entry_dup_log_path (PgmHistoryEntry *self)
{
  g_return_val_if_fail (PGM_IS_HISTORY_ENTRY (self), NULL);

  return pgm_history_dup_file (self->data.id, PGM_HISTORY_LOG_SUFFIX);
}
