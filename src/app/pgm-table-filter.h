/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile-item.h"
#include "pgm-table-choice.h"

G_BEGIN_DECLS

/* Between ticked tables and the filter keys of a profile. */

/* What is true of tables that the source does not have yet. */
typedef enum
{
  PGM_NEW_TABLES_COPIED, /* the profile says what is left out */
  PGM_NEW_TABLES_LEFT,   /* the profile says what is copied */
} PgmNewTables;

GListStore *pgm_table_filter_list (GPtrArray *tables);
PgmNewTables
pgm_table_filter_read (GListModel *choices, PgmProfileDraft *draft, guint *ret_n_patterns);
void pgm_table_filter_write (GListModel *choices, PgmProfileItem *item, PgmNewTables new_tables);

G_END_DECLS
