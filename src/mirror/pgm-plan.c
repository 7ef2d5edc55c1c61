/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What will become of the target: decided before anything is touched, and agreed to by the user
 * where something is destroyed. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_PREFLIGHT, message);
  return FALSE;
}

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

static gboolean
check_rights_to_create (PgmJob *self, GError **error)
{
  const char *role = self->target_endpoint->user;

  if (self->target_facts.may_create_databases)
    return TRUE;
  return refuse (error,
                 _("the role \"%s\" may not create databases on the target; a superuser can allow "
                   "it: ALTER ROLE \"%s\" CREATEDB"),
                    role, role);
}

static gboolean
check_not_subscribed (PgmJob *self, GError **error)
{
  g_autofree char *name = NULL;

  if (!pgm_catalog_find_subscription_sync (self->target_conn, self->target_traits->name, &name,
                                           self->cancellable, error))
    return FALSE;
  if (name == NULL)
    return TRUE;
  return refuse (error,
                 _("database \"%s\" of the target has the subscription \"%s\" and cannot be "
                   "replaced; drop the subscription first"),
                    self->target_traits->name, name);
}

static gboolean
check_rights_to_replace (PgmJob *self, GError **error)
{
  const PgmDatabaseTraits *traits = self->target_traits;
  const char *role = self->target_endpoint->user;

  if (!traits->is_owned && !self->target_facts.is_superuser)
    return refuse (error,
                   _("database \"%s\" of the target belongs to \"%s\", so the role \"%s\" may not "
                     "replace it"),
                      traits->name, traits->owner, role);
  if (traits->is_template)
    return refuse (error, _("database \"%s\" of the target is a template and cannot be replaced"),
                             traits->name);
  return check_not_subscribed (self, error) && check_rights_to_create (self, error);
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

  if (objects == NULL)
    return FALSE;
  if (objects->len == 0 && may_swap && !self->options->data_only)
    {
      self->plan = PGM_PLAN_FILL;
      return TRUE;
    }
  self->plan = PGM_PLAN_MERGE;
  /* With filters only the archive knows what will come, and the question is put then. */
  return pgm_options_has_filters (self->options) || self->options->data_only ||
         pgm_job_check_collisions_sync (self, objects, NULL, error);
}

static gboolean
ask_to_replace (PgmJob *self, GError **error)
{
  g_autoptr(GPtrArray) objects = pgm_job_list_target_objects_sync (self, self->cancellable, NULL);
  g_auto(PgmDatabaseUse) use = { 0 };
  g_autofree char *address = pgm_endpoint_dup_address (self->target_endpoint);
  PgmReplaceFacts facts = { .database = self->target_traits->name,
                            .address = address,
                            .size_bytes = self->target_traits->size_bytes };
  g_autoptr(PgmReply) reply = NULL;

  if ((self->flags & (PGM_MIRROR_ASSUME_YES | PGM_MIRROR_DRY_RUN)) != 0 ||
      (objects != NULL && objects->len == 0))
    return TRUE;
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

static gboolean
plan_existing (PgmJob *self, GError **error)
{
  if (self->target_traits->connection_limit == -2)
    return refuse (error,
                   _("database \"%s\" of the target is invalid since a DROP DATABASE that did not "
                     "end; drop it first"),
                      self->target_traits->name);
  if (!self->options->drop_existing)
    return plan_reuse (self, error);
  self->plan =
      self->options->replace == PGM_REPLACE_STAGED ? PGM_PLAN_REPLACE : PGM_PLAN_REPLACE_IN_PLACE;
  return check_rights_to_replace (self, error) && ask_to_replace (self, error);
}

static gboolean
plan (PgmJob *self, GError **error)
{
  if (!take_lock (self, error) ||
      !pgm_database_traits_read_sync (self->target_conn, self->source_endpoint->database,
                                      &self->target_traits, self->cancellable, error))
    return FALSE;
  if (self->target_traits != NULL)
    return plan_existing (self, error);
  if (self->options->data_only)
    return refuse (error, _("data_only needs the tables on the target, and there is no database "
                            "\"%s\""),
                             self->source_endpoint->database);
  self->plan = PGM_PLAN_CREATE;
  return check_rights_to_create (self, error);
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

gboolean
pgm_job_plan_sync (PgmJob *self, GError **error)
{
  if (plan (self, error))
    {
      announce (self);
      return TRUE;
    }
  pgm_error_recode (error, PGM_ERROR_PREFLIGHT);
  return FALSE;
}
