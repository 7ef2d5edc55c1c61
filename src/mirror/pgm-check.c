/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The first step: tools, passwords, both servers, and all that can be known beforehand of what
 * stands in the way. It only asks, and touches nothing. */

#include "pgm-job.h"

#include "pgm-archive-command.h"
#include "pgm-catalog-standby.h"
#include "pgm-error.h"
#include "pgm-preflight.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static gboolean
connect_source (PgmJob *self, GError **error)
{
  self->source_conn = pgm_job_connect_sync (self, self->source_endpoint,
                                            self->source_endpoint->database, &self->source, error);
  return self->source_conn != NULL;
}

static gboolean
connect_target (PgmJob *self, GError **error)
{
  self->target_conn =
      pgm_job_connect_sync (self, self->target_endpoint, NULL, &self->target, error);
  return self->target_conn != NULL;
}

static void
describe_connection (PgmPreflight *self, PgmConn *conn, PgmEndpoint *endpoint, char **ret_version)
{
  const char *version = pgm_conn_get_parameter (conn, "server_version");
  const char *side = pgm_side_get_name (endpoint->side);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);

  *ret_version = pgm_text_escape (version);
  pgm_info (self->job->logger, _("%s: PostgreSQL %s at %s%s"), side, version, address,
                                  pgm_conn_uses_tls (conn) ? _(", encrypted") : "");
  if (!pgm_conn_uses_tls (conn) && !pgm_endpoint_is_local (endpoint))
    pgm_preflight_add (self, PGM_SEVERITY_WARNING, "insecure-connection",
                       _("set sslmode to \"require\" or \"verify-full\""),
                          _("%s: the connection to %s is not encrypted"), side, address);
}

static gboolean
choose_tools (PgmJob *self, GError **error)
{
  gboolean skip = (self->flags & PGM_MIRROR_SKIP_CHECKS) != 0;
  const PgmTool *tool = NULL;

  self->tools = pgm_tools_choose (self->found_tools, skip ? 0 : pgm_server_get_major (self->source),
                                  skip ? 0 : pgm_server_get_major (self->target), error);
  if (self->tools == NULL)
    return FALSE;
  tool = self->tools->tools[PGM_TOOL_PG_DUMP];
  self->result->tools = g_strdup_printf ("pg_dump %s (%s)", tool->version, tool->path);
  pgm_info (self->logger, _("client tools: %s"), self->result->tools);
  self->psql = pgm_psql_new (pgm_tool_set_get_path (self->tools, PGM_TOOL_PSQL), self->target,
                             pgm_conn_get_database (self->target_conn), self->logger, self->kill);
  pgm_psql_set_encoding (self->psql, pgm_conn_get_parameter (self->source_conn, "client_encoding"));
  return TRUE;
}

static gboolean
refuse_same_server (PgmJob *self, GError **error)
{
  gboolean is_same = FALSE;

  if (!pgm_catalog_is_same_server_sync (self->source_conn, self->target_conn, &is_same,
                                        self->cancellable, error))
    return FALSE;
  if (is_same)
    g_set_error (
        error, PGM_ERROR, PGM_ERROR_SAME_SERVER,
        _("source and target are the same server, so the target would be the source's own "
                   "database \"%s\""),
           self->source_endpoint->database);
  return !is_same;
}

/* All standbys have their primary's databases: one that was read would be replaced. */
static gboolean
refuse_own_primary (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  PgmKinship kinship =
      pgm_catalog_find_kinship_sync (job->source_conn, job->target_conn, job->cancellable);

  if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
    return FALSE;
  if (kinship == PGM_KINSHIP_UNKNOWN)
    pgm_preflight_add (self, PGM_SEVERITY_WARNING, "source-standby",
                       _("make sure that the target is not the primary of the source"),
                          _("the source is a standby, and it cannot be told of which server"));
  if (kinship != PGM_KINSHIP_STANDBY)
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_SAME_SERVER,
               _("the source is a standby of the target, so the target would be the source's own "
                 "database \"%s\""),
                  job->source_endpoint->database);
  return FALSE;
}

static gboolean
refuse_protected (PgmJob *self, GError **error)
{
  if (!self->target_endpoint->is_protected || (self->flags & PGM_MIRROR_CHECK_ONLY) != 0)
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
               _("the target %s is protected: the profile says that no run may write there"),
                  self->result->target);
  return FALSE;
}

/* A side that cannot be reached does not hide what is wrong with the other; but nobody is asked
 * for a password for the sake of that. */
static gboolean
connect_sides (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;

  if (!connect_source (job, &failure))
    {
      if (job->target_endpoint->password_from == PGM_PASSWORD_PROMPT)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (!pgm_preflight_add_error (self, failure, error))
        return FALSE;
      failure = NULL;
    }
  else
    describe_connection (self, job->source_conn, job->source_endpoint,
                         &job->result->source_version);
  if (!connect_target (job, &failure))
    return pgm_preflight_add_error (self, failure, error);
  describe_connection (self, job->target_conn, job->target_endpoint, &job->result->target_version);
  return TRUE;
}

/* What two sessions are there for: tools for both, and that they are not one. */
static gboolean
prepare_both (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;

  if (!refuse_same_server (job, error) || !refuse_own_primary (self, error) ||
      !pgm_catalog_read_server_facts_sync (job->target_conn, &job->target_facts, job->cancellable,
                                           error) ||
      !pgm_database_traits_read_own_sync (job->source_conn, &job->source_traits, job->cancellable,
                                          error))
    return FALSE;
  if (!choose_tools (job, &failure) ||
      !pgm_archive_command_check_compression (job->options, job->tools, &failure))
    return pgm_preflight_add_error (self, failure, error);
  pgm_preflight_look_at_tools (self);
  return TRUE;
}

static gboolean
look_at_all (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  gboolean has_both = job->source_conn != NULL && job->target_conn != NULL;

  pgm_preflight_look_at_scripts (self);
  if ((job->source_conn != NULL &&
       !pgm_catalog_set_up_preflight_sync (job->source_conn, job->cancellable, error)) ||
      (job->target_conn != NULL &&
       !pgm_catalog_set_up_preflight_sync (job->target_conn, job->cancellable, error)))
    return FALSE;
  if (has_both && (!prepare_both (self, error) || !pgm_preflight_plan_sync (self, error)))
    return FALSE;
  if (job->source_conn != NULL && !pgm_preflight_look_at_source_sync (self, error))
    return FALSE;
  if (job->target_conn != NULL && !pgm_preflight_look_at_target_sync (self, error))
    return FALSE;
  return (!has_both || pgm_preflight_compare_sync (self, error)) &&
         pgm_preflight_look_at_room_sync (self, error);
}

static gboolean
check (PgmJob *self, GError **error)
{
  g_auto(PgmPreflight) preflight = { 0 };
  g_autoptr(GError) failure = NULL;

  if (!refuse_protected (self, error))
    return FALSE;
  self->found_tools = pgm_tools_find_sync (self->cancellable, error);
  if (self->found_tools == NULL)
    return FALSE;
  pgm_preflight_init (&preflight, self);
  if (connect_sides (&preflight, &failure) && look_at_all (&preflight, &failure))
    return pgm_preflight_conclude (&preflight, error);
  pgm_preflight_conclude (&preflight, NULL);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A server that went away while it was asked is not there, like one that never was. */
static void
name_lost_side (PgmJob *self, GError **error)
{
  if (!g_error_matches (*error, PGM_ERROR, PGM_ERROR_CONNECT))
    return;
  if (self->source_conn != NULL && !pgm_conn_is_alive (self->source_conn))
    pgm_job_blame_side (PGM_SIDE_SOURCE, error);
  else if (self->target_conn != NULL && !pgm_conn_is_alive (self->target_conn))
    pgm_job_blame_side (PGM_SIDE_TARGET, error);
}

gboolean
pgm_job_check_sync (PgmJob *self, GError **error)
{
  if (check (self, error))
    return TRUE;
  name_lost_side (self, error);
  pgm_error_recode (error, PGM_ERROR_PREFLIGHT);
  return FALSE;
}
