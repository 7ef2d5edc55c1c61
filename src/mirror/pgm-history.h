/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-logger.h"
#include "pgm-mirror.h"
#include "pgm-profile.h"
#include "pgm-report.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_HISTORY_RUNNING,
  PGM_HISTORY_FINISHED,
  PGM_HISTORY_INTERRUPTED, /* its program ended without saying what became of the run */
} PgmHistoryState;

/* One run of the past, or one that is on in some program. Immutable. */
typedef struct
{
  char *id; /* name of its files, without their ends */
  PgmHistoryState state;
  gboolean is_dry_run;
  char *program; /* "pg-mirror" or "pg-mirror-cli" */
  char *profile; /* title */
  char *path;    /* (nullable): the profile's file */
  char *source;  /* "shop at db.example.org:5432", escaped for people */
  char *target;
  gint64 started_us;  /* real time */
  gint64 duration_us; /* 0 unless finished */
  char *code;         /* (nullable): of the report; NULL unless finished */
  char *message;      /* one sentence: what happened */
} PgmHistoryData;

#define PGM_TYPE_HISTORY_ENTRY (pgm_history_entry_get_type ())
G_DECLARE_FINAL_TYPE (PgmHistoryEntry, pgm_history_entry, PGM, HISTORY_ENTRY, GObject)

const PgmHistoryData *pgm_history_entry_get_data (PgmHistoryEntry *self);
PgmReport *pgm_history_entry_get_report (PgmHistoryEntry *self);
char *pgm_history_entry_dup_log_path (PgmHistoryEntry *self);

/* The folder is read, and interrupted runs are resolved, in a thread. The result holds
 * PgmHistoryEntry, the latest first. */
void pgm_history_list_async (GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GPtrArray *pgm_history_list_finish (GAsyncResult *result, GError **error);
PgmHistoryEntry *pgm_history_find_latest (GPtrArray *entries, const char *profile_path);

/* The end of its log, no more than the last megabyte. */
void pgm_history_read_log_async (PgmHistoryEntry *entry,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
char *pgm_history_read_log_finish (GAsyncResult *result, GError **error);

void pgm_history_remove_async (PgmHistoryEntry *entry,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean pgm_history_remove_finish (GAsyncResult *result, GError **error);
char *pgm_history_dup_folder (void);

G_END_DECLS
