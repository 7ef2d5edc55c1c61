/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-endpoint.h"

G_BEGIN_DECLS

gboolean pgm_password_resolve_sync (PgmEndpoint *endpoint,
                                    PgmSecret **ret_password,
                                    char **ret_warning,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
