/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The new database is compared with what the source had in the dump's own snapshot, before it
 * gets its name. Planner statistics are gathered beside it. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static void G_GNUC_PRINTF (3, 4)
    add_difference (PgmJob *self, const char *code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  pgm_job_add_finding (self, self->result->differences,
                       pgm_finding_new (PGM_SEVERITY_WARNING, code, NULL, "%s", text));
}

/* Returns: (transfer full): those of the expected tables that the target has */
static GPtrArray *
find_tables (PgmJob *self, PgmConn *conn, GError **error)
{
  g_autoptr(GPtrArray) there = pgm_catalog_list_tables_sync (
      conn, self->options->lock_wait_timeout_s, self->cancellable, error);
  g_autoptr(GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *found = NULL;

  if (there == NULL)
    return NULL;
  for (guint i = 0; i < there->len; i++)
    g_hash_table_add (titles, pgm_table_dup_title (there->pdata[i]));
  found = g_ptr_array_new ();
  for (guint i = 0; i < self->expected.tables->len; i++)
    {
      PgmTable *table = self->expected.tables->pdata[i];
      g_autofree char *title = pgm_table_dup_title (table);

      if (g_hash_table_contains (titles, title))
        g_ptr_array_add (found, table);
      else
        add_difference (self, "table-missing", _("table %s is missing on the target"), title);
    }
  return found;
}

static gboolean
compare_rows (PgmJob *self, PgmConn *conn, GError **error)
{
  g_autoptr(GPtrArray) tables = find_tables (self, conn, error);
  g_autoptr(GArray) counts = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (tables == NULL ||
      !pgm_catalog_count_rows_sync (conn, tables, counts, self->cancellable, error))
    return FALSE;
  for (guint i = 0; i < tables->len; i++)
    {
      PgmTable *table = tables->pdata[i];
      gint64 expected = pgm_counter_get_rows (self->counter, table->oid);
      gint64 count = g_array_index (counts, gint64, i);
      g_autofree char *title = pgm_table_dup_title (table);

      self->result->n_rows += (guint64) count;
      pgm_mirror_post (self->mirror,
                       pgm_event_new_counted (pgm_meter_get_progress (self->meter), table, count));
      if (count != expected)
        add_difference (self, "row-count",
                        _("table %s has %" PRId64 " rows on the target and "
                          "%" PRId64 " on the source"),
                           title, count, expected);
    }
  self->result->n_tables = tables->len;
  return TRUE;
}

static GHashTable *
index_sequences (GPtrArray *sequences)
{
  GHashTable *by_title = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < sequences->len; i++)
    {
      PgmSequence *sequence = sequences->pdata[i];

      g_hash_table_insert (by_title, g_strconcat (sequence->schema, ".", sequence->name, NULL),
                           sequence);
    }
  return by_title;
}

/* A sequence that moves during the dump is right anywhere between the two looks at it. */
static gboolean
is_between (const PgmSequence *value, const PgmSequence *begin, const PgmSequence *end)
{
  if (begin->last_value == end->last_value)
    return value->last_value == begin->last_value &&
           (value->is_called == begin->is_called || value->is_called == end->is_called);
  return value->last_value >= MIN (begin->last_value, end->last_value) &&
         value->last_value <= MAX (begin->last_value, end->last_value);
}

static void
compare_sequence (PgmJob *self, const PgmSequence *begin, const PgmSequence *end, GHashTable *there)
{
  g_autofree char *title = g_strconcat (begin->schema, ".", begin->name, NULL);
  const PgmSequence *value = g_hash_table_lookup (there, title);

  if (value == NULL)
    add_difference (self, "sequence-missing", _("sequence %s is missing on the target"), title);
  else if (!is_between (value, begin, end))
    add_difference (self, "sequence-value",
                    _("sequence %s stands at %" PRId64 " on the target and at "
                      "%" PRId64 " on the source"),
                       title, value->last_value, end->last_value);
  self->result->n_sequences++;
}

/* The archive tells the oid of a sequence, but of its position only the text, which is the same
 * as the sequence's own.
 *
 * Returns: (transfer full): the oids of the sequences whose positions travel */
static GHashTable *
find_travelling_sequences (PgmJob *self)
{
  g_autoptr(GPtrArray) positions = pgm_archive_list_select (self->list, "SEQUENCE SET");
  g_autoptr(GPtrArray) sequences = pgm_archive_list_select (self->list, "SEQUENCE");
  g_autoptr(GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTable *oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < positions->len; i++)
    g_hash_table_add (texts, ((PgmArchiveEntry *) positions->pdata[i])->rest);
  for (guint i = 0; i < sequences->len; i++)
    {
      const PgmArchiveEntry *entry = sequences->pdata[i];

      if (g_hash_table_contains (texts, entry->rest))
        g_hash_table_add (oids, GUINT_TO_POINTER (entry->oid));
    }
  if (self->options->data_only && !pgm_options_has_filters (self->options))
    for (guint i = 0; i < self->expected.sequences_begin->len; i++)
      {
        const PgmSequence *sequence = self->expected.sequences_begin->pdata[i];

        g_hash_table_add (oids, GUINT_TO_POINTER (sequence->oid));
      }
  return oids;
}

static gboolean
compare_sequences (PgmJob *self, PgmConn *conn, GError **error)
{
  g_autoptr(GPtrArray) there = pgm_catalog_list_sequences_sync (conn, self->cancellable, error);
  g_autoptr(GHashTable) travels = NULL;
  g_autoptr(GHashTable) by_title = NULL;
  g_autoptr(GHashTable) ends = NULL;

  if (there == NULL)
    return FALSE;
  travels = find_travelling_sequences (self);
  by_title = index_sequences (there);
  ends = index_sequences (self->expected.sequences_end);
  for (guint i = 0; i < self->expected.sequences_begin->len; i++)
    {
      const PgmSequence *begin = self->expected.sequences_begin->pdata[i];
      g_autofree char *title = g_strconcat (begin->schema, ".", begin->name, NULL);
      const PgmSequence *end = g_hash_table_lookup (ends, title);

      if (g_hash_table_contains (travels, GUINT_TO_POINTER (begin->oid)))
        compare_sequence (self, begin, end != NULL ? end : begin, by_title);
    }
  return TRUE;
}

/* A target that is added to has large objects of its own, which tell nothing. */
static gboolean
compare_large_objects (PgmJob *self, PgmConn *conn, GError **error)
{
  gint64 expected = self->expected.n_large_objects;
  gint64 count = 0;

  if (expected < 0 || self->plan == PGM_PLAN_MERGE)
    return TRUE;
  count = pgm_catalog_count_large_objects_sync (conn, self->cancellable, error);
  if (count < 0)
    return FALSE;
  if (count != expected)
    add_difference (self, "large-objects",
                    _("the target has %" PRId64 " large objects and the source "
                      "%" PRId64),
                       count, expected);
  self->result->n_large_objects = (guint) count;
  return TRUE;
}

static gboolean
compare (PgmJob *self, GError **error)
{
  g_autoptr(PgmConn) conn = NULL;

  if (!pgm_counter_join (self->counter, error))
    return FALSE;
  conn = pgm_conn_open_sync (self->target, pgm_job_get_working_database (self), self->cancellable,
                             error);
  return conn != NULL && compare_rows (self, conn, error) &&
         compare_sequences (self, conn, error) && compare_large_objects (self, conn, error);
}

static gboolean
judge (PgmJob *self, GError **error)
{
  const GPtrArray *differences = self->result->differences;
  const PgmFinding *first = differences->len > 0 ? differences->pdata[0] : NULL;

  self->result->verified = differences->len == 0;
  if (self->result->verified)
    {
      g_autofree char *rows = pgm_text_format_count (self->result->n_rows);

      pgm_info (self->logger,
                _("verified: %u tables with %s rows, %u sequences, %u large objects are equal"),
                   self->result->n_tables, rows, self->result->n_sequences,
                   self->result->n_large_objects);
      return TRUE;
    }
  if (self->options->on_error == PGM_ON_ERROR_REPORT)
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_VERIFY_FAILED,
               ngettext ("the copy differs from the source in %u point: %s",
                         "the copy differs from the source in %u points, the first: %s",
                         differences->len),
               differences->len, first->message);
  return FALSE;
}

static gpointer
analyze_thread (gpointer user_data)
{
  PgmJob *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, pgm_job_get_working_database (self),
                                                 self->cancellable, &error);

  if (conn != NULL)
    pgm_catalog_analyze_sync (conn, self->cancellable, &error);
  return g_steal_pointer (&error);
}

static void
join_analyze (PgmJob *self, GThread *thread)
{
  g_autoptr(GError) error = g_thread_join (thread);

  if (error != NULL && !pgm_error_is_cancelled (error))
    pgm_job_add_finding (
        self, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "analyze",
                         _("run ANALYZE by hand, or leave it to autovacuum"),
                            _("planner statistics could not be gathered: %s"), error->message));
}

gboolean
pgm_job_verify_sync (PgmJob *self, GError **error)
{
  GThread *thread = NULL;
  gboolean is_done = TRUE;

  if (self->options->analyze)
    thread = g_thread_new ("pgm-analyze", analyze_thread, self);
  if (self->options->verify != PGM_VERIFY_NONE)
    {
      is_done = compare (self, error);
      pgm_error_recode (error, PGM_ERROR_VERIFY_FAILED);
      is_done = is_done && judge (self, error);
    }
  if (thread != NULL)
    join_analyze (self, thread);
  return is_done;
}
