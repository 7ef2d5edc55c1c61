/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Locales that the machine need not have been set up with: built into a folder of their own, for
 * this program and for what it starts from then on (LOCPATH). */
gboolean pgm_test_locales_make (const char *const *names);
void pgm_test_locales_remove (void);

G_END_DECLS
