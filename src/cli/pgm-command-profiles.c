/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-layout.h"
#include "pgm-profile-store.h"
#include "pgm-text.h"

static char *
dup_source (PgmProfile *profile)
{
  PgmEndpoint *source = pgm_profile_get_source (profile);
  g_autofree char *address = pgm_endpoint_dup_address (source);

  return g_strdup_printf (_("%s at %s"), source->database, address);
}

static char *
dup_target (PgmProfile *profile)
{
  return pgm_endpoint_dup_address (pgm_profile_get_target (profile));
}

static void
add_row (GPtrArray *rows, const PgmStoredProfile *stored)
{
  g_autofree char *source =
      stored->profile != NULL ? dup_source (stored->profile) : g_strdup (_("(has faults)"));
  g_autofree char *target = stored->profile != NULL ? dup_target (stored->profile) : g_strdup ("");
  char *row[] = { pgm_text_escape (stored->title), pgm_text_escape (source),
                  pgm_text_escape (target), pgm_text_escape (stored->path), NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

static void
print_text (PgmCli *cli, GPtrArray *list)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *const head[] = { _("PROFILE"), _("SOURCE"), _("TARGET"), _("FILE"), NULL };
  g_autofree char *text = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < list->len; i++)
    add_row (rows, list->pdata[i]);
  text = pgm_layout_format_columns (rows, "llll");
  pgm_console_print (cli->console, g_strchomp (text));
  for (guint i = 0; i < list->len; i++)
    {
      const PgmStoredProfile *stored = list->pdata[i];

      if (stored->fault != NULL)
        pgm_console_complain (cli->console, stored->fault);
    }
}

static void
print_json (PgmCli *cli, const PgmStoredProfile *stored)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *source = stored->profile != NULL ? dup_source (stored->profile) : NULL;
  g_autofree char *target = stored->profile != NULL ? dup_target (stored->profile) : NULL;

  json_node_take_object (node, object);
  json_object_set_string_member (object, "name", stored->title);
  json_object_set_string_member (object, "path", stored->path);
  json_object_set_string_member (object, "source", source);
  json_object_set_string_member (object, "target", target);
  json_object_set_string_member (object, "fault", stored->fault);
  pgm_console_print_json (cli->console, node);
}

static void
print_none (PgmCli *cli)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autofree char *text = g_strdup_printf (_("no profiles in \"%s\""), folder);

  pgm_console_complain (cli->console, text);
}

int
pgm_command_profiles (PgmCli *cli, char ***argv)
{
  const GOptionEntry entries[] = {
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = NULL;
  int status = PGM_EXIT_OK;

  if (!pgm_cli_parse (cli, entries, argv, &status))
    return status;
  list = pgm_profile_store_list (&error);
  if (list == NULL)
    return pgm_cli_fail (cli, error);
  for (guint i = 0; cli->json && i < list->len; i++)
    print_json (cli, list->pdata[i]);
  if (!cli->json && list->len == 0)
    print_none (cli);
  else if (!cli->json)
    print_text (cli, list);
  return PGM_EXIT_OK;
}
