/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* How a run comes to its two servers: the password from where the profile says, then a session. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-mirror-private.h"
#include "pgm-password.h"

#include <glib/gi18n-lib.h>

static gboolean
ask_password (PgmJob *self, PgmEndpoint *endpoint, PgmSecret **ret_password, GError **error)
{
  g_autoptr(PgmReply) reply = NULL;
  g_autofree char *reason = NULL;

  pgm_mirror_ask (self->mirror, pgm_question_new (PGM_QUESTION_PASSWORD, endpoint, NULL, &reply));
  if (pgm_reply_wait_sync (reply, ret_password, self->cancellable))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  reason = pgm_reply_dup_reason (reply);
  if (reason != NULL)
    g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
                 _("could not ask for the %s's password: %s"), pgm_side_get_name (endpoint->side),
                    reason);
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_REFUSED,
                 _("the %s's password was asked for and not given"),
                    pgm_side_get_name (endpoint->side));
  return FALSE;
}

static gboolean
find_password (PgmJob *self, PgmEndpoint *endpoint, PgmSecret **ret_password, GError **error)
{
  g_autofree char *warning = NULL;

  if (endpoint->password_from == PGM_PASSWORD_PROMPT)
    return ask_password (self, endpoint, ret_password, error);
  if (!pgm_password_resolve_sync (endpoint, ret_password, &warning, self->cancellable, error))
    return FALSE;
  if (warning != NULL)
    pgm_job_add_finding (
        self, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "password-file-open", NULL, "%s", warning));
  return TRUE;
}

/* Names the side, and gives the error its meaning for the run. A server that answered is not
 * unreachable: the database or the right to it is missing. */
void
pgm_job_blame_side (PgmSide side, GError **error)
{
  PgmError unreachable =
      side == PGM_SIDE_SOURCE ? PGM_ERROR_SOURCE_UNREACHABLE : PGM_ERROR_TARGET_UNREACHABLE;
  gboolean has_answered = g_error_matches (*error, PGM_ERROR, PGM_ERROR_MISSING) ||
                          g_error_matches (*error, PGM_ERROR, PGM_ERROR_DENIED);

  pgm_error_recode (error, has_answered ? PGM_ERROR_PREFLIGHT : unreachable);
  g_prefix_error (error, "%s: ", pgm_side_get_name (side));
}

/* @database: (nullable): NULL for where databases are managed from
 * @ret_server: (out): set as soon as the password is known, also where no session comes about */
PgmConn *
pgm_job_connect_sync (PgmJob *self,
                      PgmEndpoint *endpoint,
                      const char *database,
                      PgmServer **ret_server,
                      GError **error)
{
  g_autoptr(PgmSecret) password = NULL;
  PgmConn *conn = NULL;

  if (!find_password (self, endpoint, &password, error))
    return NULL;
  pgm_logger_add_secret (self->logger, password);
  *ret_server =
      pgm_server_new (endpoint, password, self->application_name, self->options->connect_timeout_s);
  pgm_server_set_kill (*ret_server, self->kill);
  pgm_server_set_stall_timeout (*ret_server, self->options->stall_timeout_s);
  conn = database != NULL ? pgm_conn_open_sync (*ret_server, database, self->cancellable, error)
                          : pgm_conn_open_maintenance_sync (*ret_server, self->cancellable, error);
  if (conn != NULL)
    pgm_logger_add_secret (self->logger, pgm_server_get_password (*ret_server));
  else
    pgm_job_blame_side (endpoint->side, error);
  return conn;
}
