/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-layout.h"
#include "pgm-run.h"
#include "pgm-stop.h"
#include "pgm-text.h"
#include "pgm-tool-check.h"
#include "pgm-tools.h"

static gboolean
is_used (const PgmTool *tool, const PgmToolSet *chosen)
{
  return chosen != NULL && chosen->tools[tool->kind] != NULL &&
         g_str_equal (chosen->tools[tool->kind]->path, tool->path);
}

static void
add_row (GPtrArray *rows, const PgmTool *tool, const PgmToolSet *chosen)
{
  const char *version = tool->failure != NULL ? _("does not work") : tool->version;
  char *row[] = { g_strdup (pgm_tool_kind_get_name (tool->kind)), pgm_text_escape (version),
                  g_strdup (is_used (tool, chosen) ? _("yes") : ""), pgm_text_escape (tool->path),
                            NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

/* Of a tool that is missed, the error tells it. */
static void
print_failures (PgmCli *cli, GPtrArray *found, const PgmToolSet *chosen)
{
  for (guint i = 0; i < found->len && chosen != NULL; i++)
    {
      const PgmTool *tool = found->pdata[i];

      if (tool->failure != NULL)
        pgm_console_print (cli->console, tool->failure);
    }
}

static void
print_tools (PgmCli *cli, GPtrArray *found, const PgmToolSet *chosen)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *const head[] = { _("TOOL"), _("VERSION"), _("USED"), _("PATH"), NULL };
  g_autofree char *text = NULL;

  if (found->len == 0)
    return;
  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < found->len; i++)
    add_row (rows, found->pdata[i], chosen);
  text = pgm_layout_format_columns (rows, "llll");
  pgm_console_print (cli->console, g_strchomp (text));
  print_failures (cli, found, chosen);
}

static JsonObject *
new_tool_object (const PgmTool *tool, const PgmToolSet *chosen)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", pgm_tool_kind_get_name (tool->kind));
  if (tool->failure != NULL)
    json_object_set_string_member (object, "failure", tool->failure);
  else
    json_object_set_string_member (object, "version", tool->version);
  json_object_set_string_member (object, "path", tool->path);
  json_object_set_boolean_member (object, "used", is_used (tool, chosen));
  return object;
}

static void
print_tools_json (PgmCli *cli, GPtrArray *found, const PgmToolSet *chosen)
{
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  json_node_take_object (node, object);
  for (guint i = 0; i < found->len; i++)
    json_array_add_object_element (array, new_tool_object (found->pdata[i], chosen));
  json_object_set_string_member (object, "event", "tools");
  json_object_set_boolean_member (object, "complete", chosen != NULL);
  json_object_set_array_member (object, "tools", array);
  pgm_console_print_json (cli->console, node);
}

/* Without a server to ask, any version will do. */
static int
check_tools (PgmCli *cli)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmStop) stop = pgm_stop_new (cli->logger);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) found = NULL;
  g_autoptr(PgmToolSet) chosen = NULL;

  pgm_tool_check_async (pgm_stop_get_cancellable (stop), pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  found = pgm_tool_check_finish (result, &error);
  if (g_cancellable_is_cancelled (pgm_stop_get_cancellable (stop)))
    return pgm_stop_get_exit_status (stop);
  if (found == NULL)
    return pgm_cli_fail (cli, error);
  chosen = pgm_tools_choose (found, 0, 0, &error);
  if (cli->json)
    print_tools_json (cli, found, chosen);
  else if (!cli->quiet)
    print_tools (cli, found, chosen);
  return chosen != NULL ? PGM_EXIT_OK : pgm_cli_fail (cli, error);
}

static int
compare_severity (gconstpointer a, gconstpointer b)
{
  const PgmFinding *first = *(PgmFinding *const *) a;
  const PgmFinding *second = *(PgmFinding *const *) b;

  return (int) second->severity - (int) first->severity;
}

static const char *
get_severity_title (PgmSeverity severity)
{
  switch (severity)
    {
    case PGM_SEVERITY_BLOCKER:
      return _("blocker");
    case PGM_SEVERITY_WARNING:
      return _("warning");
    case PGM_SEVERITY_NOTE:
    default:
      return _("note");
    }
}

static void
print_line (PgmCli *cli, PgmSeverity severity, const char *message)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", get_severity_title (severity), message);

  pgm_console_print (cli->console, line);
}

static void
print_finding (PgmCli *cli, const PgmFinding *finding)
{
  g_autofree char *hint = finding->hint != NULL ? g_strdup_printf ("  %s", finding->hint) : NULL;

  print_line (cli, finding->severity, finding->message);
  if (hint != NULL)
    pgm_console_print (cli->console, hint);
}

/* @version: (nullable): it was not reached */
static void
print_side (PgmCli *cli, const char *side, const char *where, const char *version)
{
  g_autofree char *text =
      version != NULL ? g_strdup_printf (_("%s: %s, PostgreSQL %s"), side, where, version)
                      : g_strdup_printf ("%s: %s", side, where);

  pgm_console_print (cli->console, text);
}

static gboolean
has_blocker (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    if (((PgmFinding *) findings->pdata[i])->severity == PGM_SEVERITY_BLOCKER)
      return TRUE;
  return FALSE;
}

/* Where a check did not get to its end, no finding says why. */
static void
print_report (PgmCli *cli, PgmReport *report)
{
  const PgmReportData *data = pgm_report_get_data (report);
  g_autoptr(GPtrArray) findings = g_ptr_array_new (); /* borrows */

  print_side (cli, _("source"), data->source, data->source_version);
  print_side (cli, _("target"), data->target, data->target_version);
  g_ptr_array_extend (findings, data->findings, NULL, NULL);
  g_ptr_array_sort (findings, compare_severity);
  for (guint i = 0; i < findings->len; i++)
    print_finding (cli, findings->pdata[i]);
  if (pgm_report_get_exit_status (report) == PGM_EXIT_OK)
    pgm_console_print (cli->console, data->message);
  else if (!has_blocker (findings) && !g_str_equal (data->code, "cancelled"))
    print_line (cli, PGM_SEVERITY_BLOCKER, data->message);
}

/* What stands in the way is the result, so that it goes to standard output, and there alone.
 *
 * @profile: (nullable): @error says why */
static int
check_servers (PgmCli *cli, PgmProfile *profile, const GError *error)
{
  g_autoptr(PgmReport) report = NULL;
  int status = PGM_EXIT_OK;

  pgm_console_set_log (cli->console, cli->verbose || cli->json || profile == NULL);
  if (profile != NULL)
    report = pgm_run_profile (cli, profile, PGM_MIRROR_CHECK_ONLY, &status);
  else
    report = pgm_run_refuse_profile (cli, error, &status);
  if (cli->json)
    pgm_run_print_report (cli, report, status);
  else if (profile != NULL && (!cli->quiet || status != PGM_EXIT_OK))
    print_report (cli, report);
  return status;
}

int
pgm_command_check (PgmCli *cli, char ***argv)
{
  g_autofree char *config = NULL;
  g_autofree char *name = NULL;
  const GOptionEntry entries[] = {
    PGM_OPTION_CONFIG (&config),
    PGM_OPTION_PROFILE (&name),
    PGM_OPTION_JSON (&cli->json),
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  int tools_status = PGM_EXIT_OK;
  int status = PGM_EXIT_OK;

  cli->has_results = TRUE;
  if (!pgm_cli_parse (cli, entries, argv, &status))
    return status;
  if (config != NULL && name != NULL)
    return pgm_cli_refuse (cli, _("--config and --profile exclude each other"));
  tools_status = check_tools (cli);
  if (tools_status > PGM_EXIT_FAILED || (config == NULL && name == NULL))
    return tools_status;
  if (cli->json)
    pgm_cli_log_to_json (cli);
  profile = pgm_cli_load_profile (cli, config, name, &error);
  status = check_servers (cli, profile, error);
  return status != PGM_EXIT_OK ? status : tools_status;
}
