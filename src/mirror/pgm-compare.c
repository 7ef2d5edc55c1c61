/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Source and target side by side: what the counters found on each. The target is counted here,
 * the source by whoever has its snapshot. */

#include "pgm-compare.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define WAIT_US (100 * 1000)

void
pgm_comparison_add (PgmComparison *self, const char *code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  pgm_job_add_finding (self->job, self->job->result->differences,
                       pgm_finding_new (PGM_SEVERITY_WARNING, code, NULL, "%s", text));
}

void
pgm_comparison_clear (PgmComparison *self)
{
  g_clear_pointer (&self->target, pgm_counter_free);
  g_clear_pointer (&self->conn, pgm_conn_free);
}

/* Whether objects are compared at all: rows alone go into a database that has its own. */
gboolean
pgm_comparison_has_objects (PgmComparison *self)
{
  return pgm_counter_get_inventory (self->source) != NULL &&
         pgm_conn_get_version (self->conn) >= PGM_INVENTORY_MIN_VERSION;
}

/* Returns: the parts of an inventory that are compared */
PgmInventoryParts
pgm_comparison_get_parts (PgmComparison *self)
{
  PgmInventoryParts parts = PGM_INVENTORY_OBJECTS;

  if (!self->job->options->no_owner)
    parts |= PGM_INVENTORY_OWNERS;
  if (!self->job->options->no_acl)
    parts |= PGM_INVENTORY_PRIVILEGES;
  return parts;
}

static char *
dup_key (const PgmTable *table)
{
  return g_strdup_printf ("%u %s.%s", (guint) strlen (table->schema), table->schema, table->name);
}

/* Returns: (transfer container): those of the expected tables that the target has */
static GPtrArray *
find_tables (PgmComparison *self, GError **error)
{
  PgmJob *job = self->job;
  g_autoptr(GPtrArray) there = pgm_catalog_list_tables_sync (
      self->conn, job->options->lock_wait_timeout_s, job->cancellable, error);
  g_autoptr(GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *found = NULL;

  if (there == NULL)
    return NULL;
  for (guint i = 0; i < there->len; i++)
    g_hash_table_add (keys, dup_key (there->pdata[i]));
  found = g_ptr_array_new ();
  for (guint i = 0; i < job->expected.tables->len; i++)
    {
      PgmTable *table = job->expected.tables->pdata[i];
      g_autofree char *key = dup_key (table);
      g_autofree char *title = pgm_table_dup_title (table);

      if (g_hash_table_contains (keys, key))
        g_ptr_array_add (found, table);
      else if (self->only_common || !pgm_comparison_has_objects (self))
        pgm_comparison_add (self, "table-missing", _("table %s is missing on the target"), title);
    }
  return found;
}

static void
show_progress (PgmComparison *self)
{
  guint n_tables = 0;
  guint64 bytes = 0;

  pgm_counter_get_progress (self->target, &n_tables, &bytes);
  pgm_job_show_progress (self->job, n_tables, bytes);
}

static void
begin_progress (PgmComparison *self, GPtrArray *tables)
{
  PgmJob *job = self->job;
  guint64 bytes = 0;

  for (guint i = 0; i < tables->len; i++)
    bytes += ((PgmTable *) tables->pdata[i])->size_bytes;
  pgm_meter_begin (job->meter, PGM_PHASE_VERIFY, tables->len, bytes, g_get_monotonic_time ());
}

static gboolean
count_target (PgmComparison *self, GPtrArray *tables, PgmMeasure measure, GError **error)
{
  PgmJob *job = self->job;
  guint n_workers = measure == PGM_MEASURE_COUNT ? 2 : job->options->parallel_jobs;
  PgmCountOrder order = { .server = job->target,
                          .lock_wait_timeout_s = job->options->lock_wait_timeout_s,
                          .database = pgm_conn_get_database (self->conn),
                          .tables = tables,
                          .measure = measure,
                          .large_objects = pgm_counter_get_large_objects (self->source) != NULL,
                          .inventory = pgm_comparison_has_objects (self)
                                           ? pgm_comparison_get_parts (self)
                                           : 0,
                          .n_workers = n_workers };

  begin_progress (self, tables);
  self->target = pgm_counter_start (&order, job->cancellable, error);
  if (self->target == NULL)
    return FALSE;
  while (!pgm_counter_wait (self->target, WAIT_US))
    show_progress (self);
  if (pgm_counter_join (self->target, error))
    return TRUE;
  if (!pgm_error_is_cancelled (*error))
    g_prefix_error (error, "%s: ", pgm_side_get_name (PGM_SIDE_TARGET));
  return FALSE;
}

static void
compare_table (PgmComparison *self, PgmTable *table)
{
  PgmJob *job = self->job;
  const PgmTableContent *expected = pgm_counter_get_table (self->source, table->oid);
  const PgmTableContent *content = pgm_counter_get_table (self->target, table->oid);
  g_autofree char *title = pgm_table_dup_title (table);

  job->result->n_tables++;
  job->result->n_rows += (guint64) content->n_rows;
  pgm_mirror_post (job->mirror, pgm_event_new_counted (pgm_meter_get_progress (job->meter), table,
                                                       content->n_rows));
  if (content->n_rows != expected->n_rows)
    pgm_comparison_add (self, "row-count",
                        _("table %s has %" PRId64 " rows on the target and "
                          "%" PRId64 " on the source"),
                           title, content->n_rows, expected->n_rows);
  else if (g_strcmp0 (content->hash, expected->hash) != 0)
    pgm_comparison_add (self, "row-content",
                        _("table %s has other rows on the target than on the source, as many"),
                           title);
}

/* A target that is added to has large objects of its own, which tell nothing. */
void
pgm_comparison_compare_large_objects (PgmComparison *self)
{
  GHashTable *source = pgm_counter_get_large_objects (self->source);
  GHashTable *target = pgm_counter_get_large_objects (self->target);
  GHashTableIter iter;
  gpointer oid = NULL;
  gpointer hash = NULL;

  if (!self->job->expected.large_objects || source == NULL || target == NULL)
    return;
  g_hash_table_iter_init (&iter, source);
  while (g_hash_table_iter_next (&iter, &oid, &hash))
    {
      const char *other = g_hash_table_lookup (target, oid);

      if (other != NULL || !self->only_common)
        self->job->result->n_large_objects++;
      if (other == NULL && !self->only_common)
        pgm_comparison_add (self, "large-object-missing",
                            _("large object %u is missing on the target"), GPOINTER_TO_UINT (oid));
      else if (other != NULL && !g_str_equal (other, hash))
        pgm_comparison_add (self, "large-object-content",
                            _("large object %u has other content on the target"),
                               GPOINTER_TO_UINT (oid));
    }
  g_hash_table_iter_init (&iter, target);
  while (self->tells_extras && g_hash_table_iter_next (&iter, &oid, NULL))
    if (!g_hash_table_contains (source, oid))
      pgm_comparison_add (self, "large-object-extra",
                          _("large object %u is only on the target"), GPOINTER_TO_UINT (oid));
}

/* Compares all that was counted on the source; a failure means that it could not be compared. */
gboolean
pgm_comparison_run_sync (PgmComparison *self, PgmMeasure measure, GError **error)
{
  g_autoptr(GPtrArray) tables = find_tables (self, error);

  if (tables == NULL || !count_target (self, tables, measure, error))
    return FALSE;
  for (guint i = 0; i < tables->len; i++)
    compare_table (self, tables->pdata[i]);
  if (!pgm_comparison_compare_sequences_sync (self, error))
    return FALSE;
  pgm_comparison_compare_large_objects (self);
  if (pgm_comparison_has_objects (self))
    pgm_comparison_compare_objects (self);
  return TRUE;
}

/* Returns: (transfer full): what was compared, for people: the subject of "are equal" */
char *
pgm_comparison_dup_how (PgmComparison *self)
{
  gboolean has_hashes = self->job->options->verify == PGM_VERIFY_FULL;
  g_autofree char *objects = NULL;

  if (!pgm_comparison_has_objects (self))
    return g_strdup (has_hashes ? _("the content of all rows and large objects, and sequences")
                                : _("row counts, sequences and the list of large objects"));
  objects = pgm_text_format_count (self->n_objects);
  if (self->job->options->schema_only)
    return g_strdup_printf (_("%s definitions"), objects);
  return g_strdup_printf (
      has_hashes
      ? _("the content of all rows and large objects, sequences and %s definitions")
      : _("row counts, sequences, the list of large objects and %s definitions"), objects);
}
