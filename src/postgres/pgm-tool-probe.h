/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-tools.h"

G_BEGIN_DECLS

PgmTool *pgm_tool_probe_sync (PgmToolKind kind, const char *path, GCancellable *cancellable);

G_END_DECLS
