/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-console.h"

G_BEGIN_DECLS

void pgm_leftover_table_print (PgmConsole *console, GPtrArray *leftovers);

G_END_DECLS
