/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-table-choice-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"

struct _PgmTableChoiceRow
{
  GtkWidget parent_instance;

  PgmTableChoice *choice; /* owned (nullable): rows are used again */
  gulong notify_id;
  gboolean is_refreshing;

  /* template children */
  GtkToggleButton *empty;
  GtkLabel *facts;
  GtkCheckButton *included;
  GtkLabel *name;
};

G_DEFINE_FINAL_TYPE (PgmTableChoiceRow, pgm_table_choice_row, GTK_TYPE_WIDGET)

static char *
dup_facts (PgmTableChoice *choice)
{
  g_autofree char *size = pgm_text_format_size (pgm_table_choice_get_size (choice));
  g_autofree char *rows = NULL;
  gint64 n_rows = pgm_table_choice_get_n_rows (choice);

  if (n_rows < 0 && pgm_table_choice_get_size (choice) == 0)
    return g_strdup (pgm_table_choice_is_schema (choice) ? "" : _("Size not known yet"));
  if (n_rows < 0)
    return g_steal_pointer (&size);
  rows = pgm_text_format_count ((guint64) n_rows);
  return g_strdup_printf (_("%s, about %s rows"), size, rows);
}

static void
refresh (PgmTableChoiceRow *self)
{
  gboolean is_included = pgm_table_choice_is_included (self->choice);
  gboolean is_schema = pgm_table_choice_is_schema (self->choice);

  self->is_refreshing = TRUE;
  gtk_check_button_set_active (self->included, is_included);
  gtk_check_button_set_inconsistent (self->included, pgm_table_choice_is_mixed (self->choice));
  gtk_toggle_button_set_active (self->empty, pgm_table_choice_is_empty (self->choice));
  gtk_widget_set_visible (GTK_WIDGET (self->empty), !is_schema);
  gtk_widget_set_sensitive (GTK_WIDGET (self->empty), is_included);
  self->is_refreshing = FALSE;
}

static void
show_words (PgmTableChoiceRow *self)
{
  gboolean is_schema = pgm_table_choice_is_schema (self->choice);
  g_autofree char *name = pgm_text_escape (is_schema ? pgm_table_choice_get_schema (self->choice)
                                                     : pgm_table_choice_get_name (self->choice));
  g_autofree char *facts = dup_facts (self->choice);
  g_autofree char *empty = g_strdup_printf (_("%s: structure only"), name);

  gtk_label_set_text (self->name, name);
  gtk_label_set_text (self->facts, facts);
  gtk_widget_set_visible (GTK_WIDGET (self->facts), facts[0] != '\0');
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->included), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, facts, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->empty), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  empty, -1);
  gtk_widget_set_margin_start (GTK_WIDGET (self->included), is_schema ? 0 : 24);
  if (is_schema)
    gtk_widget_add_css_class (GTK_WIDGET (self->name), "heading");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->name), "heading");
}

/* @choice: (nullable) */
void
pgm_table_choice_row_set_choice (PgmTableChoiceRow *self, PgmTableChoice *choice)
{
  if (self->choice != NULL)
    g_clear_signal_handler (&self->notify_id, self->choice);
  g_set_object (&self->choice, choice);
  if (choice == NULL)
    return;
  self->notify_id =
      g_signal_connect_object (choice, "notify", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  show_words (self);
  refresh (self);
}

static void
included_toggled_cb (PgmTableChoiceRow *self)
{
  if (!self->is_refreshing && self->choice != NULL)
    pgm_table_choice_set_included (self->choice, gtk_check_button_get_active (self->included));
}

static void
empty_toggled_cb (PgmTableChoiceRow *self)
{
  if (!self->is_refreshing && self->choice != NULL)
    pgm_table_choice_set_empty (self->choice, gtk_toggle_button_get_active (self->empty));
}

static void
pgm_table_choice_row_dispose (GObject *object)
{
  pgm_table_choice_row_set_choice (PGM_TABLE_CHOICE_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_TABLE_CHOICE_ROW);
  G_OBJECT_CLASS (pgm_table_choice_row_parent_class)->dispose (object);
}

static void
pgm_table_choice_row_class_init (PgmTableChoiceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_table_choice_row_dispose;
  gtk_widget_class_set_css_name (widget_class, "tablechoice");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/pgmirror/PgMirror/pgm-table-choice-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmTableChoiceRow, empty);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChoiceRow, facts);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChoiceRow, included);
  gtk_widget_class_bind_template_child (widget_class, PgmTableChoiceRow, name);
  gtk_widget_class_bind_template_callback (widget_class, empty_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, included_toggled_cb);
}

static void
pgm_table_choice_row_init (PgmTableChoiceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pgm_table_choice_row_new (void)
{
  return g_object_new (PGM_TYPE_TABLE_CHOICE_ROW, NULL);
}
