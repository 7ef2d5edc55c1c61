/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-progress.h"

G_BEGIN_DECLS

/* Turns raw counts into a progress that can be shown: smoothed rate, time left, never backwards.
 * One thread. */
typedef struct _PgmMeter PgmMeter;

PgmMeter *pgm_meter_new (void);
void pgm_meter_free (PgmMeter *self);
void pgm_meter_begin (
    PgmMeter *self, PgmPhase phase, guint tables_total, guint64 bytes_total, gint64 now_us);
gboolean pgm_meter_update (PgmMeter *self, guint tables_done, guint64 bytes_done, gint64 now_us);
const PgmProgress *pgm_meter_get_progress (PgmMeter *self);
gint64 pgm_meter_get_elapsed (PgmMeter *self, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmMeter, pgm_meter_free)

G_END_DECLS
