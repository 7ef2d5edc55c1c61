/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-profile-row.h"

struct _PgmProfileRow
{
  GtkListBoxRow parent_instance;

  PgmProfileItem *item; /* owned */

  /* template children */
  GtkImage *icon;
  GtkLabel *outcome;
  GtkWidget *outcome_box;
  GtkLabel *route;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmProfileRow, pgm_profile_row, GTK_TYPE_LIST_BOX_ROW)

static void
refresh (PgmProfileRow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *route = NULL;
  g_autofree char *outcome = NULL;
  g_autofree char *icon = NULL;
  g_autofree char *spoken = NULL;

  g_object_get (self->item, "title", &title, "route", &route, "outcome", &outcome, "outcome-icon",
                &icon, NULL);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->route, route);
  gtk_label_set_text (self->outcome, outcome != NULL ? outcome : "");
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_widget_set_visible (self->outcome_box, outcome != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), route);
  spoken = g_strjoin (", ", title, route, outcome, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
pgm_profile_row_dispose (GObject *object)
{
  g_clear_object (&PGM_PROFILE_ROW (object)->item);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_PROFILE_ROW);
  G_OBJECT_CLASS (pgm_profile_row_parent_class)->dispose (object);
}

static void
pgm_profile_row_class_init (PgmProfileRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_profile_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-profile-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmProfileRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmProfileRow, outcome);
  gtk_widget_class_bind_template_child (widget_class, PgmProfileRow, outcome_box);
  gtk_widget_class_bind_template_child (widget_class, PgmProfileRow, route);
  gtk_widget_class_bind_template_child (widget_class, PgmProfileRow, title);
}

static void
pgm_profile_row_init (PgmProfileRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pgm_profile_row_new (PgmProfileItem *item)
{
  static const char *const signals[] = { "notify::title", "notify::route", "notify::outcome",
                                         "notify::outcome-icon" };
  PgmProfileRow *self = g_object_new (PGM_TYPE_PROFILE_ROW, NULL);

  self->item = g_object_ref (item);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (item, signals[i], G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

PgmProfileItem *
pgm_profile_row_get_item (PgmProfileRow *self)
{
  return self->item;
}
