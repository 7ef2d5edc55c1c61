/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

gboolean pgm_job_make_schemas_sync (PgmJob *self, GError **error);
void pgm_job_drop_made_schemas (PgmJob *self);
void pgm_job_clear_made_schemas (PgmJob *self);
void pgm_job_keep_made_schemas (PgmJob *self);

G_END_DECLS
