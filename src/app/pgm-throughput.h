/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

#include "pgm-rate-series.h"

G_BEGIN_DECLS

/* Draws how fast a run is. Who cannot see it hears its words. */
#define PGM_TYPE_THROUGHPUT (pgm_throughput_get_type ())
G_DECLARE_FINAL_TYPE (PgmThroughput, pgm_throughput, PGM, THROUGHPUT, GtkWidget)

GtkWidget *pgm_throughput_new (void);
void pgm_throughput_set_series (PgmThroughput *self, PgmRateSeries *series);
char *pgm_throughput_dup_words (PgmThroughput *self);

G_END_DECLS
