/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-connect-cause.h"
#include "pgm-server.h"

G_BEGIN_DECLS

/* One libpq session. It belongs to the thread that opened it. No call blocks inside libpq: each
 * waits on the socket and on its cancellable together, and a cancelled query is also cancelled
 * on the server before the call returns. */
typedef struct _PgmConn PgmConn;

/* The rows of one result. Texts are in UTF-8, or raw bytes where the database is SQL_ASCII. */
typedef struct _PgmRows PgmRows;

PgmConn *pgm_conn_open_sync (PgmServer *server,
                             const char *database,
                             GCancellable *cancellable,
                             GError **error);
PgmConn *
pgm_conn_open_maintenance_sync (PgmServer *server, GCancellable *cancellable, GError **error);
PgmConn *pgm_conn_open_explained_sync (PgmServer *server,
                                       const char *database,
                                       PgmConnectCause *ret_cause,
                                       GCancellable *cancellable,
                                       GError **error);
void pgm_conn_free (PgmConn *self);
gboolean pgm_conn_is_alive (PgmConn *self);
gboolean pgm_conn_is_silent (PgmConn *self);
gboolean pgm_conn_is_in_transaction (PgmConn *self);
void pgm_conn_set_limit (PgmConn *self, guint limit_ms);
const char *pgm_conn_get_database (PgmConn *self);
int pgm_conn_get_version (PgmConn *self);
int pgm_conn_get_pid (PgmConn *self);
const char *pgm_conn_get_parameter (PgmConn *self, const char *name);
gboolean pgm_conn_uses_tls (PgmConn *self);
const char *pgm_conn_get_tls_version (PgmConn *self);
const char *pgm_conn_get_sqlstate (PgmConn *self);
char *pgm_conn_quote_name (PgmConn *self, const char *name);
char *pgm_conn_quote_text (PgmConn *self, const char *text);
gboolean
pgm_conn_exec_sync (PgmConn *self, const char *sql, GCancellable *cancellable, GError **error);
PgmRows *pgm_conn_query_sync (PgmConn *self,
                              const char *sql,
                              const char *const *params,
                              GCancellable *cancellable,
                              GError **error);
int pgm_conn_get_libpq_version (void);

void pgm_rows_free (PgmRows *self);
guint pgm_rows_get_n (const PgmRows *self);
const char *pgm_rows_get (const PgmRows *self, guint row, guint column);
gint64 pgm_rows_get_int (const PgmRows *self, guint row, guint column);
gboolean pgm_rows_get_bool (const PgmRows *self, guint row, guint column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmConn, pgm_conn_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmRows, pgm_rows_free)

G_END_DECLS
