/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-conn.h"

G_BEGIN_DECLS

/* A session of the run that waits for a lock, and who holds it up. Nobody's query text: it may
 * hold data. */
typedef struct PgmLockWait
{
  guint32 relation; /* oid; 0: the lock is on something else */
  int pid;          /* of the session in the way */
  char *role;       /* (nullable): a plain role does not see everything of others */
  char *application;
  char *state; /* (nullable): "idle in transaction" */
  char *since; /* (nullable): when its transaction began */
} PgmLockWait;

gboolean pgm_lock_wait_find_sync (PgmConn *conn,
                                  const char *application_name,
                                  PgmLockWait **ret_wait,
                                  GCancellable *cancellable);
void pgm_lock_wait_explain_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
char *pgm_lock_wait_describe (const PgmLockWait *self);
void pgm_lock_wait_free (PgmLockWait *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmLockWait, pgm_lock_wait_free)

G_END_DECLS
