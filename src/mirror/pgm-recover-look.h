/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-leftover.h"

G_BEGIN_DECLS

/* The one place that knows what runs leave behind; the preflight and recovering both look here. */
GPtrArray *pgm_recover_look_at_folders_sync (const char *temp_dir, GError **error);
GHashTable *pgm_recover_find_local_runs (const char *temp_dir);
GPtrArray *pgm_recover_look_at_databases_sync (PgmConn *maintenance,
                                               PgmServer *server,
                                               const char *temp_dir,
                                               GCancellable *cancellable,
                                               GError **error);
GPtrArray *pgm_recover_look_at_schemas_sync (PgmServer *server,
                                             const char *database,
                                             const char *temp_dir,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean pgm_recover_give_up_schema_sync (PgmServer *server,
                                          const PgmLeftover *leftover,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
