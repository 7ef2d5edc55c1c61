/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-history.h"

G_BEGIN_DECLS

/* What came of a run: in one sentence, in numbers, what differs, the log.
 *
 * Signal: "again" */
#define PGM_TYPE_RESULT_PAGE (pgm_result_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmResultPage, pgm_result_page, PGM, RESULT_PAGE, AdwBin)

GtkWidget *pgm_result_page_new (void);
void pgm_result_page_show_report (PgmResultPage *self, PgmReport *report, GListModel *log);
void pgm_result_page_show_entry (PgmResultPage *self, PgmHistoryEntry *entry, GListModel *log);

G_END_DECLS
