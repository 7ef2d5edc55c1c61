/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* JsonGenerator is not used for files of the user: it writes 1e22 as `1e+22.0`, which is not
 * JSON, and 0.1 as 0.10000000000000001 (json-glib 1.6). */

#include "pgm-json-write.h"

#include <string.h>

static void write_value (GString *out, JsonNode *node, guint depth);

static void
write_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    {
      guchar c = *text;

      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c < 0x20 || c == 0x7F)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_c (out, c);
    }
  g_string_append_c (out, '"');
}

static gboolean
reads_as (const char *text, double value)
{
  double read = g_ascii_strtod (text, NULL);

  return memcmp (&read, &value, sizeof value) == 0;
}

/* Seventeen digits tell any two numbers apart; most need fewer. */
static void
write_double (GString *out, double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  gsize i = 0;

  do
    g_ascii_formatd (text, sizeof text, formats[i++], value);
  while (i < G_N_ELEMENTS (formats) && !reads_as (text, value));
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
write_scalar (GString *out, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    write_string (out, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_DOUBLE)
    write_double (out, json_node_get_double (node));
  else
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
}

static void
start_line (GString *out, guint depth)
{
  g_string_append_printf (out, "\n%*s", (int) depth * 2, "");
}

static void
write_object (GString *out, JsonObject *object, guint depth)
{
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *value = NULL;
  gboolean is_first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      g_string_append (out, is_first ? "" : ",");
      start_line (out, depth + 1);
      write_string (out, key);
      g_string_append (out, ": ");
      write_value (out, value, depth + 1);
      is_first = FALSE;
    }
  if (!is_first)
    start_line (out, depth);
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, guint depth)
{
  guint n = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      g_string_append (out, i == 0 ? "" : ",");
      start_line (out, depth + 1);
      write_value (out, json_array_get_element (array, i), depth + 1);
    }
  if (n > 0)
    start_line (out, depth);
  g_string_append_c (out, ']');
}

static void
write_value (GString *out, JsonNode *node, guint depth)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      write_object (out, json_node_get_object (node), depth);
      break;
    case JSON_NODE_ARRAY:
      write_array (out, json_node_get_array (node), depth);
      break;
    case JSON_NODE_VALUE:
      write_scalar (out, node);
      break;
    case JSON_NODE_NULL:
    default:
      g_string_append (out, "null");
    }
}

/* Returns: (transfer full): @node as text with two spaces for each level, a newline at the end
 * and everything but control characters as UTF-8. Holds the passwords of a profile. */
char *
pgm_json_write (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  write_value (out, node, 0);
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

/* json-glib 1.6 forgets to escape U+001F, which no JSON text may hold.
 *
 * Returns: (transfer full): @node as one line, without a newline */
char *
pgm_json_write_line (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  GString *line = g_string_new (text);

  g_string_replace (line, "\x1f", "\\u001f", 0);
  return g_string_free (line, FALSE);
}
