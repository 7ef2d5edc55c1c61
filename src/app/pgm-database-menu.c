/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-database-menu.h"

#include <glib/gi18n-lib.h>

#include "pgm-database-info.h"
#include "pgm-text.h"

#define MAX_ROWS 500 /* a list box makes a widget for each */

struct _PgmDatabaseMenu
{
  GtkPopover parent_instance;

  GPtrArray *databases; /* owned (nullable): PgmDatabaseInfo */

  /* template children */
  GtkListBox *list;
  GtkLabel *message;
  GtkSearchEntry *search;
  GtkStack *stack;
};

enum
{
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmDatabaseMenu, pgm_database_menu, GTK_TYPE_POPOVER)

static GtkWidget *
row_new (const PgmDatabaseInfo *info)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *shown = pgm_text_escape (info->name);
  g_autofree char *size =
      info->size_bytes >= 0 ? pgm_text_format_size ((guint64) info->size_bytes) : g_strdup ("");
  g_autofree char *spoken = g_strdup_printf ("%s %s", shown, size);
  GtkWidget *name = gtk_label_new (shown);
  GtkWidget *amount = gtk_label_new (size);

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (amount, "dim-label");
  gtk_widget_add_css_class (amount, "numeric");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), amount);
  gtk_widget_add_css_class (box, "database");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (info->name), g_free);
  return row;
}

static gboolean
is_match (GtkListBoxRow *row, gpointer user_data)
{
  PgmDatabaseMenu *self = user_data;
  const char *name = g_object_get_data (G_OBJECT (row), "name");
  g_autofree char *wanted =
      g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  g_autofree char *escaped = pgm_text_escape (name);
  g_autofree char *folded = g_utf8_casefold (escaped, -1);

  return strstr (folded, wanted) != NULL;
}

static void
clear_rows (PgmDatabaseMenu *self)
{
  GtkListBoxRow *row = NULL;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
}

/* @databases: of PgmDatabaseInfo */
void
pgm_database_menu_set_databases (PgmDatabaseMenu *self, GPtrArray *databases)
{
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  self->databases = g_ptr_array_ref (databases);
  clear_rows (self);
  for (guint i = 0; i < MIN (databases->len, MAX_ROWS); i++)
    gtk_list_box_append (self->list, row_new (g_ptr_array_index (databases, i)));
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_set_visible (GTK_WIDGET (self->search), databases->len > 8);
  gtk_stack_set_visible_child_name (self->stack, "list");
}

/* Instead of the list, which is emptied. */
void
pgm_database_menu_set_message (PgmDatabaseMenu *self, const char *message)
{
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  clear_rows (self);
  gtk_label_set_text (self->message, message);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

guint
pgm_database_menu_get_n_databases (PgmDatabaseMenu *self)
{
  return self->databases != NULL ? self->databases->len : 0;
}

static void
search_changed_cb (PgmDatabaseMenu *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

static void
row_activated_cb (PgmDatabaseMenu *self, GtkListBoxRow *row)
{
  g_autofree char *name = g_strdup (g_object_get_data (G_OBJECT (row), "name"));

  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, name);
}

static void
pgm_database_menu_dispose (GObject *object)
{
  g_clear_pointer (&PGM_DATABASE_MENU (object)->databases, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_DATABASE_MENU);
  G_OBJECT_CLASS (pgm_database_menu_parent_class)->dispose (object);
}

static void
pgm_database_menu_class_init (PgmDatabaseMenuClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_database_menu_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", PGM_TYPE_DATABASE_MENU, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-database-menu.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmDatabaseMenu, list);
  gtk_widget_class_bind_template_child (widget_class, PgmDatabaseMenu, message);
  gtk_widget_class_bind_template_child (widget_class, PgmDatabaseMenu, search);
  gtk_widget_class_bind_template_child (widget_class, PgmDatabaseMenu, stack);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
}

static void
pgm_database_menu_init (PgmDatabaseMenu *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_filter_func (self->list, is_match, self, NULL);
}
