/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-catalog.h"

G_BEGIN_DECLS

GHashTable *pgm_sequence_index_new (GPtrArray *sequences);
const PgmSequence *pgm_sequence_index_find (GHashTable *self, const PgmSequence *sequence);
gboolean
pgm_sequence_is_between (const PgmSequence *self, const PgmSequence *begin, const PgmSequence *end);

G_END_DECLS
