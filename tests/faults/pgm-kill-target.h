/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-kill-run.h"

G_BEGIN_DECLS

#define PGM_KILL_DATABASE "shop"

/* What the name on the target holds. */
typedef enum
{
  PGM_KILL_OLD,
  PGM_KILL_NEW,
  PGM_KILL_ABSENT, /* no database has the name */
  PGM_KILL_HALF,   /* a part of the new one, marked as that */
} PgmKillContent;

/* What may be left of a run, whose report names it if there is one. */
typedef enum
{
  PGM_KILL_LEAVES_FOLDER = 1 << 0,
  PGM_KILL_LEAVES_DATABASE = 1 << 1,
  PGM_KILL_LEAVES_UNMARKED = 1 << 2, /* a database that was not marked yet */
} PgmKillLeaves;

extern PgmTestServer *pgm_kill_servers[2]; /* by PgmSide */
extern PgmTestPair *pgm_kill_pair;         /* of PGM_KILL_DATABASE on both */

void pgm_kill_set_up (int *argc, char ***argv, const char *source_sql);
int pgm_kill_tear_down (int status);
void pgm_kill_set_options (const char *members);
void pgm_kill_drop_target (void);
void pgm_kill_reset_target (void);
PgmKillContent pgm_kill_look (void);
void pgm_kill_check_report (PgmKillRun *run, PgmKillContent content, gboolean was_there);
void pgm_kill_check_leftovers (PgmKillRun *run, PgmKillContent content, PgmKillLeaves may_leave);
void pgm_kill_wait_no_session (void);

G_END_DECLS
