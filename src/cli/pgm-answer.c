/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-answer.h"

#include <glib/gi18n-lib.h>
#ifdef G_OS_UNIX
#include <unistd.h>
#endif

#include "pgm-layout.h"
#include "pgm-prompt.h"
#include "pgm-text.h"

/* DESIGN: where no person sits in front of the program, what the config says is the answer. */
gboolean
pgm_answer_is_interactive (void)
{
#ifdef G_OS_UNIX
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
#else
  return FALSE;
#endif
}

/* Returns: (transfer full) */
char *
pgm_answer_dup_password_prompt (PgmEndpoint *endpoint)
{
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  g_autofree char *prompt =
      g_strdup_printf (_("Password of \"%s\" at %s: "), endpoint->user, address);

  return pgm_text_escape (prompt);
}

static void
password_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmQuestion) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSecret) password = pgm_prompt_ask_finish (result, &error);

  if (password != NULL)
    pgm_question_answer_secret (question, password);
  else
    pgm_question_refuse (question, error->message);
}

/* Only the name itself agrees. */
static void
name_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmQuestion) question = user_data;
  g_autoptr(PgmSecret) typed = pgm_prompt_ask_finish (result, NULL);
  const char *name = pgm_question_get_facts (question)->database;

  pgm_question_answer (question, typed != NULL && g_str_equal (pgm_secret_reveal (typed), name));
}

static void
add_row (GPtrArray *rows, const char *title, char *value)
{
  char *row[] = { g_strconcat ("  ", title, NULL), pgm_text_escape (value), NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
  g_free (value);
}

static void
show_facts (PgmConsole *console, const PgmReplaceFacts *facts)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autofree char *table = NULL;
  g_autofree char *text = NULL;

  add_row (rows, _("Database"), g_strdup (facts->database));
  add_row (rows, _("Server"), g_strdup (facts->address));
  add_row (rows, _("Size"), pgm_text_format_size (facts->size_bytes));
  add_row (rows, _("Tables"), pgm_text_format_count (facts->n_tables));
  add_row (rows, _("Sessions"), pgm_text_format_count (facts->n_sessions));
  if (facts->last_activity != NULL)
    add_row (rows, _("Last active"), g_strdup (facts->last_activity));
  table = pgm_layout_format_columns (rows, "ll");
  text = g_strconcat (_("This database exists and is going to be replaced:"), "\n", table, NULL);
  pgm_console_complain (console, g_strchomp (text));
}

static void
ask_to_replace (PgmQuestion *question, PgmConsole *console, GCancellable *cancellable)
{
  show_facts (console, pgm_question_get_facts (question));
  pgm_prompt_ask_async (_("Type the name of the database to replace it: "), PGM_PROMPT_VISIBLE,
                           cancellable, name_cb, g_object_ref (question));
}

static void
ask_for_password (PgmQuestion *question, GCancellable *cancellable)
{
  g_autofree char *prompt = pgm_answer_dup_password_prompt (pgm_question_get_endpoint (question));

  pgm_prompt_ask_async (prompt, PGM_PROMPT_HIDDEN, cancellable, password_cb,
                        g_object_ref (question));
}

/* Answers at once, or after asking on the terminal. A question that is dropped is refused. */
void
pgm_answer_question (PgmQuestion *question, PgmConsole *console, GCancellable *cancellable)
{
  pgm_console_clear (console);
  switch (pgm_question_get_kind (question))
    {
    case PGM_QUESTION_PASSWORD:
      ask_for_password (question, cancellable);
      break;
    case PGM_QUESTION_REPLACE:
      if (pgm_answer_is_interactive ())
        ask_to_replace (question, console, cancellable);
      else
        pgm_question_answer (question, TRUE);
      break;
    default:
      break;
    }
}
