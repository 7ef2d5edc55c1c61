/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* pg_dump patterns (PostgreSQL manual, psql, "Patterns") for the options' filter arrays. */

char *pgm_pattern_for_schema (const char *schema);
char *pgm_pattern_for_table (const char *schema, const char *name);
gboolean pgm_pattern_get_schema (const char *pattern, char **ret_schema);
gboolean pgm_pattern_get_table (const char *pattern, char **ret_schema, char **ret_name);

G_END_DECLS
