/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-history.h"

G_BEGIN_DECLS

#define PGM_HISTORY_ENTRY_SUFFIX ".json"
#define PGM_HISTORY_LOG_SUFFIX ".log"

/* The file of an entry, without report:
 *   { "id", "state", "dry_run", "program", "pid", "pid_start", "profile", "path", "source",
 *     "target", "started_us", "report" }
 * where "report" is what pgm_report_to_json() makes. */
PgmHistoryEntry *pgm_history_entry_new_from_json (JsonObject *object);
PgmReport *pgm_history_report_from_json (JsonObject *object);
gboolean pgm_history_write_file (const char *id, JsonNode *node, GError **error);
char *pgm_history_dup_file (const char *id, const char *suffix);

G_END_DECLS
