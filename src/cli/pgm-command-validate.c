/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-profile-store.h"

static void
print_verdict (PgmCli *cli, PgmProfile *profile)
{
  const char *const *warnings = pgm_profile_get_warnings (profile);
  g_autofree char *base = g_path_get_basename (pgm_profile_get_path (profile));
  g_autofree char *verdict = g_strdup_printf (_("%s: valid"), base);

  pgm_console_print (cli->console, verdict);
  for (gsize i = 0; warnings[i] != NULL; i++)
    {
      g_autofree char *line = g_strdup_printf (_("warning: %s"), warnings[i]);

      pgm_console_print (cli->console, line);
    }
}

int
pgm_command_validate (PgmCli *cli, char ***argv)
{
  g_autofree char *config = NULL;
  g_autofree char *name = NULL;
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&config),
    PGM_OPTION_PROFILE (&name),
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  int status = PGM_EXIT_OK;

  if (!pgm_cli_parse (cli, entries, argv, &status))
    return status;
  if (config != NULL && name != NULL)
    return pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
  profile = name != NULL ? pgm_profile_store_load (name, &error)
                         : pgm_profile_load (config != NULL ? config : PGM_DEFAULT_CONFIG, &error);
  if (profile == NULL)
    {
      pgm_console_complain (cli->console, error->message);
      return PGM_EXIT_FAILED;
    }
  if (!cli->quiet)
    print_verdict (cli, profile);
  return PGM_EXIT_OK;
}
