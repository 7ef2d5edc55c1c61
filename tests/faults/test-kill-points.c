/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Somebody dies in the middle of a run: the program itself, one of its tools, one of its sessions,
 * a server. Whenever it happens, the name on the target holds the complete old or the complete new
 * database, no process and no session goes on, and what is left is known for what it is. argv[1]
 * is the program. */

#include "pgm-kill-moment.h"
#include "pgm-kill-run.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_LIMIT_US (10 * G_USEC_PER_SEC)
#define READY_LIMIT_US (30 * G_USEC_PER_SEC)
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

/* What the name on the target holds. */
typedef enum
{
  OLD = 1 << 0,
  NEW = 1 << 1,
  ABSENT = 1 << 2, /* no database has the name */
  HALF = 1 << 3,   /* a part of the new one, marked as that */
} Content;

typedef enum
{
  SLOW = 1 << 0,  /* only where all cases are asked for */
  FRESH = 1 << 1, /* the target has no such database before */
} Flags;

typedef struct
{
  const PgmKillMoment *moment;
  Victim victim;
  Content expected; /* one of them */
  Flags flags;
} Case;

static const char *const victim_names[] = { "us",    "tool", "worker",   "terminate",
                                            "crash", "stop", "stay-down" };

/* clang-format off */
static const Case cases[] = {
  { &pgm_kill_in_check, US, OLD, 0 },
  { &pgm_kill_in_check, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_check, CRASH, OLD, SLOW },
  { &pgm_kill_in_check, STOP, OLD, SLOW },
  { &pgm_kill_in_dump_10, US, OLD, SLOW },
  { &pgm_kill_in_dump_10, TOOL, OLD, SLOW },
  { &pgm_kill_in_dump_10, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_dump_50, US, OLD, 0 },
  { &pgm_kill_in_dump_50, TOOL, OLD, 0 },
  { &pgm_kill_in_dump_50, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_dump_50, CRASH, OLD, SLOW },
  { &pgm_kill_in_dump_50, STOP, OLD, SLOW },
  { &pgm_kill_in_dump_50, STAY_DOWN, OLD, SLOW },
  { &pgm_kill_in_dump_99, US, OLD, SLOW },
  { &pgm_kill_in_dump_99, TOOL, OLD, SLOW },
  { &pgm_kill_in_dump_99, CRASH, OLD, SLOW },
  { &pgm_kill_in_create, US, OLD, SLOW },
  { &pgm_kill_in_create, TOOL, OLD, SLOW },
  { &pgm_kill_in_create, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_create, CRASH, OLD, SLOW },
  { &pgm_kill_in_create, STOP, OLD, SLOW },
  { &pgm_kill_in_create, US, ABSENT, SLOW | FRESH },
  { &pgm_kill_in_mark, US, OLD, 0 },
  { &pgm_kill_in_mark, TOOL, OLD, SLOW },
  { &pgm_kill_in_mark, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_mark, STOP, OLD, SLOW },
  { &pgm_kill_in_restore_10, US, OLD, SLOW },
  { &pgm_kill_in_restore_10, TOOL, OLD, SLOW },
  { &pgm_kill_in_restore_10, STOP, OLD, SLOW },
  { &pgm_kill_in_restore_50, US, OLD, 0 },
  { &pgm_kill_in_restore_50, TOOL, OLD, SLOW },
  { &pgm_kill_in_restore_50, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_restore_50, CRASH, OLD, 0 },
  { &pgm_kill_in_restore_50, STOP, OLD, SLOW },
  { &pgm_kill_in_restore_50, STAY_DOWN, OLD, SLOW },
  { &pgm_kill_in_restore_99, US, OLD, SLOW },
  { &pgm_kill_in_restore_99, TOOL, OLD, SLOW },
  { &pgm_kill_in_restore_99, CRASH, OLD, SLOW },
  { &pgm_kill_in_indexes, US, OLD, 0 },
  { &pgm_kill_in_indexes, TOOL, OLD, 0 },
  { &pgm_kill_in_indexes, WORKER, OLD, 0 },
  { &pgm_kill_in_indexes, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_indexes, STOP, OLD, SLOW },
  { &pgm_kill_in_verify, US, OLD, 0 },
  { &pgm_kill_in_verify, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_verify, CRASH, OLD, SLOW },
  { &pgm_kill_in_verify, STOP, OLD, SLOW },
  { &pgm_kill_in_analyze, US, OLD, SLOW },
  { &pgm_kill_in_analyze, TERMINATE, NEW, SLOW },
  { &pgm_kill_in_analyze, CRASH, OLD, SLOW },
  { &pgm_kill_in_analyze, STOP, OLD, SLOW },
  { &pgm_kill_in_settings, US, OLD, 0 },
  { &pgm_kill_in_settings, TOOL, OLD, SLOW },
  { &pgm_kill_in_settings, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_settings, STOP, OLD, SLOW },
  { &pgm_kill_in_swap_begun, US, OLD, SLOW },
  { &pgm_kill_in_swap_begun, TOOL, OLD, SLOW },
  { &pgm_kill_in_swap_begun, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_swap_begun, CRASH, OLD, SLOW },
  { &pgm_kill_in_swap_half, US, OLD, 0 },
  { &pgm_kill_in_swap_half, TOOL, OLD, 0 },
  { &pgm_kill_in_swap_half, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_swap_half, CRASH, OLD, SLOW },
  { &pgm_kill_in_swap_half, STOP, OLD, 0 },
  { &pgm_kill_in_swap_half, STAY_DOWN, OLD, SLOW },
  { &pgm_kill_in_swap_half, US, ABSENT, SLOW | FRESH },
  { &pgm_kill_in_swap_commit, US, NEW, 0 },
  { &pgm_kill_in_swap_commit, TOOL, NEW, 0 },
  { &pgm_kill_in_swap_commit, TERMINATE, NEW, 0 },
  { &pgm_kill_in_swap_commit, CRASH, NEW, SLOW },
  { &pgm_kill_in_swap_commit, STOP, NEW, 0 },
  { &pgm_kill_in_swap_commit, STAY_DOWN, NEW, SLOW },
  { &pgm_kill_in_swap_commit, TOOL, NEW, SLOW | FRESH },
  { &pgm_kill_in_drop, US, NEW, SLOW },
  { &pgm_kill_in_drop, TOOL, NEW, SLOW },
  { &pgm_kill_in_drop, TERMINATE, NEW, SLOW },
  { &pgm_kill_in_drop, CRASH, NEW, SLOW },
  { &pgm_kill_in_drop, STOP, NEW, SLOW },
  { &pgm_kill_in_drop_half, US, NEW, 0 },
  { &pgm_kill_in_drop_half, TOOL, NEW, SLOW },
  { &pgm_kill_in_drop_half, TERMINATE, NEW, SLOW },
  { &pgm_kill_in_drop_half, CRASH, NEW, SLOW },
  { &pgm_kill_in_drop_half, STOP, NEW, SLOW },
  { &pgm_kill_in_clean_up, US, OLD, 0 },
  { &pgm_kill_in_clean_up, TOOL, OLD, SLOW },
  { &pgm_kill_in_clean_up, TERMINATE, OLD, SLOW },
  { &pgm_kill_in_clean_up, STOP, OLD, SLOW },
  { &pgm_kill_in_place_drop, US, OLD, SLOW },
  { &pgm_kill_in_place_drop, TOOL, OLD, SLOW },
  { &pgm_kill_in_place_drop, STOP, OLD, SLOW },
  { &pgm_kill_in_place_mark, US, ABSENT, 0 },
  { &pgm_kill_in_place_mark, TOOL, ABSENT, SLOW },
  { &pgm_kill_in_place_mark, STOP, ABSENT, SLOW },
  { &pgm_kill_in_place_restore, US, HALF, 0 },
  { &pgm_kill_in_place_restore, TOOL, ABSENT, SLOW },
  { &pgm_kill_in_place_restore, CRASH, ABSENT, SLOW },
  { &pgm_kill_in_place_restore, STAY_DOWN, HALF, SLOW },
  { &pgm_kill_in_place_settings, US, HALF, SLOW },
  { &pgm_kill_in_place_settings, TERMINATE, ABSENT, SLOW },
};
/* clang-format on */

static PgmTestServer *servers[2]; /* by PgmSide */
static PgmTestPair *pair;
static char *new_fingerprint;

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
  return servers[self->brake.stop->side];
}

static void
wait_until_ready (PgmTestServer *server)
{
  gint64 deadline_us = g_get_monotonic_time () + READY_LIMIT_US;

  while (pgm_test_server_psql_status (server, NULL, "postgres", "SELECT 1", NULL) != 0)
    {
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
  wait_until_ready (get_server (self));
  pgm_test_wait_until (get_server (self), gone);
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

/* P5: no session is there after ten seconds. */
static void
wait_no_session (void)
{
  gint64 deadline_us = g_get_monotonic_time () + SESSIONS_LIMIT_US;

  while (pgm_test_server_count_sessions (servers[PGM_SIDE_SOURCE], "pgmirror%") > 0 ||
         pgm_test_server_count_sessions (servers[PGM_SIDE_TARGET], "pgmirror%") > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (POLL_US);
    }
}

/* Returns: (transfer full): of a database on the target; "" for none */
static char *
dup_comment (const char *name)
{
  g_autofree char *sql = g_strdup_printf ("SELECT coalesce (shobj_description (oid, 'pg_database'),"
                                          " '') FROM pg_database WHERE datname = '%s'",
                                          name);

  return pgm_test_server_psql (servers[PGM_SIDE_TARGET], "postgres", sql);
}

static gboolean
has_marker (const char *name, const char *state)
{
  g_autofree char *comment = dup_comment (name);
  g_autofree char *part =
      g_strdup_printf ("\"state\":\"%s\",\"of\":\"%s\"", state, PGM_KILL_DATABASE);

  return strstr (comment, "\"pgmirror\":1") != NULL && strstr (comment, part) != NULL;
}

static Content
look (void)
{
  g_autofree char *there = pgm_test_server_psql (
      servers[PGM_SIDE_TARGET], "postgres",
      "SELECT count (*) FROM pg_database WHERE datname = '" PGM_KILL_DATABASE "'");
  g_autofree char *fingerprint = NULL;

  if (g_str_equal (there, "0"))
    return ABSENT;
  if (has_marker (PGM_KILL_DATABASE, "staging"))
    return HALF;
  fingerprint = pgm_test_fingerprint (servers[PGM_SIDE_TARGET], PGM_KILL_DATABASE);
  if (g_str_equal (fingerprint, new_fingerprint))
    return NEW;
  g_assert_cmpstr (fingerprint, ==, pair->old);
  return OLD;
}

/* The program lived: it tells what is true. */
static void
check_report (Scene *self, Content content)
{
  static const char *const states[] = {
    [OLD] = "unchanged", [NEW] = "replaced", [ABSENT] = "dropped", [HALF] = "dropped"
  };
  g_autofree char *errors = pgm_kill_run_dup_errors (self->run);
  const char *state = pgm_kill_run_get_text (self->run, "target_state");
  const char *expected = states[content];

  if (self->c->flags & FRESH)
    expected = content == NEW ? "created" : "unchanged";
  g_assert_cmpint (self->run->status, >=, 0);
  g_assert_nonnull (self->run->report);
  g_assert_null (strstr (errors, "CRITICAL **"));
  g_assert_null (strstr (errors, "WARNING **"));
  g_assert_true (self->run->status != 0 || content == NEW);
  if (self->c->victim != STAY_DOWN || !g_str_equal (state, "unknown"))
    g_assert_cmpstr (state, ==, expected);
}

static gboolean
may_be_unmarked (Scene *self)
{
  const PgmKillMoment *moment = self->c->moment;

  return moment == &pgm_kill_in_create || moment == &pgm_kill_in_mark ||
         moment == &pgm_kill_in_place_mark;
}

/* Who lives, and can reach the server, takes everything away, unless somebody shot at that. */
static gboolean
may_leave (Scene *self)
{
  const PgmKillMoment *moment = self->c->moment;

  return self->c->victim == US || self->c->victim == STAY_DOWN || moment == &pgm_kill_in_drop ||
         moment == &pgm_kill_in_drop_half || moment == &pgm_kill_in_clean_up;
}

static void
check_database (Scene *self, const char *name)
{
  const char *state = strstr (name, "__pgm_") != NULL ? "staging" : "old";
  g_autofree char *comment = dup_comment (name);

  g_test_message ("left: %s", name);
  g_assert_true (may_leave (self));
  g_assert_true (has_marker (name, state) || (may_be_unmarked (self) && g_str_equal (comment, "")));
  if (self->c->victim != US)
    g_assert_true (pgm_kill_run_names (self->run, name));
}

static void
drop_database (const char *name)
{
  g_autofree char *sql = g_strdup_printf ("DROP DATABASE \"%s\" WITH (FORCE)", name);

  pgm_test_do (servers[PGM_SIDE_TARGET], "postgres", sql);
}

static void
check_databases (Scene *self)
{
  g_autofree char *text =
      pgm_test_server_psql (servers[PGM_SIDE_TARGET], "postgres",
                            "SELECT datname FROM pg_database WHERE datname ~ '^" PGM_KILL_DATABASE
                            "__(pgm|old)_[0-9a-f]{8}$'");
  g_auto(GStrv) names = g_strsplit (text, "\n", -1);

  for (gsize i = 0; names[i] != NULL && *names[i] != '\0'; i++)
    {
      check_database (self, names[i]);
      drop_database (names[i]);
    }
}

static void
check_folders (Scene *self)
{
  g_autoptr(GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "pg-mirror-"))
      {
        g_autofree char *path = g_build_filename (g_get_tmp_dir (), name, NULL);

        g_test_message ("left: %s", path);
        if (self->c->victim != US)
          g_assert_true (pgm_kill_run_names (self->run, name));
        pgm_test_remove_tree (path);
      }
}

static void
reset_target (void)
{
  pgm_test_do (servers[PGM_SIDE_TARGET], "postgres",
               "DROP DATABASE IF EXISTS " PGM_KILL_DATABASE " WITH (FORCE);"
               "CREATE DATABASE " PGM_KILL_DATABASE " TEMPLATE kept;"
               "COMMENT ON DATABASE " PGM_KILL_DATABASE " IS 'old';"
               "ALTER DATABASE " PGM_KILL_DATABASE " SET work_mem = '5MB'");
}

static void
set_options (const PgmKillMoment *moment)
{
  g_autofree char *options = g_strconcat (", \"connect_timeout\": 3",
                                          moment->options != NULL ? moment->options : "", NULL);

  pgm_test_pair_set_options (pair, options);
}

static void
begin (Scene *self)
{
  const Case *c = self->c;
  const char *missing = NULL;
  g_autofree char *json = NULL;

  if (c->flags & FRESH)
    drop_database (PGM_KILL_DATABASE);
  set_options (c->moment);
  json = pgm_test_pair_dup_profile (pair);
  pgm_kill_brake_prepare (&self->brake, c->moment);
  self->run = pgm_kill_run_start (json, "mirror", NULL);
  missing = pgm_kill_brake_reach (&self->brake, c->moment);
  if (missing != NULL)
    g_error ("the run never came to %s; it said:\n%s", missing, pgm_kill_run_dup_said (self->run));
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

static void
test_case (gconstpointer data)
{
  Scene self = { .c = data, .brake = { .servers = { servers[0], servers[1] } } };
  Content content = OLD;

  begin (&self);
  strike (&self);
  see_it_through (&self);
  wait_no_session ();
  content = look ();
  describe (&self);
  g_assert_cmpint (content, ==, self.c->expected);
  if (self.c->victim == US)
    g_assert_cmpint (self.run->status, ==, -SIGKILL);
  else
    check_report (&self, content);
  check_databases (&self);
  check_folders (&self);
  g_assert_cmpint (look (), ==, content);
  if (content != OLD)
    reset_target ();
  pgm_test_assert_nothing_left (servers[PGM_SIDE_SOURCE], servers[PGM_SIDE_TARGET]);
  pgm_kill_run_free (self.run);
  g_free (self.sessions);
}

static void
set_up (void)
{
  static const char *const settings[] = { "autovacuum=off", NULL };
  static const PgmTestServerOptions options = { .settings = settings };
  const char *sql = "ALTER DATABASE " PGM_KILL_DATABASE " SET work_mem = '5MB'";

  servers[PGM_SIDE_SOURCE] = pgm_test_server_start ("source", &options);
  servers[PGM_SIDE_TARGET] = pgm_test_server_start ("target", &options);
  pair = pgm_test_pair_new (servers[PGM_SIDE_SOURCE], servers[PGM_SIDE_TARGET], NULL,
                            PGM_KILL_DATABASE, pgm_kill_source_sql);
  pgm_test_do (servers[PGM_SIDE_SOURCE], "postgres", sql);
  pgm_test_do (servers[PGM_SIDE_TARGET], "postgres",
               "CREATE DATABASE kept TEMPLATE " PGM_KILL_DATABASE);
  pgm_test_do (servers[PGM_SIDE_TARGET], "postgres", sql);
  g_free (pair->old);
  pair->old = pgm_test_fingerprint (servers[PGM_SIDE_TARGET], PGM_KILL_DATABASE);
  new_fingerprint = pgm_test_fingerprint (servers[PGM_SIDE_SOURCE], PGM_KILL_DATABASE);
  pgm_kill_brake_set_up (servers[PGM_SIDE_TARGET]);
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
  int status;

  g_assert_cmpint (argc, >=, 2);
  pgm_kill_program = g_canonicalize_filename (argv[1], NULL);
  pgm_test_run_init (&argc, &argv);
  set_up ();
  add_cases ();
  status = g_test_run ();
  pgm_test_pair_free (pair);
  g_free (new_fingerprint);
  pgm_test_server_free (servers[PGM_SIDE_SOURCE]);
  pgm_test_server_free (servers[PGM_SIDE_TARGET]);
  pgm_test_run_end ();
  g_free ((char *) pgm_kill_program);
  return status;
}
