/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Characters that change the direction of the text around them (Unicode TR 9, UTS 39): a name
 * that contains one can show a log line as something it is not (CVE-2021-42574). */
static gboolean
is_deceptive (gunichar c)
{
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x061C;
}

static void
append_escaped (GString *out, gunichar c)
{
  switch (c)
    {
    case '\n':
      g_string_append (out, "\\n");
      break;
    case '\t':
      g_string_append (out, "\\t");
      break;
    case '\r':
      g_string_append (out, "\\r");
      break;
    default:
      if (c < 0x80)
        g_string_append_printf (out, "\\x%02x", c);
      else
        g_string_append_printf (out, "\\u%04x", c);
    }
}

/* Returns: (transfer full): valid UTF-8 on one line, with control characters, bytes that are
 * not UTF-8 and direction overrides written as escapes. For logs, terminals and labels;
 * nothing that it returns may be used as a name again. */
char *
pgm_text_escape (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + 16);

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x%02x", (guchar) *text++);
          continue;
        }
      if (g_unichar_iscntrl (c) || is_deceptive (c))
        append_escaped (out, c);
      else
        g_string_append_unichar (out, c);
      text = g_utf8_next_char (text);
    }
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): @value as a quoted value of a libpq connection string
 * (PostgreSQL manual, 34.1.1.1), so that no character of it is syntax. */
char *
pgm_text_quote_conninfo (const char *value)
{
  GString *out = g_string_new ("'");

  for (; *value != '\0'; value++)
    {
      if (*value == '\'' || *value == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *value);
    }
  g_string_append_c (out, '\'');
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): @name as an SQL identifier, for a person to copy */
char *
pgm_text_quote_name (const char *name)
{
  GString *out = g_string_new (name);

  g_string_replace (out, "\"", "\"\"", 0);
  g_string_prepend_c (out, '"');
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): the longest start of @text that has no more than @max_bytes bytes
 * and does not end inside a UTF-8 character. */
char *
pgm_text_cut_bytes (const char *text, gsize max_bytes)
{
  gsize length = strlen (text);

  if (length > max_bytes)
    {
      length = max_bytes;
      while (length > 0 && ((guchar) text[length] & 0xC0) == 0x80)
        length--;
    }
  return g_strndup (text, length);
}

static gsize
edit_distance (const char *a, const char *b)
{
  gsize n = strlen (b);
  g_autofree gsize *row = g_new (gsize, n + 1);

  for (gsize j = 0; j <= n; j++)
    row[j] = j;
  for (gsize i = 1; a[i - 1] != '\0'; i++)
    {
      gsize diagonal = row[0];

      row[0] = i;
      for (gsize j = 1; j <= n; j++)
        {
          gsize above = row[j];

          row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
          diagonal = above;
        }
    }
  return row[n];
}

/* @candidates: NULL-terminated
 *
 * Returns: (transfer none) (nullable): the candidate that @word was most likely meant to be,
 * or NULL when none is near. */
const char *
pgm_text_find_nearest (const char *word, const char *const *candidates)
{
  const char *best = NULL;
  gsize best_distance = MAX (strlen (word) / 3, 2) + 1;

  if (strlen (word) > 200)
    return NULL;
  for (; *candidates != NULL; candidates++)
    {
      gsize distance = edit_distance (word, *candidates);

      if (distance < best_distance && distance < strlen (*candidates))
        {
          best = *candidates;
          best_distance = distance;
        }
    }
  return best;
}

/* Returns: (transfer full): "0.4 s", "12 s", "3 min 05 s", "2 h 10 min" */
char *
pgm_text_format_duration (gint64 duration_us)
{
  gint64 seconds = (duration_us + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;

  if (duration_us < 10 * G_USEC_PER_SEC)
    return g_strdup_printf (_("%.1f s"), MAX (duration_us, 0) / (double) G_USEC_PER_SEC);
  if (seconds < 60)
    return g_strdup_printf (_("%d s"), (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf (_("%d min %02d s"), (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf (_("%d h %02d min"), (int) (seconds / 3600), (int) (seconds % 3600 / 60));
}

/* Returns: (transfer full): "1.3 GB", powers of 1000 as the desktop shows them */
char *
pgm_text_format_size (guint64 n_bytes)
{
  g_autofree char *text = g_format_size (n_bytes);
  GString *plain = g_string_new (text);

  g_string_replace (plain, "\u00a0", " ", 0); /* terminals and logs: a space one can search for */
  return g_string_free (plain, FALSE);
}

/* Returns: (transfer full): digits in groups of three, "117 210" */
char *
pgm_text_format_count (guint64 n)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  gsize length = strlen (digits);
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append_c (out, ' ');
      g_string_append_c (out, digits[i]);
    }
  return g_string_free (out, FALSE);
}

/* @names: char *
 *
 * Returns: (transfer full): the first @n_max of them, and how many more there are */
char *
pgm_text_join_names (const GPtrArray *names, guint n_max)
{
  GString *text = g_string_new (NULL);
  guint n = MIN (names->len, n_max);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (char *) names->pdata[i]);
  if (n < names->len)
    g_string_append_printf (text, ngettext (" and %u more", " and %u more", names->len - n),
                            names->len - n);
  return g_string_free (text, FALSE);
}
