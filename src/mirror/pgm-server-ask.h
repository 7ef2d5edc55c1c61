/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-server.h"

G_BEGIN_DECLS

/* Asks one server for a list; runs in a thread where it may wait. Returns: (transfer full) */
typedef GPtrArray *(*PgmServerQuery) (PgmServer *server, GCancellable *cancellable, GError **error);

void pgm_server_ask_async (PgmEndpoint *endpoint,
                           PgmSecret *password,
                           guint connect_timeout_s,
                           PgmServerQuery query,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
GPtrArray *pgm_server_ask_finish (GAsyncResult *result, GError **error);

G_END_DECLS
