/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-meter.h"

/* Ten a second are enough for an eye and little for a pipe. */
#define INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)

/* Too early to speak of a rate: the first second is start-up. */
#define SETTLE_US G_TIME_SPAN_SECOND

/* Weight of the latest second in the smoothed rate. */
#define SMOOTHING 0.3

struct _PgmMeter
{
  PgmProgress progress;
  gint64 begun_us; /* monotonic, like all times here */
  gint64 shown_us;
  gint64 sampled_us;
  guint64 sampled_bytes;
};

PgmMeter *
pgm_meter_new (void)
{
  return g_new0 (PgmMeter, 1);
}

void
pgm_meter_free (PgmMeter *self)
{
  g_free (self);
}

/* @bytes_total: 0 when not known
 * @now_us: monotonic */
void
pgm_meter_begin (
    PgmMeter *self, PgmPhase phase, guint tables_total, guint64 bytes_total, gint64 now_us)
{
  *self = (PgmMeter){ .begun_us = now_us, .sampled_us = now_us };
  self->progress = (PgmProgress){
    .phase = phase, .tables_total = tables_total, .bytes_total = bytes_total, .time_left_us = -1
  };
}

static void
sample_rate (PgmMeter *self, gint64 now_us)
{
  PgmProgress *progress = &self->progress;
  double seconds = (now_us - self->sampled_us) / (double) G_TIME_SPAN_SECOND;
  double rate = 0.0;

  if (seconds < 1.0)
    return;
  rate = (progress->bytes_done - self->sampled_bytes) / seconds;
  progress->rate_bytes_per_s =
      progress->rate_bytes_per_s > 0.0
          ? SMOOTHING * rate + (1.0 - SMOOTHING) * progress->rate_bytes_per_s
          : rate;
  self->sampled_us = now_us;
  self->sampled_bytes = progress->bytes_done;
}

static void
estimate (PgmMeter *self, gint64 now_us)
{
  PgmProgress *progress = &self->progress;
  gint64 elapsed_us = now_us - self->begun_us;
  double fraction = pgm_progress_get_fraction (progress);

  progress->time_left_us = -1;
  if (elapsed_us >= SETTLE_US && fraction > 0.02)
    progress->time_left_us = (gint64) (elapsed_us * (1.0 - fraction) / fraction);
}

/* Takes new counts; what would go backwards stays.
 *
 * Returns: TRUE when it is time to show the progress */
gboolean
pgm_meter_update (PgmMeter *self, guint tables_done, guint64 bytes_done, gint64 now_us)
{
  PgmProgress *progress = &self->progress;

  progress->tables_done = MAX (progress->tables_done, tables_done);
  progress->bytes_done = MAX (progress->bytes_done, bytes_done);
  if (progress->bytes_total > 0)
    progress->bytes_total = MAX (progress->bytes_total, progress->bytes_done);
  sample_rate (self, now_us);
  estimate (self, now_us);
  if (now_us - self->shown_us < INTERVAL_US)
    return FALSE;
  self->shown_us = now_us;
  return TRUE;
}

/* Returns: (transfer none) */
const PgmProgress *
pgm_meter_get_progress (PgmMeter *self)
{
  return &self->progress;
}

gint64
pgm_meter_get_elapsed (PgmMeter *self, gint64 now_us)
{
  return now_us - self->begun_us;
}
