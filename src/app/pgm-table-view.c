/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-table-row.h"

struct _PgmTableView
{
  AdwBin parent_instance;

  /* owned */
  GtkFilterListModel *filtered;
  GtkCustomFilter *filter;
  char *needle; /* case-folded, nullable: without it there is no filter to pay for */

  /* template children */
  GtkListView *list;
  GtkLabel *none;
  GtkSearchEntry *search;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (PgmTableView, pgm_table_view, ADW_TYPE_BIN)

static gboolean
match_cb (gpointer item, gpointer user_data)
{
  PgmTableView *self = user_data;
  g_autofree char *title = pgm_table_dup_title (pgm_table_item_get_table (item));
  g_autofree char *folded = g_utf8_casefold (title, -1);

  return self->needle == NULL || strstr (folded, self->needle) != NULL;
}

static void
update_stack (PgmTableView *self)
{
  gboolean has_tables = g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0 ||
                        gtk_filter_list_model_get_pending (self->filtered) > 0;

  gtk_label_set_label (self->none,
                       self->needle != NULL ? _("No table matches the search")
                                            : _("The tables are shown once the backup begins"));
  gtk_stack_set_visible_child_name (self->stack, has_tables ? "tables" : "none");
}

static void
search_changed_cb (GtkSearchEntry *search, gpointer user_data)
{
  PgmTableView *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (search));

  g_free (self->needle);
  self->needle = text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;
  gtk_filter_list_model_set_filter (self->filtered,
                                    self->needle != NULL ? GTK_FILTER (self->filter) : NULL);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  gtk_list_item_set_child (item, pgm_table_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  pgm_table_row_set_item (PGM_TABLE_ROW (gtk_list_item_get_child (item)),
                          gtk_list_item_get_item (item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  pgm_table_row_set_item (PGM_TABLE_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
pgm_table_view_dispose (GObject *object)
{
  PgmTableView *self = PGM_TABLE_VIEW (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_TABLE_VIEW);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_clear_pointer (&self->needle, g_free);
  G_OBJECT_CLASS (pgm_table_view_parent_class)->dispose (object);
}

static void
pgm_table_view_class_init (PgmTableViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_table_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-table-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmTableView, list);
  gtk_widget_class_bind_template_child (widget_class, PgmTableView, none);
  gtk_widget_class_bind_template_child (widget_class, PgmTableView, search);
  gtk_widget_class_bind_template_child (widget_class, PgmTableView, stack);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
}

static void
pgm_table_view_init (PgmTableView *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection *selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, NULL);
  gtk_filter_list_model_set_incremental (self->filtered, TRUE);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  pgm_light_row_watch (self->list);
  g_object_unref (selection);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->filtered, "notify::pending", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED);
  update_stack (self);
}

GtkWidget *
pgm_table_view_new (void)
{
  return g_object_new (PGM_TYPE_TABLE_VIEW, NULL);
}

/* @tables: (nullable): PgmTableItem */
void
pgm_table_view_set_model (PgmTableView *self, GListModel *tables)
{
  g_return_if_fail (PGM_IS_TABLE_VIEW (self));

  gtk_filter_list_model_set_model (self->filtered, tables);
}
