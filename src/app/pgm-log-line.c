/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-log-model-private.h"

struct _PgmLogLine
{
  GObject parent_instance;

  char *message; /* owned */
  gint64 time_us;
  PgmLogLevel level;
};

G_DEFINE_FINAL_TYPE (PgmLogLine, pgm_log_line, G_TYPE_OBJECT)

static void
pgm_log_line_finalize (GObject *object)
{
  g_free (PGM_LOG_LINE (object)->message);
  G_OBJECT_CLASS (pgm_log_line_parent_class)->finalize (object);
}

static void
pgm_log_line_class_init (PgmLogLineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_log_line_finalize;
}

static void
pgm_log_line_init (PgmLogLine *self)
{
}

/* @time_us: real time
 * @message: (transfer full) */
PgmLogLine *
pgm_log_line_new (PgmLogLevel level, gint64 time_us, char *message)
{
  PgmLogLine *self = g_object_new (PGM_TYPE_LOG_LINE, NULL);

  self->level = level;
  self->time_us = time_us;
  self->message = message;
  return self;
}

PgmLogLevel
pgm_log_line_get_level (PgmLogLine *self)
{
  g_return_val_if_fail (PGM_IS_LOG_LINE (self), PGM_LOG_INFO);

  return self->level;
}

/* Returns: (transfer none) */
const char *
pgm_log_line_get_message (PgmLogLine *self)
{
  g_return_val_if_fail (PGM_IS_LOG_LINE (self), NULL);

  return self->message;
}

/* Returns: (transfer full): the time of day, local */
char *
pgm_log_line_dup_time (PgmLogLine *self)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (self->time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local (utc);

  return g_date_time_format (local, "%H:%M:%S");
}

/* Returns: (transfer full): as in a log file, without a newline */
char *
pgm_log_line_dup_text (PgmLogLine *self)
{
  return pgm_logger_format_line (self->level, self->time_us, self->message);
}
