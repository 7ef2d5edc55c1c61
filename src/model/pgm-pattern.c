/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-pattern.h"

#include <string.h>

/* A pattern is folded to lower case and its wildcards count, except between double quotes,
 * where a doubled quote stands for one. */

static gboolean
is_plain (char c, gboolean is_first)
{
  return g_ascii_islower (c) || c == '_' || (!is_first && g_ascii_isdigit (c));
}

static void
append_quoted (GString *out, const char *name)
{
  gboolean plain = *name != '\0';

  for (const char *p = name; *p != '\0'; p++)
    plain = plain && is_plain (*p, p == name);
  if (plain)
    {
      g_string_append (out, name);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

/* Returns: (transfer full): a pattern that this one schema matches */
char *
pgm_pattern_for_schema (const char *schema)
{
  GString *out = g_string_new (NULL);

  append_quoted (out, schema);
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): a pattern that this one table matches */
char *
pgm_pattern_for_table (const char *schema, const char *name)
{
  GString *out = g_string_new (NULL);

  append_quoted (out, schema);
  g_string_append_c (out, '.');
  append_quoted (out, name);
  return g_string_free (out, FALSE);
}

/* Reads one name from *@cursor on.
 *
 * Returns: (transfer full) (nullable): NULL where more than one name would match */
static char *
read_name (const char **cursor)
{
  g_autoptr(GString) name = g_string_new (NULL);
  gboolean is_quoted = FALSE;
  const char *p = *cursor;

  for (; *p != '\0' && (is_quoted || *p != '.'); p++)
    {
      if (*p == '"' && is_quoted && p[1] == '"')
        g_string_append_c (name, *p++);
      else if (*p == '"')
        is_quoted = !is_quoted;
      else if (!is_quoted && strchr ("*?|+()[]{}^$\\", *p) != NULL)
        return NULL;
      else
        g_string_append_c (name, is_quoted ? *p : g_ascii_tolower (*p));
    }
  *cursor = p;
  if (is_quoted || name->len == 0)
    return NULL;
  return g_strdup (name->str);
}

/* Returns: TRUE where @pattern names one schema
 *
 * @ret_schema: (out) (transfer full): untouched otherwise */
gboolean
pgm_pattern_get_schema (const char *pattern, char **ret_schema)
{
  g_autofree char *schema = read_name (&pattern);

  if (schema == NULL || *pattern != '\0')
    return FALSE;
  *ret_schema = g_steal_pointer (&schema);
  return TRUE;
}

/* Returns: TRUE where @pattern names one table with its schema
 *
 * @ret_schema: (out) (transfer full): untouched otherwise, as @ret_name */
gboolean
pgm_pattern_get_table (const char *pattern, char **ret_schema, char **ret_name)
{
  g_autofree char *schema = read_name (&pattern);
  g_autofree char *name = NULL;

  if (schema == NULL || *pattern != '.')
    return FALSE;
  pattern++;
  name = read_name (&pattern);
  if (name == NULL || *pattern != '\0')
    return FALSE;
  *ret_schema = g_steal_pointer (&schema);
  *ret_name = g_steal_pointer (&name);
  return TRUE;
}
