/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

gboolean pgm_job_note_positions_sync (PgmJob *self, GError **error);
gboolean pgm_job_take_back_positions_sync (PgmJob *self, gboolean *ret_are_back, GError **error);

G_END_DECLS
