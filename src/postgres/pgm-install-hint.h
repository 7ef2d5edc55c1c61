/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *pgm_install_hint_dup (const char *os_id, const char *os_id_like, guint major);

G_END_DECLS
