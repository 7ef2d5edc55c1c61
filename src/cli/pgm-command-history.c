/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-history.h"
#include "pgm-layout.h"
#include "pgm-text.h"

#define SHOWN 20

typedef struct
{
  gboolean all;
  char *log; /* (nullable): id of the run whose log is wanted */
} HistoryArgs;

static void
args_clear (HistoryArgs *args)
{
  g_free (args->log);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HistoryArgs, args_clear)

static const char *
find_outcome (const PgmHistoryData *data)
{
  if (data->state == PGM_HISTORY_RUNNING)
    return "running";
  return data->state == PGM_HISTORY_INTERRUPTED ? "interrupted" : data->code;
}

static char *
dup_time (gint64 time_us, const char *format)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local (utc);

  return g_date_time_format (local, format);
}

static void
add_row (GPtrArray *rows, const PgmHistoryData *data)
{
  const char *outcome = find_outcome (data);
  char *row[] = { g_strdup (data->id),
                  dup_time (data->started_us, "%Y-%m-%d %H:%M"),
                  data->state == PGM_HISTORY_FINISHED ? pgm_text_format_duration (data->duration_us)
                                                      : g_strdup (""),
                  pgm_text_escape (outcome != NULL ? outcome : ""),
                  pgm_text_escape (data->profile),
                  pgm_text_escape (data->target),
                  NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

static void
print_text (PgmCli *cli, GPtrArray *entries, guint n)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *const head[] = {
    _("RUN"), _("STARTED"), _("TOOK"), _("OUTCOME"), _("PROFILE"), _("TARGET"), NULL };
  g_autofree char *text = NULL;

  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < n; i++)
    add_row (rows, pgm_history_entry_get_data (entries->pdata[i]));
  text = pgm_layout_format_columns (rows, "llrlll");
  pgm_console_print (cli->console, g_strchomp (text));
}

static void
set_text (JsonObject *object, const char *key, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, key, text);
  else
    json_object_set_null_member (object, key);
}

static void
print_json (PgmCli *cli, PgmHistoryEntry *entry)
{
  const PgmHistoryData *data = pgm_history_entry_get_data (entry);
  PgmReport *report = pgm_history_entry_get_report (entry);
  g_autofree char *log = pgm_history_entry_dup_log_path (entry);
  g_autoptr(GDateTime) started = g_date_time_new_from_unix_utc (data->started_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format_iso8601 (started);
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  set_text (object, "run", data->id);
  set_text (object, "started", stamp);
  set_text (object, "outcome", find_outcome (data));
  set_text (object, "program", data->program);
  set_text (object, "profile", data->profile);
  set_text (object, "path", data->path);
  set_text (object, "source", data->source);
  set_text (object, "target", data->target);
  set_text (object, "message", data->message);
  set_text (object, "log", log);
  if (report != NULL)
    json_object_set_member (object, "report", pgm_report_to_json (report));
  pgm_console_print_json (cli->console, node);
}

static PgmHistoryEntry *
find_entry (GPtrArray *entries, const char *id)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_str_equal (pgm_history_entry_get_data (entries->pdata[i])->id, id))
      return entries->pdata[i];
  return NULL;
}

static int
print_log (PgmCli *cli, GPtrArray *entries, const char *id)
{
  PgmHistoryEntry *entry = find_entry (entries, id);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (entry == NULL)
    return pgm_cli_refuse (cli, _("no run is called \"%s\""), id);
  pgm_history_read_log_async (entry, NULL, pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  text = pgm_history_read_log_finish (result, &error);
  if (text == NULL)
    return pgm_cli_fail (cli, error);
  pgm_console_print (cli->console, g_strchomp (text));
  return PGM_EXIT_OK;
}

static int
print_entries (PgmCli *cli, GPtrArray *entries, gboolean all)
{
  guint n = all ? entries->len : MIN (entries->len, SHOWN);

  for (guint i = 0; cli->json && i < n; i++)
    print_json (cli, entries->pdata[i]);
  if (!cli->json && n == 0)
    pgm_console_complain (cli->console, _("nothing was run yet"));
  else if (!cli->json)
    print_text (cli, entries, n);
  return PGM_EXIT_OK;
}

int
pgm_command_history (PgmCli *cli, char ***argv)
{
  g_auto(HistoryArgs) args = { 0 };
  const GOptionEntry options[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &args.all, N_("Not only the last 20 runs"), NULL },
      { "log", 0, 0, G_OPTION_ARG_STRING, &args.log, N_("Print the log of a run"), N_("RUN") },
        PGM_OPTION_JSON (&cli->json), { NULL },
      };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  int status = PGM_EXIT_OK;

  if (!pgm_cli_parse (cli, options, argv, &status))
    return status;
  if (args.log != NULL && args.all)
    return pgm_cli_refuse (cli, _("--log and --all exclude each other"));
  if (args.log != NULL && cli->json)
    return pgm_cli_refuse (cli, _("--log and --json exclude each other"));
  pgm_history_list_async (NULL, pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  entries = pgm_history_list_finish (result, &error);
  if (entries == NULL)
    return pgm_cli_fail (cli, error);
  return args.log != NULL ? print_log (cli, entries, args.log)
                          : print_entries (cli, entries, args.all);
}
