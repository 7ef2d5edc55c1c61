/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-finding.h"
#include "pgm-progress.h"
#include "pgm-table.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_EVENT_PHASE,    /* a phase began */
  PGM_EVENT_PROGRESS, /* at most ten a second */
  PGM_EVENT_TABLE,    /* a table's data was dumped, restored or compared */
  PGM_EVENT_FINDING,
  PGM_EVENT_TABLES,      /* these tables are to go through the phase */
  PGM_EVENT_TABLE_BEGUN, /* a table's data is at work */
} PgmEventKind;

/* What a run tells its observers. Immutable once built: may cross threads. */
typedef struct
{
  PgmEventKind kind;
  gint64 time_us; /* real time */
  PgmProgress progress;
  PgmTable *table;     /* (nullable): of the table events; its phase is in @progress */
  PgmFinding *finding; /* (nullable): only for PGM_EVENT_FINDING */
  GPtrArray *tables;   /* (nullable): PgmTable, only for PGM_EVENT_TABLES */
  gint64 rows;         /* of @table on the target, once counted; -1: not known */
} PgmEvent;

#define PGM_TYPE_EVENT (pgm_event_get_type ())

GType pgm_event_get_type (void);
PgmEvent *pgm_event_new (PgmEventKind kind,
                         const PgmProgress *progress,
                         PgmTable *table,
                         PgmFinding *finding);
PgmEvent *pgm_event_new_tables (const PgmProgress *progress, GPtrArray *tables);
PgmEvent *pgm_event_new_counted (const PgmProgress *progress, PgmTable *table, gint64 rows);
PgmEvent *pgm_event_ref (PgmEvent *self);
void pgm_event_unref (PgmEvent *self);
JsonNode *pgm_event_to_json (const PgmEvent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmEvent, pgm_event_unref)

G_END_DECLS
