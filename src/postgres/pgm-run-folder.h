/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The private folder (0700) of one run: archive, list, error text. One thread at a time. */
typedef struct _PgmRunFolder PgmRunFolder;

PgmRunFolder *pgm_run_folder_new (const char *parent, const char *run_id, GError **error);
PgmRunFolder *pgm_run_folder_new_left_over (const char *path);
const char *pgm_run_folder_get_path (PgmRunFolder *self);
char *pgm_run_folder_dup_file (PgmRunFolder *self, const char *name);
guint64 pgm_run_folder_get_free_bytes (PgmRunFolder *self);
gboolean pgm_run_folder_remove (PgmRunFolder *self, GError **error);
void pgm_run_folder_free (PgmRunFolder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmRunFolder, pgm_run_folder_free)

G_END_DECLS
