/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* The tables of the source, to be ticked; writes the profile's filter keys when it is applied. */
#define PGM_TYPE_TABLE_CHOOSER (pgm_table_chooser_get_type ())
G_DECLARE_FINAL_TYPE (PgmTableChooser, pgm_table_chooser, PGM, TABLE_CHOOSER, AdwWindow)

PgmTableChooser *
pgm_table_chooser_show (GtkWindow *parent, PgmProfileItem *item, PgmSecret *password);
void pgm_table_chooser_take_tables (PgmTableChooser *self, GPtrArray *tables);
GListModel *pgm_table_chooser_get_choices (PgmTableChooser *self);

G_END_DECLS
