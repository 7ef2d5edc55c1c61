/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-script.h"

#include <string.h>

struct _PgmScript
{
  GPtrArray *lines;   /* char *, owned: for psql */
  GPtrArray *shown;   /* char *, owned: the same, with the values in place, for people */
  GString *variables; /* owned: `\set v1 'shop'`, a line each */
  guint n_variables;
};

PgmScript *
pgm_script_new (void)
{
  PgmScript *self = g_new0 (PgmScript, 1);

  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->shown = g_ptr_array_new_with_free_func (g_free);
  self->variables = g_string_new (NULL);
  return self;
}

void
pgm_script_free (PgmScript *self)
{
  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->shown);
  g_string_free (self->variables, TRUE);
  g_free (self);
}

/* As an argument of psql's own commands, which is one line (psql manual, Meta-Commands). */
static void
append_quoted (GString *out, const char *value)
{
  g_string_append_c (out, '\'');
  for (; *value != '\0'; value++)
    switch (*value)
      {
      case '\n':
        g_string_append (out, "\\n");
        break;
      case '\r':
        g_string_append (out, "\\r");
        break;
      case '\'':
      case '\\':
        g_string_append_c (out, '\\');
        g_string_append_c (out, *value);
        break;
      default:
        g_string_append_c (out, *value);
      }
  g_string_append_c (out, '\'');
}

static void
append_variable (PgmScript *self, GString *line, char quote, const char *value)
{
  self->n_variables++;
  g_string_append_printf (self->variables, "\\set v%u ", self->n_variables);
  append_quoted (self->variables, value);
  g_string_append_c (self->variables, '\n');
  g_string_append_printf (line, ":%cv%u%c", quote, self->n_variables, quote);
}

static void
append_list (PgmScript *self, GString *line, const char *const *values)
{
  for (gsize i = 0; values[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append (line, ", ");
      append_variable (self, line, '\'', values[i]);
    }
}

static gboolean
is_keyword (const char *text)
{
  return strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_ ") == strlen (text);
}

static void
append_argument (PgmScript *self, GString *line, GString *shown, char kind, va_list *args)
{
  g_autofree char *number = NULL;
  const char *text = NULL;

  switch (kind)
    {
    case 'I':
      text = va_arg (*args, const char *);
      append_variable (self, line, '"', text);
      g_string_append_printf (shown, "\"%s\"", text);
      return;
    case 'L':
      text = va_arg (*args, const char *);
      append_variable (self, line, '\'', text);
      g_string_append_printf (shown, "'%s'", text);
      return;
    case 'A':
      append_list (self, line, va_arg (*args, const char *const *));
      g_string_append (shown, "…");
      return;
    case 'd':
      number = g_strdup_printf ("%d", va_arg (*args, int));
      g_string_append (line, number);
      g_string_append (shown, number);
      return;
    case 'K':
      text = va_arg (*args, const char *);
      g_assert (is_keyword (text));
      g_string_append (line, text);
      g_string_append (shown, text);
      return;
    default:
      g_assert_not_reached ();
    }
}

/* Adds one statement, without a semicolon. In @sql, %I takes a name, %L a text, %A a strv of
 * texts that are not shown (the value of a setting may be a secret), %d an int, and %K a fixed
 * keyword. */
void
pgm_script_add (PgmScript *self, const char *sql, ...)
{
  GString *line = g_string_new (NULL);
  GString *shown = g_string_new (NULL);
  va_list args;

  va_start (args, sql);
  for (; *sql != '\0'; sql++)
    {
      if (*sql == '%')
        {
          append_argument (self, line, shown, *++sql, &args);
          continue;
        }
      g_assert (*sql != '\n');
      g_string_append_c (line, *sql);
      g_string_append_c (shown, *sql);
    }
  va_end (args);
  g_string_append (line, ";\n");
  g_ptr_array_add (self->lines, g_string_free (line, FALSE));
  g_ptr_array_add (self->shown, g_string_free (shown, FALSE));
}

guint
pgm_script_get_n_lines (const PgmScript *self)
{
  return self->lines->len;
}

/* @line: from 1
 *
 * Returns: (transfer full): the statement for people, with its values; not SQL to run */
char *
pgm_script_dup_line (const PgmScript *self, guint line)
{
  g_return_val_if_fail (line >= 1 && line <= self->shown->len, NULL);

  return g_strdup (self->shown->pdata[line - 1]);
}

/* @first_line: from 1; what comes before it is left out
 *
 * Returns: (transfer full): what psql reads: a line for each variable, then the statements */
GBytes *
pgm_script_dup_input (const PgmScript *self, guint first_line)
{
  GString *text = g_string_new (self->variables->str);

  for (guint i = first_line - 1; i < self->lines->len; i++)
    g_string_append (text, self->lines->pdata[i]);
  return g_string_free_to_bytes (text);
}

/* Returns: lines of the input before the first statement */
guint
pgm_script_get_n_variables (const PgmScript *self)
{
  return self->n_variables;
}
