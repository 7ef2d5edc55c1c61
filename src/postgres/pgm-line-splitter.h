/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-subprocess.h"

G_BEGIN_DECLS

/* Cuts what a tool writes into lines. The memory it takes is bounded: of a line longer than
 * PGM_LINE_MAX_BYTES the rest is dropped. */
#define PGM_LINE_MAX_BYTES (64 * 1024)

typedef struct _PgmLineSplitter PgmLineSplitter;

PgmLineSplitter *pgm_line_splitter_new (PgmLineFunc func, gpointer user_data);
void pgm_line_splitter_free (PgmLineSplitter *self);
void pgm_line_splitter_push (PgmLineSplitter *self, const char *bytes, gsize n_bytes);
void pgm_line_splitter_flush (PgmLineSplitter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmLineSplitter, pgm_line_splitter_free)

G_END_DECLS
