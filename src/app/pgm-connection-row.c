/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-connection-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

struct _PgmConnectionRow
{
  AdwActionRow parent_instance;

  GCancellable *cancellable; /* owned (nullable): a test is on */
  gboolean has_mnemonic;

  /* template children */
  GtkButton *button;
  GtkImage *icon;
  GtkSpinner *spinner;
};

enum
{
  REQUESTED,
  REPORTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmConnectionRow, pgm_connection_row, ADW_TYPE_ACTION_ROW)

/* @style: (nullable): "success" or "error" */
static void
show (PgmConnectionRow *self,
      const char *title,
      const char *subtitle,
      const char *icon,
      const char *style)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->icon), (const char *[]){ style, NULL });
}

static void
show_busy (PgmConnectionRow *self, gboolean is_busy)
{
  const char *label = is_busy ? _("Cance_l") : _("_Test");
  g_autofree char *plain = pgm_words_without_mnemonic (label);

  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_busy);
  gtk_spinner_set_spinning (self->spinner, is_busy);
  gtk_button_set_use_underline (self->button, self->has_mnemonic);
  gtk_button_set_label (self->button, self->has_mnemonic ? label : plain);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button),
                               is_busy ? _("Cancel the test") : _("Test the connection"));
}

static void
show_report (PgmConnectionRow *self, const PgmConnectionReport *report)
{
  g_autofree char *summary = pgm_connection_report_dup_summary (report);
  g_autofree char *sentence = NULL;
  g_autofree char *fault = NULL;

  if (report->cause == PGM_CONNECT_OK)
    {
      show (self, _("Connected"), summary, "emblem-ok-symbolic", "success");
      return;
    }
  sentence = pgm_words_sentence (report->message);
  fault = report->hint != NULL ? g_strdup_printf ("%s\n%s", sentence, report->hint)
                               : g_strdup (sentence);
  show (self, summary, fault, "dialog-error-symbolic", "error");
}

/* One test: it outlives the next one when it is slow to end. */
typedef struct
{
  PgmConnectionRow *row;     /* owned */
  GCancellable *cancellable; /* owned */
} Test;

static void
test_free (Test *test)
{
  g_object_unref (test->row);
  g_object_unref (test->cancellable);
  g_free (test);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Test, test_free)

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Test) test = user_data;
  PgmConnectionRow *self = test->row;
  g_autoptr(PgmConnectionReport) report = pgm_connection_test_finish (result, NULL);

  /* Cancelled: whoever did so has shown that, and another test may be on. */
  if (report == NULL || test->cancellable != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  show_busy (self, FALSE);
  show_report (self, report);
  g_signal_emit (self, signals[REPORTED], 0, report);
}

/* @password: (nullable): NULL for what @endpoint itself says */
void
pgm_connection_row_test (PgmConnectionRow *self,
                         PgmEndpoint *endpoint,
                         PgmSecret *password,
                         guint connect_timeout_s)
{
  Test *test = g_new (Test, 1);

  pgm_connection_row_reset (self);
  self->cancellable = g_cancellable_new ();
  *test = (Test){ g_object_ref (self), g_object_ref (self->cancellable) };
  show_busy (self, TRUE);
  show (self, _("Connecting…"), "", "network-server-symbolic", NULL);
  pgm_connection_test_async (endpoint, password, connect_timeout_s, self->cancellable, tested_cb,
                             test);
}

/* What was shown is not true any more, or is not wanted. */
void
pgm_connection_row_reset (PgmConnectionRow *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  show_busy (self, FALSE);
  show (self, _("Connection"), _("Not tested yet"), "network-server-symbolic", NULL);
}

/* @has_mnemonic: whether a letter presses the button */
void
pgm_connection_row_set_mnemonic (PgmConnectionRow *self, gboolean has_mnemonic)
{
  self->has_mnemonic = has_mnemonic;
  show_busy (self, pgm_connection_row_is_testing (self));
}

gboolean
pgm_connection_row_is_testing (PgmConnectionRow *self)
{
  return self->cancellable != NULL;
}

static void
button_clicked_cb (PgmConnectionRow *self)
{
  if (self->cancellable != NULL)
    pgm_connection_row_reset (self);
  else
    g_signal_emit (self, signals[REQUESTED], 0);
}

static void
pgm_connection_row_dispose (GObject *object)
{
  PgmConnectionRow *self = PGM_CONNECTION_ROW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_CONNECTION_ROW);
  G_OBJECT_CLASS (pgm_connection_row_parent_class)->dispose (object);
}

static void
pgm_connection_row_class_init (PgmConnectionRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pgm_connection_row_dispose;
  signals[REQUESTED] = g_signal_new ("requested", PGM_TYPE_CONNECTION_ROW, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[REPORTED] = g_signal_new ("reported", PGM_TYPE_CONNECTION_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/pgmirror/PgMirror/pgm-connection-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmConnectionRow, button);
  gtk_widget_class_bind_template_child (widget_class, PgmConnectionRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmConnectionRow, spinner);
  gtk_widget_class_bind_template_callback (widget_class, button_clicked_cb);
}

static void
pgm_connection_row_init (PgmConnectionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self));
  pgm_connection_row_reset (self);
}
