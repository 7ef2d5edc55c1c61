/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A table of the source, or a schema with all of its tables, and what shall become of it.
 *
 * Properties: "is-included", "is-empty" (structure only; gboolean both), "is-mixed" (gboolean,
 * of a schema: not all of its tables are alike) */
#define PGM_TYPE_TABLE_CHOICE (pgm_table_choice_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableChoice, pgm_table_choice, PGM, TABLE_CHOICE, GObject)

PgmTableChoice *pgm_table_choice_new_schema (const char *schema);
PgmTableChoice *pgm_table_choice_new_table (PgmTableChoice *parent,
                                            const char *name,
                                            guint64 size_bytes,
                                            gint64 n_rows);
gboolean pgm_table_choice_is_schema (PgmTableChoice *self);
PgmTableChoice *pgm_table_choice_get_parent (PgmTableChoice *self);
const char *pgm_table_choice_get_schema (PgmTableChoice *self);
const char *pgm_table_choice_get_name (PgmTableChoice *self);
guint64 pgm_table_choice_get_size (PgmTableChoice *self);
gint64 pgm_table_choice_get_n_rows (PgmTableChoice *self);
gboolean pgm_table_choice_is_included (PgmTableChoice *self);
gboolean pgm_table_choice_is_empty (PgmTableChoice *self);
gboolean pgm_table_choice_is_mixed (PgmTableChoice *self);
void pgm_table_choice_set_included (PgmTableChoice *self, gboolean is_included);
void pgm_table_choice_set_empty (PgmTableChoice *self, gboolean is_empty);

G_END_DECLS
