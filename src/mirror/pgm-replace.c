/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The last step: the new database gets what belonged to the old one beside its content, then its
 * name, in one transaction (pgm-database.c). What is dropped is dropped after that. */

#include "pgm-job.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>

/* A new database takes after the source; one that takes another's place takes after that. */
static const PgmDatabaseTraits *
get_heritage (PgmJob *self)
{
  return self->target_traits != NULL ? self->target_traits : self->source_traits;
}

static PgmScript *
heritage_script (PgmJob *self)
{
  const PgmDatabaseTraits *traits = get_heritage (self);
  const char *name = self->staging;
  gboolean is_old = self->target_traits != NULL;
  PgmScript *script = pgm_script_new ();

  pgm_database_traits_add_settings (traits, script, name, /* with_roles= */ is_old);
  if (!is_old)
    return script;
  /* Before the grants: a new owner takes over what the former one was granted. */
  if (!g_str_equal (traits->owner, self->target_endpoint->user))
    pgm_script_add (script, "ALTER DATABASE %I OWNER TO %I", name, traits->owner);
  pgm_database_traits_add_grants (traits, script, name);
  return script;
}

/* Statement by statement, so that what the role may not carry over is known by name. */
static gboolean
carry_over (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = heritage_script (self);
  guint line = 1;

  while (line <= pgm_script_get_n_lines (script))
    {
      g_auto(PgmScriptResult) result = { 0 };
      g_autoptr(GError) local = NULL;
      g_autofree char *statement = NULL;

      if (pgm_psql_run_from_sync (self->psql, NULL, script, line, &result, self->cancellable,
                                  &local))
        return TRUE;
      if (result.failed_line == 0)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      statement = pgm_script_dup_line (script, result.failed_line);
      if (self->options->on_error == PGM_ON_ERROR_STOP)
        {
          g_set_error (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                       _("what the database was told cannot be carried over (%s): %s; run as a "
                         "superuser, or set on_error to \"report\""),
                          statement, local->message);
          return FALSE;
        }
      pgm_job_add_finding (
          self, self->result->differences,
          pgm_finding_new (PGM_SEVERITY_WARNING, "not-carried-over", NULL,
                           _("not carried over: %s: %s"), statement, local->message));
      line = result.failed_line + 1;
    }
  return TRUE;
}

static gboolean
is_swapped (PgmJob *self, guint32 staging_oid)
{
  guint32 oid = 0;

  self->result->target_state = PGM_TARGET_UNKNOWN;
  if (!pgm_conn_is_alive (self->target_conn))
    {
      g_clear_pointer (&self->target_conn, pgm_conn_free);
      self->target_conn = pgm_conn_open_maintenance_sync (self->target, self->kill, NULL);
    }
  if (self->target_conn == NULL)
    return FALSE;
  pgm_conn_set_limit (self->target_conn, self->options->connect_timeout_s);
  if (!pgm_database_find_oid_sync (self->target_conn, self->source_endpoint->database, &oid,
                                   self->kill, NULL))
    return FALSE;
  self->result->target_state = PGM_TARGET_UNCHANGED;
  return oid == staging_oid;
}

static PgmTargetState
final_state (PgmJob *self)
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

static gboolean
swap (PgmJob *self, GError **error)
{
  g_autofree char *marker =
      pgm_database_dup_marker ("old", self->source_endpoint->database, self->run_id);
  gboolean keeps = self->options->keep_previous && self->plan == PGM_PLAN_REPLACE;
  PgmSwap swap = { .name = self->source_endpoint->database,
                   .staging = self->staging,
                   .old_name = self->target_traits != NULL ? self->old_name : NULL,
                   .comment = get_heritage (self)->comment,
                   .marker = keeps ? NULL : marker };
  g_autoptr(GError) local = NULL;
  guint32 staging_oid = 0;

  if (!pgm_database_find_oid_sync (self->target_conn, self->staging, &staging_oid,
                                   self->cancellable, error))
    return FALSE;
  if (staging_oid == 0)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                   _("the staging database \"%s\" is not where it was made; does the target's "
                     "address lead to several servers?"),
                      self->staging);
      return FALSE;
    }
  pgm_database_swap_sync (self->psql, self->target_conn, &swap, self->cancellable, &local);
  if (is_swapped (self, staging_oid))
    {
      self->result->target_state = final_state (self);
      g_clear_pointer (&self->staging, g_free); /* it is the real one now */
      return TRUE;
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, PGM_ERROR, PGM_ERROR_REPLACE_FAILED,
                         _("the target did not say whether the databases changed places"));
  return FALSE;
}

static void
drop_old (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *hint = NULL;

  if (self->target_traits == NULL)
    return;
  if (self->options->keep_previous && self->plan == PGM_PLAN_REPLACE)
    {
      self->result->previous_name = g_strdup (self->old_name);
      pgm_info (self->logger, _("the replaced database is kept as \"%s\""), self->old_name);
      return;
    }
  if (pgm_database_drop_sync (self->psql, self->target_conn, self->old_name, self->kill, &error))
    return;
  hint = g_strdup_printf (_("drop it by hand: DROP DATABASE \"%s\""), self->old_name);
  pgm_job_add_finding (self, self->result->leftovers,
                       pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-old", hint,
                                        _("the replaced database is still there as \"%s\": %s"),
                                           self->old_name, error->message));
}

static gboolean
replace_staged (PgmJob *self, GError **error)
{
  self->old_name = pgm_database_dup_name (self->source_endpoint->database, "old", self->run_id);
  if (!carry_over (self, error))
    return FALSE;
  pgm_info (self->logger, _("giving the new database its name \"%s\""),
                             self->source_endpoint->database);
  if (!swap (self, error))
    return FALSE;
  drop_old (self);
  return TRUE;
}

static gboolean
finish_in_place (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();

  if (!carry_over (self, error))
    return FALSE;
  if (get_heritage (self)->comment != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", self->staging,
                    get_heritage (self)->comment);
  else
    pgm_script_add (script, "COMMENT ON DATABASE %I IS NULL", self->staging);
  if (!pgm_psql_run_sync (self->psql, NULL, script, NULL, self->cancellable, error))
    return FALSE;
  g_clear_pointer (&self->staging, g_free);
  self->result->target_state = final_state (self);
  return TRUE;
}

gboolean
pgm_job_replace_sync (PgmJob *self, GError **error)
{
  gboolean is_done = pgm_job_run_post_scripts_sync (self, error);

  if (is_done && self->plan == PGM_PLAN_REPLACE_IN_PLACE)
    is_done = finish_in_place (self, error);
  else if (is_done && self->plan != PGM_PLAN_MERGE)
    is_done = replace_staged (self, error);
  if (!is_done)
    pgm_error_recode (error, PGM_ERROR_REPLACE_FAILED);
  return is_done;
}
