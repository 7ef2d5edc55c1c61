/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-server.h"

G_BEGIN_DECLS

/* The watch over one wait for a server. TCP may be kept alive, by a proxy say, and carry nothing
 * any more: then neither keepalives nor time-outs of the server end the wait.
 *
 * Nothing is called stalled while something moves, and what does not move is not called stalled
 * while the server is at work for it: building an index takes as long as it takes. One thread. */
typedef struct
{
  PgmServer *server; /* borrowed, nullable: NULL watches nothing */
  int pid;           /* of the session; 0: the tools of the run */
  guint64 movement;  /* as last noted */
  gint64 moved_us;   /* monotonic: when something moved, or the server was last at work */
  gint64 look_us;    /* when to look next; G_MAXINT64: never */
  guint n_bad_looks; /* in a row */
} PgmStall;

void pgm_stall_init (PgmStall *self, PgmServer *server, int pid);
void pgm_stall_moved (PgmStall *self);
void pgm_stall_note (PgmStall *self, guint64 movement);
gboolean pgm_stall_look_sync (PgmStall *self, GCancellable *cancellable, GError **error);

G_END_DECLS
