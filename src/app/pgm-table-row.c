/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"

struct _PgmTableRow
{
  GtkBox parent_instance;

  PgmTableItem *item; /* owned, nullable */
  gulong notify_id;

  /* template children */
  GtkLabel *detail;
  GtkImage *icon;
  GtkStack *mark;
  GtkSpinner *spinner;
  GtkLabel *state;
  GtkLabel *title;
};

G_DEFINE_FINAL_TYPE (PgmTableRow, pgm_table_row, GTK_TYPE_BOX)

static const struct
{
  const char *icon; /* (nullable): NULL while it is at work */
  const char *words;
} looks[] = {
  [PGM_TABLE_WAITING] = {
      "content-loading-symbolic", N_("Waiting") },
      [PGM_TABLE_DUMPING] = {
          NULL, N_("Backing up") },
          [PGM_TABLE_DUMPED] = {
              "content-loading-symbolic", N_("Backed up") },
              [PGM_TABLE_RESTORING] = {
                  NULL, N_("Restoring") },
                  [PGM_TABLE_RESTORED] = { "object-select-symbolic", N_("Restored") },
                                           [PGM_TABLE_COUNTED] = { "object-select-symbolic",
                                                                   N_("Compared") },
                                           };

static void
pgm_table_row_dispose (GObject *object)
{
  pgm_table_row_set_item (PGM_TABLE_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), PGM_TYPE_TABLE_ROW);
  G_OBJECT_CLASS (pgm_table_row_parent_class)->dispose (object);
}

static void
pgm_table_row_class_init (PgmTableRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_table_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/pgmirror/PgMirror/pgm-table-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, detail);
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, mark);
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, state);
  gtk_widget_class_bind_template_child (widget_class, PgmTableRow, title);
}

static void
pgm_table_row_init (PgmTableRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pgm_table_row_new (void)
{
  return g_object_new (PGM_TYPE_TABLE_ROW, NULL);
}

static void
show_state (PgmTableRow *self)
{
  PgmTableState state = pgm_table_item_get_state (self->item);
  gboolean is_active = looks[state].icon == NULL;

  gtk_image_set_from_icon_name (self->icon, looks[state].icon);
  gtk_spinner_set_spinning (self->spinner, is_active);
  gtk_stack_set_visible_child_name (self->mark, is_active ? "spinner" : "icon");
  gtk_label_set_label (self->state, _(looks[state].words));
}

static void
show_detail (PgmTableRow *self)
{
  g_autofree char *size = pgm_text_format_size (pgm_table_item_get_table (self->item)->size_bytes);
  gint64 rows = pgm_table_item_get_rows (self->item);
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  if (rows < 0)
    {
      gtk_label_set_label (self->detail, size);
      return;
    }
  count = pgm_text_format_count ((guint64) rows);
  /* TRANSLATORS: the size of a table, and how many rows it has (already formatted) */
  text = g_strdup_printf (ngettext ("%s, %s row", "%s, %s rows", (gulong) MIN (rows, G_MAXINT)),
                          size, count);
  gtk_label_set_label (self->detail, text);
}

static void
show (PgmTableRow *self)
{
  show_state (self);
  show_detail (self);
}

/* @item: (nullable) */
void
pgm_table_row_set_item (PgmTableRow *self, PgmTableItem *item)
{
  g_autofree char *raw = NULL;
  g_autofree char *title = NULL;

  g_return_if_fail (PGM_IS_TABLE_ROW (self));

  if (self->item == item)
    return;
  if (self->item != NULL)
    g_clear_signal_handler (&self->notify_id, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  raw = pgm_table_dup_title (pgm_table_item_get_table (item));
  title = pgm_text_escape (raw);
  gtk_label_set_label (self->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), title);
  self->notify_id = g_signal_connect_swapped (item, "notify", G_CALLBACK (show), self);
  show (self);
}
