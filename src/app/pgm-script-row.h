/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* A list of script files: add at the end, remove, move up. */
#define PGM_TYPE_SCRIPT_ROW (pgm_script_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmScriptRow, pgm_script_row, PGM, SCRIPT_ROW, AdwActionRow)

void pgm_script_row_bind (PgmScriptRow *self, const char *key);
void pgm_script_row_set_item (PgmScriptRow *self, PgmProfileItem *item);

G_END_DECLS
