/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PGM_TYPE_PREFERENCES (pgm_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PgmPreferences, pgm_preferences, PGM, PREFERENCES, AdwPreferencesWindow)

GtkWindow *pgm_preferences_new (GtkWindow *parent);

G_END_DECLS
