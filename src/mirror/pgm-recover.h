/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-leftover.h"
#include "pgm-logger.h"
#include "pgm-profile.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_RECOVER_FLAGS_NONE = 0,
  PGM_RECOVER_INCOMPLETE = 1 << 0, /* drop what is incomplete under its real name as well */
} PgmRecoverFlags;

/* What runs that were cut short left behind: on this machine, and on a target. Nothing is
 * changed; what belongs to a living run is listed as in use. */
void pgm_recover_find_folders_async (PgmProfile *profile,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
void pgm_recover_find_databases_async (PgmProfile *profile,
                                       PgmSecret *password,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
GPtrArray *pgm_recover_find_finish (GAsyncResult *result, GError **error);

/* Does what is to be done about each; the list says what became of it. */
gboolean pgm_recover_is_wanted (const PgmLeftover *leftover, PgmRecoverFlags flags);
void pgm_recover_clear_async (PgmProfile *profile,
                              PgmSecret *password,
                              GPtrArray *leftovers,
                              PgmRecoverFlags flags,
                              PgmLogger *logger,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean pgm_recover_clear_finish (GAsyncResult *result, GError **error);

G_END_DECLS
