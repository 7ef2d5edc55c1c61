/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-progress.h"

G_BEGIN_DECLS

/* How text is laid out on a terminal. Widths are in columns, not bytes or characters. */
guint pgm_layout_measure (const char *text);
char *pgm_layout_cut (const char *text, guint width);
char *pgm_layout_format_columns (GPtrArray *rows, const char *align);
char *pgm_layout_format_progress (const PgmProgress *progress, guint width);
char *pgm_layout_format_progress_plain (const PgmProgress *progress);

G_END_DECLS
