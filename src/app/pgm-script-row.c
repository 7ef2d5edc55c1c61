/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-script-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"

struct _PgmScriptRow
{
  AdwActionRow parent_instance;

  /* owned */
  PgmProfileItem *item;          /* (nullable) */
  GtkFileChooserNative *chooser; /* (nullable): as long as it is open */
  char **shown;                  /* (nullable): what the rows below show */

  GPtrArray *rows; /* owned array of borrowed rows: one for each script, below this one */
  const char *key; /* static */
  gulong changed_id;

  /* template children */
  GtkButton *add_button;
};

G_DEFINE_FINAL_TYPE (PgmScriptRow, pgm_script_row, ADW_TYPE_ACTION_ROW)

static void
set_paths (PgmScriptRow *self, GPtrArray *paths)
{
  g_ptr_array_add (paths, NULL);
  pgm_profile_item_set_texts (self->item, self->key, (const char *const *) paths->pdata);
}

/* Returns: (transfer full): owned strings */
static GPtrArray *
dup_paths (PgmScriptRow *self)
{
  g_auto(GStrv) texts =
              pgm_profile_draft_dup_texts (pgm_profile_item_get_draft (self->item), self->key);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (char **text = texts; *text != NULL; text++)
    g_ptr_array_add (paths, g_strdup (*text));
  return paths;
}

static guint
get_index (GtkWidget *button)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index"));
}

static void
remove_clicked_cb (PgmScriptRow *self, GtkWidget *button)
{
  g_autoptr(GPtrArray) paths = dup_paths (self);

  g_ptr_array_remove_index (paths, get_index (button));
  set_paths (self, paths);
  gtk_widget_grab_focus (GTK_WIDGET (self->add_button));
}

static void
up_clicked_cb (PgmScriptRow *self, GtkWidget *button)
{
  g_autoptr(GPtrArray) paths = dup_paths (self);
  guint index = get_index (button);
  char *path = g_ptr_array_steal_index (paths, index);

  g_ptr_array_insert (paths, (int) index - 1, path);
  set_paths (self, paths);
}

static void
add_button_to (PgmScriptRow *self,
               AdwActionRow *row,
               guint index,
               const char *icon,
               const char *label,
               GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (index));
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

static GtkWidget *
path_row_new (PgmScriptRow *self, const char *path, guint index)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *shown = pgm_text_escape (path);
  g_autofree char *name = g_path_get_basename (shown);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), shown);
  if (index > 0)
    add_button_to (self, ADW_ACTION_ROW (row), index, "go-up-symbolic",
                   _("Run it earlier"), G_CALLBACK (up_clicked_cb));
  add_button_to (self, ADW_ACTION_ROW (row), index, "user-trash-symbolic",
                 _("Remove the script"), G_CALLBACK (remove_clicked_cb));
  return row;
}

static void
clear_rows (PgmScriptRow *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (self->rows, i);
      GtkWidget *list = gtk_widget_get_parent (row);

      if (list != NULL)
        gtk_list_box_remove (GTK_LIST_BOX (list), row);
    }
  g_ptr_array_set_size (self->rows, 0);
  g_clear_pointer (&self->shown, g_strfreev);
}

static void
refresh (PgmScriptRow *self)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (self));
  int at = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (self));
  g_auto(GStrv) paths =
              pgm_profile_draft_dup_texts (pgm_profile_item_get_draft (self->item), self->key);

  if (self->shown != NULL &&
      g_strv_equal ((const char *const *) paths, (const char *const *) self->shown))
    return;
  clear_rows (self);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      GtkWidget *row = path_row_new (self, paths[i], i);

      g_ptr_array_add (self->rows, row);
      gtk_list_box_insert (GTK_LIST_BOX (list), row, at + 1 + (int) i);
    }
  self->shown = g_steal_pointer (&paths);
}

static void
item_changed_cb (PgmProfileItem *item, PgmScriptRow *self)
{
  if (pgm_profile_item_get_draft (item) != NULL)
    refresh (self);
}

/* @item: (nullable) */
void
pgm_script_row_set_item (PgmScriptRow *self, PgmProfileItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_set_object (&self->item, item);
  if (item == NULL || pgm_profile_item_get_draft (item) == NULL)
    return;
  self->changed_id =
      g_signal_connect_object (item, "changed", G_CALLBACK (item_changed_cb), self, 0);
  refresh (self);
}

/* @key: static; an array of paths */
void
pgm_script_row_bind (PgmScriptRow *self, const char *key)
{
  self->key = key;
}

static void
response_cb (GtkNativeDialog *dialog, int response, PgmScriptRow *self)
{
  g_autoptr(GListModel) files = NULL;
  g_autoptr(GPtrArray) paths = NULL;

  if (response == GTK_RESPONSE_ACCEPT && self->item != NULL)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      paths = dup_paths (self);
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr(GFile) file = g_list_model_get_item (files, i);
          char *path = g_file_get_path (file);

          if (path != NULL)
            g_ptr_array_add (paths, path);
        }
      set_paths (self, paths);
    }
  g_clear_object (&self->chooser);
}

static void
add_clicked_cb (PgmScriptRow *self)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      _("Add Scripts"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
         GTK_FILE_CHOOSER_ACTION_OPEN, _("_Add"), NULL);
  gtk_file_filter_set_name (filter, _("SQL Files"));
  gtk_file_filter_add_suffix (filter, "sql");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_object_unref (filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
pgm_script_row_dispose (GObject *object)
{
  PgmScriptRow *self = PGM_SCRIPT_ROW (object);

  pgm_script_row_set_item (self, NULL);
  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_SCRIPT_ROW);
  G_OBJECT_CLASS (pgm_script_row_parent_class)->dispose (object);
}

static void
pgm_script_row_finalize (GObject *object)
{
  PgmScriptRow *self = PGM_SCRIPT_ROW (object);

  g_ptr_array_unref (self->rows);
  g_strfreev (self->shown);
  G_OBJECT_CLASS (pgm_script_row_parent_class)->finalize (object);
}

static void
pgm_script_row_class_init (PgmScriptRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pgm_script_row_dispose;
  object_class->finalize = pgm_script_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-script-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmScriptRow, add_button);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
}

static void
pgm_script_row_init (PgmScriptRow *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
