/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-log-model.h"

G_BEGIN_DECLS

PgmLogLine *pgm_log_line_new (PgmLogLevel level, gint64 time_us, char *message);

G_END_DECLS
