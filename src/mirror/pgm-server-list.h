/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-database-info.h"
#include "pgm-endpoint.h"

G_BEGIN_DECLS

/* The result holds PgmDatabaseInfo, by name. */
void pgm_server_list_databases_async (PgmEndpoint *endpoint,
                                      PgmSecret *password,
                                      guint connect_timeout_s,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GPtrArray *pgm_server_list_databases_finish (GAsyncResult *result, GError **error);

G_END_DECLS
