/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-keyring.h"

G_BEGIN_DECLS

/* What pgm-keyring-service.c or pgm-keyring-none.c does. All of it blocks.
 *
 * @may_prompt: a person may be asked to unlock the keyring, for as long as it takes */

PgmSecret *pgm_keyring_read_sync (const PgmEndpoint *endpoint,
                                  gboolean may_prompt,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean pgm_keyring_write_sync (const PgmEndpoint *endpoint,
                                 const PgmSecret *password,
                                 gboolean may_prompt,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean pgm_keyring_erase_sync (const PgmEndpoint *endpoint,
                                 gboolean may_prompt,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean pgm_keyring_probe_sync (GCancellable *cancellable, GError **error);

G_END_DECLS
