/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-log-row.h"

#include <glib/gi18n-lib.h>

#include "pgm-words.h"

/* "14:05:09 " */
#define TIME_CELLS 9

struct _PgmLogRow
{
  PgmLightRow parent_instance;

  /* owned, nullable */
  char *time;
  char *text;

  PgmLogLevel level;
  glong n_cells; /* of the text in a monospace font; -1: only Pango can tell */
};

G_DEFINE_FINAL_TYPE (PgmLogRow, pgm_log_row, PGM_TYPE_LIGHT_ROW)

/* Colour alone does not tell a level: the bad ones have a word. */
static const struct
{
  const char *color; /* (nullable) */
  const char *word;  /* (nullable) */
} looks[] = {
  [PGM_LOG_DEBUG] = { NULL, NULL },
  [PGM_LOG_INFO] = { NULL, NULL },
  [PGM_LOG_WARNING] = { "warning_color", N_("Warning: %s") },
                        [PGM_LOG_ERROR] = { "error_color", N_("Error: %s") },
                        };

static int
get_indent (PgmLogRow *self)
{
  int height = 0;
  int char_width = 0;

  pgm_light_row_get_font (PGM_LIGHT_ROW (self), &height, &char_width);
  return PANGO_PIXELS_CEIL (TIME_CELLS * char_width);
}

static PangoLayout *
new_text_layout (PgmLogRow *self, int width)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_layout_set_width (layout, MAX (width - get_indent (self), 1) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_CHAR);
  pango_layout_set_auto_dir (layout, FALSE);
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static int
pgm_log_row_get_height (PgmLightRow *row, int width)
{
  PgmLogRow *self = PGM_LOG_ROW (row);
  g_autoptr(PangoLayout) layout = NULL;
  int height = 0;
  int char_width = 0;
  glong per_line = 0;

  pgm_light_row_get_font (row, &height, &char_width);
  if (self->n_cells < 0)
    {
      layout = new_text_layout (self, width);
      pango_layout_get_pixel_size (layout, NULL, &height);
      return height;
    }
  per_line = MAX ((width - get_indent (self)) * PANGO_SCALE / char_width, 1);
  return height * (int) MAX ((self->n_cells + per_line - 1) / per_line, 1);
}

static void
pgm_log_row_draw (PgmLightRow *row, GtkSnapshot *snapshot, int width, int height)
{
  PgmLogRow *self = PGM_LOG_ROW (row);
  g_autoptr(PangoLayout) time = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->time);
  g_autoptr(PangoLayout) text = new_text_layout (self, width);
  GdkRGBA dim = pgm_light_row_get_color (row, NULL);
  GdkRGBA color = pgm_light_row_get_color (row, looks[self->level].color);

  dim.alpha *= 0.6f;
  pgm_light_row_draw_layout (row, snapshot, time, 0, 0, dim);
  pgm_light_row_draw_layout (row, snapshot, text, get_indent (self), 0,
                             self->level == PGM_LOG_DEBUG ? dim : color);
}

static void
pgm_log_row_finalize (GObject *object)
{
  PgmLogRow *self = PGM_LOG_ROW (object);

  g_free (self->time);
  g_free (self->text);
  G_OBJECT_CLASS (pgm_log_row_parent_class)->finalize (object);
}

static void
pgm_log_row_class_init (PgmLogRowClass *klass)
{
  PgmLightRowClass *row_class = PGM_LIGHT_ROW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pgm_log_row_finalize;
  row_class->draw = pgm_log_row_draw;
  row_class->get_height = pgm_log_row_get_height;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "logrow");
}

static void
pgm_log_row_init (PgmLogRow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self), "monospace");
}

GtkWidget *
pgm_log_row_new (void)
{
  return g_object_new (PGM_TYPE_LOG_ROW, NULL);
}

/* Returns: one cell for each character of plain text; -1 for other scripts */
static glong
count_cells (const char *text)
{
  glong n = 0;

  for (; text[n] != '\0'; n++)
    if ((guchar) text[n] >= 0x80)
      return -1;
  return n;
}

void
pgm_log_row_set_line (PgmLogRow *self, PgmLogLine *line)
{
  const char *message = pgm_log_line_get_message (line);
  g_autofree char *spoken = NULL;

  g_return_if_fail (PGM_IS_LOG_ROW (self));

  g_free (self->time);
  g_free (self->text);
  self->level = pgm_log_line_get_level (line);
  self->time = pgm_log_line_dup_time (line);
  if (looks[self->level].word != NULL)
    {
      GString *text = g_string_new (_(looks[self->level].word));

      g_string_replace (text, "%s", message, 1);
      self->text = g_string_free (text, FALSE);
    }
  else
    self->text = g_strdup (message);
  self->n_cells = count_cells (self->text);
  spoken = g_strconcat (self->time, " ", self->text, NULL);
  pgm_words_label_accessible (GTK_WIDGET (self), spoken);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* Returns: (transfer none) (nullable): what it shows beside the time */
const char *
pgm_log_row_get_text (PgmLogRow *self)
{
  g_return_val_if_fail (PGM_IS_LOG_ROW (self), NULL);

  return self->text;
}
