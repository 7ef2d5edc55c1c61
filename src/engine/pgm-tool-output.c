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

static void
take_entry (PgmToolOutput *self, const char *text)
{
  guint dump_id = 0;

  g_free (self->last_entry);
  self->last_entry = g_strdup (text + strspn (text, "0123456789; "));
  if (self->failed_ids == NULL || sscanf (text, "%u;", &dump_id) != 1)
    return;
  for (guint i = 0; i < self->failed_ids->len; i++)
    if (g_array_index (self->failed_ids, guint, i) == dump_id)
      return;
  g_array_append_val (self->failed_ids, dump_id);
}

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

static void
take_error (PgmToolOutput *self, const char *text)
{
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

/* After an error a row may follow, whose own lines can begin as the tool's do. */
static gboolean
is_expected_after_error (const char *text)
{
  static const char *const beginnings[] = {
    "error: ",     "warning: ",  "from TOC entry ", "while ",    "creating ",
    "processing ", "launching ", "finished ",       "entering ", "executing ",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_has_prefix (text, beginnings[i]))
      return TRUE;
  return FALSE;
}

/* What the server said among it, an error or a notice of a function of the user's, is not logged
 * as it came. */
static void
log_line (PgmToolOutput *self, const char *text)
{
  g_autofree char *shown = is_about_rows (self) || !g_str_has_prefix (text, "error: ")
                               ? pgm_server_words_dup_of_tool (text)
                               : g_strdup (text);

  pgm_debug (self->logger, "%s: %s", self->tool, shown);
}

/* Only lines that begin with the tool's name are the tool's. The others continue an error with
 * rows (CONTEXT, DETAIL) and statements, which may hold data and passwords: they go nowhere. */
void
pgm_tool_output_line_cb (const char *line, gpointer output)
{
  PgmToolOutput *self = output;
  g_autofree char *clean = NULL;
  const char *text = NULL;

  if (!g_str_has_prefix (line, self->tool) || !g_str_has_prefix (line + strlen (self->tool), ": "))
    return;
  clean = pgm_text_escape (line);
  text = clean + strlen (self->tool) + strlen (": ");
  if (take_server_message (self, text) ||
      (self->message != NULL && !is_expected_after_error (text)))
    return;
  log_line (self, text);
  if (g_str_has_prefix (text, "from TOC entry "))
    take_entry (self, text + strlen ("from TOC entry "));
  else if (g_str_has_prefix (text, "error: "))
    take_error (self, text + strlen ("error: "));
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
