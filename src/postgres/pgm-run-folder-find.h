/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PGM_FOLDER_ALIVE,   /* its run lives, or is just about to make it */
  PGM_FOLDER_DEAD,    /* for certain of a run that is over */
  PGM_FOLDER_FOREIGN, /* of a run on another machine, which may live */
  PGM_FOLDER_UNKNOWN, /* named like one of ours, and nothing proves it */
} PgmFolderState;

/* A folder of temporary files as some run of this user made it. */
typedef struct
{
  PgmFolderState state;
  char *path;
  char *run;          /* eight hexadecimal digits */
  char *host;         /* (nullable): where the run's program was */
  gint64 started_us;  /* real time; 0: not known */
  guint64 size_bytes; /* of the files in it */
} PgmFoundFolder;

GPtrArray *pgm_run_folder_find_sync (const char *parent, GError **error);
gboolean pgm_run_folder_remove_dead_sync (const char *path, GError **error);
void pgm_found_folder_free (PgmFoundFolder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmFoundFolder, pgm_found_folder_free)

G_END_DECLS
