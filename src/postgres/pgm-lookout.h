/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

struct _PgmServer;
struct PgmLockWait;

/* A second pair of eyes on one server: a session of its own, opened when something is to be
 * asked, that says whether the run's other sessions are at work. It may be lost at any time
 * without harm. For any thread; it belongs to its PgmServer. */
typedef struct _PgmLookout PgmLookout;

/* What a server says of a session whose client hears nothing. */
typedef enum
{
  PGM_LOOK_UNKNOWN,    /* it answers, and does not say: no free slot, say */
  PGM_LOOK_AT_WORK,    /* computing, reading, waiting for a lock */
  PGM_LOOK_WAITING,    /* it waits for its client, as the client does for it */
  PGM_LOOK_NO_SESSION, /* there is none any more */
  PGM_LOOK_SILENT,     /* no answer to the lookout either */
} PgmLook;

PgmLookout *pgm_lookout_new (struct _PgmServer *server);
void pgm_lookout_free (PgmLookout *self);
void pgm_lookout_close (PgmLookout *self);
void pgm_lookout_add_own (PgmLookout *self, int pid);
void pgm_lookout_remove_own (PgmLookout *self, int pid);
PgmLook pgm_lookout_ask_sync (PgmLookout *self, int pid, GCancellable *cancellable);
guint64 pgm_lookout_get_copied_bytes_sync (PgmLookout *self, GCancellable *cancellable);

struct PgmLockWait *pgm_lookout_find_lock_wait_sync (PgmLookout *self, GCancellable *cancellable);

G_END_DECLS
