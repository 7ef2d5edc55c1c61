/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-window.h"

#include <glib/gi18n-lib.h>

#include "pgm-settings.h"

struct _PgmWindow
{
  AdwApplicationWindow parent_instance;

  /* template children */
  AdwLeaflet *leaflet;
  GtkListView *profile_view;
  GtkStack *stack;
  AdwToastOverlay *toasts;
};

G_DEFINE_FINAL_TYPE (PgmWindow, pgm_window, ADW_TYPE_APPLICATION_WINDOW)

static void
go_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (PGM_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
pgm_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_WINDOW);
  G_OBJECT_CLASS (pgm_window_parent_class)->dispose (object);
}

static void
pgm_window_class_init (PgmWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pgm_window_dispose;
  gtk_widget_class_install_action (widget_class, "win.back", NULL, go_back);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, profile_view);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, PgmWindow, toasts);
}

static void
pgm_window_init (PgmWindow *self)
{
  GSettings *settings = pgm_settings_get ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
}

PgmWindow *
pgm_window_new (PgmApplication *application)
{
  return g_object_new (PGM_TYPE_WINDOW, "application", application, NULL);
}
