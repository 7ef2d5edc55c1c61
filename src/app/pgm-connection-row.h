/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-connection-test.h"

G_BEGIN_DECLS

/* "Test connection" and, in place, what came of it.
 *
 * Signals: "requested", the button was pressed; "reported" (pointer), a borrowed
 * PgmConnectionReport */
#define PGM_TYPE_CONNECTION_ROW (pgm_connection_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmConnectionRow, pgm_connection_row, PGM, CONNECTION_ROW, AdwActionRow)

void pgm_connection_row_set_mnemonic (PgmConnectionRow *self, gboolean has_mnemonic);
void pgm_connection_row_test (PgmConnectionRow *self,
                              PgmEndpoint *endpoint,
                              PgmSecret *password,
                              guint connect_timeout_s);
void pgm_connection_row_reset (PgmConnectionRow *self);
gboolean pgm_connection_row_is_testing (PgmConnectionRow *self);

G_END_DECLS
