/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-cli-password.h"

#include <glib/gi18n-lib.h>

#include "pgm-answer.h"
#include "pgm-password.h"
#include "pgm-prompt.h"

static gboolean
ask_password (PgmEndpoint *endpoint, PgmStop *stop, PgmSecret **ret_password, GError **error)
{
  g_autofree char *prompt = pgm_answer_dup_password_prompt (endpoint);
  g_autoptr(GAsyncResult) result = NULL;

  pgm_prompt_ask_async (prompt, PGM_PROMPT_HIDDEN, pgm_stop_get_cancellable (stop),
                        pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  *ret_password = pgm_prompt_ask_finish (result, error);
  if (*ret_password == NULL)
    g_prefix_error (error, _("could not ask for the %s's password: "),
                              pgm_side_get_name (endpoint->side));
  return *ret_password != NULL;
}

/* @ret_password: (out) (nullable): NULL leaves it to libpq */
gboolean
pgm_cli_find_password (
    PgmCli *cli, PgmEndpoint *endpoint, PgmStop *stop, PgmSecret **ret_password, GError **error)
{
  g_autofree char *warning = NULL;

  if (endpoint->password_from == PGM_PASSWORD_PROMPT)
    return ask_password (endpoint, stop, ret_password, error);
  if (!pgm_password_resolve_sync (endpoint, ret_password, &warning, NULL, error))
    return FALSE;
  if (warning != NULL)
    pgm_warning (cli->logger, "%s", warning);
  return TRUE;
}
