/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-archive-engine.h"

G_BEGIN_DECLS

/* Reads what pg_dump -v and pg_restore -v write to stderr. All of it is untrusted: a table may be
 * called like an error, and the server's part is in the server's language. It serves progress
 * and the words of a failure that the exit status has already told. */
typedef struct
{
  const PgmEngineObserver *observer; /* borrowed, nullable */
  PgmArchiveEngine *engine;          /* borrowed */
  PgmLogger *logger;                 /* borrowed */
  const char *tool;                  /* "pg_dump" */
  char *message;                     /* owned, nullable: of the first error */
  gboolean has_server_message;       /* at the end of @message */
  char *entry;                       /* owned, nullable: the archive entry it was about */
  char *last_entry;                  /* owned, nullable */
  GArray *failed_ids;                /* borrowed, nullable: guint dump ids with errors */
  guint64 copied_bytes;              /* as the last tick had them */
  gboolean was_complete;             /* pg_restore came to its end in spite of errors */
} PgmToolOutput;

void pgm_tool_output_line_cb (const char *line, gpointer output);
void pgm_tool_output_tick_cb (gpointer output);
char *pgm_tool_output_dup_reason (const PgmToolOutput *self);
void pgm_tool_output_clear (PgmToolOutput *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmToolOutput, pgm_tool_output_clear)

G_END_DECLS
