/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Source and target as they are now, compared and not touched: every session, also on the
 * target, is in a read-only transaction, and all sessions of a side see one moment. */

#include "pgm-compare.h"

#include "pgm-catalog-filter.h"
#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* The target's database has the source's name. */
static gboolean
open_sides (PgmJob *self, PgmComparison *comparison, GError **error)
{
  const char *database = self->source_endpoint->database;

  self->source_conn =
      pgm_job_connect_sync (self, self->source_endpoint, database, &self->source, error);
  if (self->source_conn == NULL)
    return FALSE;
  self->result->source_version =
      pgm_text_escape (pgm_conn_get_parameter (self->source_conn, "server_version"));
  comparison->conn =
      pgm_job_connect_sync (self, self->target_endpoint, database, &self->target, error);
  if (comparison->conn == NULL)
    return FALSE;
  self->result->target_version =
      pgm_text_escape (pgm_conn_get_parameter (comparison->conn, "server_version"));
  return TRUE;
}

static gboolean
refuse_same_database (PgmJob *self, PgmConn *target, GError **error)
{
  gboolean is_same = FALSE;

  if (!pgm_catalog_is_same_server_sync (self->source_conn, target, &is_same, self->cancellable,
                                        error))
    return FALSE;
  if (is_same)
    g_set_error (error, PGM_ERROR, PGM_ERROR_SAME_SERVER,
                 _("source and target are the same database \"%s\" of the same server"),
                    self->source_endpoint->database);
  return !is_same;
}

static PgmMeasure
choose_measure (PgmJob *self, PgmConn *target)
{
  const char *encoding = pgm_conn_get_parameter (self->source_conn, "server_encoding");

  if (self->options->verify != PGM_VERIFY_FULL)
    return PGM_MEASURE_COUNT;
  return pgm_catalog_choose_hash (
      pgm_conn_get_version (self->source_conn), pgm_conn_get_version (target),
      g_strcmp0 (encoding, pgm_conn_get_parameter (target, "server_encoding")) == 0);
}

/* Of all tables those whose rows the filters let travel. */
static gboolean
keep_travelling (PgmJob *self, GPtrArray *tables, GError **error)
{
  g_autoptr(GHashTable) oids = NULL;

  if (!pgm_options_has_filters (self->options))
    return TRUE;
  oids =
      pgm_catalog_list_travelling_sync (self->source_conn, self->options, self->cancellable, error);
  for (guint i = tables->len; oids != NULL && i > 0; i--)
    if (!g_hash_table_contains (oids, GUINT_TO_POINTER (((PgmTable *) tables->pdata[i - 1])->oid)))
      g_ptr_array_remove_index (tables, i - 1);
  return oids != NULL;
}

static gboolean
list_source (PgmJob *self, GError **error)
{
  PgmExpected *expected = &self->expected;

  expected->large_objects = !self->options->schema_only;
  expected->tables =
      self->options->schema_only
          ? g_ptr_array_new ()
          : pgm_catalog_list_tables_sync (self->source_conn, self->options->lock_wait_timeout_s,
                                          self->cancellable, error);
  expected->sequences_begin =
      self->options->schema_only
          ? g_ptr_array_new ()
          : pgm_catalog_list_sequences_sync (self->source_conn, self->cancellable, error);
  if (expected->tables == NULL || expected->sequences_begin == NULL ||
      !keep_travelling (self, expected->tables, error))
    return FALSE;
  expected->sequences_end = g_ptr_array_ref (expected->sequences_begin);
  return TRUE;
}

static gboolean
count_source (PgmJob *self, PgmConn *target, GError **error)
{
  g_autofree char *snapshot =
      pgm_catalog_export_snapshot_sync (self->source_conn, self->cancellable, error);
  gboolean has_inventory = pgm_conn_get_version (self->source_conn) >= PGM_INVENTORY_MIN_VERSION &&
                           !self->options->data_only;
  PgmCountOrder order = { .server = self->source,
                          .lock_wait_timeout_s = self->options->lock_wait_timeout_s,
                          .database = self->source_endpoint->database,
                          .snapshot = snapshot,
                          .measure = choose_measure (self, target),
                          .large_objects = !self->options->schema_only,
                          .inventory = has_inventory ? PGM_INVENTORY_ALL : 0,
                          .n_workers = self->options->parallel_jobs };

  if (snapshot == NULL || !list_source (self, error))
    return FALSE;
  order.tables = self->expected.tables;
  self->counter = pgm_counter_start (&order, self->cancellable, error);
  return self->counter != NULL;
}

/* A sequence that may not be read is not among those that are listed. */
static gboolean
check_sequences_listed (PgmCounter *counter, GPtrArray *sequences, const char *side, GError **error)
{
  GPtrArray *items = pgm_counter_get_inventory (counter);
  g_autoptr(GHashTable) oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < sequences->len; i++)
    g_hash_table_add (oids, GUINT_TO_POINTER (((PgmSequence *) sequences->pdata[i])->oid));
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const PgmInventoryItem *item = items->pdata[i];

      if (g_str_equal (item->kind, "sequence") &&
          !g_hash_table_contains (oids, GUINT_TO_POINTER (item->oid)))
        {
          g_set_error (error, PGM_ERROR, PGM_ERROR_DENIED,
                       _("%s: the role may not read sequence %s"), side, item->identity);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_sequences (PgmJob *self, PgmComparison *comparison, GError **error)
{
  g_autoptr(GPtrArray) there = NULL;

  if (self->options->schema_only)
    return TRUE;
  there = pgm_catalog_list_sequences_sync (comparison->conn, self->cancellable, error);
  return there != NULL &&
         check_sequences_listed (self->counter, self->expected.sequences_begin,
                                 pgm_side_get_name (PGM_SIDE_SOURCE), error) &&
         check_sequences_listed (comparison->target, there, pgm_side_get_name (PGM_SIDE_TARGET),
                                 error);
}

/* Which tables the filters take is known; which other objects, would have to be asked of
 * pg_dump. */
static void
tell_limits (PgmJob *self, PgmComparison *comparison)
{
  comparison->only_common = pgm_options_has_filters (self->options);
  comparison->tells_extras = TRUE;
  if (comparison->only_common)
    pgm_job_add_finding (
        self, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "only-common", NULL,
                         _("the profile has filters: apart from tables, what the target does not "
                           "have is not compared")));
}

static gboolean
compare (PgmJob *self, PgmComparison *comparison, GError **error)
{
  if (!refuse_same_database (self, comparison->conn, error) ||
      !count_source (self, comparison->conn, error))
    return FALSE;
  tell_limits (self, comparison);
  if (!pgm_counter_join (self->counter, error))
    {
      g_prefix_error (error, "%s: ", pgm_side_get_name (PGM_SIDE_SOURCE));
      return FALSE;
    }
  comparison->source = self->counter;
  return pgm_comparison_run_sync (comparison, choose_measure (self, comparison->conn), error) &&
         check_sequences (self, comparison, error) &&
         pgm_comparison_compare_databases_sync (comparison, error);
}

/* Says nothing of equality where a part could not be looked at: that is a failure. */
gboolean
pgm_job_compare_only_sync (PgmJob *self, GError **error)
{
  g_auto(PgmComparison) comparison = { .job = self };

  if (!open_sides (self, &comparison, error))
    {
      pgm_error_recode (error, PGM_ERROR_PREFLIGHT);
      return FALSE;
    }
  if (!compare (self, &comparison, error))
    {
      if (!pgm_error_is_cancelled (*error))
        g_prefix_error (error, _("could not compare: "));
      pgm_error_recode (error, PGM_ERROR_VERIFY_FAILED);
      return FALSE;
    }
  self->result->verified_how = pgm_comparison_dup_how (&comparison);
  self->result->verified = self->result->differences->len == 0;
  return TRUE;
}
