/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Stands between a client and a server and does to their connections what networks do. It lives
 * in a thread of its own; every function may be called from any thread. */
typedef struct _PgmFaultProxy PgmFaultProxy;

typedef enum
{
  PGM_FAULT_NONE,
  PGM_FAULT_RATE, /* this many bytes a second */
  PGM_FAULT_CUT,  /* after this many bytes both peers get a reset */
  PGM_FAULT_FIN,  /* after this many bytes both peers get an orderly end */
  PGM_FAULT_HOLE, /* after this many bytes nothing arrives any more, and no socket is closed */
  PGM_FAULT_FLIP, /* the byte after this many is another one */
} PgmFaultKind;

typedef enum
{
  PGM_FAULT_DOWN = 1, /* from the server to the client */
  PGM_FAULT_UP = 2,
  PGM_FAULT_BOTH = 3, /* whichever of them comes to it first */
} PgmFaultWays;

typedef struct
{
  PgmFaultKind kind;
  PgmFaultWays ways;
  guint64 amount;   /* of each way of each connection, from the moment that the fault is set */
  guint connection; /* counted from 1, in the order in which they came; 0: every one */
} PgmFault;

PgmFaultProxy *pgm_fault_proxy_new (const char *host, guint16 port);
void pgm_fault_proxy_free (PgmFaultProxy *self);
guint16 pgm_fault_proxy_get_port (PgmFaultProxy *self);
void pgm_fault_proxy_set (PgmFaultProxy *self, const PgmFault *fault);
guint pgm_fault_proxy_get_n_connections (PgmFaultProxy *self);
guint pgm_fault_proxy_find (PgmFaultProxy *self, guint16 client_port);
guint64 pgm_fault_proxy_get_bytes (PgmFaultProxy *self, PgmFaultWays ways);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmFaultProxy, pgm_fault_proxy_free)

G_END_DECLS
