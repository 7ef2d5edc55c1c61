/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-log-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

struct _PgmLogRow
{
  GtkBox parent_instance;

  /* template children */
  GtkImage *icon;
  GtkLabel *message;
  GtkLabel *time;
};

G_DEFINE_FINAL_TYPE (PgmLogRow, pgm_log_row, GTK_TYPE_BOX)

/* Colour alone does not tell a level: there is an icon too, which has a name. */
static const struct
{
  const char *icon;
  const char *class;
  const char *name;
} looks[] = {
  [PGM_LOG_DEBUG] = { NULL, "dim-label", NULL },
  [PGM_LOG_INFO] = { NULL, NULL, NULL },
  [PGM_LOG_WARNING] = { "dialog-warning-symbolic", "warning", N_("Warning") },
                        [PGM_LOG_ERROR] = { "dialog-error-symbolic", "error", N_("Error") },
                        };

static void
pgm_log_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_LOG_ROW);
  G_OBJECT_CLASS (pgm_log_row_parent_class)->dispose (object);
}

static void
pgm_log_row_class_init (PgmLogRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_log_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-log-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmLogRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmLogRow, message);
  gtk_widget_class_bind_template_child (widget_class, PgmLogRow, time);
}

static void
pgm_log_row_init (PgmLogRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pgm_log_row_new (void)
{
  return g_object_new (PGM_TYPE_LOG_ROW, NULL);
}

void
pgm_log_row_set_line (PgmLogRow *self, PgmLogLine *line)
{
  PgmLogLevel level = pgm_log_line_get_level (line);
  g_autofree char *time = pgm_log_line_dup_time (line);

  g_return_if_fail (PGM_IS_LOG_ROW (self));

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    if (looks[i].class != NULL)
      {
        gtk_widget_remove_css_class (GTK_WIDGET (self->message), looks[i].class);
        gtk_widget_remove_css_class (GTK_WIDGET (self->icon), looks[i].class);
      }
  if (looks[level].class != NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->message), looks[level].class);
      gtk_widget_add_css_class (GTK_WIDGET (self->icon), looks[level].class);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->icon), looks[level].icon != NULL);
  gtk_image_set_from_icon_name (self->icon, looks[level].icon);
  if (looks[level].name != NULL)
    pgm_words_label_accessible (GTK_WIDGET (self->icon), _(looks[level].name));
  gtk_label_set_label (self->time, time);
  gtk_label_set_label (self->message, pgm_log_line_get_message (line));
}
