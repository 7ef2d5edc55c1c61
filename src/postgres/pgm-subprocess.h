/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-server.h"

G_BEGIN_DECLS

/* How to end a child that is in the way of a cancel. psql gets SIGINT, on which it cancels the
 * statement on the server; SIGTERM would leave the statement running there. */
typedef enum
{
  PGM_STOP_BY_TERM,
  PGM_STOP_BY_INT,
} PgmStopSignal;

/* Called for each line, without its end, in the thread that called pgm_subprocess_run_sync().
 * Bytes as the tool wrote them: not always UTF-8, and not to be trusted. */
typedef void (*PgmLineFunc) (const char *line, gpointer user_data);

/* Called about every @tick_ms while the child runs, in the same thread. */
typedef void (*PgmTickFunc) (gpointer user_data);

/* Returns: a number that is another one whenever what the child does got further; in the same
 * thread. */
typedef guint64 (*PgmMovementFunc) (gpointer user_data);

/* What to run. All pointers are borrowed for the time of the call. */
typedef struct
{
  const char *const *argv; /* argv[0] is an absolute path; no shell, no PATH look-up */
  const char *const *envp; /* the child's whole environment */
  GBytes *input;           /* (nullable): its standard input; otherwise empty */
  PgmLineFunc stdout_line; /* (nullable): otherwise discarded */
  PgmLineFunc stderr_line; /* (nullable): otherwise discarded */
  PgmTickFunc tick;        /* (nullable) */
  guint tick_ms;           /* 0: 250 */
  gpointer user_data;      /* of the three functions */
  PgmStopSignal stop_signal;
  PgmServer *server;        /* (nullable): which it talks to, watched for a stall */
  PgmMovementFunc movement; /* (nullable): beside what the child's own life shows */
  gboolean may_gain_rights; /* by what it starts: a script of the user's may call sudo */
  GCancellable *kill;       /* (nullable): when cancelled, SIGKILL at once */
} PgmCommand;

int pgm_subprocess_run_sync (const PgmCommand *command, GCancellable *cancellable, GError **error);

G_END_DECLS
