/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-result-page.h"

#include <glib/gi18n-lib.h>

#include "pgm-findings-list.h"
#include "pgm-log-view.h"
#include "pgm-text.h"
#include "pgm-verdict.h"
#include "pgm-words.h"

/* A page comes up with its numbers a frame later: all at once would take too long. */
#define NUMBERS_DELAY_MS 30

struct _PgmResultPage
{
  AdwBin parent_instance;

  /* owned */
  GPtrArray *rows;   /* of the numbers; the widgets are the group's */
  PgmReport *report; /* (nullable) */
  guint numbers_id;

  /* borrowed from the template */
  PgmFindingsList *differences;
  PgmFindingsList *left_behind;
  PgmFindingsList *leftovers;
  PgmFindingsList *notes;

  /* template children */
  GtkButton *again;
  GtkButton *copy;
  GtkBox *findings;
  PgmLogView *log;
  AdwPreferencesGroup *numbers;
  PgmVerdict *verdict;
};

G_DEFINE_FINAL_TYPE (PgmResultPage, pgm_result_page, ADW_TYPE_BIN)

static guint again_signal;

static void
run_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, again_signal, 0);
}

static void
copy_report (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmResultPage *self = PGM_RESULT_PAGE (widget);
  g_autofree char *text = self->report != NULL ? pgm_report_dup_summary (self->report) : NULL;

  if (text == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  pgm_words_toast (widget, _("Copied"));
}

static void
pgm_result_page_dispose (GObject *object)
{
  PgmResultPage *self = PGM_RESULT_PAGE (object);

  g_clear_handle_id (&self->numbers_id, g_source_remove);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->report);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_RESULT_PAGE);
  G_OBJECT_CLASS (pgm_result_page_parent_class)->dispose (object);
}

static void
pgm_result_page_class_init (PgmResultPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_result_page_dispose;
  again_signal = g_signal_new ("again", PGM_TYPE_RESULT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
  g_type_ensure (PGM_TYPE_LOG_VIEW);
  g_type_ensure (PGM_TYPE_VERDICT);
  gtk_widget_class_install_action (widget_class, "result.again", NULL, run_again);
  gtk_widget_class_install_action (widget_class, "result.copy", NULL, copy_report);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-result-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, again);
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, copy);
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, findings);
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, log);
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, numbers);
  gtk_widget_class_bind_template_child (widget_class, PgmResultPage, verdict);
}

static PgmFindingsList *
add_list (PgmResultPage *self, const char *title)
{
  GtkWidget *list = pgm_findings_list_new (title);

  gtk_box_append (self->findings, list);
  return PGM_FINDINGS_LIST (list);
}

static void
pgm_result_page_init (PgmResultPage *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->differences = add_list (self, _("Differences"));
  self->leftovers = add_list (self, _("Could Not Be Removed"));
  self->left_behind = add_list (self, _("Left Behind on the Source"));
  self->notes = add_list (self, _("Findings"));
}

GtkWidget *
pgm_result_page_new (void)
{
  return g_object_new (PGM_TYPE_RESULT_PAGE, NULL);
}

static void
add_row (PgmResultPage *self, const char *title, const char *value)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *shown = pgm_text_escape (value);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), shown);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  pgm_words_keep_names (row);
  adw_preferences_group_add (self->numbers, row);
  g_ptr_array_add (self->rows, row);
}

/* A number of nothing says nothing. */
static void
add_count (PgmResultPage *self, const char *title, guint64 n)
{
  g_autofree char *text = pgm_text_format_count (n);

  if (n > 0)
    add_row (self, title, text);
}

static void
add_text (PgmResultPage *self, const char *title, const char *text)
{
  if (text != NULL && text[0] != '\0')
    add_row (self, title, text);
}

static void
add_place (PgmResultPage *self, const char *title, const char *place, const char *version)
{
  g_autofree char *text =
      version != NULL ? g_strdup_printf (_("%s, PostgreSQL %s"), place, version)
                      : g_strdup (place);

  add_text (self, title, text);
}

static gboolean
show_numbers_cb (gpointer user_data)
{
  PgmResultPage *self = user_data;
  const PgmReportData *data = pgm_report_get_data (self->report);
  g_autofree char *size = pgm_text_format_size (data->archive_bytes);
  g_autofree char *duration = pgm_text_format_duration (data->duration_us);
  g_autofree char *started = pgm_words_moment (data->started_us);

  add_place (self, _("Source"), data->source, data->source_version);
  add_place (self, _("Target"), data->target, data->target_version);
  add_count (self, _("Tables"), data->n_tables);
  add_count (self, _("Rows"), data->n_rows);
  add_count (self, _("Sequences"), data->n_sequences);
  add_count (self, _("Large Objects"), data->n_large_objects);
  if (data->archive_bytes > 0)
    add_row (self, _("Archive Size"), size);
  add_row (self, _("Started"), started);
  add_row (self, _("Duration"), duration);
  add_text (self, _("Client Tools"), data->tools);
  add_text (self, _("The old database is kept as"), data->previous_name);
  self->numbers_id = 0;
  return G_SOURCE_REMOVE;
}

static void
clear_numbers (PgmResultPage *self)
{
  g_clear_handle_id (&self->numbers_id, g_source_remove);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->numbers, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
}

/* An empty box would still take its space. */
static gboolean
has_findings (const PgmReportData *data)
{
  return data != NULL && data->differences->len + data->leftovers->len + data->left_behind->len +
                                 data->findings->len >
                             0;
}

static void
show_findings (PgmResultPage *self, const PgmReportData *data)
{
  pgm_findings_list_set_findings (self->differences, data != NULL ? data->differences : NULL);
  pgm_findings_list_set_findings (self->leftovers, data != NULL ? data->leftovers : NULL);
  pgm_findings_list_set_findings (self->left_behind, data != NULL ? data->left_behind : NULL);
  pgm_findings_list_set_findings (self->notes, data != NULL ? data->findings : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), has_findings (data));
}

/* @log: (nullable): PgmLogLine */
void
pgm_result_page_show_report (PgmResultPage *self, PgmReport *report, GListModel *log)
{
  const PgmReportData *data = pgm_report_get_data (report);

  g_return_if_fail (PGM_IS_RESULT_PAGE (self));

  g_set_object (&self->report, report);
  pgm_verdict_show_report (self->verdict, report);
  clear_numbers (self);
  self->numbers_id = g_timeout_add (NUMBERS_DELAY_MS, show_numbers_cb, self);
  show_findings (self, data);
  pgm_log_view_set_model (self->log, log);
}

static void
show_unfinished (PgmResultPage *self, const PgmHistoryData *data)
{
  g_autofree char *started = pgm_words_moment (data->started_us);
  g_autofree char *sentence = pgm_words_sentence (data->message);

  g_clear_object (&self->report);
  pgm_verdict_show (self->verdict, PGM_VERDICT_UNKNOWN,
                    data->state == PGM_HISTORY_RUNNING ? _("Still Running")
                                                       : _("Interrupted"), sentence);
  clear_numbers (self);
  add_text (self, _("Source"), data->source);
  add_text (self, _("Target"), data->target);
  add_row (self, _("Started"), started);
  show_findings (self, NULL);
}

/* A run of the past, which cannot be run again from here.
 * @log: (nullable): PgmLogLine */
void
pgm_result_page_show_entry (PgmResultPage *self, PgmHistoryEntry *entry, GListModel *log)
{
  PgmReport *report = pgm_history_entry_get_report (entry);

  g_return_if_fail (PGM_IS_RESULT_PAGE (self));

  gtk_widget_set_visible (GTK_WIDGET (self->again), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->copy), report != NULL);
  if (report != NULL)
    pgm_result_page_show_report (self, report, log);
  else
    show_unfinished (self, pgm_history_entry_get_data (entry));
  pgm_log_view_set_model (self->log, log);
}
