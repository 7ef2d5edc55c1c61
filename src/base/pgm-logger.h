/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-secret.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_LOG_DEBUG,
  PGM_LOG_INFO,
  PGM_LOG_WARNING,
  PGM_LOG_ERROR,
} PgmLogLevel;

#define PGM_TYPE_LOG_LEVEL (pgm_log_level_get_type ())
#define PGM_TYPE_LOGGER (pgm_logger_get_type ())

/* The logger is made by a program's main and passed to whoever needs it; no module makes its
 * own. Any thread may log. Messages arrive at the sinks with control characters escaped and
 * every known secret replaced by "***". */
G_DECLARE_FINAL_TYPE (PgmLogger, pgm_logger, PGM, LOGGER, GObject)

/* @time_us: real time, microseconds since the epoch
 * Called in the thread that logs, one call at a time for one logger. */
typedef void (*PgmLogFunc) (PgmLogLevel level,
                            gint64 time_us,
                            const char *message,
                            gpointer user_data);

GType pgm_log_level_get_type (void);
const char *pgm_log_level_get_name (PgmLogLevel level);
PgmLogger *pgm_logger_new (void);
void pgm_logger_add_sink (PgmLogger *self,
                          PgmLogLevel least,
                          PgmLogFunc func,
                          gpointer user_data,
                          GDestroyNotify destroy);
void pgm_logger_add_secret (PgmLogger *self, PgmSecret *secret);
char *pgm_logger_redact (PgmLogger *self, const char *text);
void pgm_logger_log (PgmLogger *self, PgmLogLevel level, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
char *pgm_logger_format_line (PgmLogLevel level, gint64 time_us, const char *message);

#define pgm_debug(logger, ...) pgm_logger_log ((logger), PGM_LOG_DEBUG, __VA_ARGS__)
#define pgm_info(logger, ...) pgm_logger_log ((logger), PGM_LOG_INFO, __VA_ARGS__)
#define pgm_warning(logger, ...) pgm_logger_log ((logger), PGM_LOG_WARNING, __VA_ARGS__)
#define pgm_error(logger, ...) pgm_logger_log ((logger), PGM_LOG_ERROR, __VA_ARGS__)

G_END_DECLS
