/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-kill-target.h"

G_BEGIN_DECLS

#define PGM_KILL_MAX_STOPS 4

/* How a run is held up: by locks and gates of ours, by somebody who is in a database, by a commit
 * that waits for a standby that does not exist, or by a server process that was stopped. */
typedef enum
{
  PGM_KILL_BY_SESSION,
  PGM_KILL_BY_VISITOR,
  PGM_KILL_BY_COMMIT,
  PGM_KILL_BY_CHECKPOINTER,
} PgmKillHold;

/* Somewhere a run waits for us. */
typedef struct
{
  PgmSide side;
  PgmKillHold hold;
  const char *database; /* where the session is; "staging": the copy; NULL: "postgres" */
  const char *sql;      /* of the session */
  const char *sessions; /* a condition of pg_stat_activity: the run's that wait then */
  guint n_sessions;     /* how many of them at least; 0: 1 */
} PgmKillStop;

/* A place in a run. The way there leads over stops, of which each is left when the next one is
 * prepared; the last one is the moment itself. */
typedef struct
{
  const char *name;
  PgmKillStop stops[PGM_KILL_MAX_STOPS];
  const char *options; /* (nullable): of the profile, each after a comma */
  const char *tool;    /* (nullable): that is at work then */
} PgmKillMoment;

/* What holds up a run. */
typedef struct
{
  const PgmKillStop *stop; /* (nullable): where the run is, or will be */
  PgmConn *session;        /* (nullable) */
  GSubprocess *visitor;    /* (nullable) */
  int stopped_pid;         /* 0: none */
} PgmKillBrake;

extern const PgmKillMoment pgm_kill_in_check;
extern const PgmKillMoment pgm_kill_in_dump_10;
extern const PgmKillMoment pgm_kill_in_dump_50;
extern const PgmKillMoment pgm_kill_in_dump_99;
extern const PgmKillMoment pgm_kill_in_create;
extern const PgmKillMoment pgm_kill_in_mark;
extern const PgmKillMoment pgm_kill_in_restore_10;
extern const PgmKillMoment pgm_kill_in_restore_50;
extern const PgmKillMoment pgm_kill_in_restore_99;
extern const PgmKillMoment pgm_kill_in_indexes;
extern const PgmKillMoment pgm_kill_in_verify;
extern const PgmKillMoment pgm_kill_in_analyze;
extern const PgmKillMoment pgm_kill_in_settings;
extern const PgmKillMoment pgm_kill_in_swap_begun;
extern const PgmKillMoment pgm_kill_in_swap_half;
extern const PgmKillMoment pgm_kill_in_swap_commit;
extern const PgmKillMoment pgm_kill_in_drop;
extern const PgmKillMoment pgm_kill_in_drop_half;
extern const PgmKillMoment pgm_kill_in_clean_up;
extern const PgmKillMoment pgm_kill_in_place_drop;
extern const PgmKillMoment pgm_kill_in_place_mark;
extern const PgmKillMoment pgm_kill_in_place_rename;
extern const PgmKillMoment pgm_kill_in_place_restore;
extern const PgmKillMoment pgm_kill_in_place_settings;

extern const char pgm_kill_source_sql[];

char *pgm_kill_brake_list_sessions (PgmKillBrake *self);
void pgm_kill_brake_prepare (PgmKillBrake *self, const PgmKillMoment *moment);
const char *pgm_kill_brake_reach (PgmKillBrake *self, const PgmKillMoment *moment);
void pgm_kill_brake_release (PgmKillBrake *self);

G_END_DECLS
