/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-connection-test.h"
#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* The card of one server.
 *
 * Property: "side" (PgmSide as int), construct-only
 * Signal: "toast" (char *), something to say in passing */
#define PGM_TYPE_ENDPOINT_FORM (pgm_endpoint_form_get_type ())
G_DECLARE_FINAL_TYPE (PgmEndpointForm, pgm_endpoint_form, PGM, ENDPOINT_FORM, AdwBin)

void pgm_endpoint_form_set_item (PgmEndpointForm *self, PgmProfileItem *item);
PgmSecret *pgm_endpoint_form_dup_secret (PgmEndpointForm *self);
GtkWidget *pgm_endpoint_form_show_faults (PgmEndpointForm *self);
void pgm_endpoint_form_test (PgmEndpointForm *self);
void pgm_endpoint_form_save_now (PgmEndpointForm *self);

G_END_DECLS
