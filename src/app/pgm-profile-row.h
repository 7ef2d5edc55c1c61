/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* A profile in the sidebar. */
#define PGM_TYPE_PROFILE_ROW (pgm_profile_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmProfileRow, pgm_profile_row, PGM, PROFILE_ROW, GtkListBoxRow)

GtkWidget *pgm_profile_row_new (PgmProfileItem *item);
PgmProfileItem *pgm_profile_row_get_item (PgmProfileRow *self);

G_END_DECLS
