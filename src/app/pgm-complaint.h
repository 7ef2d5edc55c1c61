/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What is wrong with a row of a form, in words below it and for a screen reader. */
void pgm_complaint_set (GtkWidget *row, const char *text);
const char *pgm_complaint_get (GtkWidget *row);

G_END_DECLS
