/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-cli-password.h"
#include "pgm-error.h"
#include "pgm-layout.h"
#include "pgm-server-list.h"
#include "pgm-stop.h"
#include "pgm-text.h"

static void
add_row (GPtrArray *rows, const PgmDatabaseInfo *info)
{
  char *row[] = {
    pgm_text_escape (info->name), pgm_text_escape (info->owner), pgm_text_escape (info->encoding),
    info->size_bytes >= 0 ? pgm_text_format_size ((guint64) info->size_bytes) : g_strdup ("?"), NULL
  };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

static void
print_text (PgmCli *cli, GPtrArray *list)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *const head[] = { _("DATABASE"), _("OWNER"), _("ENCODING"), _("SIZE"), NULL };
  g_autofree char *text = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < list->len; i++)
    add_row (rows, list->pdata[i]);
  text = pgm_layout_format_columns (rows, "lllr");
  pgm_console_print (cli->console, g_strchomp (text));
}

static void
print_json (PgmCli *cli, const PgmDatabaseInfo *info)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "name", info->name);
  json_object_set_string_member (object, "owner", info->owner);
  json_object_set_string_member (object, "encoding", info->encoding);
  if (info->size_bytes >= 0)
    json_object_set_int_member (object, "size_bytes", info->size_bytes);
  else
    json_object_set_null_member (object, "size_bytes");
  pgm_console_print_json (cli->console, node);
}

/* Returns: (transfer full): of PgmDatabaseInfo */
static GPtrArray *
list_databases (PgmCli *cli, PgmEndpoint *endpoint, guint timeout_s, PgmStop *stop, GError **error)
{
  g_autoptr(PgmSecret) password = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  if (!pgm_cli_find_password (cli, endpoint, stop, &password, error))
    return NULL;
  pgm_server_list_databases_async (endpoint, password, timeout_s, pgm_stop_get_cancellable (stop),
                                   pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  return pgm_server_list_databases_finish (result, error);
}

static int
run (PgmCli *cli, PgmProfile *profile, gboolean is_target)
{
  PgmEndpoint *endpoint =
      is_target ? pgm_profile_get_target (profile) : pgm_profile_get_source (profile);
  guint timeout_s = pgm_profile_get_options (profile)->connect_timeout_s;
  g_autoptr(PgmStop) stop = pgm_stop_new (cli->logger);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = list_databases (cli, endpoint, timeout_s, stop, &error);

  if (list == NULL && pgm_error_is_cancelled (error))
    return pgm_stop_get_exit_status (stop);
  if (list == NULL)
    return pgm_cli_fail (cli, error);
  for (guint i = 0; cli->json && i < list->len; i++)
    print_json (cli, list->pdata[i]);
  if (!cli->json)
    print_text (cli, list);
  return PGM_EXIT_OK;
}

int
pgm_command_databases (PgmCli *cli, char ***argv)
{
  g_autofree char *config = NULL;
  g_autofree char *name = NULL;
  gboolean is_target = FALSE;
  /* clang-format off */
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&config),
    PGM_OPTION_PROFILE (&name),
    { "target", 0, 0, G_OPTION_ARG_NONE, &is_target, N_("List the target server's databases"),
      NULL },
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  /* clang-format on */
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  int status = PGM_EXIT_OK;

  if (!pgm_cli_parse (cli, entries, argv, &status))
    return status;
  if (config != NULL && name != NULL)
    return pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
  profile = pgm_cli_load_profile (cli, config, name, &error);
  return profile != NULL ? run (cli, profile, is_target) : pgm_cli_fail (cli, error);
}
