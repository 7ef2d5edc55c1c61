/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-report.h"

G_BEGIN_DECLS

/* What a check came to.
 *
 * Signals: "again", "mirror" */
#define PGM_TYPE_FINDINGS_PAGE (pgm_findings_page_get_type ())
G_DECLARE_FINAL_TYPE (PgmFindingsPage, pgm_findings_page, PGM, FINDINGS_PAGE, AdwBin)

GtkWidget *pgm_findings_page_new (void);
void pgm_findings_page_show_report (PgmFindingsPage *self, PgmReport *report, GListModel *log);

G_END_DECLS
