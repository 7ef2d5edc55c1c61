/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* How fast a run was, from its start to now, in a bounded number of equally wide steps: when
 * there is no more room, two neighbours become one.
 *
 * Signal: "changed" */
#define PGM_TYPE_RATE_SERIES (pgm_rate_series_get_type ())
G_DECLARE_FINAL_TYPE (PgmRateSeries, pgm_rate_series, PGM, RATE_SERIES, GObject)

PgmRateSeries *pgm_rate_series_new (void);
void pgm_rate_series_add (PgmRateSeries *self, gint64 elapsed_us, double bytes_per_s);
guint pgm_rate_series_get_n (PgmRateSeries *self);
double pgm_rate_series_get (PgmRateSeries *self, guint i);
double pgm_rate_series_get_peak (PgmRateSeries *self);
double pgm_rate_series_get_mean (PgmRateSeries *self);
gint64 pgm_rate_series_get_span (PgmRateSeries *self);

G_END_DECLS
