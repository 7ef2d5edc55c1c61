/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-table-chooser.h"

#include <glib/gi18n-lib.h>

#include "pgm-table-choice-row.h"
#include "pgm-table-filter.h"
#include "pgm-table-list.h"
#include "pgm-text.h"
#include "pgm-words.h"

struct _PgmTableChooser
{
  AdwWindow parent_instance;

  /* owned */
  PgmProfileItem *item;
  GListStore *choices;
  GtkFilter *filter;
  GCancellable *cancellable;
  char *wanted; /* case-folded text of the search */

  guint n_patterns; /* written by hand; their effect is not shown */

  /* template children */
  GtkWidget *apply_button;
  AdwStatusPage *failed_page;
  GtkCheckButton *new_tables;
  GtkLabel *note;
  GtkEditable *search;
  GtkStack *stack;
  GtkListView *view;
};

G_DEFINE_FINAL_TYPE (PgmTableChooser, pgm_table_chooser, ADW_TYPE_WINDOW)

static gboolean
is_match (gpointer object, gpointer user_data)
{
  PgmTableChooser *self = user_data;
  g_autofree char *full = NULL;
  g_autofree char *folded = NULL;

  if (self->wanted[0] == '\0')
    return TRUE;
  if (pgm_table_choice_is_schema (object))
    return FALSE;
  full = g_strdup_printf ("%s.%s", pgm_table_choice_get_schema (object),
                          pgm_table_choice_get_name (object));
  folded = g_utf8_casefold (full, -1);
  return strstr (folded, self->wanted) != NULL;
}

static void
search_changed_cb (PgmTableChooser *self)
{
  g_free (self->wanted);
  self->wanted = g_utf8_casefold (gtk_editable_get_text (self->search), -1);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static gboolean
has_mixed_schema (PgmTableChooser *self)
{
  GListModel *choices = G_LIST_MODEL (self->choices);

  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(PgmTableChoice) choice = g_list_model_get_item (choices, i);

      if (pgm_table_choice_is_mixed (choice))
        return TRUE;
    }
  return FALSE;
}

static void
update (PgmTableChooser *self)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (!gtk_check_button_get_active (self->new_tables) && has_mixed_schema (self))
    g_string_append (text, _("Only the ticked tables are copied: no views, functions and types."));
  if (self->n_patterns > 0)
    g_string_append_printf (
        text,
        ngettext ("%s%u pattern written by hand stays in force and is not shown here.",
                  "%s%u patterns written by hand stay in force and are not shown here.",
                  self->n_patterns),
        text->len > 0 ? "\n" : "", self->n_patterns);
  gtk_label_set_text (self->note, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->note), text->len > 0);
}

/* @tables: PgmTableInfo by schema and name */
void
pgm_table_chooser_take_tables (PgmTableChooser *self, GPtrArray *tables)
{
  g_autoptr(GListStore) choices = pgm_table_filter_list (tables);
  GListModel *model = G_LIST_MODEL (self->choices);
  PgmNewTables new_tables = PGM_NEW_TABLES_COPIED;
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (choices)); i++)
    g_ptr_array_add (all, g_list_model_get_item (G_LIST_MODEL (choices), i));
  new_tables = pgm_table_filter_read (G_LIST_MODEL (choices),
                                      pgm_profile_item_get_draft (self->item), &self->n_patterns);
  g_list_store_splice (self->choices, 0, g_list_model_get_n_items (model), all->pdata, all->len);
  gtk_check_button_set_active (self->new_tables, new_tables == PGM_NEW_TABLES_COPIED);
  gtk_widget_set_sensitive (self->apply_button, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "list");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  update (self);
}

static void
fail (PgmTableChooser *self, const char *message)
{
  g_autofree char *text = g_markup_escape_text (message, -1);

  adw_status_page_set_description (self->failed_page, text);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmTableChooser) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tables = pgm_table_list_finish (result, &error);
  g_autofree char *sentence = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (tables != NULL && tables->len == 0)
    fail (self, _("The database has no tables."));
  else if (tables != NULL)
    pgm_table_chooser_take_tables (self, tables);
  else
    {
      sentence = pgm_words_sentence (error->message);
      fail (self, sentence);
    }
}

static void
apply_clicked_cb (PgmTableChooser *self)
{
  pgm_table_filter_write (G_LIST_MODEL (self->choices), self->item,
                          gtk_check_button_get_active (self->new_tables) ? PGM_NEW_TABLES_COPIED
                                                                         : PGM_NEW_TABLES_LEFT);
  gtk_window_close (GTK_WINDOW (self));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_activatable (list_item, FALSE);
  gtk_list_item_set_selectable (list_item, FALSE);
  gtk_list_item_set_child (list_item, pgm_table_choice_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  pgm_table_choice_row_set_choice (PGM_TABLE_CHOICE_ROW (gtk_list_item_get_child (list_item)),
                                   gtk_list_item_get_item (list_item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  pgm_table_choice_row_set_choice (PGM_TABLE_CHOICE_ROW (gtk_list_item_get_child (list_item)),
                                   NULL);
}

static void
set_up_view (PgmTableChooser *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkFilterListModel *shown = NULL;
  g_autoptr(GtkNoSelection) selection = NULL;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  self->choices = g_list_store_new (PGM_TYPE_TABLE_CHOICE);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_match, self, NULL));
  shown = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->choices)),
                                     g_object_ref (self->filter));
  gtk_filter_list_model_set_incremental (shown, TRUE);
  selection = gtk_no_selection_new (G_LIST_MODEL (shown));
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_object_unref (factory);
}

static void
pgm_table_chooser_dispose (GObject *object)
{
  PgmTableChooser *self = PGM_TABLE_CHOOSER (object);

  g_cancellable_cancel (self->cancellable);
  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_TABLE_CHOOSER);
  g_clear_object (&self->item);
  g_clear_object (&self->filter);
  g_clear_object (&self->choices);
  G_OBJECT_CLASS (pgm_table_chooser_parent_class)->dispose (object);
}

static void
pgm_table_chooser_finalize (GObject *object)
{
  PgmTableChooser *self = PGM_TABLE_CHOOSER (object);

  g_object_unref (self->cancellable);
  g_free (self->wanted);
  G_OBJECT_CLASS (pgm_table_chooser_parent_class)->finalize (object);
}

static void
pgm_table_chooser_class_init (PgmTableChooserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pgm_table_chooser_dispose;
  object_class->finalize = pgm_table_chooser_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-table-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, apply_button);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, failed_page);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, new_tables);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, note);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, search);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, stack);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChooser, view);
  gtk_widget_class_bind_template_callback (widget_class, apply_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
}

static void
pgm_table_chooser_init (PgmTableChooser *self)
{
  self->cancellable = g_cancellable_new ();
  self->wanted = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  pgm_words_keep_names (GTK_WIDGET (self->failed_page));
  set_up_view (self);
}

/* @password: (nullable): NULL for what the profile itself says */
PgmTableChooser *
pgm_table_chooser_show (GtkWindow *parent, PgmProfileItem *item, PgmSecret *password)
{
  PgmTableChooser *self = g_object_new (PGM_TYPE_TABLE_CHOOSER, "transient-for", parent, NULL);
  PgmProfileDraft *draft = pgm_profile_item_get_draft (item);
  g_autoptr(PgmEndpoint) source = pgm_profile_draft_dup_endpoint (draft, PGM_SIDE_SOURCE);

  self->item = g_object_ref (item);
  if (source == NULL || source->database[0] == '\0')
    fail (self, _("Fill in the source first: host, database, user and password."));
  else
    pgm_table_list_async (source, password,
                          pgm_profile_draft_get_options (draft)->connect_timeout_s,
                          self->cancellable, listed_cb, g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

GListModel *
pgm_table_chooser_get_choices (PgmTableChooser *self)
{
  return G_LIST_MODEL (self->choices);
}
