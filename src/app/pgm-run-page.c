/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run-page.h"

#include <glib/gi18n-lib.h>

#include "pgm-findings-page.h"
#include "pgm-log-view.h"
#include "pgm-result-page.h"
#include "pgm-run-phases.h"
#include "pgm-table-view.h"
#include "pgm-text.h"
#include "pgm-throughput.h"
#include "pgm-words.h"

/* A stop is over by then; where a server makes it wait, the user may end it at once. */
#define PATIENCE_S 5

struct _PgmRunPage
{
  AdwBin parent_instance;

  PgmRunner *runner; /* owned */
  guint clock_id;
  guint patience_id;

  /* template children */
  GtkLabel *amount;
  GtkProgressBar *bar;
  PgmFindingsPage *findings;
  PgmLogView *log;
  GtkLabel *pace;
  GtkLabel *phase;
  PgmRunPhases *phases;
  PgmResultPage *result;
  GtkLabel *route;
  GtkStack *stack;
  GtkButton *stop;
  GtkWidget *switcher;
  PgmTableView *tables;
  PgmThroughput *throughput;
  GtkStack *views;
};

enum
{
  SIGNAL_AGAIN,
  SIGNAL_MIRROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmRunPage, pgm_run_page, ADW_TYPE_BIN)

static void
again_cb (GtkWidget *page, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_AGAIN], 0);
}

static void
mirror_cb (GtkWidget *page, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_MIRROR], 0);
}

static void
stop_response_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  PgmRunPage *self = user_data;

  if (g_str_equal (response, "stop"))
    pgm_runner_stop (self->runner);
}

static void
ask_to_stop (PgmRunPage *self)
{
  GtkWindow *root = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *widget = adw_message_dialog_new (
      root, _("Stop the Run?"), pgm_words_stopping (pgm_runner_get_profile (self->runner)));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (widget);

  adw_message_dialog_add_responses (dialog, "cancel",
                                    _("_Keep Running"), "stop", _("_Stop"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "stop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (stop_response_cb), self, 0);
  g_signal_connect_object (self->runner, "notify::state", G_CALLBACK (gtk_window_close), dialog,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
stop (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmRunPage *self = PGM_RUN_PAGE (widget);

  if (pgm_runner_get_state (self->runner) == PGM_RUNNER_STOPPING)
    pgm_runner_give_up (self->runner);
  else
    ask_to_stop (self);
}

static void
pgm_run_page_dispose (GObject *object)
{
  PgmRunPage *self = PGM_RUN_PAGE (object);

  g_clear_handle_id (&self->clock_id, g_source_remove);
  g_clear_handle_id (&self->patience_id, g_source_remove);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_RUN_PAGE);
  g_clear_object (&self->runner);
  G_OBJECT_CLASS (pgm_run_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, amount);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, bar);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, findings);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, log);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, pace);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, phase);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, phases);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, result);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, route);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, stop);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, switcher);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, tables);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, throughput);
  gtk_widget_class_bind_template_child (widget_class, PgmRunPage, views);
}

static void
pgm_run_page_class_init (PgmRunPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_run_page_dispose;
  signals[SIGNAL_AGAIN] = g_signal_new ("again", PGM_TYPE_RUN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MIRROR] = g_signal_new ("mirror", PGM_TYPE_RUN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PGM_TYPE_FINDINGS_PAGE);
  g_type_ensure (PGM_TYPE_LOG_VIEW);
  g_type_ensure (PGM_TYPE_RESULT_PAGE);
  g_type_ensure (PGM_TYPE_RUN_PHASES);
  g_type_ensure (PGM_TYPE_TABLE_VIEW);
  g_type_ensure (PGM_TYPE_THROUGHPUT);
  gtk_widget_class_install_action (widget_class, "run.stop", NULL, stop);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-run-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, again_cb);
  gtk_widget_class_bind_template_callback (widget_class, mirror_cb);
}

static void
pgm_run_page_init (PgmRunPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self->route));
}

static char *
dup_amount (const PgmProgress *progress)
{
  g_autofree char *done = pgm_text_format_size (progress->bytes_done);
  g_autofree char *total = pgm_text_format_size (progress->bytes_total);
  g_autofree char *tables = NULL;

  if (progress->tables_total == 0)
    return NULL;
  tables = g_strdup_printf (ngettext ("%u of %u table", "%u of %u tables", progress->tables_total),
                            progress->tables_done, progress->tables_total);
  if (progress->bytes_total == 0)
    return g_steal_pointer (&tables);
  return g_strdup_printf (_("%s of %s, %s"), done, total, tables);
}

/* Indexes and constraints come after the last byte, and no rate tells how long they take. */
static char *
dup_pace (const PgmProgress *progress)
{
  g_autofree char *rate = NULL;
  g_autofree char *left = NULL;

  if (progress->rate_bytes_per_s <= 0.0 || pgm_progress_get_fraction (progress) >= 1.0)
    return NULL;
  rate = pgm_words_rate (progress->rate_bytes_per_s);
  if (progress->time_left_us < 0)
    return g_steal_pointer (&rate);
  left = pgm_words_time_left (progress->time_left_us);
  return g_strdup_printf (_("%s, %s"), rate, left);
}

static void
show_progress (PgmRunPage *self)
{
  const PgmProgress *progress = pgm_runner_get_progress (self->runner);
  g_autofree char *amount = dup_amount (progress);
  gboolean is_stopping = pgm_runner_get_state (self->runner) == PGM_RUNNER_STOPPING;
  g_autofree char *pace = is_stopping ? NULL : dup_pace (progress);
  g_autofree char *elapsed = pgm_text_format_duration (pgm_runner_get_elapsed (self->runner) /
                                                       G_USEC_PER_SEC * G_USEC_PER_SEC);

  if (is_stopping)
    gtk_label_set_label (self->phase, _("Stopping"));
  else
    gtk_label_set_label (self->phase, pgm_phase_get_title (progress->phase));
  pgm_run_phases_set_phase (self->phases, progress->phase);
  gtk_progress_bar_set_fraction (self->bar, pgm_runner_get_fraction (self->runner));
  gtk_label_set_label (self->amount, amount != NULL ? amount : "");
  gtk_label_set_label (self->pace, pace != NULL ? pace : elapsed);
}

static gboolean
clock_cb (gpointer user_data)
{
  show_progress (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
patience_cb (gpointer user_data)
{
  PgmRunPage *self = user_data;

  self->patience_id = 0;
  gtk_button_set_label (self->stop, _("_End at Once"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "run.stop", TRUE);
  return G_SOURCE_REMOVE;
}

static void
show_end (PgmRunPage *self)
{
  PgmReport *report = pgm_runner_get_report (self->runner);
  GListModel *lines = pgm_runner_get_log (self->runner);

  g_clear_handle_id (&self->clock_id, g_source_remove);
  g_clear_handle_id (&self->patience_id, g_source_remove);
  if (pgm_runner_is_check (self->runner))
    pgm_findings_page_show_report (self->findings, report, lines);
  else
    pgm_result_page_show_report (self->result, report, lines);
  gtk_stack_set_visible_child_name (self->stack,
                                    pgm_runner_is_check (self->runner) ? "findings" : "result");
  pgm_words_follow_focus (gtk_stack_get_visible_child (self->stack));
}

static void
state_cb (PgmRunPage *self)
{
  PgmRunnerState state = pgm_runner_get_state (self->runner);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "run.stop", state == PGM_RUNNER_RUNNING);
  if (pgm_runner_is_running (self->runner) && self->clock_id == 0)
    self->clock_id = g_timeout_add_seconds (1, clock_cb, self);
  if (state == PGM_RUNNER_STOPPING && self->patience_id == 0)
    self->patience_id = g_timeout_add_seconds (PATIENCE_S, patience_cb, self);
  show_progress (self);
  if (state == PGM_RUNNER_FINISHED)
    show_end (self);
}

static void
show_route (PgmRunPage *self)
{
  PgmProfile *profile = pgm_runner_get_profile (self->runner);
  PgmEndpoint *source_endpoint = pgm_profile_get_source (profile);
  g_autofree char *source = pgm_endpoint_dup_address (source_endpoint);
  g_autofree char *target = pgm_endpoint_dup_address (pgm_profile_get_target (profile));
  g_autofree char *route = pgm_words_route (source_endpoint->database, source, target);

  gtk_label_set_label (self->route, route);
}

static void
observe (PgmRunPage *self)
{
  gboolean is_check = pgm_runner_is_check (self->runner);

  gtk_widget_set_visible (GTK_WIDGET (self->phases), !is_check);
  gtk_widget_set_visible (GTK_WIDGET (self->throughput), !is_check);
  gtk_widget_set_visible (self->switcher, !is_check);
  gtk_stack_set_visible_child_name (self->views, is_check ? "log" : "tables");
  gtk_stack_page_set_visible (gtk_stack_get_page (self->views, GTK_WIDGET (self->tables)),
                              !is_check);
  pgm_throughput_set_series (self->throughput, pgm_runner_get_rates (self->runner));
  pgm_table_view_set_model (self->tables, pgm_runner_get_tables (self->runner));
  pgm_log_view_set_model (self->log, pgm_runner_get_log (self->runner));
  g_signal_connect_object (self->runner, "notify::progress", G_CALLBACK (show_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->runner, "notify::state", G_CALLBACK (state_cb), self,
                           G_CONNECT_SWAPPED);
  show_route (self);
  state_cb (self);
}

/* @runner: started or not, or at its end */
GtkWidget *
pgm_run_page_new (PgmRunner *runner)
{
  PgmRunPage *self = g_object_new (PGM_TYPE_RUN_PAGE, NULL);

  self->runner = g_object_ref (runner);
  observe (self);
  return GTK_WIDGET (self);
}

/* Returns: (transfer none) */
PgmRunner *
pgm_run_page_get_runner (PgmRunPage *self)
{
  g_return_val_if_fail (PGM_IS_RUN_PAGE (self), NULL);

  return self->runner;
}
