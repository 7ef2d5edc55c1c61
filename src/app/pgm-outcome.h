/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *pgm_outcome_dup_age (gint64 time_us, gint64 now_us);

G_END_DECLS
