/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* The forms of one profile.
 *
 * Signal: "toast" (char *), something to say in passing */
#define PGM_TYPE_PROFILE_PAGE (pgm_profile_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmProfilePage, pgm_profile_page, PGM, PROFILE_PAGE, AdwBin)

void pgm_profile_page_set_item (PgmProfilePage *self, PgmProfileItem *item);
void pgm_profile_page_edit_name (PgmProfilePage *self);
char *pgm_profile_page_show_faults (PgmProfilePage *self);
void pgm_profile_page_save_now (PgmProfilePage *self);

G_END_DECLS
