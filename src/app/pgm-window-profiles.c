/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-window-private.h"

#include <glib/gi18n-lib.h>

#include "pgm-keyring.h"
#include "pgm-profile-names.h"
#include "pgm-profile-row.h"
#include "pgm-settings.h"

static void
new_profile (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);

  pgm_window_select (
      self, pgm_profile_list_add_new (self->profiles, self->has_keyring ? "keyring" : "prompt"));
  pgm_profile_page_edit_name (self->profile_page);
}

static void
duplicate (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);

  pgm_window_select (self, pgm_profile_list_duplicate (self->profiles, self->item));
}

static void
edit_name (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pgm_profile_page_edit_name (PGM_WINDOW (widget)->profile_page);
}

static void
swap_servers (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pgm_profile_item_swap_servers (PGM_WINDOW (widget)->item);
}

static void
copy_command (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);
  g_autofree char *quoted = g_shell_quote (pgm_profile_item_get_title (self->item));
  g_autofree char *command = g_strdup_printf ("pg-mirror-cli mirror --profile %s", quoted);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), command);
  pgm_window_toast (self, _("Command copied"));
}

static void
add_json_filter (GtkFileChooserNative *chooser)
{
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Profiles (JSON)"));
  gtk_file_filter_add_suffix (filter, "json");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

static void
open_chooser (PgmWindow *self,
              const char *title,
              GtkFileChooserAction action,
              const char *accept,
              GCallback callback)
{
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
  add_json_filter (self->chooser);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", callback, self, 0);
}

static void
import_response_cb (GtkNativeDialog *dialog, int response, PgmWindow *self)
{
  g_autoptr(GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      for (guint i = 0; i < g_list_model_get_n_items (files); i++)
        {
          g_autoptr(GFile) file = g_list_model_get_item (files, i);

          pgm_window_import (self, file);
        }
    }
  g_clear_object (&self->chooser);
}

static void
import (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);

  open_chooser (self, _("Import Profiles"), GTK_FILE_CHOOSER_ACTION_OPEN,
                         _("_Import"), G_CALLBACK (import_response_cb));
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (pgm_profile_io_write_finish (result, &error))
    pgm_window_toast (self, _("Profile exported"));
  else
    pgm_window_toast (self, error->message);
}

static void
export_response_cb (GtkNativeDialog *dialog, int response, PgmWindow *self)
{
  g_autoptr(GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT && self->item != NULL)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    pgm_profile_io_write_async (path, pgm_profile_item_write_portable (self->item), exported_cb,
                                g_object_ref (self));
  g_clear_object (&self->chooser);
}

static void export(GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);
  g_autofree char *file_name = g_path_get_basename (pgm_profile_item_get_path (self->item));

  open_chooser (self, _("Export Profile"), GTK_FILE_CHOOSER_ACTION_SAVE,
                         _("_Export"), G_CALLBACK (export_response_cb));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), file_name);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
undo_cb (AdwToast *toast, PgmWindow *self)
{
  PgmProfileItem *item = g_object_steal_data (G_OBJECT (toast), "item");

  pgm_profile_list_undo_remove (self->profiles, item);
  pgm_window_select (self, item);
  g_object_unref (item);
}

static void
dismissed_cb (AdwToast *toast, PgmProfileList *profiles)
{
  PgmProfileItem *item = g_object_get_data (G_OBJECT (toast), "item");

  if (item != NULL)
    pgm_profile_list_forget (profiles, item);
}

/* Returns: (transfer none) (nullable): the profile that is shown there in the sidebar */
static PgmProfileItem *
get_shown (PgmWindow *self, int position)
{
  GtkListBoxRow *row =
      position >= 0 ? gtk_list_box_get_row_at_index (self->profile_view, position) : NULL;

  return row != NULL ? pgm_profile_row_get_item (PGM_PROFILE_ROW (row)) : NULL;
}

/* Returns: (transfer none) (nullable): the profile that is next to @item */
static PgmProfileItem *
find_neighbour (PgmWindow *self, PgmProfileItem *item)
{
  GtkListBoxRow *row = pgm_window_find_row (self, item);
  int position = row != NULL ? gtk_list_box_row_get_index (row) : -1;
  PgmProfileItem *next = get_shown (self, position + 1);

  return next != NULL && next != item ? next : get_shown (self, position - 1);
}

static void delete (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);
  g_autoptr(PgmProfileItem) item = g_object_ref (self->item);
  PgmProfileItem *next = find_neighbour (self, item);
  g_autofree char *text = g_strdup_printf (_("“%s” deleted"), pgm_profile_item_get_title (item));
  g_autofree char *markup = g_markup_escape_text (text, -1);
  AdwToast *toast = adw_toast_new (markup);

  pgm_window_select (self, next);
  pgm_profile_list_remove (self->profiles, item);
  g_object_set (toast, "button-label", _("_Undo"), "priority", ADW_TOAST_PRIORITY_HIGH, NULL);
  g_object_set_data_full (G_OBJECT (toast), "item", g_object_ref (item), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_cb), self, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (dismissed_cb), self->profiles, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* The program does not end before the servers of the sample have. */
static void
hold_application (void)
{
  if (g_application_get_default () != NULL)
    g_application_hold (g_application_get_default ());
}

static void
release_application (void)
{
  if (g_application_get_default () != NULL)
    g_application_release (g_application_get_default ());
}

static void
sample_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  pgm_sample_stop_finish (PGM_SAMPLE (source), result, NULL);
  release_application ();
}

/* @sample: (nullable) */
static void
stop_sample (PgmSample *sample)
{
  if (sample == NULL)
    return;
  hold_application ();
  pgm_sample_stop_async (sample, sample_stopped_cb, NULL);
}

static void
sample_started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSample) sample = pgm_sample_start_finish (result, &error);
  PgmProfileItem *item = NULL;

  release_application ();
  self->is_sample_starting = FALSE;
  if (self->profiles == NULL) /* closed in the meantime */
    {
      stop_sample (sample);
      return;
    }
  if (sample != NULL)
    {
      g_set_object (&self->sample, sample);
      item = pgm_profile_list_add_text (self->profiles, pgm_sample_dup_profile_json (sample),
                                        _("Sample"), &error);
    }
  if (item != NULL)
    {
      g_set_object (&self->sample_item, item);
      pgm_window_select (self, item);
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    pgm_window_toast (self, error->message);
  pgm_window_update (self);
}

static void
start_sample (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmWindow *self = PGM_WINDOW (widget);

  if (self->sample_item != NULL)
    {
      pgm_window_select (self, self->sample_item);
      return;
    }
  self->is_sample_starting = TRUE;
  pgm_window_update (self);
  hold_application ();
  pgm_sample_start_async (self->cancellable, sample_started_cb, g_object_ref (self));
}

/* The servers end with the window, and so does the profile: it could reach nothing any more. */
void
pgm_window_end_sample (PgmWindow *self)
{
  if (self->sample_item != NULL &&
      pgm_profile_list_find (self->profiles, pgm_profile_item_get_path (self->sample_item)) != NULL)
    pgm_profile_list_discard (self->profiles, self->sample_item);
  stop_sample (self->sample);
  g_clear_object (&self->sample);
}

static void
sample_probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmWindow) self = user_data;

  self->is_sample_offered = pgm_sample_probe_finish (result, NULL);
  if (!g_cancellable_is_cancelled (self->cancellable) && self->cancellable != NULL)
    pgm_window_update (self);
}

static void
keyring_probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmWindow) self = user_data;

  self->has_keyring = pgm_keyring_probe_finish (result, NULL);
}

/* Asks what this computer has. */
void
pgm_window_probe (PgmWindow *self)
{
  pgm_sample_probe_async (self->cancellable, sample_probed_cb, g_object_ref (self));
  pgm_keyring_probe_async (self->cancellable, keyring_probed_cb, g_object_ref (self));
}

static int
compare_rows_cb (GtkListBoxRow *a, GtkListBoxRow *b, gpointer user_data)
{
  return pgm_profile_item_compare (pgm_profile_row_get_item (PGM_PROFILE_ROW (a)),
                                   pgm_profile_row_get_item (PGM_PROFILE_ROW (b)));
}

static void
remove_rows_of_the_gone (PgmWindow *self)
{
  GtkListBoxRow *row = NULL;
  int i = 0;

  while ((row = gtk_list_box_get_row_at_index (self->profile_view, i)) != NULL)
    {
      PgmProfileItem *item = pgm_profile_row_get_item (PGM_PROFILE_ROW (row));

      if (pgm_profile_list_find (self->profiles, pgm_profile_item_get_path (item)) == item)
        i++;
      else
        gtk_list_box_remove (self->profile_view, GTK_WIDGET (row));
    }
}

/* GTK 4.8 leaves a row that moves where it was for screen readers. */
static void
sort_row (GtkListBoxRow *row)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (row));
  int position = 0;

  gtk_list_box_row_changed (row);
  position = gtk_list_box_row_get_index (row);
  gtk_widget_insert_after (
      GTK_WIDGET (row), list,
      position > 0 ? GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), position - 1))
                   : NULL);
}

/* The rows sort themselves: a profile with another title moves, and stays selected. */
static void
update_rows (PgmWindow *self, guint position, guint removed, guint added)
{
  if (removed > 0)
    remove_rows_of_the_gone (self);
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->profiles), i);
      GtkWidget *row = pgm_profile_row_new (item);

      g_signal_connect_object (item, "notify::title", G_CALLBACK (sort_row), row,
                               G_CONNECT_SWAPPED);
      gtk_list_box_append (self->profile_view, row);
    }
}

/* The profile of last time, else the first. */
static void
loaded_cb (PgmWindow *self)
{
  g_autofree char *last = g_settings_get_string (pgm_settings_get (), "last-profile");
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->profiles));
  PgmProfileItem *chosen = get_shown (self, 0);
  gboolean shows_history = self->shows_history;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->profiles), i);
      g_autofree char *name = g_path_get_basename (pgm_profile_item_get_path (item));

      if (g_str_equal (name, last))
        chosen = item; /* which the list keeps */
    }
  if (self->item == NULL && (shows_history || !adw_leaflet_get_folded (self->leaflet)))
    {
      pgm_window_select (self, chosen);
      self->shows_history = shows_history; /* a notification may have asked for it at the start */
    }
  if (chosen == NULL) /* the welcome page; whether the window is narrow shows later */
    adw_leaflet_set_visible_child (self->leaflet, self->content);
  pgm_window_update_outcomes (self);
  pgm_window_update (self);
}

static void
items_changed_cb (PgmWindow *self, guint position, guint removed, guint added)
{
  update_rows (self, position, removed, added);
  if (!pgm_profile_list_is_loaded (self->profiles))
    return;
  if (self->item != NULL &&
      pgm_profile_list_find (self->profiles, pgm_profile_item_get_path (self->item)) == NULL)
    pgm_window_select (self, get_shown (self, 0));
  pgm_window_update (self);
}

static void
added_cb (PgmWindow *self, PgmProfileItem *item)
{
  g_autofree char *text = g_strdup_printf (_("“%s” imported"), pgm_profile_item_get_title (item));

  pgm_window_select (self, item);
  pgm_window_toast (self, text);
}

static void
conflict_response_cb (AdwMessageDialog *dialog, const char *response, PgmProfileItem *item)
{
  if (g_str_equal (response, "theirs"))
    pgm_profile_item_take_theirs (item);
  else
    pgm_profile_item_keep_mine (item);
}

static void
conflict_cb (PgmWindow *self, PgmProfileItem *item)
{
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (self), _("Changed by Another Program"), NULL);

  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      _("The file of “%s” was changed while your edits here were not saved yet."),
         pgm_profile_item_get_title (item));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "mine",
                                    _("_Keep My Edits"), "theirs", _("_Load File"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "mine");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "mine");
  g_signal_connect_object (dialog, "response", G_CALLBACK (conflict_response_cb), item, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, PgmWindow *self)
{
  g_autoptr(GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  for (GSList *at = files; at != NULL; at = at->next)
    pgm_window_import (self, at->data);
  return TRUE;
}

void
pgm_window_follow_profiles (PgmWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_list_box_set_sort_func (self->profile_view, compare_rows_cb, NULL, NULL);
  g_signal_connect_object (self->profiles, "notify::is-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->profiles, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->profiles, "failed", G_CALLBACK (pgm_window_toast), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->profiles, "added", G_CALLBACK (added_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->profiles, "conflict", G_CALLBACK (conflict_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (drop, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

void
pgm_window_install_profile_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.new-profile", NULL, new_profile);
  gtk_widget_class_install_action (widget_class, "win.duplicate", NULL, duplicate);
  gtk_widget_class_install_action (widget_class, "win.rename", NULL, edit_name);
  gtk_widget_class_install_action (widget_class, "win.swap", NULL, swap_servers);
  gtk_widget_class_install_action (widget_class, "win.copy-command", NULL, copy_command);
  gtk_widget_class_install_action (widget_class, "win.import", NULL, import);
  gtk_widget_class_install_action (widget_class, "win.export", NULL, export);
  gtk_widget_class_install_action (widget_class, "win.delete", NULL, delete);
  gtk_widget_class_install_action (widget_class, "win.sample", NULL, start_sample);
}
