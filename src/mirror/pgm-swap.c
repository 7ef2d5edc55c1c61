/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The exchange of the names (pgm-database.c), and whether it came about: the answer to COMMIT may
 * get lost, and then only the oid behind the name tells. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

#define RETRY_US (200 * G_TIME_SPAN_MILLISECOND)

/* A new database takes after the source; one that takes another's place takes after that. */
const PgmDatabaseTraits *
pgm_job_get_heritage (PgmJob *self)
{
  return self->target_traits != NULL ? self->target_traits : self->source_traits;
}

PgmTargetState
pgm_job_get_final_state (PgmJob *self)
{
  switch (self->plan)
    {
    case PGM_PLAN_REPLACE:
    case PGM_PLAN_REPLACE_IN_PLACE:
      return PGM_TARGET_REPLACED;
    case PGM_PLAN_FILL:
    case PGM_PLAN_MERGE:
      return PGM_TARGET_FILLED;
    case PGM_PLAN_CREATE:
    default:
      return PGM_TARGET_CREATED;
    }
}

/* A server that was restarted comes back after a moment. */
gboolean
pgm_job_reach_target (PgmJob *self)
{
  gint64 deadline_us =
      g_get_monotonic_time () + pgm_job_get_patience_ms (self) * G_TIME_SPAN_MILLISECOND;

  if (self->target_conn != NULL && pgm_conn_is_alive (self->target_conn))
    return TRUE;
  for (;;)
    {
      g_clear_pointer (&self->target_conn, pgm_conn_free);
      self->target_conn = pgm_conn_open_maintenance_sync (self->target, self->kill, NULL);
      if (self->target_conn != NULL)
        return TRUE;
      if (g_cancellable_is_cancelled (self->cancellable) || g_get_monotonic_time () > deadline_us)
        return FALSE;
      g_usleep (RETRY_US);
    }
}

/* That the session is dead may show only when it is used.
 *
 * Returns: 0 when the target does not say */
static guint32
ask_for_oid (PgmJob *self)
{
  guint32 oid = 0;

  for (guint i = 0; i < 2 && pgm_job_reach_target (self); i++)
    {
      pgm_conn_set_limit (self->target_conn, pgm_job_get_patience_ms (self));
      if (pgm_database_find_oid_sync (self->target_conn, self->source_endpoint->database, &oid,
                                      self->kill, NULL))
        {
          self->result->target_state = PGM_TARGET_UNCHANGED;
          return oid;
        }
    }
  return 0;
}

static gboolean
keeps_old (PgmJob *self)
{
  return self->options->keep_previous && self->plan == PGM_PLAN_REPLACE;
}

static void
drop_old (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *hint = NULL;

  if (self->target_traits == NULL)
    return;
  if (keeps_old (self))
    {
      self->result->previous_name = g_strdup (self->old_name);
      pgm_info (self->logger, _("the replaced database is kept as \"%s\""), self->old_name);
      return;
    }
  if (pgm_database_drop_sync (self->psql, self->target_conn, self->old_name, self->kill, &error))
    return;
  quoted = pgm_text_quote_name (self->old_name);
  hint = g_strdup_printf (_("drop it by hand: DROP DATABASE %s"), quoted);
  pgm_job_add_finding (self, self->result->leftovers,
                       pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-old", hint,
                                        _("the replaced database is still there as \"%s\": %s"),
                                           self->old_name, error->message));
}

/* Finds out whose name it is after a swap, whatever was said about it.
 *
 * Returns: TRUE when the name is the new database's, and the old one is dealt with */
gboolean
pgm_job_settle_swap (PgmJob *self)
{
  self->result->target_state = PGM_TARGET_UNKNOWN;
  if (ask_for_oid (self) != self->staging_oid)
    return FALSE;
  self->result->target_state = pgm_job_get_final_state (self);
  g_clear_pointer (&self->staging, g_free); /* it is the real one now */
  drop_old (self);
  return TRUE;
}

static gboolean
find_staging (PgmJob *self, GError **error)
{
  if (!pgm_database_find_oid_sync (self->target_conn, self->staging, &self->staging_oid,
                                   self->cancellable, error))
    return FALSE;
  if (self->staging_oid == 0)
    g_set_error (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                 _("the staging database \"%s\" is not where it was made; does the target's "
                   "address lead to several servers?"),
                    self->staging);
  return self->staging_oid != 0;
}

gboolean
pgm_job_swap_sync (PgmJob *self, GError **error)
{
  g_autofree char *marker =
      pgm_database_dup_marker ("old", self->source_endpoint->database, self->run_id);
  PgmSwap swap = { .name = self->source_endpoint->database,
                   .staging = self->staging,
                   .comment = pgm_job_get_heritage (self)->comment,
                   .marker = keeps_old (self) ? NULL : marker };
  g_autoptr(GError) local = NULL;

  self->old_name = pgm_database_dup_name (self->source_endpoint->database, "old", self->run_id);
  swap.old_name = self->target_traits != NULL ? self->old_name : NULL;
  if (!find_staging (self, error))
    return FALSE;
  pgm_database_swap_sync (self->psql, self->target_conn, &swap, self->cancellable, &local);
  if (pgm_job_settle_swap (self))
    return TRUE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                         _("the target did not say whether the databases changed places"));
  return FALSE;
}
