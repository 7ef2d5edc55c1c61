/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-layout.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-text.h"

#define GAP "  "
#define WIDE_BAR 20
#define NARROW_BAR 10

enum
{
  PART_TABLES,
  PART_BYTES,
  PART_RATE,
  PART_TIME_LEFT,
  N_PARTS,
};

#define HAS(part) (1u << (part))
#define HAS_ALL (HAS (N_PARTS) - 1)

/* What a narrow terminal loses first is what the rest says too: bytes (the percentage), then
 * the rate (the time left). Before a part is lost the bar is shortened. */
static const struct
{
  guint bar; /* cells; 0: no bar */
  guint parts;
} variants[] = {
  { WIDE_BAR, HAS_ALL },
  { NARROW_BAR, HAS_ALL },
  { WIDE_BAR, HAS_ALL & ~HAS (PART_BYTES) },
  { NARROW_BAR, HAS_ALL & ~HAS (PART_BYTES) },
  { WIDE_BAR, HAS (PART_TABLES) | HAS (PART_TIME_LEFT) },
  { NARROW_BAR, HAS (PART_TABLES) | HAS (PART_TIME_LEFT) },
  { WIDE_BAR, HAS (PART_TIME_LEFT) },
  { NARROW_BAR, HAS (PART_TIME_LEFT) },
  { WIDE_BAR, 0 },
  { NARROW_BAR, 0 },
  { 0, 0 },
};

static guint
measure_char (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

/* @text: valid UTF-8 without control characters, as pgm_text_escape() makes it */
guint
pgm_layout_measure (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += measure_char (g_utf8_get_char (text));
  return width;
}

/* Returns: (transfer full): the longest start of @text that fits */
char *
pgm_layout_cut (const char *text, guint width)
{
  const char *end = text;
  guint used = 0;

  for (; *end != '\0'; end = g_utf8_next_char (end))
    {
      used += measure_char (g_utf8_get_char (end));
      if (used > width)
        break;
    }
  return g_strndup (text, end - text);
}

static void
append_blanks (GString *out, guint n)
{
  g_string_append_printf (out, "%*s", (int) n, "");
}

static guint
measure_column (GPtrArray *rows, guint column)
{
  guint width = 0;

  for (guint i = 0; i < rows->len; i++)
    width = MAX (width, pgm_layout_measure (((char **) rows->pdata[i])[column]));
  return width;
}

static void
append_cell (GString *out, const char *text, guint width, gboolean is_right, gboolean is_last)
{
  guint blanks = width - pgm_layout_measure (text);

  if (is_right)
    append_blanks (out, blanks);
  g_string_append (out, text);
  if (!is_right && !is_last)
    append_blanks (out, blanks);
  g_string_append (out, is_last ? "\n" : GAP);
}

/* @rows: of strv, the head included, each cell escaped and each row as long as @align
 * @align: one letter a column, "l" or "r"
 *
 * Returns: (transfer full): one line a row */
char *
pgm_layout_format_columns (GPtrArray *rows, const char *align)
{
  GString *out = g_string_new (NULL);
  g_autofree guint *widths = g_new0 (guint, strlen (align));

  for (guint column = 0; align[column] != '\0'; column++)
    widths[column] = measure_column (rows, column);
  for (guint i = 0; i < rows->len; i++)
    for (guint column = 0; align[column] != '\0'; column++)
      append_cell (out, ((char **) rows->pdata[i])[column], widths[column], align[column] == 'r',
                   align[column + 1] == '\0');
  return g_string_free (out, FALSE);
}

static char *
dup_bytes_part (const PgmProgress *progress)
{
  g_autofree char *done = pgm_text_format_size (progress->bytes_done);
  g_autofree char *total = pgm_text_format_size (progress->bytes_total);

  if (progress->bytes_total > 0)
    return g_strdup_printf (_("%s of %s"), done, total);
  return progress->bytes_done > 0 ? g_steal_pointer (&done) : NULL;
}

static char *
dup_rate_part (const PgmProgress *progress)
{
  g_autofree char *rate = pgm_text_format_size ((guint64) progress->rate_bytes_per_s);

  return progress->rate_bytes_per_s >= 1.0 ? g_strdup_printf (_("%s/s"), rate) : NULL;
}

/* An estimate of tenths of a second would only look precise. */
static char *
dup_time_left_part (const PgmProgress *progress)
{
  gint64 seconds = (progress->time_left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  g_autofree char *text = NULL;

  if (progress->time_left_us < 0)
    return NULL;
  text = seconds < 10 ? g_strdup_printf (_("%d s"), (int) seconds)
                      : pgm_text_format_duration (progress->time_left_us);
  return g_strdup_printf (_("about %s left"), text);
}

/* @parts: (out): N_PARTS strings to be freed, NULL where nothing is known */
static void
fill_parts (const PgmProgress *progress, char **parts)
{
  parts[PART_TABLES] = NULL;
  if (progress->tables_total > 0)
    parts[PART_TABLES] =
        g_strdup_printf (ngettext ("%u of %u table", "%u of %u tables", progress->tables_total),
                         progress->tables_done, progress->tables_total);
  parts[PART_BYTES] = dup_bytes_part (progress);
  parts[PART_RATE] = dup_rate_part (progress);
  parts[PART_TIME_LEFT] = dup_time_left_part (progress);
}

static void
append_bar (GString *out, double fraction, guint cells)
{
  guint filled = (guint) (fraction * cells);

  g_string_append (out, GAP);
  if (cells == 0)
    return;
  g_string_append_c (out, '[');
  for (guint i = 0; i < cells; i++)
    g_string_append_c (out, i < filled ? '=' : i == filled ? '>' : ' ');
  g_string_append (out, "] ");
}

/* @separator: before each of @parts that is known and in the set @wanted
 * Frees @parts. */
static void
append_parts (GString *out, const char *separator, char **parts, guint wanted)
{
  for (guint i = 0; i < N_PARTS; i++)
    {
      if (parts[i] != NULL && (wanted & HAS (i)) != 0)
        g_string_append_printf (out, "%s%s", separator, parts[i]);
      g_free (parts[i]);
    }
}

static void
append_percent (GString *out, double fraction)
{
  g_string_append_printf (out, _("%d %%"), (int) (fraction * 100));
}

static char *
compose (const PgmProgress *progress, guint bar, guint wanted)
{
  double fraction = pgm_progress_get_fraction (progress);
  GString *out = g_string_new (pgm_phase_get_title (progress->phase));
  char *parts[N_PARTS];

  if (fraction >= 0.0)
    {
      append_bar (out, fraction, bar);
      append_percent (out, fraction);
    }
  fill_parts (progress, parts);
  append_parts (out, GAP, parts, wanted);
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): a line of at most @width columns */
char *
pgm_layout_format_progress (const PgmProgress *progress, guint width)
{
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *line = compose (progress, variants[i].bar, variants[i].parts);

      if (pgm_layout_measure (line) <= width)
        return g_steal_pointer (&line);
    }
  return pgm_layout_cut (pgm_phase_get_title (progress->phase), width);
}

/* Returns: (transfer full): the same for a log: "Restoring, 46 %, 12 of 27 tables, …" */
char *
pgm_layout_format_progress_plain (const PgmProgress *progress)
{
  double fraction = pgm_progress_get_fraction (progress);
  GString *out = g_string_new (pgm_phase_get_title (progress->phase));
  char *parts[N_PARTS];

  if (fraction >= 0.0)
    {
      g_string_append (out, ", ");
      append_percent (out, fraction);
    }
  fill_parts (progress, parts);
  append_parts (out, ", ", parts, HAS_ALL);
  return g_string_free (out, FALSE);
}
