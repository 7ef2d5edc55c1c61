/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Two cards with something small between them: side by side where there is room for both, else
 * one above the other. Its children are in this order: first, between, second. */
#define PGM_TYPE_PAIR_LAYOUT (pgm_pair_layout_get_type ())
G_DECLARE_FINAL_TYPE (PgmPairLayout, pgm_pair_layout, PGM, PAIR_LAYOUT, GtkLayoutManager)

G_END_DECLS
