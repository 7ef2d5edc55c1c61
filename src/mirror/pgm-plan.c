/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What will become of the target: decided before anything is touched, and agreed to by the user
 * where something is destroyed. */

#include "pgm-collision.h"

#include "pgm-archive-command.h"
#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-preflight.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static gboolean
take_lock (PgmJob *self, GError **error)
{
  gboolean is_taken = FALSE;

  if (self->flags & PGM_MIRROR_DRY_RUN)
    return TRUE;
  if (!pgm_catalog_take_run_lock_sync (self->target_conn, self->source_endpoint->database,
                                       &is_taken, self->cancellable, error))
    return FALSE;
  if (!is_taken)
    g_set_error (error, PGM_ERROR, PGM_ERROR_BUSY,
                 _("another run is writing to database \"%s\" of the target"),
                    self->source_endpoint->database);
  return is_taken;
}

static void
check_rights_to_create (PgmPreflight *self)
{
  const char *role = self->job->target_endpoint->user;
  g_autofree char *quoted = pgm_text_quote_name (role);
  g_autofree char *hint = NULL;

  if (self->job->target_facts.may_create_databases)
    return;
  hint = g_strdup_printf (_("a superuser can allow it on the target: ALTER ROLE %s CREATEDB"),
                             quoted);
  pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "createdb-denied", hint,
                     _("the role \"%s\" may not create databases on the target"), role);
}

static void
check_ownership (PgmPreflight *self)
{
  const PgmDatabaseTraits *traits = self->job->target_traits;
  const char *role = self->job->target_endpoint->user;
  g_autofree char *quoted_name = pgm_text_quote_name (traits->name);
  g_autofree char *quoted_role = pgm_text_quote_name (role);
  g_autofree char *hint = NULL;

  if (traits->is_owned || self->job->target_facts.is_superuser)
    return;
  hint = g_strdup_printf (
      _("a superuser can change that on the target: ALTER DATABASE %s OWNER TO %s"), quoted_name,
         quoted_role);
  pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "not-owner", hint,
                     _("database \"%s\" of the target belongs to \"%s\", so the role \"%s\" may "
                       "not replace it"),
                        traits->name, traits->owner, role);
}

static void
check_rights_to_replace (PgmPreflight *self)
{
  const char *name = self->job->target_traits->name;
  g_autofree char *quoted = pgm_text_quote_name (name);
  g_autofree char *hint = NULL;

  check_ownership (self);
  check_rights_to_create (self);
  if (!self->job->target_traits->is_template)
    return;
  hint = g_strdup_printf (_("run on the target: ALTER DATABASE %s IS_TEMPLATE false"), quoted);
  pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "target-template", hint,
                     _("database \"%s\" of the target is a template and cannot be replaced"),
                        name);
}

/* What the source's locale needs of the target (PostgreSQL manual, CREATE DATABASE). */
static void
check_locale_provider (PgmPreflight *self)
{
  const PgmJob *job = self->job;
  char provider = job->source_traits->provider;
  guint needed = provider == 'b' ? 17 : provider == 'i' ? 15 : 0;

  if (pgm_server_get_major (job->target) >= needed)
    return;
  pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "locale-provider", NULL,
                     _("database \"%s\" has a locale of the provider \"%s\", which needs "
                       "PostgreSQL %u on the target, and the target is %s"),
                        job->source_endpoint->database, provider == 'b' ? "builtin" : "icu", needed,
                        job->result->target_version);
}

static guint
count_tables (GPtrArray *objects)
{
  guint n = 0;

  for (guint i = 0; i < objects->len; i++)
    n += ((PgmObjectKey *) objects->pdata[i])->is_table ? 1 : 0;
  return n;
}

static gboolean
plan_reuse (PgmJob *self, GError **error)
{
  g_autoptr(GPtrArray) objects = pgm_job_list_target_objects_sync (self, self->cancellable, error);
  gboolean may_swap = self->target_facts.may_create_databases &&
                      (self->target_traits->is_owned || self->target_facts.is_superuser) &&
                      !self->target_traits->is_template;
  gboolean is_pristine = FALSE;

  self->plan = PGM_PLAN_MERGE;
  if (objects == NULL ||
      !pgm_job_is_target_pristine_sync (self, &is_pristine, self->cancellable, error))
    return FALSE;
  if (is_pristine && may_swap && !self->options->data_only)
    {
      self->plan = PGM_PLAN_FILL;
      return TRUE;
    }
  /* With filters only the archive knows what will come, and the question is put then. */
  return pgm_options_has_filters (self->options) || self->options->data_only ||
         pgm_job_check_collisions_sync (self, objects, NULL, error);
}

static void
plan_replace (PgmPreflight *self)
{
  PgmJob *job = self->job;

  job->plan =
      job->options->replace == PGM_REPLACE_STAGED ? PGM_PLAN_REPLACE : PGM_PLAN_REPLACE_IN_PLACE;
  check_rights_to_replace (self);
}

static gboolean
plan_existing (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *hint = NULL;

  if (job->target_traits->connection_limit == -2)
    {
      quoted = pgm_text_quote_name (job->target_traits->name);
      hint = g_strdup_printf (_("drop it first, on the target: DROP DATABASE %s"), quoted);
      pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "target-invalid", hint,
                         _("database \"%s\" of the target is invalid since a DROP DATABASE that "
                           "did not end"),
                            job->target_traits->name);
      return TRUE;
    }
  if (job->options->drop_existing)
    plan_replace (self);
  else if (!plan_reuse (job, &failure))
    return pgm_preflight_add_error (self, failure, error);
  return TRUE;
}

static void
plan_new (PgmPreflight *self)
{
  self->job->plan = PGM_PLAN_CREATE;
  if (self->job->options->data_only)
    pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "no-target-database",
                       _("mirror once without data_only"),
                          _("data_only needs the tables on the target, and there is no database "
                         "\"%s\""),
                             self->job->source_endpoint->database);
  else
    check_rights_to_create (self);
}

/* Decides what will become of the target, as it is now. */
gboolean
pgm_preflight_plan_sync (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;

  if (job->target_facts.is_in_recovery)
    pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "target-standby",
                       _("name its primary"),
                          _("the target is a standby, which cannot be written to"));
  g_clear_pointer (&job->target_traits, pgm_database_traits_free);
  if (!pgm_database_traits_read_sync (job->target_conn, job->source_endpoint->database,
                                      &job->target_traits, job->cancellable, error))
    return FALSE;
  if (job->target_traits == NULL)
    plan_new (self);
  else if (!plan_existing (self, error))
    return FALSE;
  if (job->plan != PGM_PLAN_MERGE)
    check_locale_provider (self);
  return TRUE;
}

/* A database that cannot be looked into counts as one that has something in it. */
static gboolean
needs_consent (PgmJob *self)
{
  gboolean is_pristine = FALSE;

  if ((self->flags & (PGM_MIRROR_ASSUME_YES | PGM_MIRROR_DRY_RUN)) != 0)
    return FALSE;
  return !pgm_job_is_target_pristine_sync (self, &is_pristine, self->cancellable, NULL) ||
         !is_pristine;
}

static gboolean
ask_to_replace (PgmJob *self, GError **error)
{
  g_autoptr(GPtrArray) objects = NULL;
  g_auto(PgmDatabaseUse) use = { 0 };
  g_autofree char *address = pgm_endpoint_dup_address (self->target_endpoint);
  PgmReplaceFacts facts = { .database = self->target_traits->name,
                            .address = address,
                            .size_bytes = self->target_traits->size_bytes };
  g_autoptr(PgmReply) reply = NULL;

  if (!needs_consent (self))
    return TRUE;
  objects = pgm_job_list_target_objects_sync (self, self->cancellable, NULL);
  if (!pgm_catalog_read_use_sync (self->target_conn, self->target_traits->name, &use,
                                  self->cancellable, error))
    return FALSE;
  facts.n_tables = objects != NULL ? count_tables (objects) : 0;
  facts.n_sessions = use.n_sessions;
  facts.last_activity = use.last_activity;
  pgm_mirror_ask (self->mirror,
                  pgm_question_new (PGM_QUESTION_REPLACE, self->target_endpoint, &facts, &reply));
  if (pgm_reply_wait_sync (reply, NULL, self->cancellable))
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (self->cancellable, error))
    g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
                 _("replacing database \"%s\" of the target was not agreed to"),
                    self->target_traits->name);
  return FALSE;
}

/* The lock comes first: what the checks saw may have been another run's. */
static gboolean
plan (PgmJob *self, GError **error)
{
  g_auto(PgmPreflight) preflight = { 0 };

  if (!take_lock (self, error))
    return FALSE;
  pgm_preflight_init (&preflight, self);
  return pgm_preflight_plan_sync (&preflight, error) &&
         pgm_preflight_conclude (&preflight, error) &&
         (self->target_traits == NULL || !self->options->drop_existing ||
          ask_to_replace (self, error));
}

static const char *
plan_sentence (const PgmJob *self)
{
  switch (self->plan)
    {
    case PGM_PLAN_CREATE:
      return _("database \"%s\" does not exist on the target and will be created");
    case PGM_PLAN_REPLACE:
      return self->options->keep_previous
          ? _("database \"%s\" of the target will be replaced and kept under another name")
          : _("database \"%s\" of the target will be replaced");
    case PGM_PLAN_REPLACE_IN_PLACE:
      return _("database \"%s\" of the target will be dropped, then restored in its place");
    case PGM_PLAN_FILL:
      return _("database \"%s\" of the target is empty and will be filled");
    case PGM_PLAN_MERGE:
    default:
      return _("database \"%s\" of the target exists and will receive what comes, in one "
               "transaction with one job");
    }
}

static void
announce (PgmJob *self)
{
  g_autoptr(GString) text = g_string_new (plan_sentence (self));

  g_string_replace (text, "%s", self->source_endpoint->database, 1);
  pgm_job_add_finding (self, NULL,
                       pgm_finding_new (PGM_SEVERITY_NOTE, "plan", NULL, "%s", text->str));
}

static void
announce_command (PgmJob *self, GPtrArray *argv)
{
  g_autofree char *text = pgm_archive_command_to_text (argv);

  pgm_job_add_finding (
      self, NULL, pgm_finding_new (PGM_SEVERITY_NOTE, "command", NULL, _("would run: %s"), text));
}

/* Only the archive tells (pgm_archive_list_wants_passes()). */
static void
announce_passes (PgmJob *self)
{
  if (self->plan == PGM_PLAN_MERGE || self->options->parallel_jobs < 2)
    return;
  pgm_job_add_finding (
      self, NULL,
      pgm_finding_new (PGM_SEVERITY_NOTE, "command", NULL,
                       _("would run pg_restore three times, for rows, for indexes and for the "
                         "rest, where partitioned tables have triggers or foreign keys, or "
                         "constraints are not valid yet")));
}

static void
announce_scripts (PgmJob *self, char **paths)
{
  for (gsize i = 0; paths[i] != NULL; i++)
    pgm_job_add_finding (self, NULL,
                         pgm_finding_new (PGM_SEVERITY_NOTE, "command", NULL,
                                          _("would run the script \"%s\" with psql"), paths[i]));
}

/* For a dry run. What only a real one makes up has a word in capitals in its place. */
static void
announce_commands (PgmJob *self)
{
  gboolean is_staged = self->plan != PGM_PLAN_MERGE && self->plan != PGM_PLAN_REPLACE_IN_PLACE;
  PgmRestore restore = { .target = self->target,
                         .database = is_staged ? "STAGING" : self->source_endpoint->database,
                         .single_transaction = self->plan == PGM_PLAN_MERGE };
  g_autoptr(GPtrArray) backup = pgm_archive_command_backup (self->options, self->tools,
                                                             self->source, "ARCHIVE", "SNAPSHOT");
  g_autoptr(GPtrArray) back = pgm_archive_command_restore (
      self->options, self->tools, &restore, PGM_ARCHIVE_PASS_ALL, "ARCHIVE", "LIST");

  announce_command (self, backup);
  announce_scripts (self, self->options->pre_sql);
  announce_command (self, back);
  announce_passes (self);
  announce_scripts (self, self->options->post_sql);
}

gboolean
pgm_job_plan_sync (PgmJob *self, GError **error)
{
  if (plan (self, error))
    {
      announce (self);
      if (self->flags & PGM_MIRROR_DRY_RUN)
        announce_commands (self);
      return TRUE;
    }
  pgm_error_recode (error, PGM_ERROR_PREFLIGHT);
  return FALSE;
}
