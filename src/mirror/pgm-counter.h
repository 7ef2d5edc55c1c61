/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-catalog-content.h"
#include "pgm-catalog-inventory.h"

G_BEGIN_DECLS

/* What a database has, found out by threads with sessions of their own while other things go
 * on. */
typedef struct _PgmCounter PgmCounter;

/* All pointers are borrowed for the time of the call. */
typedef struct
{
  PgmServer *server;
  const char *database;
  const char *snapshot; /* (nullable): what to look at; what is committed now otherwise */
  GPtrArray *tables;    /* PgmTable, by whose names they are found */
  PgmMeasure measure;
  gboolean large_objects;
  PgmInventoryParts inventory; /* 0: none */
  guint n_workers;
  guint lock_wait_timeout_s; /* 0: no limit, for a database that nobody else uses */
} PgmCountOrder;

PgmCounter *
pgm_counter_start (const PgmCountOrder *order, GCancellable *cancellable, GError **error);
gboolean pgm_counter_wait (PgmCounter *self, gint64 timeout_us);
void pgm_counter_get_progress (PgmCounter *self, guint *ret_n_tables, guint64 *ret_bytes);
gboolean pgm_counter_check (PgmCounter *self, GError **error);
gboolean pgm_counter_join (PgmCounter *self, GError **error);
const PgmTableContent *pgm_counter_get_table (PgmCounter *self, guint32 oid);
GHashTable *pgm_counter_get_large_objects (PgmCounter *self);
GPtrArray *pgm_counter_get_inventory (PgmCounter *self);
void pgm_counter_free (PgmCounter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmCounter, pgm_counter_free)

G_END_DECLS
