/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Whatever happened before, nothing of a run stays: no session, no staging database, no file. It
 * goes on after a cancel; only giving up ends it. What cannot be removed is named. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-made-schemas.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* How long a server may say nothing that is not seen at work either. */
#define STALL_TIMEOUT_S 10
#define STALL_TIMEOUT_OF_CANCEL_S 4

static void
add_leftover (PgmJob *self, const char *code, const char *hint, const char *what, GError *error)
{
  pgm_job_add_finding (self, self->result->leftovers,
                       pgm_finding_new (PGM_SEVERITY_WARNING, code, hint,
                                        _("%s could not be removed: %s"), what, error->message));
}

/* One with the name that users know may have been renamed or dropped by others, who then may have
 * made another of that name. Where it is gone, self->staging is NULL. */
static gboolean
drop_ours (PgmJob *self, GError **error)
{
  g_autofree char *name = NULL;

  if (self->in_place_oid == 0)
    return pgm_job_drop_sync (self, self->staging, 0, error);
  if (!pgm_database_find_name_sync (self->target_conn, self->in_place_oid, &name, self->kill,
                                    error))
    return FALSE;
  g_free (self->staging);
  self->staging = g_steal_pointer (&name);
  return self->staging == NULL ||
         pgm_job_drop_sync (self, self->staging, self->in_place_oid, error);
}

static void
drop_staging (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *what = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *hint = NULL;

  if (self->staging == NULL)
    return;
  /* A target that has answered is asked whether it is at work with the usual patience. */
  pgm_server_set_patience_ms (self->target, self->options->connect_timeout_s * 1000);
  if (self->target_conn != NULL && drop_ours (self, &error))
    {
      if (self->staging != NULL)
        pgm_info (self->logger, _("the unfinished copy \"%s\" was dropped"), self->staging);
      return;
    }
  if (error == NULL)
    g_set_error_literal (&error, PGM_ERROR, PGM_ERROR_CONNECT, _("the server cannot be reached"));
  what = g_strdup_printf (_("staging database \"%s\" on the target"), self->staging);
  quoted = pgm_text_quote_name (self->staging);
  hint = self->plan == PGM_PLAN_REPLACE_IN_PLACE
      ? g_strdup_printf (_("\"pg-mirror-cli recover --remove-incomplete\" removes it; or drop "
                                  "it by hand: DROP DATABASE %s"),
                            quoted)
      : g_strdup_printf (
            _("\"pg-mirror-cli recover --remove\" removes it; or drop it by hand: DROP "
                                  "DATABASE %s"),
               quoted);
  add_leftover (self, "leftover-staging", hint, what, error);
}

/* Whether nobody heard how the swap ended. */
static gboolean
has_open_swap (PgmJob *self)
{
  return self->staging_oid != 0 && self->result->target_state == PGM_TARGET_UNKNOWN;
}

/* The database that is too many then has one of two names. */
static void
name_old (PgmJob *self)
{
  g_autofree char *quoted = pgm_text_quote_name (self->old_name);
  g_autofree char *hint =
      g_strdup_printf (_("\"pg-mirror-cli recover\" finds out whether they did; if so, you can also drop it by hand: DROP DATABASE %s"),
                          quoted);

  pgm_job_add_finding (
      self, self->result->leftovers,
      pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-old", hint,
                       _("if the databases changed places, the replaced one is now \"%s\""),
                          self->old_name));
}

/* A server may go on working for a session whose client was killed. One that does not even
 * answer to this is not asked again.
 *
 * Returns: whether it answered; if not, @conn is NULL now */
static gboolean
end_sessions (PgmJob *self, PgmConn **conn)
{
  if (*conn == NULL)
    return FALSE;
  pgm_conn_set_limit (*conn, pgm_job_get_patience_ms (self));
  pgm_catalog_end_run_sessions_sync (*conn, self->application_name, self->kill);
  if (!pgm_conn_is_alive (*conn))
    g_clear_pointer (conn, pgm_conn_free);
  return *conn != NULL;
}

/* That our session is lost may show only now, and then a new one does as well; that is no use
 * where it took all of our patience. */
static void
reach_and_end_sessions (PgmJob *self)
{
  gint64 deadline_us =
      g_get_monotonic_time () + pgm_job_get_patience_ms (self) * G_TIME_SPAN_MILLISECOND;

  while (pgm_job_reach_target (self) && !end_sessions (self, &self->target_conn))
    if (g_get_monotonic_time () >= deadline_us)
      return;
}

static void
remove_folder (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *what = NULL;

  if (self->folder == NULL || pgm_run_folder_remove (self->folder, &error))
    return;
  what = g_strdup_printf (_("folder \"%s\""), pgm_run_folder_get_path (self->folder));
  add_leftover (
      self, "leftover-folder",
      _("it holds the data of the source; \"pg-mirror-cli recover --remove\" removes it, or "
                  "remove it by hand"),
         what, error);
}

/* What pg_dump left behind on the source, though our own session there is gone. */
static void
reach_source (PgmJob *self)
{
  if (self->engine == NULL || (self->source_conn != NULL && pgm_conn_is_alive (self->source_conn)))
    return;
  g_clear_pointer (&self->source_conn, pgm_conn_free);
  self->source_conn =
      pgm_conn_open_sync (self->source, self->source_endpoint->database, self->kill, NULL);
}

static gboolean
was_interrupted (PgmJob *self)
{
  return self->result->code != NULL && !g_str_equal (self->result->code, "ok") &&
         !g_str_equal (self->result->code, "differences");
}

/* After an open swap the target was waited for in vain already. */
static gboolean
has_work_on_target (PgmJob *self)
{
  return (self->staging != NULL || self->made_schemas != NULL) && !has_open_swap (self);
}

/* What is done from here on is short, or shows as work on the server: a peer that says nothing
 * is not waited for as long as a run may, nor for ever. */
static void
watch_closely (PgmJob *self)
{
  PgmServer *servers[] = { self->source, self->target };
  guint timeout_s =
      g_cancellable_is_cancelled (self->cancellable) ? STALL_TIMEOUT_OF_CANCEL_S : STALL_TIMEOUT_S;

  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    if (servers[i] != NULL)
      pgm_server_set_stall_timeout (servers[i], timeout_s);
}

void
pgm_job_clean_up (PgmJob *self)
{
  g_clear_pointer (&self->counter, pgm_counter_free);
  watch_closely (self);
  if (was_interrupted (self))
    {
      if (has_work_on_target (self))
        reach_and_end_sessions (self);
      else
        end_sessions (self, &self->target_conn);
      reach_source (self);
      end_sessions (self, &self->source_conn);
      pgm_job_clear_made_schemas (self);
    }
  if (has_open_swap (self) && self->target_conn != NULL)
    pgm_job_settle_swap (self);
  drop_staging (self);
  if (has_open_swap (self) && self->target_traits != NULL)
    name_old (self);
  remove_folder (self);
}

/* Closes and frees all that the job owns. */
void
pgm_job_clear (PgmJob *self)
{
  PgmExpected *expected = &self->expected;

  g_clear_pointer (&self->engine, pgm_archive_engine_free);
  g_clear_pointer (&self->watch, pgm_watch_free);
  g_clear_pointer (&self->list, pgm_archive_list_free);
  g_clear_pointer (&self->folder, pgm_run_folder_free);
  g_clear_pointer (&self->dump_options, pgm_options_unref);
  g_clear_pointer (&self->psql, pgm_psql_free);
  g_clear_pointer (&self->source_conn, pgm_conn_free);
  g_clear_pointer (&self->target_conn, pgm_conn_free);
  g_clear_pointer (&self->source_traits, pgm_database_traits_free);
  g_clear_pointer (&self->target_traits, pgm_database_traits_free);
  g_clear_pointer (&self->source, pgm_server_unref);
  g_clear_pointer (&self->target, pgm_server_unref);
  g_clear_pointer (&self->tools, pgm_tool_set_free);
  g_clear_pointer (&self->found_tools, g_ptr_array_unref);
  g_clear_pointer (&self->tables_by_oid, g_hash_table_unref);
  g_clear_pointer (&self->all_tables, g_ptr_array_unref);
  g_clear_pointer (&expected->tables, g_ptr_array_unref);
  g_clear_pointer (&expected->sequences_begin, g_ptr_array_unref);
  g_clear_pointer (&expected->sequences_end, g_ptr_array_unref);
  g_clear_pointer (&self->closed_functions, g_ptr_array_unref);
  g_clear_pointer (&self->meter, pgm_meter_free);
  g_clear_pointer (&self->run_id, g_free);
  g_clear_pointer (&self->application_name, g_free);
  g_clear_pointer (&self->staging, g_free);
  g_clear_pointer (&self->old_name, g_free);
  g_clear_pointer (&self->snapshot, g_free);
  g_clear_pointer (&self->rewritten, g_array_unref);
  g_clear_pointer (&self->made_schemas, g_ptr_array_unref);
  g_clear_pointer (&self->target_positions, g_ptr_array_unref);
}
