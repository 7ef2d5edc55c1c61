/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SQL for psql's standard input, where nobody else sees it. Names and texts reach psql as variables
 * and are quoted by psql itself, so that none of them is ever syntax. One statement is one line:
 * which one failed is told by the number of its line, in any language. */
typedef struct _PgmScript PgmScript;

PgmScript *pgm_script_new (void);
void pgm_script_free (PgmScript *self);
void pgm_script_add (PgmScript *self, const char *sql, ...);
guint pgm_script_get_n_lines (const PgmScript *self);
char *pgm_script_dup_line (const PgmScript *self, guint line);
GBytes *pgm_script_dup_input (const PgmScript *self, guint first_line);
guint pgm_script_get_n_variables (const PgmScript *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmScript, pgm_script_free)

G_END_DECLS
