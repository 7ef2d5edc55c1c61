/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-conn-private.h"

typedef struct
{
  PGcancel *cancel;  /* owned */
  GAsyncQueue *done; /* owned: gets one element */
} Cancel;

static gpointer
cancel_thread (gpointer data)
{
  Cancel *self = data;
  char reason[256];

  PQcancel (self->cancel, reason, sizeof reason);
  PQfreeCancel (self->cancel);
  g_async_queue_push (self->done, self->done);
  g_async_queue_unref (self->done);
  g_free (self);
  return NULL;
}

/* Asks the server to end the query of @pg. PQcancel() connects and may block, so it is done by a
 * thread of its own.
 *
 * Returns: (transfer full): where that thread says that the server has taken the request */
GAsyncQueue *
pgm_cancel_send (PGconn *pg)
{
  GAsyncQueue *done = g_async_queue_new ();
  PGcancel *cancel = PQgetCancel (pg);
  Cancel *data = NULL;

  if (cancel == NULL)
    return done;
  data = g_new (Cancel, 1);
  *data = (Cancel){ cancel, g_async_queue_ref (done) };
  g_thread_unref (g_thread_new ("pgm-cancel", cancel_thread, data));
  return done;
}
