/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-file-row.h"

#include <glib/gi18n-lib.h>

struct _PgmFileRow
{
  AdwEntryRow parent_instance;

  GtkFileChooserNative *chooser; /* owned (nullable): as long as it is open */
  gboolean chooses_folder;

  /* template children */
  GtkButton *button;
};

enum
{
  PROP_CHOOSES_FOLDER = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PgmFileRow, pgm_file_row, ADW_TYPE_ENTRY_ROW)

static void
response_cb (GtkNativeDialog *dialog, int response, PgmFileRow *self)
{
  g_autoptr(GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self), path);
  g_clear_object (&self->chooser);
}

static void
button_clicked_cb (PgmFileRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  const char *path = gtk_editable_get_text (GTK_EDITABLE (self));

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      self->chooses_folder ? _("Choose a Folder")
                           : _("Choose a File"), GTK_WINDOW (root),
                                self->chooses_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER
                                                     : GTK_FILE_CHOOSER_ACTION_OPEN,
                                _("_Choose"), NULL);
  if (g_path_is_absolute (path))
    {
      g_autoptr(GFile) file = g_file_new_for_path (path);

      gtk_file_chooser_set_file (GTK_FILE_CHOOSER (self->chooser), file, NULL);
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
pgm_file_row_constructed (GObject *object)
{
  PgmFileRow *self = PGM_FILE_ROW (object);
  const char *label = self->chooses_folder ? _("Choose a Folder") : _("Choose a File");

  G_OBJECT_CLASS (pgm_file_row_parent_class)->constructed (object);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static void
pgm_file_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CHOOSES_FOLDER)
    PGM_FILE_ROW (object)->chooses_folder = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_file_row_dispose (GObject *object)
{
  g_clear_object (&PGM_FILE_ROW (object)->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_FILE_ROW);
  G_OBJECT_CLASS (pgm_file_row_parent_class)->dispose (object);
}

static void
pgm_file_row_class_init (PgmFileRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = pgm_file_row_constructed;
  object_class->set_property = pgm_file_row_set_property;
  object_class->dispose = pgm_file_row_dispose;
  properties[PROP_CHOOSES_FOLDER] =
      g_param_spec_boolean ("chooses-folder", NULL, NULL, FALSE,
                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-file-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmFileRow, button);
  gtk_widget_class_bind_template_callback (widget_class, button_clicked_cb);
}

static void
pgm_file_row_init (PgmFileRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
