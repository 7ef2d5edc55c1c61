/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <libpq-fe.h>

#include "pgm-conn.h"

/* Why pgm_connect_sync() failed. */
typedef struct
{
  char *sqlstate; /* (nullable): NULL when no server said one */
  PgmConnectCause cause;
} PgmConnectFailure;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGconn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)

struct _PgmConn
{
  PGconn *pg;         /* owned */
  char *sqlstate;     /* owned, nullable: of the last failure */
  char *database;     /* owned */
  char *address;      /* owned: for messages */
  PgmServer *server;  /* owned, nullable: not that of a session that the server owns */
  GCancellable *kill; /* owned, nullable: the server's */
  gint64 limit_us;    /* how long a query may take; 0: as long as the server is at work for it */
  int pid;            /* of the server's process, whatever a pooler calls it */
  gboolean is_broken;
  gboolean is_silent;     /* a limit was reached */
  gboolean is_expendable; /* given up rather than waited for */
};

/* Time that never comes, for waits that only data or a cancel shall end. */
#define PGM_NO_DEADLINE G_MAXINT64

GAsyncQueue *pgm_cancel_send (PGconn *pg);
gboolean pgm_socket_wait (
    int fd, GIOCondition condition, gint64 deadline_us, GCancellable *cancellable, GError **error);
PGconn *pgm_connect_sync (PgmServer *server,
                          const char *database,
                          GCancellable *cancellable,
                          PgmConnectFailure *failure,
                          GError **error);
PgmConn *pgm_conn_open_expendable_sync (PgmServer *server,
                                        PgmConnectFailure *failure,
                                        GCancellable *cancellable);
PGresult *
pgm_conn_collect_sync (PgmConn *self, gboolean was_sent, GCancellable *cancellable, GError **error);
void pgm_connect_failure_clear (PgmConnectFailure *self);
PgmConnectCause pgm_connect_probe_sync (PgmServer *server, GCancellable *cancellable);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmConnectFailure, pgm_connect_failure_clear)
