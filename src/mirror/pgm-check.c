/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The first step: tools, passwords, both servers. It only asks, and touches nothing. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-password.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static gboolean
ask_password (PgmJob *self, PgmEndpoint *endpoint, PgmSecret **ret_password, GError **error)
{
  g_autoptr(PgmReply) reply = NULL;

  pgm_mirror_ask (self->mirror, pgm_question_new (PGM_QUESTION_PASSWORD, endpoint, NULL, &reply));
  if (pgm_reply_wait_sync (reply, ret_password, self->cancellable))
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (self->cancellable, error))
    g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
                 _("the %s's password was asked for and not given"),
                    pgm_side_get_name (endpoint->side));
  return FALSE;
}

static PgmServer *
make_server (PgmJob *self, PgmEndpoint *endpoint, GError **error)
{
  g_autoptr(PgmSecret) password = NULL;
  g_autofree char *warning = NULL;
  PgmServer *server = NULL;

  if (endpoint->password_from == PGM_PASSWORD_PROMPT)
    {
      if (!ask_password (self, endpoint, &password, error))
        return NULL;
    }
  else if (!pgm_password_resolve_sync (endpoint, &password, &warning, self->cancellable, error))
    return NULL;
  if (warning != NULL)
    pgm_job_add_finding (
        self, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "password-file-open", NULL, "%s", warning));
  pgm_logger_add_secret (self->logger, password);
  server =
      pgm_server_new (endpoint, password, self->application_name, self->options->connect_timeout_s);
  pgm_server_set_kill (server, self->kill);
  return server;
}

/* A server that answered is not unreachable: the database or the right to it is missing. */
static gboolean
fail_to_connect (GError **error, PgmError unreachable, const char *side)
{
  gboolean has_answered = g_error_matches (*error, PGM_ERROR, PGM_ERROR_MISSING) ||
                          g_error_matches (*error, PGM_ERROR, PGM_ERROR_DENIED);

  pgm_error_recode (error, has_answered ? PGM_ERROR_PREFLIGHT : unreachable);
  g_prefix_error (error, "%s: ", side);
  return FALSE;
}

static gboolean
connect_source (PgmJob *self, GError **error)
{
  self->source = make_server (self, self->source_endpoint, error);
  if (self->source == NULL)
    return FALSE;
  self->source_conn =
      pgm_conn_open_sync (self->source, self->source_endpoint->database, self->cancellable, error);
  if (self->source_conn != NULL)
    {
      pgm_logger_add_secret (self->logger, pgm_server_get_password (self->source));
      return TRUE;
    }
  return fail_to_connect (error, PGM_ERROR_SOURCE_UNREACHABLE, pgm_side_get_name (PGM_SIDE_SOURCE));
}

static gboolean
connect_target (PgmJob *self, GError **error)
{
  self->target = make_server (self, self->target_endpoint, error);
  if (self->target == NULL)
    return FALSE;
  self->target_conn = pgm_conn_open_maintenance_sync (self->target, self->cancellable, error);
  if (self->target_conn != NULL)
    {
      pgm_logger_add_secret (self->logger, pgm_server_get_password (self->target));
      return TRUE;
    }
  return fail_to_connect (error, PGM_ERROR_TARGET_UNREACHABLE, pgm_side_get_name (PGM_SIDE_TARGET));
}

static void
describe_connection (PgmJob *self, PgmConn *conn, PgmEndpoint *endpoint, char **ret_version)
{
  const char *version = pgm_conn_get_parameter (conn, "server_version");
  const char *side = pgm_side_get_name (endpoint->side);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);

  *ret_version = pgm_text_escape (version);
  pgm_info (self->logger, _("%s: PostgreSQL %s at %s%s"), side, version, address,
                             pgm_conn_uses_tls (conn) ? _(", encrypted") : "");
  if (!pgm_conn_uses_tls (conn) && !pgm_endpoint_is_local (endpoint))
    pgm_job_add_finding (
        self, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "insecure-connection",
                         _("set sslmode to \"require\" or \"verify-full\""),
                            _("%s: the connection to %s is not encrypted"), side, address));
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

/* What the source's locale needs of the target (PostgreSQL manual, CREATE DATABASE). */
static gboolean
check_locale_provider (PgmJob *self, GError **error)
{
  char provider = self->source_traits->provider;
  guint needed = provider == 'b' ? 17 : provider == 'i' ? 15 : 0;

  if (pgm_server_get_major (self->target) >= needed)
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
               _("database \"%s\" has a locale of the provider \"%s\", which needs PostgreSQL %u "
                 "on the target, and the target is %s"),
                  self->source_endpoint->database, provider == 'b' ? "builtin" : "icu", needed,
                  self->result->target_version);
  return FALSE;
}

static gboolean
read_source (PgmJob *self, GError **error)
{
  return pgm_database_traits_read_own_sync (self->source_conn, &self->source_traits,
                                            self->cancellable, error) &&
         check_locale_provider (self, error);
}

static gboolean
read_target (PgmJob *self, GError **error)
{
  if (!pgm_catalog_read_server_facts_sync (self->target_conn, &self->target_facts,
                                           self->cancellable, error))
    return FALSE;
  if (!self->target_facts.is_in_recovery)
    return TRUE;
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
                       _("the target is a standby, which cannot be written to; name its primary"));
  return FALSE;
}

static gboolean
check (PgmJob *self, GError **error)
{
  if (self->target_endpoint->is_protected && (self->flags & PGM_MIRROR_CHECK_ONLY) == 0)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
                   _("the target %s is protected: the profile says that no run may write there"),
                      self->result->target);
      return FALSE;
    }
  self->found_tools = pgm_tools_find_sync (self->cancellable, error);
  if (self->found_tools == NULL || !connect_source (self, error) || !connect_target (self, error))
    return FALSE;
  describe_connection (self, self->source_conn, self->source_endpoint,
                       &self->result->source_version);
  describe_connection (self, self->target_conn, self->target_endpoint,
                       &self->result->target_version);
  return choose_tools (self, error) && refuse_same_server (self, error) &&
         read_target (self, error) && read_source (self, error);
}

gboolean
pgm_job_check_sync (PgmJob *self, GError **error)
{
  if (check (self, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_PREFLIGHT);
  return FALSE;
}
