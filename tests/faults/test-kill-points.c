/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Somebody dies in the middle of a run: the program itself, one of its tools, one of its sessions,
 * a server. Whenever it happens, the name on the target holds the complete old or the complete new
 * database, no process and no session goes on, and what is left is known for what it is. argv[1]
 * is the program. */

#include "pgm-kill-moment.h"
#include "pgm-kill-target.h"

#include <signal.h>
#include <stdlib.h>

#define READY_LIMIT_US PGM_TEST_WITHIN_US (30)
#define POLL_US (20 * 1000)

typedef enum
{
  US,        /* the program */
  TOOL,      /* the tool at work */
  WORKER,    /* one of the workers of pg_restore */
  TERMINATE, /* the session, by pg_terminate_backend() */
  CRASH,     /* the session's process, by SIGKILL: the server restarts all of its own */
  STOP,      /* the server, at once, and it is started again */
  STAY_DOWN, /* the same, and it is started again when the run has ended */
} Victim;

typedef enum
{
  SLOW = 1 << 0,  /* only where all cases are asked for */
  FRESH = 1 << 1, /* the target has no such database before */
} Flags;

typedef struct
{
  const PgmKillMoment *moment;
  Victim victim;
  PgmKillContent expected;
  Flags flags;
} Case;

static const char *const victim_names[] = { "us",    "tool", "worker",   "terminate",
                                            "crash", "stop", "stay-down" };

/* clang-format off */
static const Case cases[] = {
  { &pgm_kill_in_check, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_check, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_check, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_check, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_10, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_10, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_10, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_50, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_dump_50, TOOL, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_dump_50, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_50, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_50, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_50, STAY_DOWN, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_99, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_99, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_dump_99, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_create, US, PGM_KILL_ABSENT, SLOW | FRESH },
  { &pgm_kill_in_mark, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_mark, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_mark, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_mark, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_10, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_10, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_10, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_50, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_restore_50, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_50, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_50, CRASH, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_restore_50, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_50, STAY_DOWN, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_99, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_99, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_restore_99, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_indexes, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_indexes, TOOL, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_indexes, WORKER, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_indexes, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_indexes, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_verify, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_verify, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_verify, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_verify, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_analyze, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_analyze, TERMINATE, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_analyze, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_analyze, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_settings, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_settings, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_settings, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_settings, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_begun, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_begun, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_begun, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_begun, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_half, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_swap_half, TOOL, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_swap_half, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_half, CRASH, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_half, STOP, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_swap_half, STAY_DOWN, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_swap_half, US, PGM_KILL_ABSENT, SLOW | FRESH },
  { &pgm_kill_in_swap_commit, US, PGM_KILL_NEW, 0 },
  { &pgm_kill_in_swap_commit, TOOL, PGM_KILL_NEW, 0 },
  { &pgm_kill_in_swap_commit, TERMINATE, PGM_KILL_NEW, 0 },
  { &pgm_kill_in_swap_commit, CRASH, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_swap_commit, STOP, PGM_KILL_NEW, 0 },
  { &pgm_kill_in_swap_commit, STAY_DOWN, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_swap_commit, TOOL, PGM_KILL_NEW, SLOW | FRESH },
  { &pgm_kill_in_drop, US, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop, TOOL, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop, TERMINATE, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop, CRASH, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop, STOP, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop_half, US, PGM_KILL_NEW, 0 },
  { &pgm_kill_in_drop_half, TOOL, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop_half, TERMINATE, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop_half, CRASH, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_drop_half, STOP, PGM_KILL_NEW, SLOW },
  { &pgm_kill_in_clean_up, US, PGM_KILL_OLD, 0 },
  { &pgm_kill_in_clean_up, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_clean_up, TERMINATE, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_clean_up, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_drop, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_drop, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_drop, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_mark, US, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_mark, TOOL, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_mark, STOP, PGM_KILL_OLD, SLOW },
  { &pgm_kill_in_place_rename, US, PGM_KILL_ABSENT, 0 },
  { &pgm_kill_in_place_rename, TOOL, PGM_KILL_ABSENT, SLOW },
  { &pgm_kill_in_place_rename, STOP, PGM_KILL_ABSENT, SLOW },
  { &pgm_kill_in_place_restore, US, PGM_KILL_HALF, 0 },
  { &pgm_kill_in_place_restore, TOOL, PGM_KILL_ABSENT, SLOW },
  { &pgm_kill_in_place_restore, CRASH, PGM_KILL_ABSENT, SLOW },
  { &pgm_kill_in_place_restore, STAY_DOWN, PGM_KILL_HALF, SLOW },
  { &pgm_kill_in_place_settings, US, PGM_KILL_HALF, SLOW },
  { &pgm_kill_in_place_settings, TERMINATE, PGM_KILL_ABSENT, SLOW },
};
/* clang-format on */

/* A case at work. */
typedef struct
{
  const Case *c;
  PgmKillBrake brake;
  PgmKillRun *run;
  char *sessions; /* those of the run that were there when it happened, as SQL */
} Scene;

static PgmTestServer *
get_server (Scene *self)
{
  return pgm_kill_servers[self->brake.stop->side];
}

/* @condition: SQL; while the server does not answer it does not hold */
static void
wait_through_restart (PgmTestServer *server, const char *condition)
{
  gint64 deadline_us = g_get_monotonic_time () + READY_LIMIT_US;
  g_autofree char *sql = g_strdup_printf ("SELECT %s", condition);

  for (;;)
    {
      g_autofree char *answer = NULL;

      if (pgm_test_server_psql_status (server, NULL, "postgres", sql, &answer) == 0 &&
          g_str_equal (answer, "t"))
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (POLL_US);
    }
}

static void
kill_process (int pid)
{
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
}

static void
kill_worker (Scene *self)
{
  int leader = pgm_kill_find_tool ("pg_restore", self->run->pid);

  g_assert_cmpint (leader, >, 1);
  kill_process (pgm_kill_find_tool ("pg_restore", leader));
}

static void
terminate (Scene *self)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT count (pg_terminate_backend (pid)) FROM pg_stat_activity WHERE pid IN (%s)",
      self->sessions);

  pgm_test_do (get_server (self), "postgres", sql);
}

/* The server notices, ends all sessions, and comes back. */
static void
crash (Scene *self)
{
  g_autofree char *gone = g_strdup_printf (
      "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid IN (%s))", self->sessions);

  kill_process (atoi (self->sessions));
  if (self->brake.stopped_pid != 0)
    kill (self->brake.stopped_pid, SIGCONT);
  wait_through_restart (get_server (self), gone);
}

static void
stop (Scene *self)
{
  if (self->brake.stopped_pid != 0)
    {
      pgm_test_freeze (get_server (self)); /* the checkpointer must not get any further */
      kill (pgm_test_server_get_pid (get_server (self)), SIGQUIT);
      pgm_test_thaw (get_server (self));
    }
  pgm_test_server_stop (get_server (self));
}

static void
strike (Scene *self)
{
  switch (self->c->victim)
    {
    case TOOL:
      kill_process (pgm_kill_find_tool (self->c->moment->tool, self->run->pid));
      break;
    case WORKER:
      kill_worker (self);
      break;
    case TERMINATE:
      terminate (self);
      break;
    case CRASH:
      crash (self);
      break;
    case STOP:
    case STAY_DOWN:
      stop (self);
      break;
    case US:
    default:
      kill_process (self->run->pid);
    }
}

/* A session that nobody listens to any more ends, also in the middle of a statement. The one
 * exception is a commit that waits for a standby; who lives has to see to it. */
static void
wait_for_sessions (Scene *self)
{
  g_autofree char *gone = g_strdup_printf (
      "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid IN (%s))", self->sessions);

  if (self->c->victim != US || self->brake.stop->hold != PGM_KILL_BY_COMMIT)
    pgm_test_wait_until (get_server (self), gone);
}

static void
see_it_through (Scene *self)
{
  PgmTestServer *server = get_server (self);

  if (self->c->victim == US)
    {
      pgm_kill_run_wait (self->run);
      pgm_kill_wait_no_tool ();
    }
  if (self->c->victim == STAY_DOWN)
    pgm_kill_run_wait (self->run);
  if (self->c->victim == STOP || self->c->victim == STAY_DOWN)
    pgm_test_server_restart (server);
  wait_for_sessions (self);
  pgm_kill_brake_release (&self->brake);
  if (self->c->victim != US && self->c->victim != STAY_DOWN)
    pgm_kill_run_wait (self->run);
  pgm_kill_wait_no_tool ();
}

/* Who lives, and can reach the server, takes everything away, unless somebody shot at that. */
static PgmKillLeaves
get_may_leave (Scene *self)
{
  const PgmKillMoment *moment = self->c->moment;

  if (self->c->victim == US)
    return PGM_KILL_LEAVES_FOLDER | PGM_KILL_LEAVES_DATABASE |
           (moment == &pgm_kill_in_create || moment == &pgm_kill_in_mark ||
                    moment == &pgm_kill_in_place_mark
                ? PGM_KILL_LEAVES_UNMARKED
                : 0);
  if (self->c->victim == STAY_DOWN || moment == &pgm_kill_in_drop ||
      moment == &pgm_kill_in_drop_half || moment == &pgm_kill_in_clean_up)
    return PGM_KILL_LEAVES_DATABASE;
  return 0;
}

/* As long as that, whoever lives waits for a server that is away: it comes back, but for one. */
static void
set_options (const Case *c)
{
  g_autofree char *members =
      g_strconcat (c->victim == STAY_DOWN ? "" : ", \"connect_timeout\": 120",
                   c->moment->options != NULL ? c->moment->options : "", NULL);

  pgm_kill_set_options (members);
}

static void
begin (Scene *self)
{
  const Case *c = self->c;
  static const char *const args[] = { "mirror", "--yes", NULL };
  const char *missing = NULL;
  g_autofree char *json = NULL;

  if (c->flags & FRESH)
    pgm_kill_drop_target ();
  set_options (c);
  json = pgm_test_pair_dup_profile (pgm_kill_pair);
  pgm_kill_brake_prepare (&self->brake, c->moment);
  self->run = pgm_kill_run_start (json, args, NULL);
  missing = pgm_kill_brake_reach (&self->brake, c->moment);
  if (missing != NULL)
    g_error ("the run never came to %s; it said:\n%s", missing,
             pgm_kill_run_dup_errors (self->run));
  self->sessions = pgm_kill_brake_list_sessions (&self->brake);
}

static void
describe (Scene *self)
{
  JsonNode *leftovers =
      self->run->report != NULL ? json_object_get_member (self->run->report, "leftovers") : NULL;
  g_autofree char *left = leftovers != NULL ? json_to_string (leftovers, FALSE) : NULL;

  g_test_message ("status %d, %s: %s, %s", self->run->status,
                  pgm_kill_run_get_text (self->run, "target_state"),
                  pgm_kill_run_get_text (self->run, "message"), left);
}

/* Where the target stays away, the truth may be that nobody knows. */
static gboolean
says_unknown (Scene *self)
{
  return self->c->victim == STAY_DOWN &&
         g_str_equal (pgm_kill_run_get_text (self->run, "target_state"), "unknown");
}

static void
test_case (gconstpointer data)
{
  Scene self = { .c = data };
  PgmKillContent content = PGM_KILL_OLD;

  begin (&self);
  strike (&self);
  see_it_through (&self);
  pgm_kill_wait_no_session ();
  describe (&self);
  content = pgm_kill_look ();
  g_assert_cmpint (content, ==, self.c->expected);
  if (self.c->victim == US)
    g_assert_cmpint (self.run->status, ==, -SIGKILL);
  else if (!says_unknown (&self))
    pgm_kill_check_report (self.run, content, (self.c->flags & FRESH) == 0);
  pgm_kill_check_leftovers (self.run, content, get_may_leave (&self));
  if (content != PGM_KILL_OLD)
    pgm_kill_reset_target ();
  pgm_kill_run_free (self.run);
  g_free (self.sessions);
}

static void
add_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      g_autofree char *path =
          g_strdup_printf ("/kill-points/%s/%s%s", c->moment->name, victim_names[c->victim],
                           (c->flags & FRESH) != 0 ? "/fresh" : "");

      if ((c->flags & SLOW) == 0 || pgm_test_runs_all ())
        g_test_add_data_func (path, c, test_case);
    }
}

int
main (int argc, char **argv)
{
  pgm_kill_set_up (&argc, &argv, pgm_kill_source_sql);
  add_cases ();
  return pgm_kill_tear_down (g_test_run ());
}
