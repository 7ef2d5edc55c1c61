/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-logger.h"

#include "pgm-text.h"

#include <string.h>

typedef struct
{
  PgmLogLevel least;
  PgmLogFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Sink;

struct _PgmLogger
{
  GObject parent_instance;

  /* owned; both arrays only under the mutex, which is recursive so that a sink may log */
  GRecMutex mutex;
  GPtrArray *sinks;
  GPtrArray *secrets;
};

G_DEFINE_FINAL_TYPE (PgmLogger, pgm_logger, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (PgmLogLevel,
                    pgm_log_level,
                    G_DEFINE_ENUM_VALUE (PGM_LOG_DEBUG, "debug"),
                    G_DEFINE_ENUM_VALUE (PGM_LOG_INFO, "info"),
                    G_DEFINE_ENUM_VALUE (PGM_LOG_WARNING, "warning"),
                    G_DEFINE_ENUM_VALUE (PGM_LOG_ERROR, "error"))

/* Redaction of a one or two character "secret" would only garble the text around it. */
#define SHORTEST_SECRET 3

static void
sink_free (gpointer data)
{
  Sink *sink = data;

  if (sink->destroy != NULL)
    sink->destroy (sink->user_data);
  g_free (sink);
}

static void
pgm_logger_finalize (GObject *object)
{
  PgmLogger *self = PGM_LOGGER (object);

  g_ptr_array_unref (self->sinks);
  g_ptr_array_unref (self->secrets);
  g_rec_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (pgm_logger_parent_class)->finalize (object);
}

static void
pgm_logger_class_init (PgmLoggerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_logger_finalize;
}

static void
pgm_logger_init (PgmLogger *self)
{
  g_rec_mutex_init (&self->mutex);
  self->sinks = g_ptr_array_new_with_free_func (sink_free);
  self->secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_secret_unref);
}

PgmLogger *
pgm_logger_new (void)
{
  return g_object_new (PGM_TYPE_LOGGER, NULL);
}

const char *
pgm_log_level_get_name (PgmLogLevel level)
{
  static const char *const names[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

  g_return_val_if_fail ((gsize) level < G_N_ELEMENTS (names), "ERROR");
  return names[level];
}

/* @least: messages below this level do not reach @func */
void
pgm_logger_add_sink (
    PgmLogger *self, PgmLogLevel least, PgmLogFunc func, gpointer user_data, GDestroyNotify destroy)
{
  Sink *sink = g_new (Sink, 1);

  g_return_if_fail (PGM_IS_LOGGER (self));

  *sink = (Sink){ least, func, user_data, destroy };
  g_rec_mutex_lock (&self->mutex);
  g_ptr_array_add (self->sinks, sink);
  g_rec_mutex_unlock (&self->mutex);
}

/* From now on @secret is replaced wherever it would appear in a message. */
void
pgm_logger_add_secret (PgmLogger *self, PgmSecret *secret)
{
  g_return_if_fail (PGM_IS_LOGGER (self));

  if (secret == NULL || strlen (pgm_secret_reveal (secret)) < SHORTEST_SECRET)
    return;
  g_rec_mutex_lock (&self->mutex);
  g_ptr_array_add (self->secrets, pgm_secret_ref (secret));
  g_rec_mutex_unlock (&self->mutex);
}

/* Returns: (transfer full): @text without any known secret; for what is shown to people by
 * another way than the log. */
char *
pgm_logger_redact (PgmLogger *self, const char *text)
{
  GString *clean = g_string_new (text);

  g_rec_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->secrets->len; i++)
    g_string_replace (clean, pgm_secret_reveal (self->secrets->pdata[i]), "***", 0);
  g_rec_mutex_unlock (&self->mutex);
  return g_string_free (clean, FALSE);
}

void
pgm_logger_log (PgmLogger *self, PgmLogLevel level, const char *format, ...)
{
  g_autofree char *raw = NULL;
  g_autofree char *redacted = NULL;
  g_autofree char *message = NULL;
  gint64 now = g_get_real_time ();
  va_list args;

  g_return_if_fail (PGM_IS_LOGGER (self));

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  redacted = pgm_logger_redact (self, raw);
  message = pgm_text_escape (redacted);

  g_rec_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->sinks->len; i++)
    {
      Sink *sink = self->sinks->pdata[i];

      if (level >= sink->least)
        sink->func (level, now, message, sink->user_data);
    }
  g_rec_mutex_unlock (&self->mutex);
}

/* Returns: (transfer full): `2026-01-31 14:05:09 - pg-mirror - INFO - message`, local time,
 * without a newline. */
char *
pgm_logger_format_line (PgmLogLevel level, gint64 time_us, const char *message)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local (utc);
  g_autofree char *stamp = g_date_time_format (local, "%Y-%m-%d %H:%M:%S");

  return g_strdup_printf ("%s - pg-mirror - %s - %s", stamp, pgm_log_level_get_name (level),
                          message);
}
