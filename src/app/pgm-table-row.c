/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-table-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-text.h"
#include "pgm-words.h"

#define MARGIN 6
#define ICON_SIZE 16
#define SPACING 12

struct _PgmTableRow
{
  PgmLightRow parent_instance;

  PgmTableItem *item; /* owned, nullable */
  gulong notify_id;
  char *title; /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (PgmTableRow, pgm_table_row, PGM_TYPE_LIGHT_ROW)

static const struct
{
  const char *icon;
  const char *color; /* (nullable): dim */
  const char *words;
} looks[] = {
  [PGM_TABLE_WAITING] = {
      "content-loading-symbolic", NULL, N_("Waiting") },
      [PGM_TABLE_DUMPING] = {
          "media-playback-start-symbolic", "accent_color", N_("Backing up") },
          [PGM_TABLE_DUMPED] = {
              "content-loading-symbolic", NULL, N_("Backed up") },
              [PGM_TABLE_RESTORING] = {
                  "media-playback-start-symbolic", "accent_color", N_("Restoring") },
                  [PGM_TABLE_RESTORED] = {
                      "object-select-symbolic", "success_color", N_("Restored") },
                      [PGM_TABLE_COUNTED] = { "object-select-symbolic", "success_color",
                                              N_("Compared") },
                      };

static char *
dup_detail (PgmTableRow *self)
{
  g_autofree char *size = pgm_text_format_size (pgm_table_item_get_table (self->item)->size_bytes);
  gint64 rows = pgm_table_item_get_rows (self->item);
  g_autofree char *count = NULL;

  if (rows < 0)
    return g_steal_pointer (&size);
  count = pgm_text_format_count ((guint64) rows);
  /* TRANSLATORS: the size of a table, and how many rows it has (already formatted) */
  return g_strdup_printf (ngettext ("%s, %s row", "%s, %s rows", (gulong) MIN (rows, G_MAXINT)),
                          size, count);
}

static int
pgm_table_row_get_height (PgmLightRow *row, int width)
{
  int height = 0;
  int char_width = 0;

  pgm_light_row_get_font (row, &height, &char_width);
  return MAX (2 * height, ICON_SIZE) + 2 * MARGIN;
}

static void
draw_icon (PgmTableRow *self, GtkSnapshot *snapshot, int x, int y, const GdkRGBA *color)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  g_autoptr(GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (
      theme, looks[pgm_table_item_get_state (self->item)].icon, NULL, ICON_SIZE,
      gtk_widget_get_scale_factor (widget), gtk_widget_get_direction (widget), 0);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, ICON_SIZE,
                                            ICON_SIZE, color, 1);
  gtk_snapshot_restore (snapshot);
}

static PangoLayout *
new_layout (PgmTableRow *self, const char *text, gboolean is_small)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  if (is_small)
    pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

/* The state at the end, then the title and the detail in what is left. */
static void
draw_texts (PgmTableRow *self, GtkSnapshot *snapshot, int width, int height, GdkRGBA dim)
{
  PgmLightRow *row = PGM_LIGHT_ROW (self);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GdkRGBA text = pgm_light_row_get_color (row, NULL);
  g_autofree char *words = dup_detail (self);
  g_autoptr(PangoLayout) title = new_layout (self, self->title, FALSE);
  g_autoptr(PangoLayout) detail = new_layout (self, words, TRUE);
  g_autoptr(PangoLayout) state =
                 new_layout (self, _(looks[pgm_table_item_get_state (self->item)].words), TRUE);
  int start = MARGIN + ICON_SIZE + SPACING;
  int state_width = 0;
  int state_height = 0;
  int room = 0;

  pango_layout_get_pixel_size (state, &state_width, &state_height);
  room = MAX (width - start - state_width - SPACING - MARGIN, 1);
  pango_layout_set_width (title, room * PANGO_SCALE);
  pango_layout_set_ellipsize (title, PANGO_ELLIPSIZE_MIDDLE);
  pango_layout_set_width (detail, room * PANGO_SCALE);
  pango_layout_set_ellipsize (detail, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (title, is_rtl ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
  pango_layout_set_auto_dir (title, FALSE);
  pango_layout_set_alignment (detail, PANGO_ALIGN_LEFT);
  pgm_light_row_draw_layout (row, snapshot, title, is_rtl ? width - start - room : start, MARGIN,
                             text);
  pgm_light_row_draw_layout (row, snapshot, detail, is_rtl ? width - start - room : start,
                             height / 2, dim);
  pgm_light_row_draw_layout (row, snapshot, state, is_rtl ? MARGIN : width - MARGIN - state_width,
                             (height - state_height) / 2, text);
}

static void
pgm_table_row_draw (PgmLightRow *row, GtkSnapshot *snapshot, int width, int height)
{
  PgmTableRow *self = PGM_TABLE_ROW (row);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GdkRGBA dim = pgm_light_row_get_color (row, NULL);
  GdkRGBA color = dim;
  const char *name = NULL;

  if (self->item == NULL)
    return;
  dim.alpha *= 0.6f;
  name = looks[pgm_table_item_get_state (self->item)].color;
  color = name != NULL ? pgm_light_row_get_color (row, name) : dim;
  draw_icon (self, snapshot, is_rtl ? width - MARGIN - ICON_SIZE : MARGIN, (height - ICON_SIZE) / 2,
             &color);
  draw_texts (self, snapshot, width, height, dim);
}

static gboolean
pgm_table_row_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  gtk_tooltip_set_text (tooltip, PGM_TABLE_ROW (widget)->title);
  return PGM_TABLE_ROW (widget)->title != NULL;
}

static void
pgm_table_row_dispose (GObject *object)
{
  PgmTableRow *self = PGM_TABLE_ROW (object);

  pgm_table_row_set_item (self, NULL);
  g_clear_pointer (&self->title, g_free);
  G_OBJECT_CLASS (pgm_table_row_parent_class)->dispose (object);
}

static void
pgm_table_row_class_init (PgmTableRowClass *klass)
{
  PgmLightRowClass *row_class = PGM_LIGHT_ROW_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_table_row_dispose;
  GTK_WIDGET_CLASS (klass)->query_tooltip = pgm_table_row_query_tooltip;
  row_class->draw = pgm_table_row_draw;
  row_class->get_height = pgm_table_row_get_height;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tablerow");
}

static void
pgm_table_row_init (PgmTableRow *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

GtkWidget *
pgm_table_row_new (void)
{
  return g_object_new (PGM_TYPE_TABLE_ROW, NULL);
}

static void
show (PgmTableRow *self)
{
  g_autofree char *detail = dup_detail (self);
  g_autofree char *spoken = g_strdup_printf (
      "%s, %s, %s", self->title, detail, _(looks[pgm_table_item_get_state (self->item)].words));

  pgm_words_label_accessible (GTK_WIDGET (self), spoken);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* @item: (nullable) */
void
pgm_table_row_set_item (PgmTableRow *self, PgmTableItem *item)
{
  g_autofree char *raw = NULL;

  g_return_if_fail (PGM_IS_TABLE_ROW (self));

  if (self->item == item)
    return;
  if (self->item != NULL)
    g_clear_signal_handler (&self->notify_id, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  raw = pgm_table_dup_title (pgm_table_item_get_table (item));
  g_free (self->title);
  self->title = pgm_text_escape (raw);
  self->notify_id = g_signal_connect_swapped (item, "notify", G_CALLBACK (show), self);
  show (self);
}
