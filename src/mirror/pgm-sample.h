/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* "Try it with a sample": two throw-away servers of this machine's own server programs, on
 * private sockets, the first with the sample database. They end with the last reference, with
 * the program, and with pgm_sample_stop_async(). */
#define PGM_TYPE_SAMPLE (pgm_sample_get_type ())
G_DECLARE_FINAL_TYPE (PgmSample, pgm_sample, PGM, SAMPLE, GObject)

/* Whether the server programs and the sample's files are installed here. An error says which
 * is missing. */
void pgm_sample_probe_async (GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean pgm_sample_probe_finish (GAsyncResult *result, GError **error);

/* Takes some seconds. */
void pgm_sample_start_async (GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
PgmSample *pgm_sample_start_finish (GAsyncResult *result, GError **error);

/* A profile from the first server to the second that can be saved and run at once. */
char *pgm_sample_dup_profile_json (PgmSample *self);

/* Ends both servers and removes their files. Before the program ends, so that nothing is left. */
void pgm_sample_stop_async (PgmSample *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean pgm_sample_stop_finish (PgmSample *self, GAsyncResult *result, GError **error);

/* Of a program that was killed. Reads and removes files. */
gboolean pgm_sample_sweep_sync (const char *host);

G_END_DECLS
