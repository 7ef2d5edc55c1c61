/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

/* What is in the way on a target that is not replaced. */
GPtrArray *
pgm_job_list_target_objects_sync (PgmJob *self, GCancellable *cancellable, GError **error);
gboolean pgm_job_is_target_pristine_sync (PgmJob *self,
                                          gboolean *ret_is_pristine,
                                          GCancellable *cancellable,
                                          GError **error);
gboolean pgm_job_check_collisions_sync (PgmJob *self,
                                        GPtrArray *target_objects,
                                        PgmArchiveList *list,
                                        GError **error);
gboolean pgm_job_check_tables_empty_sync (PgmJob *self, GError **error);
PgmTargetState pgm_job_look_at_merged_target (PgmJob *self);

G_END_DECLS
