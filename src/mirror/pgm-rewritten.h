/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

void pgm_job_note_rewritten (PgmJob *self);
gboolean pgm_job_check_rewritten_sync (PgmJob *self, GError **error);

G_END_DECLS
