/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What is asked of which server, and when it matters. */

#include "pgm-preflight.h"

#include "pgm-catalog-filter.h"

#include <glib/gi18n-lib.h>

typedef PgmRows *(*SourceQuery) (PgmConn *source,
                                 const PgmOptions *options,
                                 GCancellable *cancellable,
                                 GError **error);

static gboolean
ask_source (PgmPreflight *self, SourceQuery query, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;
  PgmRows *rows = query (job->source_conn, job->options, job->cancellable, &failure);

  return pgm_preflight_take_rows (self, rows, failure, error);
}

/* A pattern that the source cannot even spell finds nothing there. */
static gboolean
encode_patterns (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;

  g_clear_pointer (&job->dump_options, pgm_options_unref);
  job->dump_options =
      pgm_catalog_filter_encode_sync (job->source_conn, job->options, job->cancellable, &failure);
  return job->dump_options != NULL || pgm_preflight_add_error (self, failure, error);
}

gboolean
pgm_preflight_look_at_source_sync (PgmPreflight *self, GError **error)
{
  if (!encode_patterns (self, error))
    return FALSE;
  if (self->job->dump_options == NULL)
    return TRUE;
  return ask_source (self, pgm_catalog_preflight_access_sync, error) &&
         ask_source (self, pgm_catalog_preflight_filters_sync, error) &&
         ask_source (self, pgm_catalog_preflight_locks_sync, error);
}

static gboolean
is_replaced (const PgmJob *job)
{
  return job->plan == PGM_PLAN_REPLACE || job->plan == PGM_PLAN_REPLACE_IN_PLACE ||
         job->plan == PGM_PLAN_FILL;
}

static void
compare_versions (PgmPreflight *self)
{
  const PgmJob *job = self->job;
  guint source = pgm_server_get_major (job->source);
  guint target = pgm_server_get_major (job->target);

  if (target >= source)
    return;
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "target-older",
                     _("update the target, or be ready for objects that it does not know"),
                        _("the target (PostgreSQL %u) is older than the source (PostgreSQL %u)"),
                           target, source);
}

/* What stands on the target before anything of the source is looked at. */
gboolean
pgm_preflight_look_at_target_sync (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  const char *database = job->source_endpoint->database;
  gboolean keeps_it = job->plan == PGM_PLAN_REPLACE && job->options->keep_previous;
  GError *failure = NULL;
  PgmRows *rows = NULL;

  if (!pgm_preflight_look_for_databases_sync (self, error))
    return FALSE;
  if (job->target_endpoint->is_protected)
    pgm_preflight_add (
        self, PGM_SEVERITY_BLOCKER, "target-protected", NULL,
        _("the target %s is protected: the profile says that no run may write there"),
           job->result->target);
  if (job->target_traits == NULL || !is_replaced (job))
    return TRUE;
  failure = NULL;
  rows = pgm_catalog_preflight_use_sync (job->target_conn, database, keeps_it, job->cancellable,
                                         &failure);
  if (!pgm_preflight_take_rows (self, rows, failure, error))
    return FALSE;
  failure = NULL;
  rows =
      pgm_catalog_preflight_settings_sync (job->target_conn, database, job->cancellable, &failure);
  return pgm_preflight_take_rows (self, rows, failure, error);
}

/* The target's own database is the one to ask where it stays. */
static gboolean
find_missing (PgmPreflight *self, const PgmNeeds *needs, GError **error)
{
  PgmJob *job = self->job;
  gboolean is_merge = job->plan == PGM_PLAN_MERGE && job->target_traits != NULL;
  const char *encoding = is_merge ? job->target_traits->encoding : job->source_traits->encoding;
  g_autoptr(PgmConn) own = NULL;
  GError *failure = NULL;
  PgmRows *rows = NULL;

  if (is_merge)
    own = pgm_conn_open_sync (job->target, job->target_traits->name, job->cancellable, &failure);
  if (!is_merge || own != NULL)
    rows = pgm_catalog_preflight_missing_sync (own != NULL ? own : job->target_conn, needs,
                                               encoding, is_merge, job->cancellable, &failure);
  return pgm_preflight_take_rows (self, rows, failure, error);
}

/* Whether what comes has where to go in a database that stays. */
static gboolean
look_at_reused (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  g_autoptr(PgmConn) own = NULL;
  GError *failure = NULL;
  PgmRows *rows = NULL;

  if (job->plan != PGM_PLAN_MERGE || job->target_traits == NULL)
    return TRUE;
  own = pgm_conn_open_sync (job->target, job->target_traits->name, job->cancellable, &failure);
  if (own != NULL)
    rows = (job->options->data_only ? pgm_catalog_preflight_receivers_sync
                                    : pgm_catalog_preflight_places_sync) (
        job->source_conn, own, job->options, job->cancellable, &failure);
  return pgm_preflight_take_rows (self, rows, failure, error);
}

static gboolean
find_locales (PgmPreflight *self, const PgmNeeds *needs, GError **error)
{
  PgmJob *job = self->job;
  gboolean is_new = job->plan != PGM_PLAN_MERGE;
  const char *locales[] = { needs->locales != NULL ? needs->locales : "{}",
                            is_new ? job->source_traits->collate : "C",
                            is_new ? job->source_traits->ctype : "C", NULL };
  GError *failure = NULL;
  PgmRows *rows =
      pgm_catalog_preflight_locale_sync (job->target_conn, locales, job->cancellable, &failure);

  return pgm_preflight_take_rows (self, rows, failure, error);
}

static void
compare_encodings (PgmPreflight *self)
{
  const PgmDatabaseTraits *source = self->job->source_traits;
  const PgmDatabaseTraits *target = self->job->target_traits;

  if (self->job->plan != PGM_PLAN_MERGE || target == NULL ||
      g_str_equal (source->encoding, target->encoding))
    return;
  pgm_preflight_add (
      self, PGM_SEVERITY_WARNING, "encoding-differs",
      _("set drop_existing: a new database gets the source's encoding"),
         _("the source is encoded in %s and the target database in %s, which may not "
                       "have all its characters"),
            source->encoding, target->encoding);
}

static gboolean
find_code (PgmPreflight *self, GError **error)
{
  return ask_source (self,
                     self->job->target_facts.is_superuser ? pgm_catalog_preflight_foreign_code_sync
                                                          : pgm_catalog_preflight_privileged_sync,
                     error);
}

static gboolean
find_forced_security (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;
  PgmRows *rows = NULL;

  if (job->target_facts.sees_all_rows || job->options->verify == PGM_VERIFY_NONE)
    return TRUE;
  rows = pgm_catalog_preflight_forced_security_sync (
      job->source_conn, job->options, job->target_endpoint->user, job->cancellable, &failure);
  return pgm_preflight_take_rows (self, rows, failure, error);
}

static gboolean
find_heritage (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;
  PgmRows *rows = NULL;

  if (job->plan != PGM_PLAN_CREATE)
    return TRUE;
  rows = pgm_catalog_preflight_heritage_sync (job->source_conn, job->target_conn, job->options,
                                              job->cancellable, &failure);
  return pgm_preflight_take_rows (self, rows, failure, error);
}

/* What the source's content asks of the target. With data_only the content is there already. */
gboolean
pgm_preflight_compare_sync (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  g_auto(PgmNeeds) needs = { 0 };
  GError *failure = NULL;

  pgm_preflight_look_at_source_marker (self);
  compare_versions (self);
  compare_encodings (self);
  if (job->dump_options == NULL)
    return TRUE;
  if (!look_at_reused (self, error))
    return FALSE;
  if (job->options->data_only)
    return TRUE;
  if (!pgm_catalog_read_needs_sync (job->source_conn, job->options, &needs, job->cancellable,
                                    &failure))
    return pgm_preflight_take_rows (self, NULL, failure, error);
  return find_missing (self, &needs, error) && find_locales (self, &needs, error) &&
         find_forced_security (self, error) && find_heritage (self, error) &&
         find_code (self, error);
}
