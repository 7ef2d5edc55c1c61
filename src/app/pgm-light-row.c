/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-light-row.h"

#include <string.h>

#define SAMPLE_TEXT "0123456789"
#define MIN_WIDTH 160

typedef struct
{
  gboolean is_skipped; /* nothing was drawn, because nobody could see it */
  int font_height;     /* 0: not known */
  int char_width;      /* Pango units */
} PgmLightRowPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PgmLightRow, pgm_light_row, GTK_TYPE_WIDGET)

static gboolean
is_in_sight (GtkWidget *self)
{
  GtkWidget *list = gtk_widget_get_ancestor (self, GTK_TYPE_LIST_VIEW);
  graphene_rect_t bounds;

  if (list == NULL || !gtk_widget_compute_bounds (self, list, &bounds))
    return TRUE;
  return bounds.origin.y < gtk_widget_get_height (list) &&
         bounds.origin.y + bounds.size.height > 0.0f;
}

static void
pgm_light_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PgmLightRow *self = PGM_LIGHT_ROW (widget);
  PgmLightRowPrivate *priv = pgm_light_row_get_instance_private (self);

  priv->is_skipped = !is_in_sight (widget);
  if (!priv->is_skipped)
    PGM_LIGHT_ROW_GET_CLASS (self)->draw (self, snapshot, gtk_widget_get_width (widget),
                                          gtk_widget_get_height (widget));
}

static GtkSizeRequestMode
pgm_light_row_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
pgm_light_row_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PgmLightRow *self = PGM_LIGHT_ROW (widget);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? MIN_WIDTH
                 : PGM_LIGHT_ROW_GET_CLASS (self)->get_height (self, MAX (for_size, MIN_WIDTH));
  *natural = *minimum;
}

static void
pgm_light_row_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  PgmLightRowPrivate *priv = pgm_light_row_get_instance_private (PGM_LIGHT_ROW (widget));

  GTK_WIDGET_CLASS (pgm_light_row_parent_class)->css_changed (widget, change);
  priv->font_height = 0;
}

static void
pgm_light_row_class_init (PgmLightRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->css_changed = pgm_light_row_css_changed;
  widget_class->get_request_mode = pgm_light_row_get_request_mode;
  widget_class->measure = pgm_light_row_measure;
  widget_class->snapshot = pgm_light_row_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
pgm_light_row_init (PgmLightRow *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
}

static void
redraw_skipped (GtkWidget *widget)
{
  PgmLightRowPrivate *priv = NULL;

  if (!PGM_IS_LIGHT_ROW (widget))
    {
      for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        redraw_skipped (child);
      return;
    }
  priv = pgm_light_row_get_instance_private (PGM_LIGHT_ROW (widget));
  if (priv->is_skipped)
    gtk_widget_queue_draw (widget);
}

static void
adjustment_cb (GtkListView *list, GParamSpec *pspec, gpointer user_data)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));

  if (adjustment == NULL)
    return;
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (redraw_skipped), list,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (redraw_skipped), list,
                           G_CONNECT_SWAPPED);
}

/* A row's picture is kept when it only moves: rows of @list that come into sight are drawn. */
void
pgm_light_row_watch (GtkListView *list)
{
  g_signal_connect (list, "notify::vadjustment", G_CALLBACK (adjustment_cb), NULL);
  adjustment_cb (list, NULL, NULL);
}

/* @ret_height: (out): pixels of a line
 * @ret_char_width: (out): Pango units; exact in a monospace font */
void
pgm_light_row_get_font (PgmLightRow *self, int *ret_height, int *ret_char_width)
{
  PgmLightRowPrivate *priv = pgm_light_row_get_instance_private (self);

  if (priv->font_height == 0)
    {
      PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
      PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
      g_autoptr(PangoLayout) layout =
                     gtk_widget_create_pango_layout (GTK_WIDGET (self), SAMPLE_TEXT);

      priv->font_height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
      pango_layout_get_size (layout, &priv->char_width, NULL); /* hinted, which metrics are not */
      priv->char_width /= (int) strlen (SAMPLE_TEXT);
      pango_font_metrics_unref (metrics);
    }
  *ret_height = priv->font_height;
  *ret_char_width = priv->char_width;
}

void
pgm_light_row_draw_layout (
    PgmLightRow *self, GtkSnapshot *snapshot, PangoLayout *layout, int x, int y, GdkRGBA color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* @name: (nullable): of the style; NULL for that of text */
GdkRGBA
pgm_light_row_get_color (PgmLightRow *self, const char *name)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color = { 0 };

  if (name == NULL || !gtk_style_context_lookup_color (style, name, &color))
    gtk_style_context_get_color (style, &color);
  return color;
}
