/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-findings-page.h"

#include <glib/gi18n-lib.h>

#include "pgm-findings-list.h"
#include "pgm-log-view.h"
#include "pgm-verdict.h"
#include "pgm-words.h"

struct _PgmFindingsPage
{
  AdwBin parent_instance;

  PgmFindingsList *list; /* borrowed from the template */

  /* template children */
  GtkBox *findings;
  PgmLogView *log;
  GtkButton *mirror;
  PgmVerdict *verdict;
};

G_DEFINE_FINAL_TYPE (PgmFindingsPage, pgm_findings_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_AGAIN,
  SIGNAL_MIRROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
check_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_AGAIN], 0);
}

static void
go_on (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_MIRROR], 0);
}

static void
pgm_findings_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_FINDINGS_PAGE);
  G_OBJECT_CLASS (pgm_findings_page_parent_class)->dispose (object);
}

static void
pgm_findings_page_class_init (PgmFindingsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_findings_page_dispose;
  signals[SIGNAL_AGAIN] = g_signal_new ("again", PGM_TYPE_FINDINGS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MIRROR] = g_signal_new ("mirror", PGM_TYPE_FINDINGS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PGM_TYPE_LOG_VIEW);
  g_type_ensure (PGM_TYPE_VERDICT);
  gtk_widget_class_install_action (widget_class, "findings.again", NULL, check_again);
  gtk_widget_class_install_action (widget_class, "findings.mirror", NULL, go_on);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-findings-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmFindingsPage, findings);
  gtk_widget_class_bind_template_child (widget_class, PgmFindingsPage, log);
  gtk_widget_class_bind_template_child (widget_class, PgmFindingsPage, mirror);
  gtk_widget_class_bind_template_child (widget_class, PgmFindingsPage, verdict);
}

static void
pgm_findings_page_init (PgmFindingsPage *self)
{
  GtkWidget *list = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  list = pgm_findings_list_new (_("Findings"));
  gtk_box_append (self->findings, list);
  self->list = PGM_FINDINGS_LIST (list);
}

GtkWidget *
pgm_findings_page_new (void)
{
  return g_object_new (PGM_TYPE_FINDINGS_PAGE, NULL);
}

static guint
count_warnings (const PgmReportData *data)
{
  guint n = 0;

  for (guint i = 0; i < data->findings->len; i++)
    n += ((PgmFinding *) data->findings->pdata[i])->severity != PGM_SEVERITY_NOTE;
  return n;
}

static void
show_ready (PgmFindingsPage *self, const PgmReportData *data)
{
  guint n = count_warnings (data);
  g_autofree char *body = NULL;

  if (n == 0)
    {
      pgm_verdict_show (self->verdict, PGM_VERDICT_GOOD,
                        _("Ready to Mirror"),
                           _("Nothing stands in the way. Nothing was changed."));
      return;
    }
  body = g_strdup_printf (ngettext ("There is %u warning. Nothing was changed.",
                                    "There are %u warnings. Nothing was changed.", n),
                          n);
  pgm_verdict_show (self->verdict, PGM_VERDICT_WARNING, _("Ready to Mirror"), body);
}

static void
show_stopped (PgmFindingsPage *self, const PgmReportData *data)
{
  g_autofree char *sentence = pgm_words_sentence (data->message != NULL ? data->message : "");

  if (g_strcmp0 (data->code, "cancelled") == 0)
    pgm_verdict_show (self->verdict, PGM_VERDICT_WARNING, _("Stopped"), sentence);
  else
    pgm_verdict_show (self->verdict, PGM_VERDICT_BAD, _("Something Stands in the Way"), sentence);
}

/* @report: of a run that only looked */
void
pgm_findings_page_show_report (PgmFindingsPage *self, PgmReport *report, GListModel *log)
{
  const PgmReportData *data = pgm_report_get_data (report);
  gboolean is_ready = g_strcmp0 (data->code, "ok") == 0;

  g_return_if_fail (PGM_IS_FINDINGS_PAGE (self));

  if (is_ready)
    show_ready (self, data);
  else
    show_stopped (self, data);
  gtk_widget_set_visible (GTK_WIDGET (self->mirror), is_ready);
  pgm_findings_list_set_findings (self->list, data->findings);
  pgm_log_view_set_model (self->log, log);
}
