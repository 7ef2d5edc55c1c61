/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The exchange of the names (pgm-database.c), and whether it came about: the answer to COMMIT may
 * get lost, and then only the oid behind the name tells. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-marker.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

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

/* A database that was filled because it was empty goes only if it still is. After the swap nobody
 * can be on it any more, so that the answer stays true.
 *
 * @name: that it has now */
static gboolean
check_still_pristine (PgmJob *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmConn) conn = NULL;
  gboolean is_pristine = FALSE;

  if (self->plan != PGM_PLAN_FILL)
    return TRUE;
  conn = pgm_conn_open_sync (self->target, name, cancellable, error);
  if (conn == NULL || !pgm_catalog_is_pristine_sync (conn, &is_pristine, cancellable, error))
    return FALSE;
  if (!is_pristine)
    g_set_error (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                 _("database \"%s\" of the target was empty when the run began and is not any "
                   "more"),
                    self->source_endpoint->database);
  return is_pristine;
}

/* on_error "report" gives the name to a copy that lacks something. Where that is rows, the old
 * database is all that is left of them, maybe. */
static gboolean
keeps_old (PgmJob *self)
{
  return self->plan == PGM_PLAN_REPLACE &&
         (self->options->keep_previous || pgm_job_lacks_content (self));
}

/* @hint: %s: the name, quoted */
static void
add_leftover (PgmJob *self, const char *hint, const GError *error)
{
  g_autofree char *quoted = pgm_text_quote_name (self->old_name);
  g_autoptr(GString) text = g_string_new (hint);

  g_string_replace (text, "%s", quoted, 1);
  pgm_job_add_finding (self, self->result->leftovers,
                       pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-old", text->str,
                                        _("the replaced database is still there as \"%s\": %s"),
                                           self->old_name, error->message));
}

/* Its marker would let recovering drop what somebody has put there at the last moment. */
static void
leave_old (PgmJob *self, const GError *error)
{
  pgm_database_give_back_sync (self->psql, NULL, self->old_name, self->target_traits->comment,
                               self->kill, NULL);
  add_leftover (self, _("look into it; if it is not needed, drop it by hand: DROP DATABASE %s"),
                         error);
}

static void
drop_old (PgmJob *self)
{
  g_autoptr(GError) error = NULL;

  if (self->target_traits == NULL)
    return;
  if (keeps_old (self))
    {
      self->result->previous_name = g_strdup (self->old_name);
      if (self->options->keep_previous)
        pgm_info (self->logger, _("the replaced database is kept as \"%s\""), self->old_name);
      else
        pgm_warning (self->logger,
                     _("the replaced database is kept as \"%s\", because the copy may lack rows, "
                       "large objects or positions of sequences"),
                        self->old_name);
      return;
    }
  if (!check_still_pristine (self, self->old_name, self->kill, &error))
    leave_old (self, error);
  else if (!pgm_job_drop_sync (self, self->old_name, self->target_traits->oid, &error))
    add_leftover (
        self,
        _("\"pg-mirror-cli recover --remove\" removes it; or drop it by hand: DROP DATABASE %s"),
           error);
}

/* Finds out whose name it is after a swap, whatever was said about it.
 *
 * Returns: TRUE when the name is the new database's, and the old one is dealt with */
gboolean
pgm_job_settle_swap (PgmJob *self)
{
  guint32 oid = 0;

  self->result->target_state = PGM_TARGET_UNKNOWN;
  if (!pgm_job_find_final_oid (self, self->staging_oid, &oid))
    return FALSE;
  self->result->target_state = PGM_TARGET_UNCHANGED;
  if (oid != self->staging_oid)
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
  g_autofree char *marker = pgm_marker_dup_text (
      "old", self->source_endpoint->database, self->run_id, pgm_job_get_heritage (self)->comment);
  PgmSwap swap = { .name = self->source_endpoint->database,
                   .staging = self->staging,
                   .comment = pgm_job_get_heritage (self)->comment,
                   .marker = keeps_old (self) ? NULL : marker };
  g_autoptr(GError) local = NULL;

  self->old_name = pgm_database_dup_name (self->source_endpoint->database, "old", self->run_id);
  if (self->target_traits != NULL)
    {
      swap.old_name = self->old_name;
      swap.old_oid = self->target_traits->oid;
      swap.is_closed = !self->target_traits->allows_connections;
    }
  if (!find_staging (self, error) ||
      !check_still_pristine (self, swap.name, self->cancellable, error))
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
