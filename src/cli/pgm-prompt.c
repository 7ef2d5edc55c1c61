/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-prompt.h"

#include <glib/gi18n-lib.h>

#ifdef G_OS_UNIX

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The line is read through the main loop, so that a signal can end the question. The terminal
 * edits it (canonical mode) and hands it out whole. */

/* As much as Linux keeps of one line (N_TTY_BUF_SIZE); other systems keep less. */
#define LINE_MAX_BYTES 4096

typedef struct
{
  int fd;
  gboolean is_changed; /* the terminal's settings; @saved has the old ones */
  struct termios saved;
  GSource *input;            /* owned */
  GSource *cancelled;        /* owned, (nullable) */
  GCancellable *cancellable; /* owned, (nullable) */
  gulong cancelled_id;
  char line[LINE_MAX_BYTES + 1];
  gsize length;
} Prompt;

static void
give_terminal_back (Prompt *self)
{
  if (self->is_changed)
    tcsetattr (self->fd, TCSAFLUSH, &self->saved);
  self->is_changed = FALSE;
}

static void
destroy_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
prompt_free (gpointer data)
{
  Prompt *self = data;

  give_terminal_back (self);
  close (self->fd);
  pgm_secret_wipe (self->line, sizeof self->line);
  g_free (self);
}

/* A process in the background that touches the terminal would be stopped. */
static int
open_terminal (void)
{
  int fd = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

  if (fd >= 0 && tcgetpgrp (fd) != getpgrp ())
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* Whether there is a person to ask. */
gboolean
pgm_prompt_has_terminal (void)
{
  int fd = open_terminal ();

  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

/* Without the keys for "suspend" and "quit": either would leave the terminal mute. */
static gboolean
hide_input (Prompt *self)
{
  struct termios hidden;

  if (tcgetattr (self->fd, &self->saved) != 0)
    return FALSE;
  hidden = self->saved;
  hidden.c_lflag &= (tcflag_t) ~ECHO;
  hidden.c_lflag |= ECHONL;
  hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
  hidden.c_cc[VQUIT] = _POSIX_VDISABLE;
  self->is_changed = tcsetattr (self->fd, TCSAFLUSH, &hidden) == 0;
  return self->is_changed;
}

/* Stops listening, and gives the terminal back before anybody hears of the answer. */
static void
stop_listening (GTask *task)
{
  Prompt *self = g_task_get_task_data (task);

  destroy_source (&self->input);
  destroy_source (&self->cancelled);
  g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  g_clear_object (&self->cancellable);
  give_terminal_back (self);
}

static void
write_text (Prompt *self, const char *text)
{
  if (write (self->fd, text, strlen (text)) < 0)
    g_debug ("the terminal went away: %s", g_strerror (errno));
}

/* At once, in the thread that cancels: what is written next begins a line. */
static void
end_line_cb (GCancellable *cancellable, gpointer user_data)
{
  write_text (user_data, "\n");
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);

  stop_listening (task);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
return_line (GTask *task)
{
  Prompt *self = g_task_get_task_data (task);

  self->line[self->length] = '\0';
  if (self->length > 0 && self->line[self->length - 1] == '\n')
    self->line[self->length - 1] = '\0';
  stop_listening (task);
  g_task_return_pointer (task, pgm_secret_new (self->line), (GDestroyNotify) pgm_secret_unref);
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (user_data);
  Prompt *self = g_task_get_task_data (task);
  ssize_t n = read (fd, self->line + self->length, LINE_MAX_BYTES - self->length);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      self->length += (gsize) n;
      if (self->line[self->length - 1] == '\n' || self->length == LINE_MAX_BYTES)
        return_line (task);
      return G_SOURCE_CONTINUE;
    }
  write_text (self, "\n");
  stop_listening (task);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, _("no answer was given"));
  return G_SOURCE_REMOVE;
}

static void
listen_for_answer (GTask *task, Prompt *self)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->input = g_unix_fd_source_new (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->input, G_SOURCE_FUNC (input_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (self->input, g_main_context_get_thread_default ());
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
  self->cancellable = g_object_ref (cancellable);
  self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (end_line_cb), self, NULL);
}

/* @question: shown as it is; must have no control character but newlines
 *
 * What was typed before the question is thrown away: nobody agrees to what he has not read. */
void
pgm_prompt_ask_async (const char *question,
                      PgmPromptMode mode,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  int fd = open_terminal ();
  Prompt *self = NULL;

  g_task_set_source_tag (task, pgm_prompt_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  if (fd < 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _("there is no terminal to ask on"));
      return;
    }
  self = g_new0 (Prompt, 1);
  self->fd = fd;
  g_task_set_task_data (task, self, prompt_free);
  if (mode == PGM_PROMPT_HIDDEN && !hide_input (self))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _("the terminal cannot hide what is typed"));
      return;
    }
  tcflush (fd, TCIFLUSH);
  write_text (self, question);
  listen_for_answer (task, self);
}

#else

gboolean
pgm_prompt_has_terminal (void)
{
  return FALSE;
}

void
pgm_prompt_ask_async (const char *question,
                      PgmPromptMode mode,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_task_report_new_error (NULL, callback, user_data, pgm_prompt_ask_async, G_IO_ERROR,
                           G_IO_ERROR_NOT_SUPPORTED, _("there is no terminal to ask on"));
}

#endif

/* Returns: (transfer full): the line without its end; on failure NULL */
PgmSecret *
pgm_prompt_ask_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
