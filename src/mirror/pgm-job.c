/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

typedef gboolean (*Step) (PgmJob *self, GError **error);

static const struct
{
  PgmPhase phase;
  Step step;
} steps[] = {
  { PGM_PHASE_BACKUP, pgm_job_backup_sync },   { PGM_PHASE_PREPARE, pgm_job_prepare_sync },
  { PGM_PHASE_RESTORE, pgm_job_restore_sync }, { PGM_PHASE_VERIFY, pgm_job_verify_sync },
  { PGM_PHASE_REPLACE, pgm_job_replace_sync },
};

static void
begin_phase (PgmJob *self, PgmPhase phase)
{
  pgm_meter_begin (self->meter, phase, 0, 0, g_get_monotonic_time ());
  pgm_mirror_post (self->mirror, pgm_event_new (PGM_EVENT_PHASE,
                                                pgm_meter_get_progress (self->meter), NULL, NULL));
}

static void
end_phase (PgmJob *self, PgmPhase phase)
{
  pgm_report_add_phase (self->report, pgm_phase_get_nick (phase),
                        pgm_meter_get_elapsed (self->meter, g_get_monotonic_time ()));
}

/* A stall may come at any step, whose own words are elsewhere. */
static const char *
describe_phase (PgmPhase phase)
{
  switch (phase)
    {
    case PGM_PHASE_CHECK:
      return _("stalled while the servers were checked: ");
    case PGM_PHASE_BACKUP:
      return _("stalled while the source was backed up: ");
    case PGM_PHASE_PREPARE:
      return _("stalled while the target was prepared: ");
    case PGM_PHASE_RESTORE:
      return _("stalled while the target was restored: ");
    case PGM_PHASE_VERIFY:
      return _("stalled while the copy was verified: ");
    case PGM_PHASE_REPLACE:
      return _("stalled while the copy was given its name: ");
    case PGM_PHASE_IDLE:
    case PGM_PHASE_CLEAN_UP:
    case PGM_PHASE_DONE:
    default:
      return "";
    }
}

/* The lock that keeps other runs away goes with its session: to notice that at the end of a long
 * restore would be late. */
static gboolean
keeps_run_lock (PgmJob *self, GError **error)
{
  g_autofree char *address = NULL;

  if (self->target_conn == NULL || pgm_conn_is_alive (self->target_conn))
    return TRUE;
  address = pgm_endpoint_dup_address (self->target_endpoint);
  g_set_error (error, PGM_ERROR, PGM_ERROR_TARGET_UNREACHABLE,
               _("the connection to %s was lost"), address);
  g_prefix_error (error, "%s: ", pgm_side_get_name (PGM_SIDE_TARGET));
  return FALSE;
}

/* What could not be counted cannot be verified in the end. */
static gboolean
keeps_counting (PgmJob *self, GError **error)
{
  if (self->counter == NULL || self->options->verify == PGM_VERIFY_NONE ||
      pgm_counter_check (self->counter, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_VERIFY_FAILED);
  return FALSE;
}

static gboolean
run_step (PgmJob *self, PgmPhase phase, Step step, GError **error)
{
  gboolean is_done = FALSE;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !keeps_run_lock (self, error) || !keeps_counting (self, error))
    return FALSE;
  begin_phase (self, phase);
  is_done = step (self, error);
  end_phase (self, phase);
  if (!is_done && error != NULL && g_error_matches (*error, PGM_ERROR, PGM_ERROR_STALLED))
    g_prefix_error (error, "%s", describe_phase (phase));
  return is_done;
}

static gboolean
check_and_plan (PgmJob *self, GError **error)
{
  return pgm_job_check_sync (self, error) &&
         ((self->flags & PGM_MIRROR_CHECK_ONLY) != 0 || pgm_job_plan_sync (self, error));
}

static gboolean
run_steps (PgmJob *self, GError **error)
{
  if ((self->flags & PGM_MIRROR_VERIFY_ONLY) != 0)
    return run_step (self, PGM_PHASE_VERIFY, pgm_job_compare_only_sync, error);
  if (!run_step (self, PGM_PHASE_CHECK, check_and_plan, error))
    return FALSE;
  if ((self->flags & (PGM_MIRROR_CHECK_ONLY | PGM_MIRROR_DRY_RUN)) != 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (!run_step (self, steps[i].phase, steps[i].step, error))
      return FALSE;
  return TRUE;
}

static void
set_up (PgmJob *self)
{
  g_autofree char *source = pgm_endpoint_dup_address (self->source_endpoint);
  g_autofree char *target = pgm_endpoint_dup_address (self->target_endpoint);
  g_autofree char *name = pgm_text_escape (self->source_endpoint->database);

  self->run_id = g_strdup_printf ("%08x", g_random_int ());
  self->application_name = g_strconcat ("pgmirror-", self->run_id, NULL);
  self->meter = pgm_meter_new ();
  self->result->started_us = g_get_real_time ();
  self->result->source = g_strdup_printf (_("%s at %s"), name, source);
  self->result->target = g_strdup_printf (_("%s at %s"), name, target);
}

static char *
dup_counts (const PgmReportData *result)
{
  g_autofree char *rows = pgm_text_format_count (result->n_rows);

  return g_strdup_printf (ngettext ("%u table, rows: %s", "%u tables, rows: %s", result->n_tables),
                          result->n_tables, rows);
}

static char *
comparison_message (PgmJob *self)
{
  const PgmReportData *result = self->result;
  g_autofree char *counts = dup_counts (result);
  g_autofree char *name = pgm_text_escape (self->source_endpoint->database);

  if (result->differences->len > 0)
    return g_strdup_printf (
        ngettext ("database \"%s\" of the target differs from the source in %u point",
                  "database \"%s\" of the target differs from the source in %u points",
                  result->differences->len),
        name, result->differences->len);
  if (self->options->schema_only)
    return g_strdup_printf (_("the structure of database \"%s\" is equal on source and target"),
                               name);
  return g_strdup_printf (_("database \"%s\" is equal on source and target: %s"), name, counts);
}

static char *
success_message (PgmJob *self)
{
  const PgmReportData *result = self->result;
  g_autofree char *counts = dup_counts (result);
  g_autofree char *name = pgm_text_escape (self->source_endpoint->database);

  if (self->flags & PGM_MIRROR_CHECK_ONLY)
    return g_strdup (_("both servers can be used for this run"));
  if (self->flags & PGM_MIRROR_VERIFY_ONLY)
    return comparison_message (self);
  if (self->flags & PGM_MIRROR_DRY_RUN)
    return g_strdup_printf (_("dry run of mirroring \"%s\": nothing was touched"), name);
  if (result->differences->len > 0)
    return g_strdup_printf (ngettext ("database \"%s\" was mirrored with %u difference",
                                      "database \"%s\" was mirrored with %u differences",
                                      result->differences->len),
                            name, result->differences->len);
  if (self->options->verify == PGM_VERIFY_NONE)
    return g_strdup_printf (_("database \"%s\" was mirrored; it was not verified"), name);
  if (self->options->schema_only)
    return g_strdup_printf (_("the structure of database \"%s\" was mirrored and verified"), name);
  return g_strdup_printf (_("database \"%s\" was mirrored and verified: %s"), name, counts);
}

/* Cancelled is what the user did, whatever the tool in whose middle it happened made of it. */
static void
set_outcome (PgmJob *self, const GError *error)
{
  PgmReportData *result = self->result;
  g_autofree char *redacted = NULL;

  if (error == NULL)
    {
      gboolean differs = result->differences->len > 0;

      result->code = g_strdup (differs ? "differences" : "ok");
      result->message = success_message (self);
      return;
    }
  result->code = g_strdup (pgm_error_get_code (error));
  redacted = pgm_logger_redact (self->logger, error->message);
  result->message = pgm_error_is_cancelled (error) ? g_strdup (_("the run was cancelled"))
                                                   : pgm_text_escape (redacted);
  if (pgm_error_is_cancelled (error))
    pgm_warning (self->logger, "%s", result->message);
  else
    pgm_error (self->logger, "%s", result->message);
}

/* Does the whole run, in the calling thread; the outcome is in the report. */
void
pgm_job_run (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  gint64 begun_us = g_get_monotonic_time ();

  set_up (self);
  run_steps (self, &error);
  set_outcome (self, error);
  begin_phase (self, PGM_PHASE_CLEAN_UP);
  pgm_job_clean_up (self);
  end_phase (self, PGM_PHASE_CLEAN_UP);
  self->result->duration_us = g_get_monotonic_time () - begun_us;
  if (error == NULL)
    pgm_info (self->logger, "%s", self->result->message);
  begin_phase (self, PGM_PHASE_DONE);
  pgm_job_clear (self);
}
