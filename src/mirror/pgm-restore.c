/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-collision.h"

#include "pgm-error.h"
#include "pgm-made-schemas.h"

#include <glib/gi18n-lib.h>

/* What all jobs together may use for building indexes; each gets its share, and never less than
 * the server gives anyway. */
#define MAINTENANCE_BYTES (G_GUINT64_CONSTANT (512) * 1024 * 1024)

/* Settings that any role may make and that cost nothing in safety: what is committed in a
 * database that nobody uses yet need not wait for the disk each time; the swap does. */
static char *
dup_settings (PgmJob *self)
{
  guint64 share = MAINTENANCE_BYTES / self->options->parallel_jobs;
  GString *text = g_string_new (NULL);

  if (self->plan != PGM_PLAN_MERGE)
    g_string_append (text, "-c synchronous_commit=off ");
  if (share > self->target_facts.maintenance_work_mem)
    g_string_append_printf (text, "-c maintenance_work_mem=%" G_GUINT64_FORMAT "kB ", share / 1024);
  return g_string_free (text, FALSE);
}

/* `on_error: "report"`: what could not be restored is a difference, by kind and name. */
static void
report_failed_entries (PgmJob *self, GArray *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      PgmArchiveEntry *entry = pgm_archive_list_find (self->list, g_array_index (ids, guint, i));

      if (entry == NULL)
        continue;
      entry->has_failed = TRUE;
      pgm_job_add_finding (
          self, self->result->differences,
          pgm_finding_new (PGM_SEVERITY_WARNING, "not-restored", NULL,
                           _("%s %s had errors when it was restored"), entry->kind, entry->rest));
    }
}

static gboolean
run_scripts (PgmJob *self, char **paths, GError **error)
{
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      pgm_info (self->logger, _("running script \"%s\""), paths[i]);
      if (!pgm_psql_run_file_sync (self->psql, pgm_job_get_working_database (self), paths[i],
                                   self->cancellable, error))
        {
          g_prefix_error (error, _("script \"%s\" failed: "), paths[i]);
          pgm_error_recode (error, PGM_ERROR_SCRIPT_FAILED);
          return FALSE;
        }
    }
  return TRUE;
}

/* The user's scripts for the complete database, before it gets its name. */
gboolean
pgm_job_run_post_scripts_sync (PgmJob *self, GError **error)
{
  return run_scripts (self, self->options->post_sql, error);
}

static gboolean
restore (PgmJob *self, GArray *failed_ids, GError **error)
{
  g_autofree char *settings = dup_settings (self);
  PgmRestore how = { .target = self->target,
                     .database = pgm_job_get_working_database (self),
                     .list = self->list,
                     .settings = settings,
                     .single_transaction = self->plan == PGM_PLAN_MERGE };
  gboolean is_done = FALSE;

  pgm_watch_begin (self->watch, PGM_PHASE_RESTORE, self->expected.tables, self->target);
  pgm_info (self->logger, _("restoring into database \"%s\" with pg_restore, jobs: %u"),
                             how.database,
                             how.single_transaction ? 1 : self->options->parallel_jobs);
  is_done =
      pgm_archive_engine_restore_sync (self->engine, &how, failed_ids, self->cancellable, error);
  pgm_watch_end (self->watch);
  if (!is_done)
    {
      if (self->plan == PGM_PLAN_MERGE && self->options->pre_sql[0] == NULL)
        self->result->target_state = pgm_job_look_at_merged_target (self);
      return FALSE;
    }
  if (self->plan == PGM_PLAN_MERGE)
    self->result->target_state = PGM_TARGET_FILLED;
  pgm_job_keep_made_schemas (self);
  pgm_info (self->logger, _("restore done"));
  return TRUE;
}

static gboolean
run_and_restore (PgmJob *self, GArray *failed_ids, GError **error)
{
  if (self->plan == PGM_PLAN_MERGE)
    self->result->target_state = PGM_TARGET_UNKNOWN; /* a script or a transaction is under way */
  if (!run_scripts (self, self->options->pre_sql, error) ||
      !pgm_job_check_in_place_sync (self, error))
    return FALSE;
  if (restore (self, failed_ids, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_RESTORE_FAILED);
  return FALSE;
}

/* A damaged archive is the better reason for a restore that failed: it is the dump that has to be
 * made again.
 *
 * @failure: (transfer full): of the restore */
static void
explain_failure (PgmJob *self, GError *failure, GError **error)
{
  g_autoptr(GError) damage = NULL;

  if (g_error_matches (failure, PGM_ERROR, PGM_ERROR_RESTORE_FAILED) &&
      !pgm_archive_engine_check_sync (self->engine, self->cancellable, &damage) &&
      !pgm_error_is_cancelled (damage))
    {
      g_error_free (failure);
      failure = g_steal_pointer (&damage);
    }
  g_propagate_error (error, failure);
}

gboolean
pgm_job_restore_sync (PgmJob *self, GError **error)
{
  g_autoptr(GArray) failed_ids = g_array_new (FALSE, FALSE, sizeof (guint));
  GError *failure = NULL;

  if (!run_and_restore (self, failed_ids, &failure))
    {
      explain_failure (self, failure, error);
      return FALSE;
    }
  if (!pgm_job_keep_rights_sync (self, error))
    return FALSE;
  report_failed_entries (self, failed_ids);
  return TRUE;
}
