/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The new database is compared with what the source had in the dump's own snapshot, before it
 * gets its name. Planner statistics are gathered beside it. */

#include "pgm-compare.h"

#include "pgm-error.h"
#include "pgm-text.h"
#include "pgm-travel.h"

#include <glib/gi18n-lib.h>

/* Servers too old for an inventory have none, nor has a run that brings rows alone. */
static void
tell_left_behind (PgmJob *self)
{
  GPtrArray *inventory = pgm_counter_get_inventory (self->counter);
  g_auto(PgmTravel) travel = { 0 };

  pgm_travel_init (&travel, self);
  if (inventory != NULL)
    pgm_travel_tell_left_behind (&travel, inventory);
}

/* Scripts of the user may have made things of their own. */
static gboolean
compare (PgmJob *self, GError **error)
{
  g_auto(PgmComparison) comparison = { .job = self, .source = self->counter };

  comparison.tells_extras = self->plan != PGM_PLAN_MERGE && self->options->pre_sql[0] == NULL;
  comparison.conn = pgm_conn_open_sync (self->target, pgm_job_get_working_database (self),
                                        self->cancellable, error);
  if (comparison.conn == NULL ||
      !pgm_comparison_run_sync (&comparison, pgm_job_get_measure (self), error))
    return FALSE;
  self->result->verified_how = pgm_comparison_dup_how (&comparison);
  self->result->verified = self->result->differences->len == 0;
  return TRUE;
}

static gboolean
has_failed_entry (PgmJob *self, const char *const *kinds)
{
  for (guint i = 0; i < pgm_archive_list_get_n_entries (self->list); i++)
    {
      const PgmArchiveEntry *entry = pgm_archive_list_get_entry (self->list, i);

      if (entry->has_failed && g_strv_contains (kinds, entry->kind))
        return TRUE;
    }
  return FALSE;
}

/* Whether rows, large objects or positions of sequences are known not to have arrived, as far as
 * was looked. An entry that makes something may have failed at its owner alone: whether the thing
 * is there, a comparison knows better. */
gboolean
pgm_job_lacks_content (PgmJob *self)
{
  static const char *const codes[] = {
    "row-count",      "row-content",          "table-missing",        "sequence-missing",
    "sequence-value", "large-object-missing", "large-object-content", NULL
  };
  static const char *const fillers[] = { "TABLE DATA", "SEQUENCE SET", "BLOBS", NULL };
  static const char *const makers[] = { "TABLE", "BLOB", "BLOB METADATA", NULL };
  const GPtrArray *differences = self->result->differences;

  for (guint i = 0; i < differences->len; i++)
    if (g_strv_contains (codes, ((PgmFinding *) differences->pdata[i])->code))
      return TRUE;
  return has_failed_entry (self, fillers) ||
         (self->options->verify == PGM_VERIFY_NONE && has_failed_entry (self, makers));
}

static gboolean
judge (PgmJob *self, GError **error)
{
  const GPtrArray *differences = self->result->differences;
  const PgmFinding *first = differences->len > 0 ? differences->pdata[0] : NULL;

  if (self->result->verified)
    pgm_info (self->logger, _("verified: no difference was found"));
  if (self->result->verified || self->options->on_error == PGM_ON_ERROR_REPORT)
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

  if (conn != NULL && pgm_catalog_set_lock_timeout_sync (conn, self->options->lock_wait_timeout_s,
                                                         self->cancellable, &error))
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

/* The source was read to the end where rows are compared; where not, all that is at stake is the
 * list of what it keeps. */
static gboolean
join_source (PgmJob *self, GError **error)
{
  g_autoptr(GError) local = NULL;

  if (pgm_counter_join (self->counter, &local))
    return TRUE;
  if (self->options->verify != PGM_VERIFY_NONE || pgm_error_is_cancelled (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  pgm_job_add_finding (
      self, NULL,
      pgm_finding_new (PGM_SEVERITY_WARNING, "left-behind-unknown", NULL,
                       _("what does not travel could not be listed: %s"), local->message));
  return TRUE;
}

static gboolean
verify (PgmJob *self, GError **error)
{
  gboolean is_done = join_source (self, error);

  if (is_done)
    tell_left_behind (self);
  if (self->options->verify == PGM_VERIFY_NONE)
    return is_done;
  is_done = is_done && compare (self, error);
  pgm_error_recode (error, PGM_ERROR_VERIFY_FAILED);
  return is_done && judge (self, error);
}

gboolean
pgm_job_verify_sync (PgmJob *self, GError **error)
{
  GThread *thread = NULL;
  gboolean is_done = FALSE;

  if (self->options->analyze)
    thread = g_thread_new ("pgm-analyze", analyze_thread, self);
  is_done = verify (self, error);
  if (thread != NULL)
    join_analyze (self, thread);
  return is_done;
}
