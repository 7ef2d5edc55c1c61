/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-finding.h"

G_BEGIN_DECLS

/* What became of the target database's name. */
typedef enum
{
  PGM_TARGET_UNCHANGED,
  PGM_TARGET_CREATED,
  PGM_TARGET_REPLACED,
  PGM_TARGET_FILLED,  /* an existing database received what came */
  PGM_TARGET_DROPPED, /* in-place replace that failed after the drop */
  PGM_TARGET_UNKNOWN, /* the server went away before it could say */
} PgmTargetState;

/* The outcome of one run. Filled by the run's own thread; complete and no longer written to
 * from the moment that pgm_mirror_run_finish() returns it. */
#define PGM_TYPE_REPORT (pgm_report_get_type ())
G_DECLARE_FINAL_TYPE (PgmReport, pgm_report, PGM, REPORT, GObject)

typedef struct
{
  char *source;  /* "shop at db.example.org:5432", never NULL */
  char *target;  /* the same form */
  char *code;    /* "ok", "differences", "cancelled", or a nick of PgmError */
  char *message; /* one sentence: what happened */
  PgmTargetState target_state;
  gboolean verified;  /* source and target were compared and are equal */
  char *verified_how; /* (nullable): what was compared: "row counts, sequences, and …" */
  gint64 started_us;  /* real time */
  gint64 duration_us;
  guint n_tables;
  guint64 n_rows;
  guint n_sequences;
  guint n_large_objects;
  guint64 archive_bytes;
  char *tools;            /* (nullable): "pg_dump 15.20 (/usr/lib/…)" */
  char *source_version;   /* (nullable) */
  char *target_version;   /* (nullable) */
  char *previous_name;    /* (nullable): where keep_previous left the old database */
  GPtrArray *findings;    /* PgmFinding: warnings, notes, blockers */
  GPtrArray *left_behind; /* PgmFinding: what did not travel, by kind and name */
  GPtrArray *differences; /* PgmFinding: what differs after the restore */
  GPtrArray *leftovers;   /* PgmFinding: what could not be removed */
} PgmReportData;

PgmReport *pgm_report_new (void);
PgmReportData *pgm_report_get_data (PgmReport *self);
void pgm_report_add_phase (PgmReport *self, const char *phase, gint64 duration_us);
int pgm_report_get_exit_status (PgmReport *self);
char *pgm_report_dup_summary (PgmReport *self);
const char *pgm_target_state_get_sentence (PgmTargetState state);
const char *pgm_target_state_get_nick (PgmTargetState state);
JsonNode *pgm_report_to_json (PgmReport *self);

G_END_DECLS
