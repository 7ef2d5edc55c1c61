/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-preferences.h"

#include <glib/gi18n-lib.h>

#include "pgm-complaint.h"
#include "pgm-file-row.h"
#include "pgm-settings.h"
#include "pgm-words.h"

struct _PgmPreferences
{
  AdwPreferencesWindow parent_instance;

  /* template children */
  AdwComboRow *color_scheme;
  GtkSwitch *notifications;
  PgmFileRow *temp_folder;
  PgmFileRow *tools_folder;
};

G_DEFINE_FINAL_TYPE (PgmPreferences, pgm_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* The values of the enumeration are the positions in the list. */
static gboolean
get_position (GValue *value, GVariant *variant, gpointer settings)
{
  g_value_set_uint (value, (guint) g_settings_get_enum (settings, "color-scheme"));
  return TRUE;
}

static GVariant *
set_position (const GValue *value, const GVariantType *type, gpointer settings)
{
  static const char *const nicks[] = { "follow", "light", "dark" };

  return g_variant_new_string (nicks[MIN (g_value_get_uint (value), G_N_ELEMENTS (nicks) - 1)]);
}

static void
folder_edited_cb (GtkEditable *row)
{
  const char *text = gtk_editable_get_text (row);

  pgm_complaint_set (GTK_WIDGET (row), text[0] == '\0' || g_path_is_absolute (text)
                                           ? NULL
                                           : _("A folder from the root, such as /opt/pg/bin"));
}

static void
bind_folder (PgmFileRow *row, const char *key)
{
  g_settings_bind (pgm_settings_get (), key, row, "text", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect (row, "notify::text", G_CALLBACK (folder_edited_cb), NULL);
}

static void
pgm_preferences_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_PREFERENCES);
  G_OBJECT_CLASS (pgm_preferences_parent_class)->dispose (object);
}

static void
pgm_preferences_class_init (PgmPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_preferences_dispose;
  g_type_ensure (PGM_TYPE_FILE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmPreferences, color_scheme);
  gtk_widget_class_bind_template_child (widget_class, PgmPreferences, notifications);
  gtk_widget_class_bind_template_child (widget_class, PgmPreferences, temp_folder);
  gtk_widget_class_bind_template_child (widget_class, PgmPreferences, tools_folder);
}

static void
pgm_preferences_init (PgmPreferences *self)
{
  GSettings *settings = pgm_settings_get ();

  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_leave_room (GTK_WIDGET (self));
  g_settings_bind_with_mapping (settings, "color-scheme", self->color_scheme, "selected",
                                G_SETTINGS_BIND_DEFAULT, get_position, set_position, settings,
                                NULL);
  g_settings_bind (settings, "notifications", self->notifications, "active",
                   G_SETTINGS_BIND_DEFAULT);
  bind_folder (self->tools_folder, "tools-folder");
  bind_folder (self->temp_folder, "temp-folder");
}

GtkWindow *
pgm_preferences_new (GtkWindow *parent)
{
  return g_object_new (PGM_TYPE_PREFERENCES, "transient-for", parent, NULL);
}
