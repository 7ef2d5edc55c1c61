/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-report.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"

typedef struct
{
  char *phase; /* owned */
  gint64 duration_us;
} Phase;

struct _PgmReport
{
  GObject parent_instance;

  /* owned */
  PgmReportData data;
  GArray *phases; /* Phase */
};

G_DEFINE_FINAL_TYPE (PgmReport, pgm_report, G_TYPE_OBJECT)

static void
phase_clear (gpointer data)
{
  g_free (((Phase *) data)->phase);
}

static void
pgm_report_finalize (GObject *object)
{
  PgmReport *self = PGM_REPORT (object);

  g_free (self->data.source);
  g_free (self->data.target);
  g_free (self->data.code);
  g_free (self->data.message);
  g_free (self->data.verified_how);
  g_free (self->data.tools);
  g_free (self->data.source_version);
  g_free (self->data.target_version);
  g_free (self->data.previous_name);
  g_ptr_array_unref (self->data.findings);
  g_ptr_array_unref (self->data.left_behind);
  g_ptr_array_unref (self->data.differences);
  g_ptr_array_unref (self->data.leftovers);
  g_array_unref (self->phases);
  G_OBJECT_CLASS (pgm_report_parent_class)->finalize (object);
}

static void
pgm_report_class_init (PgmReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_report_finalize;
}

static GPtrArray *
finding_array_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_finding_unref);
}

static void
pgm_report_init (PgmReport *self)
{
  self->data.started_us = g_get_real_time ();
  self->data.findings = finding_array_new ();
  self->data.left_behind = finding_array_new ();
  self->data.differences = finding_array_new ();
  self->data.leftovers = finding_array_new ();
  self->phases = g_array_new (FALSE, FALSE, sizeof (Phase));
  g_array_set_clear_func (self->phases, phase_clear);
}

/* Returns: (transfer full): until it is filled, a failure that changed nothing and whose texts
 * are NULL */
PgmReport *
pgm_report_new (void)
{
  return g_object_new (PGM_TYPE_REPORT, NULL);
}

/* Returns: (transfer none): never NULL; what is stored in it is the report's */
PgmReportData *
pgm_report_get_data (PgmReport *self)
{
  g_return_val_if_fail (PGM_IS_REPORT (self), NULL);

  return &self->data;
}

void
pgm_report_add_phase (PgmReport *self, const char *phase, gint64 duration_us)
{
  Phase entry = { g_strdup (phase), duration_us };

  g_return_if_fail (PGM_IS_REPORT (self));

  g_array_append_val (self->phases, entry);
}

/* Returns: 130 for every cancelled run; only the program knows which signal it was */
int
pgm_report_get_exit_status (PgmReport *self)
{
  g_return_val_if_fail (PGM_IS_REPORT (self), 1);

  if (g_strcmp0 (self->data.code, "ok") == 0)
    return 0;
  if (g_strcmp0 (self->data.code, "differences") == 0)
    return 3;
  if (g_strcmp0 (self->data.code, "cancelled") == 0)
    return 130;
  return 1;
}

const char *
pgm_target_state_get_nick (PgmTargetState state)
{
  static const char *const nicks[] = {
    "unchanged", "created", "replaced", "filled", "dropped", "unknown",
  };

  g_return_val_if_fail ((gsize) state < G_N_ELEMENTS (nicks), "unknown");
  return nicks[state];
}

/* Returns: (transfer none): the last line of every run */
const char *
pgm_target_state_get_sentence (PgmTargetState state)
{
  switch (state)
    {
    case PGM_TARGET_UNCHANGED:
      return _("The target was not changed.");
    case PGM_TARGET_CREATED:
      return _("The target database was created.");
    case PGM_TARGET_REPLACED:
      return _("The target database was replaced.");
    case PGM_TARGET_FILLED:
      return _("The existing target database received the data.");
    case PGM_TARGET_DROPPED:
      return _("The old target database is gone, and no complete one is in its place.");
    case PGM_TARGET_UNKNOWN:
    default:
      return _("It is not known whether the target was changed.");
    }
}

static void
add_line (GString *out, char *line)
{
  g_autofree char *owned = line;

  g_string_append (out, owned);
  g_string_append_c (out, '\n');
}

static void
add_part (GString *out, char *part)
{
  g_autofree char *owned = part;

  if (out->len > 0)
    g_string_append (out, ", ");
  g_string_append (out, owned);
}

static void
add_counts (GString *out, const PgmReportData *data)
{
  g_autofree char *rows = pgm_text_format_count (data->n_rows);
  g_autofree char *size = pgm_text_format_size (data->archive_bytes);
  g_autofree char *duration = pgm_text_format_duration (data->duration_us);
  GString *line = g_string_new (NULL);

  if (data->n_tables > 0)
    add_part (line,
              g_strdup_printf (ngettext ("%u table", "%u tables", data->n_tables), data->n_tables));
  if (data->n_rows > 0)
    add_part (line, g_strdup_printf (_("rows: %s"), rows));
  if (data->n_sequences > 0)
    add_part (line, g_strdup_printf (_("sequences: %u"), data->n_sequences));
  if (data->n_large_objects > 0)
    add_part (line, g_strdup_printf (_("large objects: %u"), data->n_large_objects));
  if (data->archive_bytes > 0)
    add_part (line, g_strdup_printf (_("archive: %s"), size));
  if (data->duration_us > 0)
    add_part (line, g_strdup_printf (_("duration: %s"), duration));
  if (line->len > 0)
    add_line (out, g_strdup (line->str));
  g_string_free (line, TRUE);
}

static void
add_result (GString *out, const PgmReportData *data)
{
  add_counts (out, data);
  if (data->verified && data->verified_how != NULL)
    add_line (out, g_strdup_printf (_("Verified: %s are equal"), data->verified_how));
  else if (data->verified)
    add_line (out, g_strdup (_("Verified: row counts and sequences are equal")));
  else if (data->differences->len == 0)
    add_line (out, g_strdup (_("Not verified: source and target were not compared")));
}

static void
add_findings (GString *out, const char *title, GPtrArray *findings)
{
  if (findings->len == 0)
    return;
  add_line (out, g_strdup (title));
  for (guint i = 0; i < findings->len; i++)
    {
      const PgmFinding *finding = findings->pdata[i];

      add_line (out, g_strdup_printf ("  %s", finding->message));
      if (finding->hint != NULL)
        add_line (out, g_strdup_printf ("    %s", finding->hint));
    }
}

/* A run that could not do its work has nothing to count or compare; one that only compares
 * leaves the target as it was. */
static gboolean
has_result (PgmReport *self)
{
  int status = pgm_report_get_exit_status (self);

  return (status == 0 || status == 3) &&
         (self->data.target_state != PGM_TARGET_UNCHANGED || self->data.verified_how != NULL);
}

/* Returns: (transfer full): what happened, for people, in lines; the last one, which has no
 * newline, says whether the target was changed. */
char *
pgm_report_dup_summary (PgmReport *self)
{
  const PgmReportData *data = &self->data;
  GString *out = g_string_new (NULL);

  g_return_val_if_fail (PGM_IS_REPORT (self), g_string_free (out, FALSE));

  if (data->message != NULL)
    add_line (out, g_strdup (data->message));
  if (has_result (self))
    add_result (out, data);
  add_findings (out, _("Differences:"), data->differences);
  if (has_result (self))
    add_findings (out, _("Left behind on the source:"), data->left_behind);
  add_findings (out, _("Could not be removed:"), data->leftovers);
  if (data->previous_name != NULL)
    add_line (out, g_strdup_printf (_("The old database is kept as \"%s\""), data->previous_name));
  g_string_append (out, pgm_target_state_get_sentence (data->target_state));
  return g_string_free (out, FALSE);
}

/* Tools and SQL_ASCII databases say things in any encoding; JSON has only UTF-8. */
static void
set_text (JsonObject *object, const char *key, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    json_object_set_string_member (object, key, valid);
  else
    json_object_set_null_member (object, key);
}

static void
set_findings (JsonObject *object, const char *key, GPtrArray *findings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const PgmFinding *finding = findings->pdata[i];
      JsonNode *node = pgm_finding_to_json (finding);

      set_text (json_node_get_object (node), "message", finding->message);
      if (finding->hint != NULL)
        set_text (json_node_get_object (node), "hint", finding->hint);
      json_array_add_element (array, node);
    }
  json_object_set_array_member (object, key, array);
}

static void
set_phases (JsonObject *object, GArray *phases)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < phases->len; i++)
    {
      const Phase *phase = &g_array_index (phases, Phase, i);
      JsonObject *member = json_object_new ();

      set_text (member, "phase", phase->phase);
      json_object_set_double_member (member, "seconds",
                                     phase->duration_us / (double) G_USEC_PER_SEC);
      json_array_add_object_element (array, member);
    }
  json_object_set_array_member (object, "phases", array);
}

static void
set_verdict (JsonObject *object, const PgmReportData *data)
{
  g_autoptr(GDateTime) started = g_date_time_new_from_unix_utc (data->started_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format_iso8601 (started);

  set_text (object, "code", data->code);
  set_text (object, "message", data->message);
  set_text (object, "source", data->source);
  set_text (object, "target", data->target);
  set_text (object, "target_state", pgm_target_state_get_nick (data->target_state));
  json_object_set_boolean_member (object, "verified", data->verified);
  set_text (object, "verified_how", data->verified_how);
  set_text (object, "started", stamp);
  json_object_set_double_member (object, "seconds", data->duration_us / (double) G_USEC_PER_SEC);
}

static void
set_counts (JsonObject *object, const PgmReportData *data)
{
  json_object_set_int_member (object, "tables", data->n_tables);
  json_object_set_int_member (object, "rows", (gint64) data->n_rows);
  json_object_set_int_member (object, "sequences", data->n_sequences);
  json_object_set_int_member (object, "large_objects", data->n_large_objects);
  json_object_set_int_member (object, "archive_bytes", (gint64) data->archive_bytes);
}

/* Returns: (transfer full): an object with every field, null where nothing is known */
JsonNode *
pgm_report_to_json (PgmReport *self)
{
  const PgmReportData *data = &self->data;
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  g_return_val_if_fail (PGM_IS_REPORT (self), node);

  json_object_set_string_member (object, "event", "report");
  set_verdict (object, data);
  json_object_set_int_member (object, "exit_status", pgm_report_get_exit_status (self));
  set_counts (object, data);
  set_text (object, "tools", data->tools);
  set_text (object, "source_version", data->source_version);
  set_text (object, "target_version", data->target_version);
  set_text (object, "previous_name", data->previous_name);
  set_phases (object, self->phases);
  set_findings (object, "findings", data->findings);
  set_findings (object, "left_behind", data->left_behind);
  set_findings (object, "differences", data->differences);
  set_findings (object, "leftovers", data->leftovers);
  return node;
}
