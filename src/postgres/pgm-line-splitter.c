/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-line-splitter.h"

#include <string.h>

struct _PgmLineSplitter
{
  GString *line; /* owned: the line so far, up to the limit */
  PgmLineFunc func;
  gpointer user_data; /* borrowed */
};

PgmLineSplitter *
pgm_line_splitter_new (PgmLineFunc func, gpointer user_data)
{
  PgmLineSplitter *self = g_new (PgmLineSplitter, 1);

  *self = (PgmLineSplitter){ g_string_new (NULL), func, user_data };
  return self;
}

void
pgm_line_splitter_free (PgmLineSplitter *self)
{
  g_string_free (self->line, TRUE);
  g_free (self);
}

static void
append (PgmLineSplitter *self, const char *bytes, gsize n_bytes)
{
  gsize room = PGM_LINE_MAX_BYTES - self->line->len;

  g_string_append_len (self->line, bytes, MIN (n_bytes, room));
}

static void
emit (PgmLineSplitter *self)
{
  GString *line = self->line;

#ifdef G_OS_WIN32
  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
#endif
  /* a NUL would hide the rest of its line from every reader of a C string */
  for (gsize i = 0; i < line->len; i++)
    if (line->str[i] == '\0')
      line->str[i] = '?';
  self->func (line->str, self->user_data);
  g_string_truncate (line, 0);
}

void
pgm_line_splitter_push (PgmLineSplitter *self, const char *bytes, gsize n_bytes)
{
  const char *end = bytes + n_bytes;

  while (bytes < end)
    {
      const char *newline = memchr (bytes, '\n', end - bytes);

      append (self, bytes, (newline != NULL ? newline : end) - bytes);
      if (newline == NULL)
        return;
      emit (self);
      bytes = newline + 1;
    }
}

/* Hands on the last line when it has no newline at its end. */
void
pgm_line_splitter_flush (PgmLineSplitter *self)
{
  if (self->line->len > 0)
    emit (self);
}
