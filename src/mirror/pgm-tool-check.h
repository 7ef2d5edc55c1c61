/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The result holds PgmTool (postgres/pgm-tools.h), all that are installed. */
void
pgm_tool_check_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *pgm_tool_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
