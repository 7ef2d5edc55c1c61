/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-run.h"

/* Returns: FALSE and @error where the profile cannot take it */
static gboolean
make_full (PgmProfile **profile, GError **error)
{
  JsonNode *value = json_node_init_string (json_node_alloc (), "full");
  PgmProfile *changed = pgm_profile_new_with_member (*profile, "options.verify", value, error);

  if (changed == NULL)
    return FALSE;
  pgm_profile_unref (*profile);
  *profile = changed;
  return TRUE;
}

/* What the comparison could not cover; the log has it too, but only for who asked for that. */
static void
warn (PgmCli *cli, PgmReport *report)
{
  const GPtrArray *findings = pgm_report_get_data (report)->findings;

  for (guint i = 0; i < findings->len; i++)
    {
      const PgmFinding *finding = findings->pdata[i];
      g_autofree char *line = g_strdup_printf (_("warning: %s"), finding->message);

      if (finding->severity >= PGM_SEVERITY_WARNING)
        pgm_console_complain (cli->console, line);
    }
}

/* What came of the comparison is the result, so that it goes to standard output. That there was
 * none is in the log already. */
static void
tell (PgmCli *cli, PgmReport *report, int status)
{
  g_autofree char *summary = pgm_report_dup_summary (report);

  if (cli->json)
    pgm_run_print_report (cli, report, status);
  else if (status == PGM_EXIT_DIFFERENCES || (status == PGM_EXIT_OK && !cli->quiet))
    {
      if (!cli->verbose)
        warn (cli, report);
      pgm_console_print (cli->console, summary);
    }
}

int
pgm_command_verify (PgmCli *cli, char ***argv)
{
  g_autofree char *config = NULL;
  g_autofree char *name = NULL;
  gboolean full = FALSE;
  /* clang-format off */
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&config),
    PGM_OPTION_PROFILE (&name),
    { "full", 0, 0, G_OPTION_ARG_NONE, &full,
      N_("Compare the content of every row, whatever the config says"), NULL },
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  /* clang-format on */
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  g_autoptr(PgmReport) report = NULL;
  int status = PGM_EXIT_OK;

  cli->has_results = TRUE;
  if (!pgm_cli_parse (cli, entries, argv, &status))
    return status;
  if (config != NULL && name != NULL)
    return pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
  if (cli->json)
    pgm_cli_log_to_json (cli);
  profile = pgm_cli_load_profile (cli, config, name, &error);
  if (profile != NULL && full && !make_full (&profile, &error))
    g_clear_pointer (&profile, pgm_profile_unref);
  report = profile != NULL ? pgm_run_profile (cli, profile, PGM_MIRROR_VERIFY_ONLY, &status)
                           : pgm_run_refuse_profile (cli, error, &status);
  tell (cli, report, status);
  return status;
}
