/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-console.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#include "pgm-json-line.h"
#include "pgm-layout.h"
#include "pgm-text.h"

#define REDRAW_US (G_USEC_PER_SEC / 10)
#define DEFAULT_WIDTH 80
#define ERASE_LINE "\r\x1b[K"

struct _PgmConsole
{
  GObject parent_instance;

  /* borrowed */
  FILE *out;
  FILE *err;

  /* owned */
  PgmLogger *logger; /* (nullable): knows the secrets */

  /* only under the mutex */
  GMutex mutex;
  gboolean has_color;
  gboolean has_progress;
  gboolean has_log;
  gboolean is_shown; /* there is something to draw */
  gboolean is_drawn; /* the cursor stands at its end */
  PgmProgress progress;
  gint64 drawn_us;
  int out_errno; /* of the first failed write, 0: none */
};

G_DEFINE_FINAL_TYPE (PgmConsole, pgm_console, G_TYPE_OBJECT)

static void
pgm_console_finalize (GObject *object)
{
  PgmConsole *self = PGM_CONSOLE (object);

  g_clear_object (&self->logger);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (pgm_console_parent_class)->finalize (object);
}

static void
pgm_console_class_init (PgmConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_console_finalize;
}

static void
pgm_console_init (PgmConsole *self)
{
  g_mutex_init (&self->mutex);
}

/* Whether the cursor can be moved there; on Windows this also switches escapes on. */
static gboolean
is_terminal (FILE *stream)
{
  return g_log_writer_supports_color (fileno (stream)) &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

static gboolean
wants_color (void)
{
  const char *no_color = g_getenv ("NO_COLOR"); /* https://no-color.org */

  return no_color == NULL || no_color[0] == '\0';
}

/* @out: standard output, @err: standard error; both must outlive the console */
PgmConsole *
pgm_console_new (FILE *out, FILE *err)
{
  PgmConsole *self = g_object_new (PGM_TYPE_CONSOLE, NULL);

  self->out = out;
  self->err = err;
  self->has_log = TRUE;
  self->has_progress = is_terminal (err);
  self->has_color = self->has_progress && wants_color ();
  return self;
}

/* From now on nothing that @logger knows as a secret is printed. */
void
pgm_console_set_logger (PgmConsole *self, PgmLogger *logger)
{
  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_set_object (&self->logger, logger);
}

/* @color: FALSE switches it off; TRUE changes nothing, what the terminal can do decides */
void
pgm_console_set_color (PgmConsole *self, gboolean color)
{
  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_mutex_lock (&self->mutex);
  self->has_color = self->has_color && color;
  g_mutex_unlock (&self->mutex);
}

/* @progress: the same for the progress line */
void
pgm_console_set_progress (PgmConsole *self, gboolean progress)
{
  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_mutex_lock (&self->mutex);
  self->has_progress = self->has_progress && progress;
  g_mutex_unlock (&self->mutex);
}

/* @log: FALSE keeps the log to itself: what it says is printed as a result */
void
pgm_console_set_log (PgmConsole *self, gboolean log)
{
  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_mutex_lock (&self->mutex);
  self->has_log = log;
  g_mutex_unlock (&self->mutex);
}

gboolean
pgm_console_shows_progress (PgmConsole *self)
{
  gboolean has_progress = FALSE;

  g_return_val_if_fail (PGM_IS_CONSOLE (self), FALSE);

  g_mutex_lock (&self->mutex);
  has_progress = self->has_progress;
  g_mutex_unlock (&self->mutex);
  return has_progress;
}

static guint
get_width (PgmConsole *self)
{
#ifdef G_OS_UNIX
  struct winsize size = { 0 };

  if (ioctl (fileno (self->err), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
#endif
  return DEFAULT_WIDTH;
}

/* The last column stays free: some terminals wrap as soon as it is written. */
static void
draw (PgmConsole *self)
{
  g_autofree char *line = pgm_layout_format_progress (&self->progress, get_width (self) - 1);

  fprintf (self->err, ERASE_LINE "%s", line);
  fflush (self->err);
  self->is_drawn = TRUE;
  self->drawn_us = g_get_monotonic_time ();
}

static void
erase (PgmConsole *self)
{
  if (!self->is_drawn)
    return;
  fputs (ERASE_LINE, self->err);
  fflush (self->err);
  self->is_drawn = FALSE;
}

/* Shows @progress at the bottom; a phase at once, the rest at most ten times a second. */
void
pgm_console_show (PgmConsole *self, const PgmProgress *progress)
{
  gboolean is_due = FALSE;

  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_mutex_lock (&self->mutex);
  is_due = !self->is_drawn || progress->phase != self->progress.phase ||
           g_get_monotonic_time () - self->drawn_us >= REDRAW_US;
  self->progress = *progress;
  self->is_shown = self->has_progress;
  if (self->is_shown && is_due)
    draw (self);
  g_mutex_unlock (&self->mutex);
}

/* Takes the progress away until it is shown again. */
void
pgm_console_clear (PgmConsole *self)
{
  g_return_if_fail (PGM_IS_CONSOLE (self));

  g_mutex_lock (&self->mutex);
  erase (self);
  self->is_shown = FALSE;
  g_mutex_unlock (&self->mutex);
}

static const char *
get_color (PgmLogLevel level)
{
  switch (level)
    {
    case PGM_LOG_DEBUG:
      return "\x1b[2m";
    case PGM_LOG_WARNING:
      return "\x1b[33m";
    case PGM_LOG_ERROR:
      return "\x1b[31m";
    case PGM_LOG_INFO:
    default:
      return "";
    }
}

static void
begin (PgmConsole *self)
{
  g_mutex_lock (&self->mutex);
  erase (self);
}

static void
end (PgmConsole *self)
{
  if (self->is_shown)
    draw (self);
  g_mutex_unlock (&self->mutex);
}

/* @message: as a logger's sink gets it: redacted, on one line */
void
pgm_console_write_log (PgmConsole *self, PgmLogLevel level, gint64 time_us, const char *message)
{
  g_autofree char *line = pgm_logger_format_line (level, time_us, message);
  const char *color = NULL;

  g_return_if_fail (PGM_IS_CONSOLE (self));

  begin (self);
  color = self->has_color ? get_color (level) : "";
  if (self->has_log)
    fprintf (self->err, "%s%s%s\n", color, line, color[0] != '\0' ? "\x1b[0m" : "");
  fflush (self->err);
  end (self);
}

/* Returns: (transfer full): @text as it may be shown: each of its lines escaped, no secret */
static char *
dup_shown (PgmConsole *self, const char *text)
{
  g_autofree char *redacted =
      self->logger != NULL ? pgm_logger_redact (self->logger, text) : g_strdup (text);
  g_auto(GStrv) lines = g_strsplit (redacted, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *raw = lines[i];

      lines[i] = pgm_text_escape (raw);
    }
  return g_strjoinv ("\n", lines);
}

/* A reader that has gone away (EPIPE) must not end a run that is worth more than its output. */
static void
write_out (PgmConsole *self, const char *text)
{
  begin (self);
  if (self->out_errno == 0 &&
      (fputs (text, self->out) < 0 || fputc ('\n', self->out) == EOF || fflush (self->out) != 0))
    self->out_errno = errno;
  end (self);
}

/* @text: lines of a result, without the last newline; to standard output */
void
pgm_console_print (PgmConsole *self, const char *text)
{
  g_autofree char *shown = NULL;

  g_return_if_fail (PGM_IS_CONSOLE (self));

  shown = dup_shown (self, text);
  write_out (self, shown);
}

/* @text: the same, to standard error and without a time: for faults before any work began */
void
pgm_console_complain (PgmConsole *self, const char *text)
{
  g_autofree char *shown = NULL;

  g_return_if_fail (PGM_IS_CONSOLE (self));

  shown = dup_shown (self, text);
  begin (self);
  fprintf (self->err, "%s\n", shown);
  fflush (self->err);
  end (self);
}

/* @node: one event; changed as pgm_json_line_format() does */
void
pgm_console_print_json (PgmConsole *self, JsonNode *node)
{
  g_autofree char *text = NULL;

  g_return_if_fail (PGM_IS_CONSOLE (self));

  text = pgm_json_line_format (node, self->logger);
  write_out (self, text);
}

/* Returns: FALSE, and complains, when not all of the output could be written, unless the reader
 * did not want the rest */
gboolean
pgm_console_flush (PgmConsole *self)
{
  g_autofree char *complaint = NULL;

  g_return_val_if_fail (PGM_IS_CONSOLE (self), FALSE);

  if (self->out_errno == 0 || self->out_errno == EPIPE)
    return TRUE;
  complaint = g_strdup_printf (_("pg-mirror-cli: could not write to standard output: %s"),
                                  g_strerror (self->out_errno));
  pgm_console_complain (self, complaint);
  return FALSE;
}
