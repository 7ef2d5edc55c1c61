/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run.h"

#include <glib/gi18n-lib.h>

#include "pgm-answer.h"
#include "pgm-history-writer.h"
#include "pgm-layout.h"
#include "pgm-stop.h"

#define PLAIN_PROGRESS_US (10 * G_USEC_PER_SEC)

/* One run as the command line observes it. */
typedef struct
{
  PgmCli *cli;
  GCancellable *cancellable;
  gint64 plain_us; /* monotonic: when the last progress went into the log */
} Run;

/* Where no line can be redrawn, the log shows now and then that the run is alive. */
static void
log_progress (Run *run, const PgmProgress *progress)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  if (now - run->plain_us < PLAIN_PROGRESS_US)
    return;
  run->plain_us = now;
  text = pgm_layout_format_progress_plain (progress);
  pgm_info (run->cli->logger, "%s", text);
}

static void
log_table (Run *run, const PgmEvent *event)
{
  g_autofree char *title = pgm_table_dup_title (event->table);

  pgm_debug (run->cli->logger, "%s: %s", pgm_phase_get_title (event->progress.phase), title);
}

static void
show_event (Run *run, const PgmEvent *event)
{
  PgmConsole *console = run->cli->console;

  switch (event->kind)
    {
    case PGM_EVENT_PHASE:
      run->plain_us = g_get_monotonic_time ();
      pgm_console_show (console, &event->progress);
      break;
    case PGM_EVENT_PROGRESS:
      pgm_console_show (console, &event->progress);
      if (!pgm_console_shows_progress (console))
        log_progress (run, &event->progress);
      break;
    case PGM_EVENT_TABLE:
      log_table (run, event);
      break;
    case PGM_EVENT_FINDING: /* the run logs it itself */
    case PGM_EVENT_TABLES:
    case PGM_EVENT_TABLE_BEGUN:
    default:
      break;
    }
}

static void
event_cb (PgmMirror *mirror, PgmEvent *event, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr(JsonNode) node = NULL;

  if (!run->cli->json)
    {
      show_event (run, event);
      return;
    }
  node = pgm_event_to_json (event);
  pgm_console_print_json (run->cli->console, node);
}

static void
question_cb (PgmMirror *mirror, PgmQuestion *question, gpointer user_data)
{
  Run *run = user_data;

  pgm_answer_question (question, run->cli->console, run->cancellable);
}

static void
give_up_cb (gpointer mirror)
{
  pgm_mirror_give_up (mirror);
}

/* What only looks leaves nothing to look up later.
 *
 * Returns: (transfer full) (nullable) */
static PgmHistoryWriter *
open_history (PgmCli *cli, PgmProfile *profile, PgmMirrorFlags flags)
{
  PgmMirrorFlags writing = PGM_MIRROR_SKIP_CHECKS | PGM_MIRROR_ASSUME_YES;

  return (flags & ~writing) == 0 ? pgm_history_writer_new (profile, cli->logger, flags) : NULL;
}

/* @history: (nullable) */
static void
close_history (PgmHistoryWriter *history, PgmReport *report)
{
  g_autoptr(GAsyncResult) result = NULL;

  if (history == NULL)
    return;
  pgm_history_writer_close_async (history, report, pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  pgm_history_writer_close_finish (result);
}

/* @status: (out): what the program ends with
 *
 * Returns: (transfer full): what the run came to, never NULL */
PgmReport *
pgm_run_profile (PgmCli *cli, PgmProfile *profile, PgmMirrorFlags flags, int *status)
{
  g_autoptr(PgmMirror) mirror = pgm_mirror_new (profile, cli->logger, flags);
  g_autoptr(PgmHistoryWriter) history = open_history (cli, profile, flags);
  g_autoptr(PgmStop) stop = pgm_stop_new (cli->logger);
  g_autoptr(GAsyncResult) result = NULL;
  Run run = { cli, pgm_stop_get_cancellable (stop), g_get_monotonic_time () };
  PgmReport *report = NULL;

  g_signal_connect (mirror, "event", G_CALLBACK (event_cb), &run);
  g_signal_connect (mirror, "question", G_CALLBACK (question_cb), &run);
  pgm_stop_set_give_up (stop, give_up_cb, mirror);
  pgm_mirror_run_async (mirror, run.cancellable, pgm_cli_store_result_cb, &result);
  pgm_cli_await (&result);
  while (g_main_context_iteration (NULL, FALSE))
    ; /* a cancelled question gives the terminal back */
  g_signal_handlers_disconnect_by_data (mirror, &run);
  pgm_console_clear (cli->console);
  report = pgm_mirror_run_finish (mirror, result);
  close_history (history, report);
  *status = pgm_report_get_exit_status (report);
  if (g_str_equal (pgm_report_get_data (report)->code, "cancelled"))
    *status = pgm_stop_get_exit_status (stop);
  return report;
}

/* A run that cannot begin has a report all the same: whoever reads --json waits for it. */
PgmReport *
pgm_run_refuse_profile (PgmCli *cli, const GError *error, int *status)
{
  PgmReport *report = pgm_report_new ();
  PgmReportData *data = pgm_report_get_data (report);

  data->source = g_strdup ("");
  data->target = g_strdup ("");
  data->code = g_strdup ("config");
  data->message = g_strdup (error->message);
  *status = pgm_cli_fail (cli, error);
  return report;
}

/* Prints the last line of --json.
 * @status: what the program ends with; the report does not know which signal it was */
void
pgm_run_print_report (PgmCli *cli, PgmReport *report, int status)
{
  g_autoptr(JsonNode) node = pgm_report_to_json (report);

  json_object_set_int_member (json_node_get_object (node), "exit_status", status);
  pgm_console_print_json (cli->console, node);
}
