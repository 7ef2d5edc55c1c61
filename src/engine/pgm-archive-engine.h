/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-archive-list.h"
#include "pgm-logger.h"
#include "pgm-options.h"
#include "pgm-run-folder.h"
#include "pgm-server.h"
#include "pgm-tools.h"

G_BEGIN_DECLS

/* What an engine says while it works; all in the thread that called it. Titles are the tool's
 * own text: for people, never for a decision. */
typedef struct
{
  void (*table_begun) (const char *title, gpointer user_data);
  void (*table_done) (guint dump_id, gpointer user_data);
  guint64 (*tick) (gpointer user_data); /* about four times a second; returns bytes in COPY */
  gpointer user_data;
} PgmEngineObserver;

/* Carries a database as an archive: pg_dump -Fc into the run's folder, pg_restore -j out of it.
 * The exit status of a tool is the verdict, never a text. */
typedef struct _PgmArchiveEngine PgmArchiveEngine;

PgmArchiveEngine *pgm_archive_engine_new (PgmOptions *options,
                                          const PgmToolSet *tools,
                                          PgmRunFolder *folder,
                                          PgmLogger *logger,
                                          const PgmEngineObserver *observer,
                                          GCancellable *kill);
void pgm_archive_engine_free (PgmArchiveEngine *self);
guint64 pgm_archive_engine_get_archive_bytes (PgmArchiveEngine *self);
gboolean pgm_archive_engine_backup_sync (PgmArchiveEngine *self,
                                         PgmServer *source,
                                         const char *snapshot,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean
pgm_archive_engine_check_sync (PgmArchiveEngine *self, GCancellable *cancellable, GError **error);
PgmArchiveList *pgm_archive_engine_read_list_sync (PgmArchiveEngine *self,
                                                   GCancellable *cancellable,
                                                   GError **error);

/* How an archive is restored. */
typedef struct
{
  PgmServer *target;
  const char *database;
  PgmArchiveList *list;
  const char *settings;        /* (nullable): further "-c NAME=VALUE " for the sessions */
  gboolean single_transaction; /* all or nothing, one job */
} PgmRestore;

gboolean pgm_archive_engine_restore_sync (PgmArchiveEngine *self,
                                          const PgmRestore *restore,
                                          GArray *ret_failed_ids,
                                          GCancellable *cancellable,
                                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmArchiveEngine, pgm_archive_engine_free)

G_END_DECLS
