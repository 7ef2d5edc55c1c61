/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"
#include "pgm-verdict.h"
#include "pgm-words.h"

struct _PgmHistoryRow
{
  GtkBox parent_instance;

  /* template children */
  GtkLabel *detail;
  GtkImage *icon;
  GtkLabel *message;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmHistoryRow, pgm_history_row, GTK_TYPE_BOX)

static void
pgm_history_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_HISTORY_ROW);
  G_OBJECT_CLASS (pgm_history_row_parent_class)->dispose (object);
}

static void
pgm_history_row_class_init (PgmHistoryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_history_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryRow, detail);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryRow, message);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryRow, title);
}

static void
pgm_history_row_init (PgmHistoryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self));
}

GtkWidget *
pgm_history_row_new (void)
{
  return g_object_new (PGM_TYPE_HISTORY_ROW, NULL);
}

static const char *
find_outcome (const PgmHistoryData *data, PgmVerdictKind kind)
{
  if (data->state == PGM_HISTORY_RUNNING)
    return _("Running");
  if (data->state == PGM_HISTORY_INTERRUPTED)
    return _("Interrupted");
  if (kind == PGM_VERDICT_GOOD)
    return _("Done");
  return g_strcmp0 (data->code, "cancelled") == 0 ? _("Stopped")
                                                  : kind == PGM_VERDICT_WARNING
      ? _("Done, with differences")
      : _("Failed");
}

static void
show_outcome (PgmHistoryRow *self, const PgmHistoryData *data)
{
  PgmVerdictKind kind = pgm_verdict_kind_of_code (data->code);

  for (int i = PGM_VERDICT_GOOD; i <= PGM_VERDICT_UNKNOWN; i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon),
                                 pgm_verdict_kind_get_class ((PgmVerdictKind) i));
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), pgm_verdict_kind_get_class (kind));
  gtk_image_set_from_icon_name (self->icon, data->state == PGM_HISTORY_RUNNING
                                                ? "media-playback-start-symbolic"
                                                : pgm_verdict_kind_get_icon (kind));
  pgm_words_label_accessible (GTK_WIDGET (self->icon), find_outcome (data, kind));
}

static char *
dup_detail (const PgmHistoryData *data)
{
  g_autofree char *moment = pgm_words_moment (data->started_us);
  g_autofree char *duration = pgm_text_format_duration (data->duration_us);

  if (data->state != PGM_HISTORY_FINISHED)
    return g_steal_pointer (&moment);
  /* TRANSLATORS: when a run began, and how long it took */
  return g_strdup_printf (_("%s, took %s"), moment, duration);
}

void
pgm_history_row_set_entry (PgmHistoryRow *self, PgmHistoryEntry *entry)
{
  const PgmHistoryData *data = pgm_history_entry_get_data (entry);
  g_autofree char *sentence = pgm_words_sentence (data->message);
  g_autofree char *detail = dup_detail (data);

  g_return_if_fail (PGM_IS_HISTORY_ROW (self));

  show_outcome (self, data);
  gtk_label_set_label (self->title, data->profile);
  gtk_label_set_label (self->message, sentence);
  gtk_label_set_label (self->detail, detail);
}
