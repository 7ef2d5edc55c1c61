/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-endpoint.h"

G_BEGIN_DECLS

/* Passwords in the desktop's keyring (Secret Service), one for each host, port and user: two
 * profiles of one server share it. Built without libsecret, every call fails with a sentence. */

gboolean pgm_keyring_is_built_in (void);

void pgm_keyring_allow_prompts (void);

PgmSecret *
pgm_keyring_lookup_sync (const PgmEndpoint *endpoint, GCancellable *cancellable, GError **error);

void pgm_keyring_probe_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean pgm_keyring_probe_finish (GAsyncResult *result, GError **error);

void pgm_keyring_lookup_async (PgmEndpoint *endpoint,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
PgmSecret *pgm_keyring_lookup_finish (GAsyncResult *result, GError **error);

void pgm_keyring_store_async (PgmEndpoint *endpoint,
                              PgmSecret *password,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean pgm_keyring_store_finish (GAsyncResult *result, GError **error);

void pgm_keyring_forget_async (PgmEndpoint *endpoint,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean pgm_keyring_forget_finish (GAsyncResult *result, GError **error);

G_END_DECLS
