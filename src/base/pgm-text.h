/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest name of a database, role, table …: NAMEDATALEN - 1 (PostgreSQL manual, 4.1.1). */
#define PGM_NAME_MAX_BYTES 63

char *pgm_text_escape (const char *text);
char *pgm_text_quote_conninfo (const char *value);
char *pgm_text_quote_name (const char *name);
char *pgm_text_cut_bytes (const char *text, gsize max_bytes);
const char *pgm_text_find_nearest (const char *word, const char *const *candidates);
char *pgm_text_format_duration (gint64 duration_us);
char *pgm_text_format_size (guint64 n_bytes);
char *pgm_text_format_count (guint64 n);
char *pgm_text_join_names (const GPtrArray *names, guint n_max);

G_END_DECLS
