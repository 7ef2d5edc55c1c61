/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* What a run shall do: the common options in sight, the rest behind expanders.
 *
 * Signal: "choose-tables", the button was pressed */
#define PGM_TYPE_OPTIONS_FORM (pgm_options_form_get_type ())
G_DECLARE_FINAL_TYPE (PgmOptionsForm, pgm_options_form, PGM, OPTIONS_FORM, AdwBin)

void pgm_options_form_set_item (PgmOptionsForm *self, PgmProfileItem *item);
GtkWidget *pgm_options_form_show_faults (PgmOptionsForm *self);

G_END_DECLS
