/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PGM_TYPE_APPLICATION (pgm_application_get_type ())
G_DECLARE_FINAL_TYPE (PgmApplication, pgm_application, PGM, APPLICATION, AdwApplication)

PgmApplication *pgm_application_new (void);

G_END_DECLS
