/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-database.h"

G_BEGIN_DECLS

void pgm_database_add_guard (PgmScript *script, const char *name, guint32 oid);
void pgm_database_set_changed_error (GError **error, const char *name);
void pgm_database_set_in_use_error (GError **error, const char *database, guint n_left);

G_END_DECLS
