/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-application.h"

#include <glib/gi18n-lib.h>

#include "pgm-preferences.h"
#include "pgm-settings.h"
#include "pgm-tool-folders.h"
#include "pgm-window.h"

struct _PgmApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (PgmApplication, pgm_application, ADW_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *keys[3];
} shortcuts[] = {
  { "app.preferences", { "<Control>comma" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.back", { "<Alt>Left", "Back" } },
  { "win.check", { "<Control><Shift>Return" } },
  { "win.copy-command", { "<Control><Shift>c" } },
  { "win.duplicate", { "<Control>d" } },
  { "win.export", { "<Control><Shift>s" } },
  { "win.history", { "<Control>h" } },
  { "win.import", { "<Control>o" } },
  { "win.mirror", { "<Control>Return" } },
  { "win.new-profile", { "<Control>n" } },
  { "win.rename", { "F2" } },
  { "win.show-help-overlay", { "<Control>question" } },
};

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *self = user_data;

  adw_show_about_window (
      gtk_application_get_active_window (self), "application-name",
      _("PG Mirror"), "application-icon", PGM_APP_ID, "version", PGM_VERSION, "developer-name",
         _("The PG Mirror authors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
            _("Clones a PostgreSQL database from one server to another"), "translator-credits",
               /* Translators: your names, one a line */
               _("translator-credits"), NULL);
}

static void
show_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (user_data);

  gtk_window_present (pgm_preferences_new (parent));
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

static PgmWindow *
ensure_window (GApplication *application)
{
  GList *at = gtk_application_get_windows (GTK_APPLICATION (application));

  for (; at != NULL; at = at->next)
    if (PGM_IS_WINDOW (at->data))
      return at->data;
  return pgm_window_new (PGM_APPLICATION (application));
}

static void
pgm_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (application)));
}

static void
pgm_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  PgmWindow *window = ensure_window (application);

  for (int i = 0; i < n_files; i++)
    pgm_window_import (window, files[i]);
  gtk_window_present (GTK_WINDOW (window));
}

/* What a notification leads to. */
static void
show_run (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PgmWindow *window = ensure_window (user_data);

  pgm_window_show_run (window, g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (window));
}

static void
apply_color_scheme (GSettings *settings)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[g_settings_get_enum (settings, "color-scheme")]);
}

static void
apply_tools_folder (GSettings *settings)
{
  g_autofree char *folder = g_settings_get_string (settings, "tools-folder");

  pgm_tool_folders_set_preferred (folder[0] != '\0' ? folder : NULL);
}

static void
pgm_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = {
    { "about", show_about },
    { "preferences", show_preferences },
    { "quit", quit },
    { "show-run", show_run, "s" },
  };
  GSettings *settings = pgm_settings_get ();

  G_APPLICATION_CLASS (pgm_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  for (gsize i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           shortcuts[i].keys);
  g_signal_connect_object (settings, "changed::color-scheme", G_CALLBACK (apply_color_scheme),
                           application, 0);
  g_signal_connect_object (settings, "changed::tools-folder", G_CALLBACK (apply_tools_folder),
                           application, 0);
  apply_color_scheme (settings);
  apply_tools_folder (settings);
}

static void
pgm_application_class_init (PgmApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = pgm_application_activate;
  application_class->open = pgm_application_open;
  application_class->startup = pgm_application_startup;
}

static void
pgm_application_init (PgmApplication *self)
{
}

PgmApplication *
pgm_application_new (void)
{
  return g_object_new (PGM_TYPE_APPLICATION, "application-id", PGM_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/pgmirror/PgMirror", NULL);
}
