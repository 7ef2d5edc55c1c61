/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-run-folder.h"

G_BEGIN_DECLS

/* For those who look at folders of other runs. */
#define PGM_RUN_FOLDER_PREFIX "pg-mirror-"
#define PGM_RUN_FOLDER_LOCK "lock"

typedef enum
{
  PGM_LOCK_TAKEN,   /* nobody had it; we do now, until the descriptor is closed */
  PGM_LOCK_HELD,    /* by somebody who lives */
  PGM_LOCK_UNKNOWN, /* the file system does not say */
} PgmLockState;

int pgm_run_folder_open_lock (const char *folder, int flags);
PgmLockState pgm_run_folder_try_lock (int fd);
PgmRunFolder *pgm_run_folder_adopt (const char *path, int lock_fd);

G_END_DECLS
