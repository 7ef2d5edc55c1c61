/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-history.h"

G_BEGIN_DECLS

/* Writes one run into the history, in a thread of its own: the entry at once, the log as it
 * comes, the report at the end. A fault of the disk is said in the log and never fails a run. */
typedef struct _PgmHistoryWriter PgmHistoryWriter;

PgmHistoryWriter *
pgm_history_writer_new (PgmProfile *profile, PgmLogger *logger, PgmMirrorFlags flags);
void pgm_history_writer_close_async (PgmHistoryWriter *self,
                                     PgmReport *report,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
void pgm_history_writer_close_finish (GAsyncResult *result);
const char *pgm_history_writer_get_id (PgmHistoryWriter *self);
PgmHistoryWriter *pgm_history_writer_ref (PgmHistoryWriter *self);
void pgm_history_writer_unref (PgmHistoryWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmHistoryWriter, pgm_history_writer_unref)

G_END_DECLS
