/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-pair-layout.h"

#define READABLE_WIDTH 280 /* pixels, at 96 dpi */
#define SPACING 12

struct _PgmPairLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (PgmPairLayout, pgm_pair_layout, GTK_TYPE_LAYOUT_MANAGER)

typedef struct
{
  GtkWidget *first;
  GtkWidget *between;
  GtkWidget *second;
} Children;

static Children
get_children (GtkWidget *widget)
{
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *between = gtk_widget_get_next_sibling (first);

  return (Children){ first, between, gtk_widget_get_next_sibling (between) };
}

static int
get_size (GtkWidget *child, GtkOrientation orientation, int for_size, gboolean is_natural)
{
  int minimum = 0;
  int natural = 0;

  gtk_widget_measure (child, orientation, for_size, &minimum, &natural, NULL, NULL);
  return is_natural ? natural : minimum;
}

/* The width of one of two cards that share @width. */
static int
get_card_width (const Children *children, int width)
{
  return (width - 2 * SPACING -
          get_size (children->between, GTK_ORIENTATION_HORIZONTAL, -1, TRUE)) /
         2;
}

/* What a form can be read at: the minimum does not know of the words that are cut short. */
static int
get_readable_width (GtkWidget *widget)
{
  int dpi = 0; /* of the text, with the user's factor, in 1024ths */

  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi, NULL);
  return READABLE_WIDTH * MAX (dpi / 1024, 96) / 96;
}

/* A form that is squeezed to its minimum cannot be read; the minimum grows with the text. */
static gboolean
is_wide (const Children *children, int width)
{
  int card = MAX (get_size (children->first, GTK_ORIENTATION_HORIZONTAL, -1, FALSE),
                  get_size (children->second, GTK_ORIENTATION_HORIZONTAL, -1, FALSE));

  return get_card_width (children, width) >=
         MAX (card * 9 / 5, get_readable_width (children->first));
}

static GtkSizeRequestMode
pgm_pair_layout_get_request_mode (GtkLayoutManager *layout, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (const Children *children, int *minimum, int *natural)
{
  int between = get_size (children->between, GTK_ORIENTATION_HORIZONTAL, -1, TRUE);

  *minimum = MAX (get_size (children->first, GTK_ORIENTATION_HORIZONTAL, -1, FALSE),
                  get_size (children->second, GTK_ORIENTATION_HORIZONTAL, -1, FALSE));
  *natural = 2 * MAX (get_size (children->first, GTK_ORIENTATION_HORIZONTAL, -1, TRUE),
                      get_size (children->second, GTK_ORIENTATION_HORIZONTAL, -1, TRUE)) +
             between + 2 * SPACING;
}

static int
get_height (const Children *children, int width, gboolean is_natural)
{
  int card = get_card_width (children, width);

  if (is_wide (children, width))
    return MAX (get_size (children->first, GTK_ORIENTATION_VERTICAL, card, is_natural),
                get_size (children->second, GTK_ORIENTATION_VERTICAL, card, is_natural));
  return get_size (children->first, GTK_ORIENTATION_VERTICAL, width, is_natural) + SPACING +
         get_size (children->between, GTK_ORIENTATION_VERTICAL, -1, TRUE) + SPACING +
         get_size (children->second, GTK_ORIENTATION_VERTICAL, width, is_natural);
}

static void
pgm_pair_layout_measure (GtkLayoutManager *layout,
                         GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  Children children = get_children (widget);
  int width = for_size;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (&children, minimum, natural);
      return;
    }
  if (width < 0)
    {
      int ignored = 0;

      measure_width (&children, &ignored, &width);
    }
  *minimum = get_height (&children, width, FALSE);
  *natural = get_height (&children, width, TRUE);
}

static void
allocate_row (const Children *children, int width, int height, gboolean is_rtl)
{
  int card = get_card_width (children, width);
  int between = width - 2 * SPACING - 2 * card;
  int far = width - card;
  int middle_height =
      MIN (height, get_size (children->between, GTK_ORIENTATION_VERTICAL, -1, TRUE));

  gtk_widget_size_allocate (children->first, &(GtkAllocation){ is_rtl ? far : 0, 0, card, height },
                            -1);
  gtk_widget_size_allocate (
      children->between,
      &(GtkAllocation){ card + SPACING, (height - middle_height) / 2, between, middle_height }, -1);
  gtk_widget_size_allocate (children->second, &(GtkAllocation){ is_rtl ? 0 : far, 0, card, height },
                            -1);
}

static void
allocate_column (const Children *children, int width, int height)
{
  gboolean is_natural = height >= get_height (children, width, TRUE);
  int middle = get_size (children->between, GTK_ORIENTATION_VERTICAL, -1, TRUE);
  int first = get_size (children->first, GTK_ORIENTATION_VERTICAL, width, is_natural);
  int top = first + 2 * SPACING + middle;

  gtk_widget_size_allocate (children->first, &(GtkAllocation){ 0, 0, width, first }, -1);
  gtk_widget_size_allocate (children->between,
                            &(GtkAllocation){ 0, first + SPACING, width, middle }, -1);
  gtk_widget_size_allocate (children->second,
                            &(GtkAllocation){ 0, top, width, MAX (height - top, 0) }, -1);
}

static void
pgm_pair_layout_allocate (
    GtkLayoutManager *layout, GtkWidget *widget, int width, int height, int baseline)
{
  Children children = get_children (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  if (is_wide (&children, width))
    allocate_row (&children, width, height, is_rtl);
  else
    allocate_column (&children, width, height);
}

static void
pgm_pair_layout_class_init (PgmPairLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = pgm_pair_layout_get_request_mode;
  layout_class->measure = pgm_pair_layout_measure;
  layout_class->allocate = pgm_pair_layout_allocate;
}

static void
pgm_pair_layout_init (PgmPairLayout *self)
{
}
