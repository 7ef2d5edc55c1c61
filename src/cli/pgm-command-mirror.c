/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-run.h"

typedef struct
{
  /* owned, (nullable) each */
  char *config;
  char *profile;
  char *jobs;
  char *engine;

  gboolean drop_existing;
  gboolean skip_checks;
  gboolean yes;
  gboolean dry_run;
} MirrorArgs;

static void
mirror_args_clear (MirrorArgs *args)
{
  g_free (args->config);
  g_free (args->profile);
  g_free (args->jobs);
  g_free (args->engine);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MirrorArgs, mirror_args_clear)

static gboolean
parse_args (PgmCli *cli, MirrorArgs *args, char ***argv, int *status)
{
  /* clang-format off */
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&args->config),
    PGM_OPTION_PROFILE (&args->profile),
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &args->jobs, N_("Parallel jobs, 1 to 64"), N_("N") },
    { "drop-existing", 0, 0, G_OPTION_ARG_NONE, &args->drop_existing,
      N_("Replace a target database that exists"), NULL },
    { "skip-checks", 0, 0, G_OPTION_ARG_NONE, &args->skip_checks,
      N_("Do not check the tools beforehand"), NULL },
    { "engine", 0, 0, G_OPTION_ARG_STRING, &args->engine,
      N_("How the data travels (default: archive)"), N_("ENGINE") },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &args->yes, N_("Replace without asking"), NULL },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &args->dry_run,
      N_("Say what would be done, and touch nothing"), NULL },
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  /* clang-format on */

  if (!pgm_cli_parse (cli, entries, argv, status))
    return FALSE;
  if (args->config != NULL && args->profile != NULL)
    {
      *status = pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
      return FALSE;
    }
  return TRUE;
}

/* Whether @text is a number is for the profile to say; only its JSON type is found here. */
static JsonNode *
new_value (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  gint64 number = 0;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    json_node_set_int (node, number);
  else
    json_node_set_string (node, text);
  return node;
}

/* The fault names a key of the file, but it was an option that is wrong. What else the message has
 * is about the file, which was told of when it was read. */
static void
refuse_value (PgmCli *cli, const char *option, const char *key, const GError *error)
{
  g_autofree char *line = g_strndup (error->message, strcspn (error->message, "\n"));
  const char *fault = strstr (line, key);

  if (fault != NULL && g_str_has_prefix (fault + strlen (key), ": "))
    fault += strlen (key) + 2;
  else
    fault = line;
  pgm_cli_refuse (cli, "%s: %s", option, fault);
}

/* @value: (transfer full) (nullable): NULL changes nothing
 *
 * Returns: FALSE after saying what is wrong with @option */
static gboolean
override (PgmCli *cli, PgmProfile **profile, const char *option, const char *key, JsonNode *value)
{
  g_autoptr(GError) error = NULL;
  PgmProfile *changed = NULL;

  if (value == NULL)
    return TRUE;
  changed = pgm_profile_new_with_member (*profile, key, value, &error);
  if (changed == NULL)
    {
      refuse_value (cli, option, key, error);
      return FALSE;
    }
  pgm_profile_unref (*profile);
  *profile = changed;
  return TRUE;
}

static JsonNode *
new_true (void)
{
  return json_node_init_boolean (json_node_alloc (), TRUE);
}

static gboolean
override_all (PgmCli *cli, const MirrorArgs *args, PgmProfile **profile)
{
  return override (cli, profile, "--jobs", "options.parallel_jobs",
                   args->jobs != NULL ? new_value (args->jobs) : NULL) &&
         override (cli, profile, "--engine", "options.engine",
                   args->engine != NULL ? new_value (args->engine) : NULL) &&
         override (cli, profile, "--drop-existing", "options.drop_existing",
                   args->drop_existing ? new_true () : NULL);
}

static PgmMirrorFlags
get_flags (const MirrorArgs *args)
{
  PgmMirrorFlags flags = PGM_MIRROR_FLAGS_NONE;

  if (args->dry_run)
    flags |= PGM_MIRROR_DRY_RUN;
  if (args->skip_checks)
    flags |= PGM_MIRROR_SKIP_CHECKS;
  if (args->yes)
    flags |= PGM_MIRROR_ASSUME_YES;
  return flags;
}

/* --quiet leaves errors alone, and differences have to be heard of all the same. */
static PgmLogLevel
get_level (PgmCli *cli, int status)
{
  if (status == PGM_EXIT_OK)
    return PGM_LOG_INFO;
  return status == PGM_EXIT_DIFFERENCES && !cli->quiet ? PGM_LOG_WARNING : PGM_LOG_ERROR;
}

/* The first line of the summary, what happened, is in the log already, but for a quiet one that
 * has no error in it: differences, and that the run was stopped. */
static int
tell (PgmCli *cli, PgmReport *report, int status)
{
  g_autofree char *summary = pgm_report_dup_summary (report);
  gboolean is_told = !cli->quiet || status <= PGM_EXIT_FAILED;
  gsize n_told = is_told ? strlen (pgm_report_get_data (report)->message) + 1 : 0;

  pgm_cli_log_lines (cli, get_level (cli, status), summary + n_told);
  if (cli->json)
    pgm_run_print_report (cli, report, status);
  return status;
}

int
pgm_command_mirror (PgmCli *cli, char ***argv)
{
  g_auto(MirrorArgs) args = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  g_autoptr(PgmReport) report = NULL;
  int status = PGM_EXIT_OK;

  if (!parse_args (cli, &args, argv, &status))
    return status;
  if (cli->json)
    pgm_cli_log_to_json (cli);
  profile = pgm_cli_load_profile (cli, args.config, args.profile, &error);
  if (profile != NULL && !override_all (cli, &args, &profile))
    return PGM_EXIT_USAGE;
  if (profile != NULL)
    report = pgm_run_profile (cli, profile, get_flags (&args), &status);
  else
    report = pgm_run_refuse_profile (cli, error, &status);
  return tell (cli, report, status);
}
