/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-log-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-log-model.h"
#include "pgm-log-row.h"
#include "pgm-words.h"

#define SHOW_DELAY_MS 60

struct _PgmLogView
{
  AdwBin parent_instance;

  /* owned */
  GtkFilterListModel *filtered;
  GtkMultiSelection *selection;
  GtkCustomFilter *filter;
  char *needle;      /* case-folded, nullable: everything */
  GListModel *lines; /* nullable: to be shown in a moment */

  guint show_id;
  PgmLogLevel least;

  /* template children */
  GtkToggleButton *follow;
  GtkDropDown *level;
  GtkListView *list;
  GtkLabel *none;
  GtkScrolledWindow *scroller;
  GtkSearchEntry *search;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (PgmLogView, pgm_log_view, ADW_TYPE_BIN)

static gboolean
match_cb (gpointer item, gpointer user_data)
{
  PgmLogView *self = user_data;
  g_autofree char *folded = NULL;

  if (pgm_log_line_get_level (item) < self->least)
    return FALSE;
  if (self->needle == NULL)
    return TRUE;
  folded = g_utf8_casefold (pgm_log_line_get_message (item), -1);
  return strstr (folded, self->needle) != NULL;
}

static void
scroll_to_end (PgmLogView *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (n > 0 && gtk_toggle_button_get_active (self->follow))
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", n - 1);
}

static void
update_stack (PgmLogView *self)
{
  gboolean has_lines = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0 ||
                       gtk_filter_list_model_get_pending (self->filtered) > 0;

  gtk_label_set_label (self->none, self->needle != NULL ? _("No line matches the search")
                                                        : _("Nothing to show yet"));
  gtk_stack_set_visible_child_name (self->stack, has_lines ? "lines" : "none");
}

static void
items_changed_cb (PgmLogView *self)
{
  update_stack (self);
  scroll_to_end (self);
}

static void
refilter (PgmLogView *self, GtkFilterChange change)
{
  gtk_filter_changed (GTK_FILTER (self->filter), change);
  update_stack (self);
  scroll_to_end (self);
}

static void
search_changed_cb (GtkSearchEntry *search, gpointer user_data)
{
  PgmLogView *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (search));

  g_free (self->needle);
  self->needle = text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;
  gtk_filter_list_model_set_incremental (self->filtered, self->needle != NULL);
  refilter (self, GTK_FILTER_CHANGE_DIFFERENT);
}

/* The order of the choices is that of the levels, without the last. */
static void
level_changed_cb (GtkDropDown *level, GParamSpec *pspec, gpointer user_data)
{
  PgmLogView *self = user_data;

  self->least = (PgmLogLevel) MIN (gtk_drop_down_get_selected (level), PGM_LOG_WARNING);
  if (self->filter != NULL)
    refilter (self, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
follow_toggled_cb (GtkToggleButton *follow, gpointer user_data)
{
  scroll_to_end (user_data);
}

/* Who goes up wants to read; who comes to the end wants to follow. */
static gboolean
scrolled_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  PgmLogView *self = user_data;

  if (dy < 0.0)
    gtk_toggle_button_set_active (self->follow, FALSE);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint key,
                guint code,
                GdkModifierType state,
                gpointer user_data)
{
  PgmLogView *self = user_data;

  if (key == GDK_KEY_Up || key == GDK_KEY_Page_Up || key == GDK_KEY_Home)
    gtk_toggle_button_set_active (self->follow, FALSE);
  else if (key == GDK_KEY_End)
    gtk_toggle_button_set_active (self->follow, TRUE);
  return GDK_EVENT_PROPAGATE;
}

static void
edge_reached_cb (GtkScrolledWindow *scroller, GtkPositionType position, gpointer user_data)
{
  PgmLogView *self = user_data;

  if (position == GTK_POS_BOTTOM)
    gtk_toggle_button_set_active (self->follow, TRUE);
}

static void
append_line (GString *out, GListModel *lines, guint i)
{
  g_autoptr(PgmLogLine) line = g_list_model_get_item (lines, i);
  g_autofree char *text = pgm_log_line_dup_text (line);

  g_string_append (out, text);
  g_string_append_c (out, '\n');
}

/* Returns: (transfer full): the lines that are selected, or all that are shown */
char *
pgm_log_view_dup_text (PgmLogView *self)
{
  GListModel *lines = NULL;
  GString *out = g_string_new (NULL);
  g_autoptr(GtkBitset) selected = NULL;

  g_return_val_if_fail (PGM_IS_LOG_VIEW (self), g_string_free (out, FALSE));

  lines = G_LIST_MODEL (self->selection);
  selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    if (gtk_bitset_is_empty (selected) || gtk_bitset_contains (selected, i))
      append_line (out, lines, i);
  return g_string_free (out, FALSE);
}

static void
copy (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *text = pgm_log_view_dup_text (PGM_LOG_VIEW (widget));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  pgm_words_toast (widget, _("Copied"));
}

static void
find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (PGM_LOG_VIEW (widget)->search));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GtkWidget) view = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    text = g_strdup (_("Log saved"));
  else
    text = g_strdup_printf (_("The log could not be saved: %s"), error->message);
  pgm_words_toast (view, text);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  PgmLogView *self = user_data;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GBytes) bytes = NULL;
  char *text = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      text = pgm_log_view_dup_text (self);
      bytes = g_bytes_new_take (text, strlen (text));
      g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                           saved_cb, g_object_ref (self));
    }
  g_object_unref (dialog);
}

static void
save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_("Save Log"), GTK_WINDOW (gtk_widget_get_root (widget)),
                                      GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _("pg-mirror.log"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_response_cb), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, pgm_log_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  pgm_log_row_set_line (PGM_LOG_ROW (gtk_list_item_get_child (item)),
                        gtk_list_item_get_item (item));
}

static void
pgm_log_view_dispose (GObject *object)
{
  PgmLogView *self = PGM_LOG_VIEW (object);

  g_clear_handle_id (&self->show_id, g_source_remove);
  g_clear_object (&self->lines);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_LOG_VIEW);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_clear_pointer (&self->needle, g_free);
  G_OBJECT_CLASS (pgm_log_view_parent_class)->dispose (object);
}

static void
pgm_log_view_class_init (PgmLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_log_view_dispose;
  gtk_widget_class_install_action (widget_class, "log.copy", NULL, copy);
  gtk_widget_class_install_action (widget_class, "log.find", NULL, find);
  gtk_widget_class_install_action (widget_class, "log.save", NULL, save);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "log.copy", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "log.find", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, follow);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, level);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, list);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, none);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, scroller);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, search);
  gtk_widget_class_bind_template_child (widget_class, PgmLogView, stack);
  gtk_widget_class_bind_template_callback (widget_class, edge_reached_cb);
  gtk_widget_class_bind_template_callback (widget_class, follow_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, level_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, scrolled_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
}

static void
pgm_log_view_init (PgmLogView *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->least = PGM_LOG_INFO;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, g_object_ref (GTK_FILTER (self->filter)));
  self->selection = gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  pgm_light_row_watch (self->list);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->filtered, "notify::pending", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED);
  update_stack (self);
}

GtkWidget *
pgm_log_view_new (void)
{
  return g_object_new (PGM_TYPE_LOG_VIEW, NULL);
}

static gboolean
show_cb (gpointer user_data)
{
  PgmLogView *self = user_data;

  self->show_id = 0;
  gtk_filter_list_model_set_model (self->filtered, self->lines);
  g_clear_object (&self->lines);
  return G_SOURCE_REMOVE;
}

/* A page comes up with its log a frame later: both at once would take too long.
 * @lines: (nullable): PgmLogLine */
void
pgm_log_view_set_model (PgmLogView *self, GListModel *lines)
{
  g_return_if_fail (PGM_IS_LOG_VIEW (self));

  g_set_object (&self->lines, lines);
  if (self->show_id == 0)
    self->show_id = g_timeout_add (SHOW_DELAY_MS, show_cb, self);
}

void
pgm_log_view_set_follow (PgmLogView *self, gboolean follow)
{
  g_return_if_fail (PGM_IS_LOG_VIEW (self));

  gtk_toggle_button_set_active (self->follow, follow);
}
