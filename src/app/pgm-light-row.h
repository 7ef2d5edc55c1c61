/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row for lists whose content changes many times a second. GtkListView keeps 200 rows, most of
 * them out of sight; text is only laid out for those that can be seen. So a light row draws
 * itself, has no children, and tells its height without laying out anything. */
#define PGM_TYPE_LIGHT_ROW (pgm_light_row_get_type ())
G_DECLARE_DERIVABLE_TYPE (PgmLightRow, pgm_light_row, PGM, LIGHT_ROW, GtkWidget)

struct _PgmLightRowClass
{
  GtkWidgetClass parent_class;

  int (*get_height) (PgmLightRow *self, int width);
  void (*draw) (PgmLightRow *self, GtkSnapshot *snapshot, int width, int height);
};

void pgm_light_row_watch (GtkListView *list);
void pgm_light_row_get_font (PgmLightRow *self, int *ret_height, int *ret_char_width);
void pgm_light_row_draw_layout (
    PgmLightRow *self, GtkSnapshot *snapshot, PangoLayout *layout, int x, int y, GdkRGBA color);
GdkRGBA pgm_light_row_get_color (PgmLightRow *self, const char *name);

G_END_DECLS
