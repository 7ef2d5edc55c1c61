/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The last step: the new database gets what belonged to the old one beside its content, then its
 * name, in one transaction (pgm-database.c). What is dropped is dropped after that. */

#include "pgm-job.h"

#include "pgm-catalog-preflight.h"
#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* A database that takes another's place belongs to whom that belonged. A new one belongs to the
 * source's owner where owners travel and the role may say so.
 *
 * @ret_owner: (out) (transfer none) */
static gboolean
choose_owner (PgmJob *self, const char **ret_owner, GError **error)
{
  const PgmDatabaseTraits *traits = pgm_job_get_heritage (self);
  const char *role = self->target_endpoint->user;
  gboolean may = TRUE;

  *ret_owner = traits->owner;
  if (self->target_traits != NULL)
    return TRUE;
  if (!self->options->no_owner && !pgm_catalog_may_give_to_sync (self->target_conn, traits->owner,
                                                                 &may, self->cancellable, error))
    return FALSE;
  if (!may)
    pgm_job_add_finding (self, self->result->left_behind,
                         pgm_finding_new (PGM_SEVERITY_NOTE, "database-owner", NULL,
                                          _("the database itself belongs to \"%s\" on the target, "
                                            "and to \"%s\" on the source"),
                                             role, traits->owner));
  if (self->options->no_owner || !may)
    *ret_owner = role;
  return TRUE;
}

static PgmScript *
heritage_script (PgmJob *self, const char *owner)
{
  const PgmDatabaseTraits *traits = pgm_job_get_heritage (self);
  const char *name = self->staging;
  gboolean is_old = self->target_traits != NULL;
  PgmScript *script = pgm_script_new ();

  pgm_database_traits_add_settings (traits, script, name, /* with_roles= */ is_old);
  /* Before the grants: a new owner takes over what the former one was granted. */
  if (!g_str_equal (owner, self->target_endpoint->user))
    pgm_script_add (script, "ALTER DATABASE %I OWNER TO %I", name, owner);
  if (is_old || !self->options->no_acl)
    pgm_database_traits_add_grants (traits, script, name, owner);
  return script;
}

/* Whether @traits let everybody in, as a new database does. */
static gboolean
is_open_to_all (const PgmDatabaseTraits *traits)
{
  for (guint i = 0; i < traits->grants->len; i++)
    {
      const PgmDatabaseGrant *grant = traits->grants->pdata[i];

      if (grant->grantee == NULL && g_str_equal (grant->privilege, "CONNECT"))
        return TRUE;
    }
  return !traits->has_acl;
}

/* A new database without the privileges of the source's is open to more people, maybe. */
static void
leave_grants_behind (PgmJob *self)
{
  g_autofree char *quoted = pgm_text_quote_name (self->source_endpoint->database);
  g_autofree char *hint = NULL;

  if (self->target_traits != NULL || !self->options->no_acl || !self->source_traits->has_acl)
    return;
  if (is_open_to_all (self->source_traits))
    {
      pgm_job_add_finding (self, self->result->left_behind,
                           pgm_finding_new (PGM_SEVERITY_NOTE, "database-privileges", NULL,
                                            _("privileges on the database itself do not travel "
                                              "(no_acl)")));
      return;
    }
  hint =
      g_strdup_printf (_("run on the target: REVOKE CONNECT ON DATABASE %s FROM PUBLIC"), quoted);
  pgm_job_add_finding (
      self, self->result->left_behind,
      pgm_finding_new (
          PGM_SEVERITY_WARNING, "database-open", hint,
          _("the source's database is closed to PUBLIC, and the new one is open to all "
                         "who may log in (no_acl)")));
}

/* A template cannot be dropped, so that the next run could not replace the copy. */
static void
leave_template_behind (PgmJob *self)
{
  if (self->target_traits == NULL && self->source_traits->is_template)
    pgm_job_add_finding (self, self->result->left_behind,
                         pgm_finding_new (PGM_SEVERITY_NOTE, "database-template", NULL,
                                          _("the source's database is a template, the new one is "
                                            "not")));
}

/* What single roles were told for the source's database is not for those of another server. */
static void
leave_role_settings_behind (PgmJob *self)
{
  const GPtrArray *settings = self->source_traits->settings;

  for (guint i = 0; self->target_traits == NULL && i < settings->len; i++)
    {
      const PgmDatabaseSetting *setting = settings->pdata[i];

      if (setting->role != NULL)
        pgm_job_add_finding (self, self->result->left_behind,
                             pgm_finding_new (PGM_SEVERITY_NOTE, "role-setting", NULL,
                                              _("left out: setting \"%s\" of the role \"%s\" in "
                                                "this database"),
                                                 setting->name, setting->role));
    }
}

/* Statement by statement, so that what the role may not carry over is known by name. */
static gboolean
carry_over (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = NULL;
  const char *owner = NULL;
  guint line = 1;

  if (!choose_owner (self, &owner, error))
    return FALSE;
  script = heritage_script (self, owner);
  leave_role_settings_behind (self);
  leave_grants_behind (self);
  leave_template_behind (self);
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

/* What was told to the old database since the run began is told to the new one, too. */
static gboolean
look_again (PgmJob *self, GError **error)
{
  g_autoptr(PgmDatabaseTraits) now = NULL;

  if (self->target_traits == NULL)
    return TRUE;
  if (!pgm_database_traits_read_sync (self->target_conn, self->source_endpoint->database, &now,
                                      self->cancellable, error))
    return FALSE;
  if (now != NULL && now->oid == self->target_traits->oid)
    {
      pgm_database_traits_free (self->target_traits);
      self->target_traits = g_steal_pointer (&now);
    }
  return TRUE; /* another one shows in the swap */
}

static gboolean
replace_staged (PgmJob *self, GError **error)
{
  if (!look_again (self, error) || !carry_over (self, error))
    return FALSE;
  pgm_info (self->logger, _("giving the new database its name \"%s\""),
                             self->source_endpoint->database);
  return pgm_job_swap_sync (self, error);
}

/* Under the name that users know, anybody may have put something else in its place. */
gboolean
pgm_job_check_in_place_sync (PgmJob *self, GError **error)
{
  return self->in_place_oid == 0 ||
         pgm_database_check_oid_sync (self->target_conn, self->staging, self->in_place_oid,
                                      self->cancellable, error);
}

static gboolean
finish_in_place (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();

  if (!pgm_job_check_in_place_sync (self, error) || !carry_over (self, error))
    return FALSE;
  if (pgm_job_get_heritage (self)->comment != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", self->staging,
                    pgm_job_get_heritage (self)->comment);
  else
    pgm_script_add (script, "COMMENT ON DATABASE %I IS NULL", self->staging);
  if (!pgm_job_get_heritage (self)->allows_connections)
    pgm_script_add (script, "ALTER DATABASE %I ALLOW_CONNECTIONS false", self->staging);
  if (!pgm_psql_run_sync (self->psql, NULL, script, NULL, self->cancellable, error))
    return FALSE;
  g_clear_pointer (&self->staging, g_free);
  self->result->target_state = pgm_job_get_final_state (self);
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
