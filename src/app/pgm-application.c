/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-application.h"

#include <glib/gi18n-lib.h>

#include "pgm-settings.h"
#include "pgm-window.h"

struct _PgmApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (PgmApplication, pgm_application, ADW_TYPE_APPLICATION)

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *self = user_data;

  adw_show_about_window (
      gtk_application_get_active_window (self), "application-name",
      _("PG Mirror"), "application-icon", PGM_APP_ID, "version", PGM_VERSION, "developer-name",
         _("The PG Mirror authors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
            _("Clones a PostgreSQL database from one server to another"), "translator-credits",
               _("translator-credits"), NULL);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);

  /* The window may want to ask first. */
  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (user_data);
}

static void
pgm_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (pgm_window_new (PGM_APPLICATION (application)));
  gtk_window_present (window);
}

static void
pgm_application_class_init (PgmApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = pgm_application_activate;
}

static void
pgm_application_init (PgmApplication *self)
{
  static const GActionEntry entries[] = {
    { "about", show_about },
    { "quit", quit },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit",
                                         (const char *[]){ "<Control>q", NULL });
}

PgmApplication *
pgm_application_new (void)
{
  return g_object_new (PGM_TYPE_APPLICATION, "application-id", PGM_APP_ID, "resource-base-path",
                       "/io/github/pgmirror/PgMirror", NULL);
}
