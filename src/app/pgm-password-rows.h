/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* Where the password of one server is kept, and the password itself. Moves it when the place
 * changes, and asks the keyring without waiting. Borrows the rows of the form it is for. */
#define PGM_TYPE_PASSWORD_ROWS (pgm_password_rows_get_type ())
G_DECLARE_FINAL_TYPE (PgmPasswordRows, pgm_password_rows, PGM, PASSWORD_ROWS, GObject)

PgmPasswordRows *pgm_password_rows_new (PgmSide side,
                                        AdwComboRow *place,
                                        AdwEntryRow *password,
                                        AdwEntryRow *reference);
void pgm_password_rows_set_item (PgmPasswordRows *self, PgmProfileItem *item);
void pgm_password_rows_type (PgmPasswordRows *self, const char *password);
PgmSecret *pgm_password_rows_dup_secret (PgmPasswordRows *self);
GtkWidget *pgm_password_rows_show_faults (PgmPasswordRows *self);
void pgm_password_rows_save_now (PgmPasswordRows *self);

G_END_DECLS
