/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The second step: one exported snapshot, dumped and counted. The counting runs beside the dump
 * where it is known beforehand which rows travel, beside the restore otherwise; the source's
 * transaction ends as soon as both have what they need. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static gboolean
read_tables (PgmJob *self, GError **error)
{
  self->all_tables = pgm_catalog_list_tables_sync (
      self->source_conn, self->options->lock_wait_timeout_s, self->cancellable, error);
  if (self->all_tables == NULL)
    return FALSE;
  self->tables_by_oid = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->all_tables->len; i++)
    {
      PgmTable *table = self->all_tables->pdata[i];

      g_hash_table_insert (self->tables_by_oid, GUINT_TO_POINTER (table->oid), table);
    }
  return TRUE;
}

static gboolean
make_engine (PgmJob *self, GError **error)
{
  PgmEngineObserver observer;

  self->folder = pgm_run_folder_new (self->options->temp_dir, self->run_id, error);
  if (self->folder == NULL)
    return FALSE;
  self->watch = pgm_watch_new (self);
  observer = pgm_watch_get_observer (self->watch);
  self->engine = pgm_archive_engine_new (self->dump_options, self->tools, self->folder,
                                         self->logger, &observer, self->kill);
  return TRUE;
}

static gboolean
wants_counts (PgmJob *self)
{
  return self->options->verify != PGM_VERIFY_NONE;
}

/* How the rows of both sides are compared. Only a database that was there already may have
 * another encoding. */
PgmMeasure
pgm_job_get_measure (PgmJob *self)
{
  gboolean may_differ = self->plan == PGM_PLAN_MERGE;

  if (self->options->verify != PGM_VERIFY_FULL)
    return PGM_MEASURE_COUNT;
  return pgm_catalog_choose_hash (
      pgm_server_get_version (self->source), pgm_server_get_version (self->target),
      !may_differ || g_str_equal (self->source_traits->encoding, self->target_traits->encoding));
}

/* Content is read with half of the jobs, so that the source goes on serving others.
 *
 * Returns: how many sessions of the source count */
guint
pgm_job_get_n_source_counters (PgmJob *self)
{
  return self->options->verify == PGM_VERIFY_FULL ? (self->options->parallel_jobs + 1) / 2 : 1;
}

/* Also where nothing is compared: what is left behind is told. */
static gboolean
start_counter (PgmJob *self, const char *snapshot, GPtrArray *tables, GError **error)
{
  gboolean has_inventory = pgm_conn_get_version (self->source_conn) >= PGM_INVENTORY_MIN_VERSION &&
                           !self->options->data_only;
  g_autoptr(GPtrArray) none = g_ptr_array_new ();
  PgmCountOrder order = { .server = self->source,
                          .lock_wait_timeout_s = self->options->lock_wait_timeout_s,
                          .database = self->source_endpoint->database,
                          .snapshot = snapshot,
                          .tables = wants_counts (self) ? tables : none,
                          .measure = pgm_job_get_measure (self),
                          .large_objects = wants_counts (self) && !self->options->schema_only,
                          .inventory = has_inventory ? PGM_INVENTORY_ALL : 0,
                          .n_workers = pgm_job_get_n_source_counters (self) };

  if (self->counter != NULL)
    return TRUE;
  self->counter = pgm_counter_start (&order, self->cancellable, error);
  return self->counter != NULL;
}

static gboolean
knows_what_travels (PgmJob *self)
{
  return !pgm_options_has_filters (self->options) && !self->options->schema_only;
}

static gboolean
look_at_sequences (PgmJob *self, GPtrArray **ret_sequences, GError **error)
{
  if (!wants_counts (self) && !self->options->data_only)
    return TRUE;
  *ret_sequences = pgm_catalog_list_sequences_sync (self->source_conn, self->cancellable, error);
  return *ret_sequences != NULL;
}

static gboolean
dump (PgmJob *self, const char *snapshot, GError **error)
{
  g_autofree char *size = NULL;
  gboolean is_done = FALSE;

  pgm_watch_begin (self->watch, PGM_PHASE_BACKUP, self->all_tables, self->source);
  pgm_info (self->logger, _("backing up database \"%s\" with pg_dump"),
                             self->source_endpoint->database);
  is_done = pgm_archive_engine_backup_sync (self->engine, self->source, snapshot, self->cancellable,
                                            error);
  pgm_watch_end (self->watch);
  if (!is_done)
    {
      pgm_watch_explain_lock (self->watch, error);
      return FALSE;
    }
  self->result->archive_bytes = pgm_archive_engine_get_archive_bytes (self->engine);
  size = pgm_text_format_size (self->result->archive_bytes);
  pgm_info (self->logger, _("backup done: archive of %s"), size);
  return TRUE;
}

/* Entries without a table of ours hold no rows that can be counted (a foreign table, say). */
static void
collect_tables (PgmJob *self)
{
  g_autoptr(GPtrArray) entries = pgm_archive_list_select (self->list, "TABLE DATA");

  self->expected.tables = g_ptr_array_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      PgmTable *table = pgm_job_find_table (self, ((PgmArchiveEntry *) entries->pdata[i])->oid);

      if (table != NULL)
        g_ptr_array_add (self->expected.tables, table);
    }
}

static gboolean
has_large_objects (PgmJob *self)
{
  static const char *const kinds[] = { "BLOBS", "BLOB", "BLOB METADATA" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(GPtrArray) entries = pgm_archive_list_select (self->list, kinds[i]);

      if (entries->len > 0)
        return TRUE;
    }
  return FALSE;
}

/* A run without privileges opens functions that were closed; they have to be known for that. So
 * have those that would run with the rights of a superuser from now on. */
static gboolean
look_at_closed_functions (PgmJob *self, GError **error)
{
  gboolean makes_superuser_own = self->options->no_owner && self->target_facts.is_superuser;

  if (!self->options->no_acl || self->options->data_only)
    return TRUE;
  self->closed_functions = pgm_catalog_list_closed_functions_sync (
      self->source_conn, makes_superuser_own, self->cancellable, error);
  return self->closed_functions != NULL;
}

/* The dump and the count agree on a table that its snapshot does not show, so that nothing else
 * would tell. Whoever wrote it anew was done before pg_dump had its lock. */
static gboolean
check_not_rewritten (PgmJob *self, const char *snapshot, GError **error)
{
  g_autoptr(PgmConn) conn = NULL;
  PgmTable *table = NULL;
  g_autofree char *title = NULL;
  g_autofree char *shown = NULL;

  if (self->expected.tables->len == 0)
    return TRUE;
  conn =
      pgm_conn_open_sync (self->source, self->source_endpoint->database, self->cancellable, error);
  if (conn == NULL ||
      !pgm_catalog_set_lock_timeout_sync (conn, self->options->lock_wait_timeout_s,
                                          self->cancellable, error) ||
      !pgm_catalog_import_snapshot_sync (conn, snapshot, self->cancellable, error) ||
      !pgm_catalog_find_rewritten_sync (conn, self->expected.tables, &table, self->cancellable,
                                        error))
    return FALSE;
  if (table == NULL)
    return TRUE;
  title = pgm_table_dup_title (table);
  shown = pgm_text_escape (title);
  g_set_error (error, PGM_ERROR, PGM_ERROR_DUMP_FAILED,
               _("table \"%s\" of the source was emptied or written anew while the dump began, so "
                 "that its rows may be missing there; run again"),
                  shown);
  return FALSE;
}

static gboolean
dump_snapshot (PgmJob *self, const char *snapshot, GError **error)
{
  if (knows_what_travels (self) && !start_counter (self, snapshot, self->all_tables, error))
    return FALSE;
  if (!look_at_closed_functions (self, error) ||
      !look_at_sequences (self, &self->expected.sequences_begin, error) ||
      !dump (self, snapshot, error) ||
      !look_at_sequences (self, &self->expected.sequences_end, error))
    return FALSE;
  self->list = pgm_archive_engine_read_list_sync (self->engine, self->cancellable, error);
  if (self->list == NULL)
    return FALSE;
  self->expected.large_objects = has_large_objects (self);
  collect_tables (self);
  return check_not_rewritten (self, snapshot, error) &&
         start_counter (self, snapshot, self->expected.tables, error);
}

static gboolean
backup (PgmJob *self, GError **error)
{
  g_autofree char *snapshot = NULL;

  /* The tables are listed as the snapshot shows them: one more would be dumped and not counted. */
  snapshot = pgm_catalog_export_snapshot_sync (self->source_conn, self->cancellable, error);
  if (snapshot == NULL || !read_tables (self, error) || !make_engine (self, error) ||
      !dump_snapshot (self, snapshot, error))
    return FALSE;
  return pgm_catalog_end_snapshot_sync (self->source_conn, self->cancellable, error);
}

gboolean
pgm_job_backup_sync (PgmJob *self, GError **error)
{
  if (backup (self, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_DUMP_FAILED);
  return FALSE;
}
