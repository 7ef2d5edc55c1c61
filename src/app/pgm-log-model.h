/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-logger.h"

G_BEGIN_DECLS

/* One line of a log. Immutable. */
#define PGM_TYPE_LOG_LINE (pgm_log_line_get_type ())
G_DECLARE_FINAL_TYPE (PgmLogLine, pgm_log_line, PGM, LOG_LINE, GObject)

PgmLogLevel pgm_log_line_get_level (PgmLogLine *self);
const char *pgm_log_line_get_message (PgmLogLine *self);
char *pgm_log_line_dup_time (PgmLogLine *self);
char *pgm_log_line_dup_text (PgmLogLine *self);

/* The latest lines of a log, PgmLogLine, oldest first: a ring of PGM_LOG_MODEL_SIZE. Lines come
 * from any thread and appear here in batches. */
#define PGM_LOG_MODEL_SIZE 10000
#define PGM_TYPE_LOG_MODEL (pgm_log_model_get_type ())
G_DECLARE_FINAL_TYPE (PgmLogModel, pgm_log_model, PGM, LOG_MODEL, GObject)

PgmLogModel *pgm_log_model_new (void);
void pgm_log_model_listen (PgmLogModel *self, PgmLogger *logger);
void pgm_log_model_append_text (PgmLogModel *self, const char *text);
void pgm_log_model_flush (PgmLogModel *self);
guint64 pgm_log_model_get_n_dropped (PgmLogModel *self);

G_END_DECLS
