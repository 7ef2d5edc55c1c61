/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Borrowed, for the life of the program. Keys: data/io.github.pgmirror.PgMirror.gschema.xml */
GSettings *pgm_settings_get (void);

G_END_DECLS
