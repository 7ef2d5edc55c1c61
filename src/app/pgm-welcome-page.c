/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-welcome-page.h"

struct _PgmWelcomePage
{
  AdwBin parent_instance;

  /* template children */
  GtkButton *new_button;
  GtkWidget *sample_button;
  GtkSpinner *sample_spinner;
};

G_DEFINE_FINAL_TYPE (PgmWelcomePage, pgm_welcome_page, ADW_TYPE_BIN)

/* @is_offered: whether this computer has the programs of a server */
void
pgm_welcome_page_set_sample (PgmWelcomePage *self, gboolean is_offered, gboolean is_starting)
{
  gtk_widget_set_visible (self->sample_button, is_offered);
  gtk_widget_set_visible (GTK_WIDGET (self->sample_spinner), is_starting);
  gtk_spinner_set_spinning (self->sample_spinner, is_starting);
}

static gboolean
pgm_welcome_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PGM_WELCOME_PAGE (widget)->new_button));
}

static void
pgm_welcome_page_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_WELCOME_PAGE);
  G_OBJECT_CLASS (pgm_welcome_page_parent_class)->dispose (object);
}

static void
pgm_welcome_page_class_init (PgmWelcomePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_welcome_page_dispose;
  widget_class->grab_focus = pgm_welcome_page_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmWelcomePage, new_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWelcomePage, sample_button);
  gtk_widget_class_bind_template_child (widget_class, PgmWelcomePage, sample_spinner);
}

static void
pgm_welcome_page_init (PgmWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
