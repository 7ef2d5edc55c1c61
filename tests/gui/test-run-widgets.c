/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include <string.h>

#include "pgm-findings-page.h"
#include "pgm-gui-stage.h"
#include "pgm-log-model.h"
#include "pgm-log-row.h"
#include "pgm-log-view.h"
#include "pgm-password-dialog.h"
#include "pgm-replace-dialog.h"
#include "pgm-result-page.h"
#include "pgm-run-phases.h"
#include "pgm-table-rows.h"
#include "pgm-table-view.h"
#include "pgm-throughput.h"

static void
fill_log (PgmLogger *logger)
{
  pgm_info (logger, "source: PostgreSQL 15.20, encrypted");
  pgm_debug (logger, "pg_dump: dumping contents of table \"public.orders\"");
  pgm_warning (logger, "target: the connection to 192.0.2.7:5432 is not encrypted");
  pgm_error (logger, "relation \"public.%s\" already exists",
             "a_very_long_name_that_does_not_fit_into_a_narrow_window_at_all_0123");
}

static void
test_log_view (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  GtkWidget *view = pgm_log_view_new ();
  GtkWindow *window = pgm_gui_stage_new (view, 480, 360);
  GtkWidget *search = pgm_gui_find (view, GTK_TYPE_SEARCH_ENTRY, NULL);
  GtkWidget *level = pgm_gui_find (view, GTK_TYPE_DROP_DOWN, NULL);
  g_autofree char *shown = NULL;
  g_autofree char *all = NULL;
  g_autofree char *found = NULL;

  g_assert_nonnull (pgm_gui_find (view, GTK_TYPE_LABEL, "Nothing to show yet"));
  pgm_log_model_listen (model, logger);
  pgm_log_view_set_model (PGM_LOG_VIEW (view), G_LIST_MODEL (model));
  fill_log (logger);
  pgm_log_model_flush (model);
  pgm_gui_settle (200);
  pgm_gui_shot (GTK_WIDGET (window), "log-view");

  shown = pgm_log_view_dup_text (PGM_LOG_VIEW (view));
  g_assert_null (strstr (shown, "DEBUG"));
  g_assert_nonnull (strstr (shown, " - pg-mirror - WARNING - target: "));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (level), 0);
  all = pgm_log_view_dup_text (PGM_LOG_VIEW (view));
  g_assert_nonnull (strstr (all, "DEBUG - pg_dump"));
  gtk_editable_set_text (GTK_EDITABLE (search), "ALREADY");
  pgm_gui_settle (300);
  found = pgm_log_view_dup_text (PGM_LOG_VIEW (view));
  g_assert_nonnull (strstr (found, "already exists"));
  g_assert_null (strstr (found, "PostgreSQL 15.20"));
  gtk_editable_set_text (GTK_EDITABLE (search), "no such thing");
  pgm_gui_settle (300);
  g_assert_nonnull (pgm_gui_find (view, GTK_TYPE_LABEL, "No line matches the search"));
  gtk_window_destroy (window);
}

static void
test_follow (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  GtkWidget *view = pgm_log_view_new ();
  GtkWindow *window = pgm_gui_stage_new (view, 480, 360);
  GtkWidget *scroller = NULL;
  GtkAdjustment *place = NULL;

  pgm_log_model_listen (model, logger);
  pgm_log_view_set_model (PGM_LOG_VIEW (view), G_LIST_MODEL (model));
  for (guint i = 0; i < 500; i++)
    pgm_info (logger, "line %u", i);
  pgm_log_model_flush (model);
  pgm_gui_settle (300);
  scroller = pgm_gui_find (view, GTK_TYPE_SCROLLED_WINDOW, NULL);
  place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  g_assert_nonnull (pgm_gui_find (view, PGM_TYPE_LOG_ROW, "line 499"));

  pgm_log_view_set_follow (PGM_LOG_VIEW (view), FALSE);
  gtk_adjustment_set_value (place, 0.0);
  pgm_info (logger, "the last one");
  pgm_log_model_flush (model);
  pgm_gui_settle (300);
  g_assert_cmpfloat (gtk_adjustment_get_value (place), <, 100.0);
  gtk_window_destroy (window);
}

static PgmEndpoint *
new_endpoint (void)
{
  PgmEndpoint *endpoint = pgm_endpoint_new (PGM_SIDE_TARGET);

  endpoint->host = g_strdup ("staging.internal.example.org");
  endpoint->port = 5432;
  endpoint->database = g_strdup ("shop");
  endpoint->user = g_strdup ("deploy");
  return endpoint;
}

static PgmQuestion *
new_question (PgmQuestionKind kind, const char *database, PgmReply **reply)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint ();
  PgmReplaceFacts facts = { .database = (char *) database,
                            .address = (char *) "staging.internal.example.org:5432",
                            .size_bytes = 4120000000,
                            .n_tables = 127,
                            .n_sessions = 3,
                            .last_activity = (char *) "2026-01-31T14:05:09Z" };

  return pgm_question_new (kind, endpoint, &facts, reply);
}

static void
answer_replace (GtkWindow *dialog, const char *typed, gboolean is_enabled)
{
  GtkWidget *name = pgm_gui_find (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, NULL);

  gtk_editable_set_text (GTK_EDITABLE (name), typed);
  g_assert_cmpint (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "replace"),
                   ==, is_enabled);
}

static gboolean
ask_to_replace (const char *database, const char *typed, const char *response)
{
  g_autoptr(PgmReply) reply = NULL;
  g_autoptr(PgmQuestion) question = new_question (PGM_QUESTION_REPLACE, database, &reply);
  GtkWindow *parent = pgm_gui_stage_new (gtk_label_new (""), 480, 640);
  GtkWindow *dialog = pgm_replace_dialog_new (parent, question);

  gtk_window_present (dialog);
  pgm_gui_settle (100);
  answer_replace (dialog, "", FALSE);
  answer_replace (dialog, "not it", FALSE);
  answer_replace (dialog, typed, TRUE);
  pgm_gui_shot (GTK_WIDGET (dialog), "replace-dialog");
  if (response != NULL)
    adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  else
    gtk_window_close (dialog);
  pgm_gui_settle (50);
  gtk_window_destroy (parent);
  return pgm_reply_wait_sync (reply, NULL, NULL);
}

static void
test_replace (void)
{
  g_assert_true (ask_to_replace ("odd\nname", "odd\\nname", "replace"));
  g_assert_true (ask_to_replace ("shop", "shop", "replace"));
  g_assert_false (ask_to_replace ("shop", "shop", "cancel"));
  g_assert_false (ask_to_replace ("shop", "shop", NULL));
}

static void
test_password (void)
{
  g_autoptr(PgmReply) reply = NULL;
  g_autoptr(PgmQuestion) question = new_question (PGM_QUESTION_PASSWORD, "shop", &reply);
  g_autoptr(PgmSecret) secret = NULL;
  GtkWindow *parent = pgm_gui_stage_new (gtk_label_new (""), 480, 640);
  GtkWindow *dialog = pgm_password_dialog_new (parent, question, NULL);
  GtkWidget *row = NULL;

  gtk_window_present (dialog);
  pgm_gui_settle (100);
  row = pgm_gui_find (GTK_WIDGET (dialog), ADW_TYPE_PASSWORD_ENTRY_ROW, NULL);
  gtk_editable_set_text (GTK_EDITABLE (row), "s3cret");
  pgm_gui_shot (GTK_WIDGET (dialog), "password-dialog");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "ok");
  g_assert_true (pgm_reply_wait_sync (reply, &secret, NULL));
  g_assert_cmpstr (pgm_secret_reveal (secret), ==, "s3cret");
  gtk_window_destroy (parent);
}

static PgmReport *
new_report (const char *code, const char *message, PgmTargetState state)
{
  PgmReport *report = pgm_report_new ();
  PgmReportData *data = pgm_report_get_data (report);

  data->code = g_strdup (code);
  data->message = g_strdup (message);
  data->target_state = state;
  data->source = g_strdup ("shop at db1.example.org:5432");
  data->target = g_strdup ("shop at staging.internal.example.org:5432");
  data->source_version = g_strdup ("15.20");
  data->target_version = g_strdup ("16.3");
  data->tools = g_strdup ("pg_dump 16.3 (/usr/lib/postgresql/16/bin/pg_dump)");
  data->verified = g_str_equal (code, "ok");
  data->duration_us = 185 * G_USEC_PER_SEC;
  data->n_tables = 27;
  data->n_rows = 117210;
  data->n_sequences = 14;
  data->archive_bytes = 34000000;
  return report;
}

static void
show_result (PgmReport *report, const char *title, const char *shot, int width)
{
  GtkWidget *page = pgm_result_page_new ();
  GtkWindow *window = pgm_gui_stage_new (page, width, 760);

  pgm_result_page_show_report (PGM_RESULT_PAGE (page), report, NULL);
  g_assert_nonnull (pgm_gui_find (page, GTK_TYPE_LABEL, title));
  pgm_gui_shot (GTK_WIDGET (window), shot);
  gtk_window_destroy (window);
}

static void
test_result (void)
{
  g_autoptr(PgmReport) good = new_report (
      "ok", "database \"shop\" was mirrored and verified: 27 tables, rows: 117 210",
      PGM_TARGET_REPLACED);
  g_autoptr(PgmReport) bad = new_report ("restore-failed",
                                          "could not restore: relation \"orders\" already exists",
                                          PGM_TARGET_UNCHANGED);
  g_autoptr(PgmReport) differs = new_report (
      "differences", "database \"shop\" was mirrored; it differs in 1 point", PGM_TARGET_REPLACED);
  g_autoptr(PgmReport) stopped =
                 new_report ("cancelled", "the run was cancelled", PGM_TARGET_UNCHANGED);

  g_ptr_array_add (
      pgm_report_get_data (differs)->differences,
      pgm_finding_new (
          PGM_SEVERITY_WARNING, "not-carried-over", "run it by hand <b>&amp;",
          "not carried over: ALTER DATABASE \"shop\" SET \"%s\" & more",
          "a.very.long.setting.name.that.needs.more.than.one.line.in.a.narrow.window"));
  show_result (good, "Mirrored and Verified", "result-good", 800);
  show_result (bad, "Not Mirrored", "result-bad", 360);
  show_result (differs, "Mirrored, With Differences", "result-differs", 360);
  show_result (stopped, "Stopped", "result-stopped", 800);
}

static void
test_check (void)
{
  g_autoptr(PgmReport) ready = new_report ("ok", "dry run", PGM_TARGET_UNCHANGED);
  g_autoptr(PgmReport) blocked = new_report (
      "target-unreachable",
      "could not connect to staging.internal.example.org:5432: connection refused",
      PGM_TARGET_UNCHANGED);
  GtkWidget *page = pgm_findings_page_new ();
  GtkWindow *window = pgm_gui_stage_new (page, 640, 700);

  g_ptr_array_add (pgm_report_get_data (ready)->findings,
                   pgm_finding_new (PGM_SEVERITY_NOTE, "plan", NULL,
                                    "database \"shop\" of the target will be replaced"));
  g_ptr_array_add (pgm_report_get_data (ready)->findings,
                   pgm_finding_new (PGM_SEVERITY_WARNING, "insecure-connection",
                                    "set sslmode to \"require\" or \"verify-full\"",
                                    "target: the connection to 192.0.2.7:5432 is not encrypted"));
  pgm_findings_page_show_report (PGM_FINDINGS_PAGE (page), ready, NULL);
  g_assert_nonnull (pgm_gui_find (page, GTK_TYPE_LABEL, "Ready to Mirror"));
  g_assert_nonnull (pgm_gui_find (page, GTK_TYPE_BUTTON, "_Mirror"));
  pgm_gui_shot (GTK_WIDGET (window), "check-ready");
  pgm_findings_page_show_report (PGM_FINDINGS_PAGE (page), blocked, NULL);
  g_assert_null (pgm_gui_find (page, GTK_TYPE_BUTTON, "_Mirror"));
  g_assert_nonnull (pgm_gui_find (page, GTK_TYPE_LABEL, "Something Stands in the Way"));
  pgm_gui_shot (GTK_WIDGET (window), "check-blocked");
  gtk_window_destroy (window);
}

static void
test_throughput (void)
{
  g_autoptr(PgmRateSeries) series = pgm_rate_series_new ();
  GtkWidget *curve = pgm_throughput_new ();
  GtkWindow *window = pgm_gui_stage_new (curve, 480, 120);
  g_autofree char *nothing = pgm_throughput_dup_words (PGM_THROUGHPUT (curve));
  g_autofree char *words = NULL;

  g_assert_cmpstr (nothing, ==, "Throughput: nothing measured yet");
  pgm_throughput_set_series (PGM_THROUGHPUT (curve), series);
  for (guint i = 0; i < 200; i++)
    pgm_rate_series_add (series, i * G_USEC_PER_SEC / 4, 2e7 + (i * 7919 % 97) * 3e5);
  words = pgm_throughput_dup_words (PGM_THROUGHPUT (curve));
  g_assert_nonnull (strstr (words, "MB/s"));
  pgm_gui_shot (GTK_WIDGET (window), "throughput");
  if (g_strcmp0 (g_getenv ("GTK_A11Y"), "test") == 0)
    gtk_test_accessible_assert_property (GTK_ACCESSIBLE (curve), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                         words);
  gtk_window_destroy (window);
}

static void
test_phases (void)
{
  GtkWidget *phases = pgm_run_phases_new ();
  GtkWindow *window = pgm_gui_stage_new (phases, 640, 60);

  pgm_run_phases_set_phase (PGM_RUN_PHASES (phases), PGM_PHASE_CHECK);
  pgm_run_phases_set_phase (PGM_RUN_PHASES (phases), PGM_PHASE_RESTORE);
  pgm_gui_shot (GTK_WIDGET (window), "phases");
  pgm_run_phases_set_phase (PGM_RUN_PHASES (phases), PGM_PHASE_CLEAN_UP);
  pgm_gui_shot (GTK_WIDGET (window), "phases-ended");
  gtk_window_set_default_size (window, 360, 60);
  pgm_gui_shot (GTK_WIDGET (window), "phases-narrow");
  gtk_window_destroy (window);
}

static void
add_tests (void)
{
  g_test_add_func ("/run-widgets/log-view", test_log_view);
  g_test_add_func ("/run-widgets/follow", test_follow);
  g_test_add_func ("/run-widgets/replace", test_replace);
  g_test_add_func ("/run-widgets/password", test_password);
  g_test_add_func ("/run-widgets/result", test_result);
  g_test_add_func ("/run-widgets/check", test_check);
  g_test_add_func ("/run-widgets/throughput", test_throughput);
  g_test_add_func ("/run-widgets/phases", test_phases);
}

int
main (int argc, char **argv)
{
  return pgm_gui_stage_run_tests (argc, argv, add_tests);
}
