/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#ifndef O_NOFOLLOW
#define O_NOFOLLOW 0
#endif
#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

typedef struct
{
  FILE *file;          /* owned */
  PgmConsole *console; /* owned */
  gboolean is_broken;
} LogFile;

static void
log_file_free (gpointer data)
{
  LogFile *self = data;

  fclose (self->file);
  g_object_unref (self->console);
  g_free (self);
}

/* A log that cannot be written is said once, and does not end the run. */
static void
log_file_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  LogFile *self = user_data;
  g_autofree char *line = pgm_logger_format_line (level, time_us, message);
  g_autofree char *complaint = NULL;

  if (self->is_broken || (fprintf (self->file, "%s\n", line) >= 0 && fflush (self->file) == 0))
    return;
  self->is_broken = TRUE;
  complaint =
      g_strdup_printf (_("pg-mirror-cli: could not write the log file: %s"), g_strerror (errno));
  pgm_console_complain (self->console, complaint);
}

/* A link is not followed: whoever may write to the folder could point it anywhere. */
static LogFile *
log_file_open (const char *path, PgmConsole *console, GError **error)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  FILE *file = fd >= 0 ? fdopen (fd, "a") : NULL;
  LogFile *self = NULL;

  if (fd < 0 && errno == ELOOP)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _("could not open the log file \"%s\": it is a symbolic link"), path);
      return NULL;
    }
  if (file == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _("could not open the log file \"%s\": %s"), path, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (LogFile, 1);
  self->file = file;
  self->console = g_object_ref (console);
  return self;
}

static void
console_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer console)
{
  pgm_console_write_log (console, level, time_us, message);
}

static PgmLogLevel
get_console_level (PgmCli *self)
{
  if (self->verbose)
    return PGM_LOG_DEBUG;
  return self->quiet || self->json || self->has_results ? PGM_LOG_ERROR : PGM_LOG_INFO;
}

static PgmLogLevel
get_level (PgmCli *self)
{
  return self->verbose ? PGM_LOG_DEBUG : PGM_LOG_INFO;
}

gboolean
pgm_cli_open_log (PgmCli *self, GError **error)
{
  LogFile *file = NULL;

  pgm_logger_add_sink (self->logger, get_console_level (self), console_cb,
                       g_object_ref (self->console), g_object_unref);
  if (self->log_file == NULL)
    return TRUE;
  file = log_file_open (self->log_file, self->console, error);
  if (file == NULL)
    return FALSE;
  pgm_logger_add_sink (self->logger, get_level (self), log_file_cb, file, log_file_free);
  return TRUE;
}

static void
json_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer console)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format_iso8601 (time);
  g_autofree char *name = g_ascii_strdown (pgm_log_level_get_name (level), -1);
  g_autoptr(JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  json_object_set_string_member (object, "event", "log");
  json_object_set_string_member (object, "time", stamp);
  json_object_set_string_member (object, "level", name);
  json_object_set_string_member (object, "message", message);
  pgm_console_print_json (console, node);
}

/* From now on each log line is also an event on standard output. */
void
pgm_cli_log_to_json (PgmCli *self)
{
  pgm_logger_add_sink (self->logger, get_level (self), json_cb, g_object_ref (self->console),
                       g_object_unref);
}

/* @text: lines; each becomes a message of its own */
void
pgm_cli_log_lines (PgmCli *self, PgmLogLevel level, const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    pgm_logger_log (self->logger, level, "%s", lines[i]);
}

/* For what fails without a run, and so without a report.
 *
 * Returns: PGM_EXIT_FAILED */
int
pgm_cli_fail (PgmCli *self, const GError *error)
{
  pgm_cli_log_lines (self, PGM_LOG_ERROR, error->message);
  return PGM_EXIT_FAILED;
}
