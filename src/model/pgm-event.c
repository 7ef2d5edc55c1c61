/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-event.h"

G_DEFINE_BOXED_TYPE (PgmEvent, pgm_event, pgm_event_ref, pgm_event_unref)

static const char *const kind_names[] = { "phase",   "progress", "table",
                                          "finding", "tables",   "table-begun" };

static void
event_clear (gpointer data)
{
  PgmEvent *self = data;

  g_clear_pointer (&self->table, pgm_table_unref);
  g_clear_pointer (&self->finding, pgm_finding_unref);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
}

/* @table: (nullable), @finding: (nullable): referenced, not copied */
PgmEvent *
pgm_event_new (PgmEventKind kind, const PgmProgress *progress, PgmTable *table, PgmFinding *finding)
{
  PgmEvent *self = g_atomic_rc_box_new0 (PgmEvent);

  self->kind = kind;
  self->time_us = g_get_real_time ();
  self->progress = *progress;
  self->table = table != NULL ? pgm_table_ref (table) : NULL;
  self->finding = finding != NULL ? pgm_finding_ref (finding) : NULL;
  self->rows = -1;
  return self;
}

static gpointer
copy_table (gconstpointer table, gpointer user_data)
{
  return pgm_table_ref ((PgmTable *) table);
}

/* @tables: PgmTable; the array is copied, the tables are referenced */
PgmEvent *
pgm_event_new_tables (const PgmProgress *progress, GPtrArray *tables)
{
  PgmEvent *self = pgm_event_new (PGM_EVENT_TABLES, progress, NULL, NULL);

  self->tables = g_ptr_array_copy (tables, copy_table, NULL);
  g_ptr_array_set_free_func (self->tables, (GDestroyNotify) pgm_table_unref);
  return self;
}

/* A table that was compared. */
PgmEvent *
pgm_event_new_counted (const PgmProgress *progress, PgmTable *table, gint64 rows)
{
  PgmEvent *self = pgm_event_new (PGM_EVENT_TABLE, progress, table, NULL);

  self->rows = rows;
  return self;
}

PgmEvent *
pgm_event_ref (PgmEvent *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_event_unref (PgmEvent *self)
{
  g_atomic_rc_box_release_full (self, event_clear);
}

static void
add_progress (JsonObject *object, const PgmProgress *progress)
{
  json_object_set_int_member (object, "tables_done", progress->tables_done);
  json_object_set_int_member (object, "tables_total", progress->tables_total);
  json_object_set_int_member (object, "bytes_done", (gint64) progress->bytes_done);
  json_object_set_int_member (object, "bytes_total", (gint64) progress->bytes_total);
  json_object_set_int_member (object, "bytes_per_second", (gint64) progress->rate_bytes_per_s);
  if (progress->time_left_us >= 0)
    json_object_set_double_member (object, "seconds_left",
                                   progress->time_left_us / (double) G_USEC_PER_SEC);
}

/* Returns: (transfer full): an object whose "event" says its kind; one line of `--json` */
JsonNode *
pgm_event_to_json (const PgmEvent *self)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (self->time_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format_iso8601 (time);
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (object, "event", kind_names[self->kind]);
  json_object_set_string_member (object, "time", stamp);
  json_object_set_string_member (object, "phase", pgm_phase_get_nick (self->progress.phase));
  if (self->kind == PGM_EVENT_PROGRESS)
    add_progress (object, &self->progress);
  if (self->table != NULL)
    {
      json_object_set_string_member (object, "schema", self->table->schema);
      json_object_set_string_member (object, "table", self->table->name);
    }
  if (self->rows >= 0)
    json_object_set_int_member (object, "rows", self->rows);
  if (self->tables != NULL)
    json_object_set_int_member (object, "tables", self->tables->len);
  if (self->finding != NULL)
    json_object_set_member (object, "finding", pgm_finding_to_json (self->finding));
  json_node_take_object (node, object);
  return node;
}
