/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-history.h"

G_BEGIN_DECLS

char *pgm_outcome_dup_age (gint64 time_us, gint64 now_us);
char *pgm_outcome_dup_text (const PgmHistoryData *data, gint64 now_us);
const char *pgm_outcome_get_icon (const PgmHistoryData *data);

G_END_DECLS
