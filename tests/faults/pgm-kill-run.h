/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-test-pair.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A script for psql, beside the config of every run. */
#define PGM_KILL_FAILING_SCRIPT "fails.sql"

/* One run of the program, as a process of its own that can be killed. */
typedef struct
{
  char *folder; /* of the run: its config, its history, what it said */
  GSubprocess *process;
  int pid;
  int status;         /* what it left with; minus the signal that ended it */
  JsonObject *report; /* (nullable): of a mirror, once it has ended */
} PgmKillRun;

extern const char *pgm_kill_program; /* of pg-mirror-cli, absolute */

PgmKillRun *
pgm_kill_run_start (const char *profile_json, const char *const *args, const char *const *envp);
void pgm_kill_run_wait (PgmKillRun *self);
void pgm_kill_run_free (PgmKillRun *self);
char *pgm_kill_run_dup_output (PgmKillRun *self);
char *pgm_kill_run_dup_errors (PgmKillRun *self);
const char *pgm_kill_run_get_text (PgmKillRun *self, const char *member);
gboolean pgm_kill_run_names (PgmKillRun *self, const char *what);

GArray *pgm_kill_list_tools (void);
int pgm_kill_find_tool (const char *name, int parent);
void pgm_kill_wait_no_tool (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmKillRun, pgm_kill_run_free)

G_END_DECLS
