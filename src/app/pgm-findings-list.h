/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What a check or a run found: one row each, with its cure. Invisible while it is empty. */
#define PGM_TYPE_FINDINGS_LIST (pgm_findings_list_get_type ())
G_DECLARE_FINAL_TYPE (PgmFindingsList, pgm_findings_list, PGM, FINDINGS_LIST, AdwBin)

GtkWidget *pgm_findings_list_new (const char *title);
void pgm_findings_list_set_findings (PgmFindingsList *self, GPtrArray *findings);

G_END_DECLS
