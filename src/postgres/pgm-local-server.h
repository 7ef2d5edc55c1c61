/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A PostgreSQL server of our own, on a Unix socket, for as long as the program lives. The oldest
 * that can be used is PGM_LOCAL_SERVER_MIN. */
typedef struct _PgmLocalServer PgmLocalServer;

#define PGM_LOCAL_SERVER_MIN 14
#define PGM_LOCAL_SERVER_USER "sample"

char *pgm_local_server_find_bindir_sync (GCancellable *cancellable, GError **error);
PgmLocalServer *pgm_local_server_start_sync (
    const char *bindir, const char *folder, guint port, GCancellable *cancellable, GError **error);
void pgm_local_server_stop (PgmLocalServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmLocalServer, pgm_local_server_stop)

G_END_DECLS
