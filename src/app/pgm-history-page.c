/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-page.h"

#include <glib/gi18n-lib.h>

#include "pgm-history-row.h"
#include "pgm-log-model.h"
#include "pgm-result-page.h"
#include "pgm-words.h"

struct _PgmHistoryPage
{
  AdwBin parent_instance;

  /* owned */
  GListStore *entries;
  PgmHistoryEntry *entry; /* (nullable): that is shown */
  GCancellable *cancellable;
  char *wanted; /* (nullable): id of the entry to open when the list is there */

  /* template children */
  GtkListView *list;
  AdwStatusPage *none;
  PgmResultPage *result;
  GtkStack *stack;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmHistoryPage, pgm_history_page, ADW_TYPE_BIN)

static void
show_list (PgmHistoryPage *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->entries)) == 0;

  g_clear_object (&self->entry);
  gtk_stack_set_visible_child_name (self->stack, is_empty ? "none" : "list");
}

static void
show_fault (PgmHistoryPage *self, const char *title, const char *description)
{
  adw_status_page_set_title (self->none, title);
  adw_status_page_set_description (self->none, description);
}

static void open_entry (PgmHistoryPage *self, PgmHistoryEntry *entry);

static void
open_wanted (PgmHistoryPage *self, GPtrArray *entries)
{
  g_autofree char *id = g_steal_pointer (&self->wanted);

  for (guint i = 0; id != NULL && i < entries->len; i++)
    if (g_str_equal (pgm_history_entry_get_data (entries->pdata[i])->id, id))
      open_entry (self, entries->pdata[i]);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmHistoryPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) entries = pgm_history_list_finish (result, &error);
  g_autofree char *sentence = error != NULL ? pgm_words_sentence (error->message) : NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (entries == NULL)
    show_fault (self, _("No History"), sentence);
  else
    show_fault (self, _("No Runs Yet"),
                         _("Every run is kept here, with its result and its log."));
  g_list_store_splice (self->entries, 0, g_list_model_get_n_items (G_LIST_MODEL (self->entries)),
                       entries != NULL ? entries->pdata : NULL, entries != NULL ? entries->len : 0);
  if (entries != NULL && self->wanted != NULL)
    open_wanted (self, entries);
  if (self->entry == NULL)
    show_list (self);
}

void
pgm_history_page_reload (PgmHistoryPage *self)
{
  g_return_if_fail (PGM_IS_HISTORY_PAGE (self));

  pgm_history_list_async (self->cancellable, listed_cb, g_object_ref (self));
}

/* @id: of an entry; the list is shown where there is none of that id any more */
void
pgm_history_page_open (PgmHistoryPage *self, const char *id)
{
  g_return_if_fail (PGM_IS_HISTORY_PAGE (self));

  g_clear_object (&self->entry);
  g_free (self->wanted);
  self->wanted = g_strdup (id);
  pgm_history_page_reload (self);
}

static void
log_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmHistoryPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = pgm_history_read_log_finish (result, &error);
  g_autoptr(PgmLogModel) log = pgm_log_model_new ();

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->entry == NULL)
    return;
  pgm_log_model_append_text (log, text != NULL ? text : error->message);
  pgm_result_page_show_entry (self->result, self->entry, G_LIST_MODEL (log));
}

static void
open_entry (PgmHistoryPage *self, PgmHistoryEntry *entry)
{
  const PgmHistoryData *data = pgm_history_entry_get_data (entry);

  g_set_object (&self->entry, entry);
  gtk_label_set_label (self->title, data->profile);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "history.remove",
                                 data->state != PGM_HISTORY_RUNNING);
  pgm_result_page_show_entry (self->result, self->entry, NULL);
  gtk_stack_set_visible_child_name (self->stack, "entry");
  gtk_widget_child_focus (GTK_WIDGET (self->result), GTK_DIR_TAB_FORWARD);
  pgm_history_read_log_async (self->entry, self->cancellable, log_read_cb, g_object_ref (self));
}

static void
activate_cb (GtkListView *list, guint position, gpointer user_data)
{
  PgmHistoryPage *self = user_data;
  g_autoptr(PgmHistoryEntry) entry =
                 g_list_model_get_item (G_LIST_MODEL (self->entries), position);

  open_entry (self, entry);
}

/* Returns: FALSE if it was at the list already */
gboolean
pgm_history_page_go_back (PgmHistoryPage *self)
{
  g_return_val_if_fail (PGM_IS_HISTORY_PAGE (self), FALSE);

  if (self->entry == NULL)
    return FALSE;
  show_list (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
  return TRUE;
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmHistoryPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *sentence = NULL;

  if (pgm_history_remove_finish (result, &error))
    pgm_words_toast (GTK_WIDGET (self), _("Removed from the history"));
  else
    {
      sentence = pgm_words_sentence (error->message);
      pgm_words_toast (GTK_WIDGET (self), sentence);
    }
  pgm_history_page_reload (self);
}

static void
remove_entry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  PgmHistoryPage *self = PGM_HISTORY_PAGE (widget);

  if (self->entry == NULL)
    return;
  pgm_history_remove_async (self->entry, NULL, removed_cb, g_object_ref (self));
  show_list (self);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, pgm_history_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  pgm_history_row_set_entry (PGM_HISTORY_ROW (gtk_list_item_get_child (item)),
                             gtk_list_item_get_item (item));
}

static void
pgm_history_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pgm_history_page_parent_class)->map (widget);
  pgm_history_page_reload (PGM_HISTORY_PAGE (widget));
}

static void
pgm_history_page_dispose (GObject *object)
{
  PgmHistoryPage *self = PGM_HISTORY_PAGE (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  adw_bin_set_child (ADW_BIN (object), NULL); /* it would not see the template take it */
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_HISTORY_PAGE);
  g_clear_object (&self->entries);
  g_clear_object (&self->entry);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->wanted, g_free);
  G_OBJECT_CLASS (pgm_history_page_parent_class)->dispose (object);
}

static void
pgm_history_page_class_init (PgmHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_history_page_dispose;
  widget_class->map = pgm_history_page_map;
  g_type_ensure (PGM_TYPE_RESULT_PAGE);
  gtk_widget_class_install_action (widget_class, "history.remove", NULL, remove_entry);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryPage, list);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryPage, none);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryPage, result);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PgmHistoryPage, title);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
pgm_history_page_init (PgmHistoryPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection *selection = NULL;

  self->entries = g_list_store_new (PGM_TYPE_HISTORY_ENTRY);
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->entries)));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
}

GtkWidget *
pgm_history_page_new (void)
{
  return g_object_new (PGM_TYPE_HISTORY_PAGE, NULL);
}
