/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-profile-draft.h"

G_BEGIN_DECLS

/* The files of profiles, read and written in worker threads. */

/* One file as it was found. */
typedef struct
{
  char *path;
  PgmProfileDraft *draft; /* (nullable): NULL when the file cannot be read as a profile */
  char *fault;            /* (nullable): why */
  char *checksum;         /* (nullable): of its bytes, to know one's own writes again */
} PgmProfileFile;

void pgm_profile_io_list_async (const char *folder,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
GPtrArray *pgm_profile_io_list_finish (GAsyncResult *result, GError **error);

void pgm_profile_io_read_async (const char *path, GAsyncReadyCallback callback, gpointer user_data);
PgmProfileFile *pgm_profile_io_read_finish (GAsyncResult *result, GError **error);

/* @text: (transfer full): wiped once it is written */
void pgm_profile_io_write_async (const char *path,
                                 char *text,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean pgm_profile_io_write_finish (GAsyncResult *result, GError **error);

/* @new_path: (nullable): NULL removes the file */
void pgm_profile_io_move_async (const char *path,
                                const char *new_path,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean pgm_profile_io_move_finish (GAsyncResult *result, GError **error);

char *pgm_profile_io_dup_checksum (const char *text);
void pgm_profile_file_free (PgmProfileFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmProfileFile, pgm_profile_file_free)

G_END_DECLS
