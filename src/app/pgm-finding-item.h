/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-finding.h"

G_BEGIN_DECLS

/* A finding in a list model. Immutable. */
#define PGM_TYPE_FINDING_ITEM (pgm_finding_item_get_type ())
G_DECLARE_FINAL_TYPE (PgmFindingItem, pgm_finding_item, PGM, FINDING_ITEM, GObject)

PgmFindingItem *pgm_finding_item_new (PgmFinding *finding);
PgmFinding *pgm_finding_item_get (PgmFindingItem *self);
GListModel *pgm_finding_item_list (GPtrArray *findings);

G_END_DECLS
