/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-private.h"

/* Files are the user's own, and may be anything. */
static JsonNode *
get_member (JsonObject *object, const char *key, JsonNodeType type)
{
  JsonNode *node = json_object_get_member (object, key);

  return node != NULL && JSON_NODE_TYPE (node) == type ? node : NULL;
}

static char *
dup_text (JsonObject *object, const char *key)
{
  JsonNode *node = get_member (object, key, JSON_NODE_VALUE);

  return node != NULL ? json_node_dup_string (node) : NULL;
}

static gint64
get_int (JsonObject *object, const char *key)
{
  JsonNode *node = get_member (object, key, JSON_NODE_VALUE);

  return node != NULL ? MAX (json_node_get_int (node), 0) : 0;
}

static gint64
get_seconds (JsonObject *object, const char *key)
{
  JsonNode *node = get_member (object, key, JSON_NODE_VALUE);

  return node != NULL ? (gint64) (MAX (json_node_get_double (node), 0.0) * G_USEC_PER_SEC) : 0;
}

static PgmSeverity
parse_severity (const char *nick)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (PGM_TYPE_SEVERITY);
  GEnumValue *value = nick != NULL ? g_enum_get_value_by_nick (klass, nick) : NULL;

  return value != NULL ? (PgmSeverity) value->value : PGM_SEVERITY_NOTE;
}

static void
add_finding_cb (JsonArray *array, guint i, JsonNode *node, gpointer findings)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *severity = object != NULL ? dup_text (object, "severity") : NULL;
  g_autofree char *code = object != NULL ? dup_text (object, "code") : NULL;
  g_autofree char *message = object != NULL ? dup_text (object, "message") : NULL;
  g_autofree char *hint = object != NULL ? dup_text (object, "hint") : NULL;

  if (message != NULL)
    g_ptr_array_add (findings,
                     pgm_finding_new (parse_severity (severity), code, hint, "%s", message));
}

static void
read_findings (JsonObject *object, const char *key, GPtrArray *findings)
{
  JsonNode *node = get_member (object, key, JSON_NODE_ARRAY);

  if (node != NULL)
    json_array_foreach_element (json_node_get_array (node), add_finding_cb, findings);
}

static void
add_phase_cb (JsonArray *array, guint i, JsonNode *node, gpointer report)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *phase = object != NULL ? dup_text (object, "phase") : NULL;

  if (phase != NULL)
    pgm_report_add_phase (report, phase, get_seconds (object, "seconds"));
}

static PgmTargetState
parse_target_state (const char *nick)
{
  for (int i = PGM_TARGET_UNCHANGED; i < PGM_TARGET_UNKNOWN; i++)
    if (g_strcmp0 (pgm_target_state_get_nick ((PgmTargetState) i), nick) == 0)
      return (PgmTargetState) i;
  return PGM_TARGET_UNKNOWN;
}

static void
read_verdict (JsonObject *object, PgmReportData *data)
{
  g_autofree char *target_state = dup_text (object, "target_state");
  JsonNode *verified = get_member (object, "verified", JSON_NODE_VALUE);

  data->source = dup_text (object, "source");
  data->target = dup_text (object, "target");
  data->code = dup_text (object, "code");
  data->message = dup_text (object, "message");
  data->target_state = parse_target_state (target_state);
  data->verified = verified != NULL && json_node_get_boolean (verified);
  data->verified_how = dup_text (object, "verified_how");
  data->duration_us = get_seconds (object, "seconds");
}

static void
read_facts (JsonObject *object, PgmReportData *data)
{
  data->n_tables = (guint) get_int (object, "tables");
  data->n_rows = (guint64) get_int (object, "rows");
  data->n_sequences = (guint) get_int (object, "sequences");
  data->n_large_objects = (guint) get_int (object, "large_objects");
  data->archive_bytes = (guint64) get_int (object, "archive_bytes");
  data->tools = dup_text (object, "tools");
  data->source_version = dup_text (object, "source_version");
  data->target_version = dup_text (object, "target_version");
  data->previous_name = dup_text (object, "previous_name");
}

/* Returns: (transfer full): the report that pgm_report_to_json() wrote; what is missing stays
 * as in a new one */
PgmReport *
pgm_history_report_from_json (JsonObject *object)
{
  PgmReport *self = pgm_report_new ();
  PgmReportData *data = pgm_report_get_data (self);
  JsonNode *phases = get_member (object, "phases", JSON_NODE_ARRAY);

  read_verdict (object, data);
  read_facts (object, data);
  read_findings (object, "findings", data->findings);
  read_findings (object, "left_behind", data->left_behind);
  read_findings (object, "differences", data->differences);
  read_findings (object, "leftovers", data->leftovers);
  if (phases != NULL)
    json_array_foreach_element (json_node_get_array (phases), add_phase_cb, self);
  return self;
}
