/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-rate-series.h"

#define MAX_STEPS 240
#define FIRST_STEP_US (G_USEC_PER_SEC / 2)

typedef struct
{
  double sum; /* bytes per second */
  guint n;
} Step;

struct _PgmRateSeries
{
  GObject parent_instance;

  Step steps[MAX_STEPS];
  guint n_steps;
  gint64 step_us;
};

G_DEFINE_FINAL_TYPE (PgmRateSeries, pgm_rate_series, G_TYPE_OBJECT)

static guint changed_signal;

static void
pgm_rate_series_class_init (PgmRateSeriesClass *klass)
{
  changed_signal = g_signal_new ("changed", PGM_TYPE_RATE_SERIES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
pgm_rate_series_init (PgmRateSeries *self)
{
  self->step_us = FIRST_STEP_US;
}

PgmRateSeries *
pgm_rate_series_new (void)
{
  return g_object_new (PGM_TYPE_RATE_SERIES, NULL);
}

static void
halve (PgmRateSeries *self)
{
  for (guint i = 0; i < MAX_STEPS / 2; i++)
    self->steps[i] = (Step){ self->steps[2 * i].sum + self->steps[2 * i + 1].sum,
                             self->steps[2 * i].n + self->steps[2 * i + 1].n };
  for (guint i = MAX_STEPS / 2; i < MAX_STEPS; i++)
    self->steps[i] = (Step){ 0.0, 0 };
  self->n_steps = MAX_STEPS / 2;
  self->step_us *= 2;
}

/* @elapsed_us: since the start of the run */
void
pgm_rate_series_add (PgmRateSeries *self, gint64 elapsed_us, double bytes_per_s)
{
  guint64 i = 0;

  g_return_if_fail (PGM_IS_RATE_SERIES (self));

  while ((i = (guint64) (MAX (elapsed_us, 0) / self->step_us)) >= MAX_STEPS)
    halve (self);
  self->steps[i].sum += MAX (bytes_per_s, 0.0);
  self->steps[i].n++;
  self->n_steps = MAX (self->n_steps, (guint) i + 1);
  g_signal_emit (self, changed_signal, 0);
}

guint
pgm_rate_series_get_n (PgmRateSeries *self)
{
  g_return_val_if_fail (PGM_IS_RATE_SERIES (self), 0);

  return self->n_steps;
}

/* Returns: bytes per second; 0 in a step that nothing was told of */
double
pgm_rate_series_get (PgmRateSeries *self, guint i)
{
  g_return_val_if_fail (PGM_IS_RATE_SERIES (self), 0.0);
  g_return_val_if_fail (i < self->n_steps, 0.0);

  return self->steps[i].n > 0 ? self->steps[i].sum / self->steps[i].n : 0.0;
}

double
pgm_rate_series_get_peak (PgmRateSeries *self)
{
  double peak = 0.0;

  g_return_val_if_fail (PGM_IS_RATE_SERIES (self), 0.0);

  for (guint i = 0; i < self->n_steps; i++)
    peak = MAX (peak, pgm_rate_series_get (self, i));
  return peak;
}

/* Returns: of the steps in which something moved */
double
pgm_rate_series_get_mean (PgmRateSeries *self)
{
  double sum = 0.0;
  guint n = 0;

  g_return_val_if_fail (PGM_IS_RATE_SERIES (self), 0.0);

  for (guint i = 0; i < self->n_steps; i++)
    {
      double rate = pgm_rate_series_get (self, i);

      sum += rate;
      n += rate > 0.0;
    }
  return n > 0 ? sum / n : 0.0;
}

/* Returns: microseconds from the start to the last step's end */
gint64
pgm_rate_series_get_span (PgmRateSeries *self)
{
  g_return_val_if_fail (PGM_IS_RATE_SERIES (self), 0);

  return self->n_steps * self->step_us;
}
