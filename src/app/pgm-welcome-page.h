/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What is there before the first profile. Its buttons are actions of the window. */
#define PGM_TYPE_WELCOME_PAGE (pgm_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmWelcomePage, pgm_welcome_page, PGM, WELCOME_PAGE, AdwBin)

void pgm_welcome_page_set_sample (PgmWelcomePage *self, gboolean is_offered, gboolean is_starting);

G_END_DECLS
