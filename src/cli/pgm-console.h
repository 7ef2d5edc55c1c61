/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "pgm-logger.h"
#include "pgm-progress.h"

G_BEGIN_DECLS

/* Everything that reaches the user's terminal goes through here, so that a log line never lands
 * in the middle of the progress line. Results go to standard output, all else to standard
 * error. Any thread may write. */
#define PGM_TYPE_CONSOLE (pgm_console_get_type ())
G_DECLARE_FINAL_TYPE (PgmConsole, pgm_console, PGM, CONSOLE, GObject)

PgmConsole *pgm_console_new (FILE *out, FILE *err);
void pgm_console_set_logger (PgmConsole *self, PgmLogger *logger);
void pgm_console_set_color (PgmConsole *self, gboolean color);
void pgm_console_set_progress (PgmConsole *self, gboolean progress);
void pgm_console_set_log (PgmConsole *self, gboolean log);
gboolean pgm_console_shows_progress (PgmConsole *self);
void
pgm_console_write_log (PgmConsole *self, PgmLogLevel level, gint64 time_us, const char *message);
void pgm_console_print (PgmConsole *self, const char *text);
void pgm_console_print_json (PgmConsole *self, JsonNode *node);
void pgm_console_complain (PgmConsole *self, const char *text);
void pgm_console_show (PgmConsole *self, const PgmProgress *progress);
void pgm_console_clear (PgmConsole *self);
gboolean pgm_console_flush (PgmConsole *self);

G_END_DECLS
