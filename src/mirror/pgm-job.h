/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-archive-engine.h"
#include "pgm-catalog.h"
#include "pgm-counter.h"
#include "pgm-database.h"
#include "pgm-meter.h"
#include "pgm-mirror.h"

G_BEGIN_DECLS

/* What will become of the target database. */
typedef enum
{
  PGM_PLAN_CREATE,           /* it does not exist: staged, then named */
  PGM_PLAN_REPLACE,          /* staged beside it, then both renamed */
  PGM_PLAN_REPLACE_IN_PLACE, /* dropped first, as the profile asks */
  PGM_PLAN_FILL,             /* it exists and is empty: as REPLACE, for all or nothing */
  PGM_PLAN_MERGE,            /* it exists with content: one transaction, one job */
} PgmPlan;

/* The numbers that the source had in the snapshot that the dump shows. */
typedef struct
{
  GPtrArray *tables;          /* PgmTable whose rows travel, as the archive says */
  GPtrArray *sequences_begin; /* PgmSequence; sequences stand outside of snapshots, … */
  GPtrArray *sequences_end;   /* … so the dump's value lies between two looks at them */
  gboolean large_objects;     /* whether they travel */
} PgmExpected;

/* Turns what the engine says into progress and events. */
typedef struct _PgmWatch PgmWatch;
typedef struct _PgmJob PgmJob;

PgmWatch *pgm_watch_new (PgmJob *job);
PgmEngineObserver pgm_watch_get_observer (PgmWatch *self);
void pgm_watch_begin (PgmWatch *self, PgmPhase phase, GPtrArray *tables, PgmServer *server);
gboolean pgm_watch_explain_lock (PgmWatch *self, GError **error);
void pgm_watch_end (PgmWatch *self);
void pgm_watch_free (PgmWatch *self);

/* One run at work, in the thread that runs it. Each step is a pgm_job_…_sync() in a file of its
 * own; what a step leaves for a later one, or for the cleaning up, is here. */
struct _PgmJob
{
  /* borrowed from the mirror, which outlives the job */
  PgmMirror *mirror;
  PgmLogger *logger;
  PgmReport *report;
  PgmReportData *result; /* of @report */
  GCancellable *cancellable;
  GCancellable *kill; /* ends everything at once, cleaning up included */
  PgmOptions *options;
  PgmEndpoint *source_endpoint;
  PgmEndpoint *target_endpoint;
  PgmMirrorFlags flags;

  /* owned */
  char *run_id; /* eight hexadecimal digits */
  char *application_name;
  PgmMeter *meter;
  PgmOptions *dump_options; /* (nullable): with patterns in the source's encoding */
  GPtrArray *found_tools;
  PgmToolSet *tools;
  PgmServer *source;
  PgmServer *target;
  PgmConn *source_conn; /* on the database; later it holds the exported snapshot */
  PgmConn *target_conn; /* on the maintenance database, holds the run lock */
  PgmPsql *psql;
  PgmRunFolder *folder;
  PgmWatch *watch;
  PgmArchiveEngine *engine;
  PgmArchiveList *list;
  PgmDatabaseTraits *source_traits;
  PgmDatabaseTraits *target_traits; /* (nullable): the database does not exist */
  GPtrArray *all_tables;            /* PgmTable of the source */
  PgmExpected expected;
  GHashTable *tables_by_oid; /* the same, borrowed */
  char *snapshot;            /* (nullable): of the source: what is dumped and counted */
  GArray *rewritten;         /* (nullable): guint32: oids of tables it may not show */
  gboolean has_noted_rewritten;
  PgmCounter *counter;         /* (nullable): of the source */
  GPtrArray *closed_functions; /* (nullable): PgmClosedFunction of the source */
  char *staging;        /* (nullable): set as long as it has to be dropped if all ends here */
  guint32 staging_oid;  /* known from the swap on */
  guint32 in_place_oid; /* of what is filled under the name that users know; 0: nothing is */
  char *old_name;
  GPtrArray *made_schemas; /* (nullable): char *: to be dropped if a merge ends here */

  gboolean lacks_public;      /* the source has no schema "public" */
  gboolean public_is_open;    /* there everybody may create in it */
  gboolean public_stays_open; /* though only on the target; told already */
  gint64 patient_until_us;    /* monotonic; 0 before a cancel was noticed */
  PgmServerFacts target_facts;
  GPtrArray *target_positions; /* (nullable): PgmSequence of a target that rows alone come to */
  guint n_target_objects;      /* of a target that is merged into, before anything came */
  PgmPlan plan;
};

/* The steps, in order (DESIGN: a run step by step). */
gboolean pgm_job_check_sync (PgmJob *self, GError **error);
gboolean pgm_job_plan_sync (PgmJob *self, GError **error);
gboolean pgm_job_backup_sync (PgmJob *self, GError **error);
gboolean pgm_job_prepare_sync (PgmJob *self, GError **error);
gboolean pgm_job_restore_sync (PgmJob *self, GError **error);
gboolean pgm_job_verify_sync (PgmJob *self, GError **error);
PgmMeasure pgm_job_get_measure (PgmJob *self);
guint pgm_job_get_n_source_counters (PgmJob *self);
gboolean pgm_job_keep_rights_sync (PgmJob *self, GError **error);
gboolean pgm_job_look_at_public_sync (PgmJob *self, GError **error);
gboolean pgm_job_drop_public_sync (PgmJob *self, GError **error);
gboolean pgm_job_close_public_sync (PgmJob *self, GError **error);
gboolean pgm_job_compare_only_sync (PgmJob *self, GError **error);
gboolean pgm_job_lacks_content (PgmJob *self);
gboolean pgm_job_replace_sync (PgmJob *self, GError **error);
gboolean pgm_job_swap_sync (PgmJob *self, GError **error);
gboolean pgm_job_settle_swap (PgmJob *self);
gboolean pgm_job_reach_target (PgmJob *self);
gboolean pgm_job_end_all_sessions (PgmJob *self);
gboolean pgm_job_find_final_oid (PgmJob *self, guint32 wanted, guint32 *ret_oid);
gboolean pgm_job_drop_sync (PgmJob *self, const char *name, guint32 oid, GError **error);
gboolean pgm_job_take_back_sync (PgmJob *self, const PgmScript *script, GError **error);
const PgmDatabaseTraits *pgm_job_get_heritage (PgmJob *self);
PgmTargetState pgm_job_get_final_state (PgmJob *self);
void pgm_job_clean_up (PgmJob *self);

void pgm_job_blame_side (PgmSide side, GError **error);
PgmConn *pgm_job_connect_sync (PgmJob *self,
                               PgmEndpoint *endpoint,
                               const char *database,
                               PgmServer **ret_server,
                               GError **error);

gboolean pgm_job_check_in_place_sync (PgmJob *self, GError **error);
gboolean pgm_job_run_post_scripts_sync (PgmJob *self, GError **error);

guint pgm_job_get_patience_ms (PgmJob *self);
void pgm_job_run (PgmJob *self);
void pgm_job_clear (PgmJob *self);
void pgm_job_record_finding (PgmJob *self, GPtrArray *list, PgmFinding *finding);
void pgm_job_add_finding (PgmJob *self, GPtrArray *list, PgmFinding *finding);
const char *pgm_job_get_working_database (PgmJob *self);
void pgm_job_post_table (PgmJob *self, PgmTable *table);
void pgm_job_show_progress (PgmJob *self, guint tables_done, guint64 bytes_done);
PgmTable *pgm_job_find_table (PgmJob *self, guint32 oid);

G_END_DECLS
