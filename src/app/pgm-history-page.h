/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The runs of the past and their logs. Without a header bar. It reads the folder whenever it
 * is mapped, and when the window asks for it. */
#define PGM_TYPE_HISTORY_PAGE (pgm_history_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmHistoryPage, pgm_history_page, PGM, HISTORY_PAGE, AdwBin)

GtkWidget *pgm_history_page_new (void);
gboolean pgm_history_page_go_back (PgmHistoryPage *self);
void pgm_history_page_reload (PgmHistoryPage *self);
void pgm_history_page_open (PgmHistoryPage *self, const char *id);

G_END_DECLS
