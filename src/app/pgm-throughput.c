/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-throughput.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

#define CURVE_HEIGHT 48
#define MIN_WIDTH 160
#define PADDING 6
#define LINE_WIDTH 2.0

struct _PgmThroughput
{
  GtkWidget parent_instance;

  PgmRateSeries *series; /* owned, nullable */
  gulong changed_id;
};

G_DEFINE_FINAL_TYPE (PgmThroughput, pgm_throughput, GTK_TYPE_WIDGET)

/* Returns: (transfer full): what the curve shows */
char *
pgm_throughput_dup_words (PgmThroughput *self)
{
  double peak = self->series != NULL ? pgm_rate_series_get_peak (self->series) : 0.0;
  g_autofree char *top = NULL;
  g_autofree char *mean = NULL;

  if (peak <= 0.0)
    return g_strdup (_("Throughput: nothing measured yet"));
  top = pgm_words_rate (peak);
  mean = pgm_words_rate (pgm_rate_series_get_mean (self->series));
  return g_strdup_printf (_("Throughput: %s on average, %s at most"), mean, top);
}

static PangoLayout *
new_layout (PgmThroughput *self, int width)
{
  g_autofree char *words = pgm_throughput_dup_words (self);
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), words);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_width (layout, MAX (width - 2 * PADDING, 1) * PANGO_SCALE);
  return layout;
}

static void
draw_words (GtkSnapshot *snapshot, PangoLayout *layout, const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (PADDING, 2));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
trace (PgmThroughput *self, cairo_t *cr, double width, double top, double height)
{
  guint n = pgm_rate_series_get_n (self->series);
  double peak = pgm_rate_series_get_peak (self->series);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  for (guint i = 0; i < n; i++)
    {
      double along = width * (i + 0.5) / n;
      double up = (height - top) * pgm_rate_series_get (self->series, i) / peak;

      cairo_line_to (cr, is_rtl ? width - along : along, height - up);
    }
}

static void
draw_curve (PgmThroughput *self, GtkSnapshot *snapshot, double top, const GdkRGBA *color)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double rightmost =
      width * (pgm_rate_series_get_n (self->series) - 0.5) / pgm_rate_series_get_n (self->series);
  double leftmost = width - rightmost;
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));

  trace (self, cr, width, top, height);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, is_rtl ? leftmost : rightmost, height);
  cairo_line_to (cr, is_rtl ? rightmost : leftmost, height);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * 0.15);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
pgm_throughput_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PgmThroughput *self = PGM_THROUGHPUT (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA text = { 0 };
  GdkRGBA accent = { 0 };
  g_autoptr(PangoLayout) layout = new_layout (self, gtk_widget_get_width (widget));
  int words_height = 0;

  pango_layout_get_pixel_size (layout, NULL, &words_height);
  gtk_style_context_get_color (style, &text);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = text;
  if (self->series != NULL && pgm_rate_series_get_peak (self->series) > 0.0)
    draw_curve (self, snapshot, words_height + PADDING, &accent);
  text.alpha *= 0.7f;
  draw_words (snapshot, layout, &text);
}

static void
pgm_throughput_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  g_autoptr(PangoLayout) layout = NULL;
  int words_height = 0;

  *minimum = MIN_WIDTH;
  *natural = 2 * MIN_WIDTH;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  layout = new_layout (PGM_THROUGHPUT (widget), for_size < 0 ? MIN_WIDTH : for_size);
  pango_layout_get_pixel_size (layout, NULL, &words_height);
  *minimum = *natural = words_height + PADDING + CURVE_HEIGHT;
}

static GtkSizeRequestMode
pgm_throughput_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
pgm_throughput_dispose (GObject *object)
{
  pgm_throughput_set_series (PGM_THROUGHPUT (object), NULL);
  G_OBJECT_CLASS (pgm_throughput_parent_class)->dispose (object);
}

static void
pgm_throughput_class_init (PgmThroughputClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pgm_throughput_dispose;
  widget_class->get_request_mode = pgm_throughput_get_request_mode;
  widget_class->measure = pgm_throughput_measure;
  widget_class->snapshot = pgm_throughput_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "throughput");
}

static void
changed_cb (PgmThroughput *self)
{
  g_autofree char *words = pgm_throughput_dup_words (self);

  pgm_words_label_accessible (GTK_WIDGET (self), words);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pgm_throughput_init (PgmThroughput *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  changed_cb (self);
}

GtkWidget *
pgm_throughput_new (void)
{
  return g_object_new (PGM_TYPE_THROUGHPUT, NULL);
}

/* @series: (nullable) */
void
pgm_throughput_set_series (PgmThroughput *self, PgmRateSeries *series)
{
  g_return_if_fail (PGM_IS_THROUGHPUT (self));

  if (self->series == series)
    return;
  if (self->series != NULL)
    g_clear_signal_handler (&self->changed_id, self->series);
  g_set_object (&self->series, series);
  if (series != NULL)
    self->changed_id = g_signal_connect_swapped (series, "changed", G_CALLBACK (changed_cb), self);
  changed_cb (self);
}
