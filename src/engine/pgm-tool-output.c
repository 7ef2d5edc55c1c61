/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tool-output.h"

#include "pgm-server-words.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

void
pgm_tool_output_clear (PgmToolOutput *self)
{
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->entry, g_free);
  g_clear_pointer (&self->last_entry, g_free);
}

/* Returns: (transfer full) (nullable): the text between @before and @after in @line */
static char *
between (const char *line, const char *before, const char *after)
{
  const char *begin = g_str_has_prefix (line, before) ? line + strlen (before) : NULL;
  const char *end = begin != NULL ? g_strrstr (begin, after) : NULL;

  return end != NULL ? g_strndup (begin, (gsize) (end - begin)) : NULL;
}

#define FROM_ENTRY "from TOC entry "

static void
add_failed_id (GArray *ids, guint dump_id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint, i) == dump_id)
      return;
  g_array_append_val (ids, dump_id);
}

/* An entry that had errors must not be missed, wherever in a line other jobs have put it. A row
 * that has these words tells of an entry too many, which is seen. */
static void
take_failed_ids (PgmToolOutput *self, const char *line)
{
  guint dump_id = 0;

  if (self->failed_ids == NULL)
    return;
  for (const char *at = strstr (line, FROM_ENTRY); at != NULL; at = strstr (at + 1, FROM_ENTRY))
    if (sscanf (at, FROM_ENTRY "%u;", &dump_id) == 1)
      add_failed_id (self->failed_ids, dump_id);
}

static void
take_entry (PgmToolOutput *self, const char *text)
{
  g_free (self->last_entry);
  self->last_entry = g_strdup (text + strspn (text, "0123456789; "));
}

#define ERROR_LEVEL "error: "

/* Entries that make the server read or write rows, or call functions with them. The first words
 * of an entry are its kind, which no name can pass for. An unknown one may be of any kind. */
static gboolean
is_about_rows (const PgmToolOutput *self)
{
  static const char *const kinds[] = {
    "TABLE DATA ",
    "INDEX ",
    "CONSTRAINT ",
    "FK CONSTRAINT ",
    "CHECK CONSTRAINT ",
    "MATERIALIZED VIEW DATA ",
    "BLOB",
    "SEQUENCE SET ",
  };

  if (self->last_entry == NULL)
    return !g_str_equal (self->tool, "pg_dump");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (self->last_entry, kinds[i]))
      return TRUE;
  return FALSE;
}

/* Of two jobs that failed at once the words of the second may be behind those of the first. They
 * begin alike, since it is the same that both were refused, or with the tool's name.
 *
 * Returns: (transfer full): the first's */
static char *
dup_first_words (const PgmToolOutput *self, const char *text)
{
  const char *colon = strstr (text, ": ");
  g_autofree char *beginning = colon != NULL ? g_strndup (text, (gsize) (colon + 2 - text)) : NULL;
  g_autofree char *name = g_strconcat (self->tool, ":", NULL);
  const char *again = beginning != NULL ? strstr (colon + 2, beginning) : NULL;
  const char *other = strstr (text, name);

  if (again == NULL || (other != NULL && other < again))
    again = other;
  return again != NULL ? g_strndup (text, (gsize) (again - text)) : g_strdup (text);
}

static void
take_error (PgmToolOutput *self, const char *line)
{
  g_autofree char *text = dup_first_words (self, line);

  if (self->message != NULL)
    return;
  self->message = is_about_rows (self) ? pgm_server_words_dup_of_tool (text) : g_strdup (text);
  self->entry = g_strdup (self->last_entry);
}

/* Of a COPY that broke off, pg_dump itself knows only that it did; what the server said follows.
 *
 * Returns: whether @text is that */
static gboolean
take_server_message (PgmToolOutput *self, const char *text)
{
  static const char beginning[] = "detail: Error message from server: ";
  char *before = self->message;
  g_autofree char *words = NULL;

  if (before == NULL || self->has_server_message || !g_str_has_prefix (text, beginning))
    return FALSE;
  words = pgm_server_words_dup_of_tool (text + strlen (beginning));
  self->message = g_strdup_printf ("%s %s", before, words);
  self->has_server_message = TRUE;
  g_free (before);
  return TRUE;
}

static void
report_progress (PgmToolOutput *self, const char *text)
{
  g_autofree char *dumped = between (text, "dumping contents of table \"", "\"");
  g_autofree char *restored = between (text, "processing data for table \"", "\"");
  guint dump_id = 0;

  if (dumped != NULL)
    self->observer->table_begun (dumped, self->observer->user_data);
  else if (restored != NULL)
    self->observer->table_begun (restored, self->observer->user_data);
  else if (sscanf (text, "finished item %u TABLE DATA", &dump_id) == 1)
    self->observer->table_done (dump_id, self->observer->user_data);
}

/* Whether @text is no error. After an error a row may follow, whose own lines can begin as the
 * tool's do: then nothing else is read. */
static gboolean
is_told_with_v (const char *text)
{
  static const char *const beginnings[] = {
    "warning: ",  FROM_ENTRY,  "while ",    "creating ",  "processing ",
    "launching ", "finished ", "entering ", "executing ",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_has_prefix (text, beginnings[i]))
      return TRUE;
  return FALSE;
}

/* What the server said among it, an error or a notice of a function of the user's, is not logged
 * as it came. */
static void
log_line (PgmToolOutput *self, const char *text, gboolean is_error)
{
  g_autofree char *shown =
      is_about_rows (self) || !is_error ? pgm_server_words_dup_of_tool (text) : g_strdup (text);

  pgm_debug (self->logger, "%s: %s%s", self->tool, is_error ? ERROR_LEVEL : "", shown);
}

/* The jobs of a pg_restore share its stderr, and each writes a line in pieces: name, blank, level,
 * words (PostgreSQL's src/common/logging.c). What two of them say at the same time comes as
 * "pg_restore:pg_restore:  error: error: " and the words of both.
 *
 * @ret_is_of_tool: whether a name was among the pieces
 * Returns: the words */
static const char *
skip_pieces (const PgmToolOutput *self,
             const char *line,
             gboolean *ret_is_of_tool,
             gboolean *ret_is_error)
{
  gsize name_length = strlen (self->tool);
  const char *text = line;

  *ret_is_of_tool = *ret_is_error = FALSE;
  for (;;)
    {
      if (g_str_has_prefix (text, self->tool) && text[name_length] == ':')
        {
          text += name_length + strlen (":");
          *ret_is_of_tool = TRUE;
        }
      else if (g_str_has_prefix (text, ERROR_LEVEL))
        {
          text += strlen (ERROR_LEVEL);
          *ret_is_error = TRUE;
        }
      else if (text[0] == ' ')
        text++;
      else
        return text;
    }
}

/* What all jobs are told at the same time, and then maybe without the name before it. */
static gboolean
is_refusal (const char *text)
{
  return g_str_has_prefix (text, "connection to server ") ||
         g_str_has_prefix (text, "reconnection failed: ") ||
         g_str_has_prefix (text, "could not reconnect to database: ");
}

/* Only lines that begin with the tool's name are the tool's. The others continue an error with
 * rows (CONTEXT, DETAIL) and statements, which may hold data and passwords: they go nowhere. */
void
pgm_tool_output_line_cb (const char *line, gpointer output)
{
  PgmToolOutput *self = output;
  g_autofree char *clean = pgm_text_escape (line);
  gboolean is_of_tool = FALSE, is_error = FALSE;
  const char *text = skip_pieces (self, clean, &is_of_tool, &is_error);

  take_failed_ids (self, clean);
  if (is_refusal (text))
    is_of_tool = is_error = TRUE;
  else if (is_told_with_v (text))
    is_error = FALSE;
  if (!is_of_tool || take_server_message (self, text) ||
      (self->message != NULL && !is_error && !is_told_with_v (text)))
    return;
  log_line (self, text, is_error);
  if (is_error)
    take_error (self, text);
  else if (g_str_has_prefix (text, FROM_ENTRY))
    take_entry (self, text + strlen (FROM_ENTRY));
  else if (g_str_has_prefix (text, "warning: errors ignored on restore: "))
    self->was_complete = TRUE;
  else if (self->observer != NULL)
    report_progress (self, text);
}

void
pgm_tool_output_tick_cb (gpointer output)
{
  PgmToolOutput *self = output;

  self->copied_bytes = self->observer->tick (self->observer->user_data);
}

/* Returns: (transfer full): why the tool failed, as far as it said */
char *
pgm_tool_output_dup_reason (const PgmToolOutput *self)
{
  if (self->message == NULL)
    return g_strdup_printf (_("%s did not say why"), self->tool);
  if (self->entry == NULL)
    return g_strdup (self->message);
  return g_strdup_printf (_("%s (archive entry: %s)"), self->message, self->entry);
}
