/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Where a run can be killed. A run is held up by what any other session may do to it: a lock on
 * a catalog or a table that a statement needs, or a gate, which is a function in the source's
 * database that waits while somebody has the advisory lock of that number. That it is there is
 * seen in pg_stat_activity; nothing is left to chance or to a clock. */

#include "pgm-kill-moment.h"

#include "pgm-test-server-private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define REACH_LIMIT_US PGM_TEST_WITHIN_US (30)
#define POLL_US (10 * 1000)

/* Ten tables, of which each passes gate N when its rows arrive, 100 + N when its index is built,
 * and 1100 + N when it is analyzed. Their wide column is outside of the table's own file. */
const char pgm_kill_source_sql[] =
    "CREATE FUNCTION gate (n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$"
    "DECLARE k int := n; BEGIN"
    " IF current_query () LIKE 'ANALYZE%' THEN k := n + 1000; END IF;"
    " WHILE EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory'"
    "   AND classid = 1907 AND objid = k::oid AND objsubid = 2 AND granted)"
    " LOOP PERFORM pg_catalog.pg_sleep (0.02); END LOOP;"
    " RETURN n; END $$;"
    "DO $$ BEGIN FOR i IN 0..9 LOOP"
    " EXECUTE format ('CREATE TABLE t%s (n int CHECK (public.gate (n) = n), wide text)', i);"
    " EXECUTE format ('INSERT INTO t%s SELECT %s, string_agg (md5 (k::text), '''')"
    "                    FROM generate_series (1, 1000) k', i, i);"
    " EXECUTE format ('CREATE INDEX x%s ON t%s (public.gate (n + 100))', i, i);"
    "END LOOP; END $$;";

#define LOCK(table, mode) "BEGIN; LOCK TABLE " table " IN " mode " MODE"
#define GATE(n) "SELECT pg_advisory_lock (1907, " #n ")"
#define WAITS_FOR_LOCK "wait_event_type = 'Lock' AND "
#define WAITS_AT_GATE "wait_event = 'PgSleep' AND "

/* A table's rows are read whole when the index of its wide column can be read. */
#define HOLD_WIDE(table)                                                                 \
  "BEGIN; DO $$ BEGIN EXECUTE (SELECT format ('REINDEX INDEX %s', indexrelid::regclass)" \
  " FROM pg_index WHERE indrelid = (SELECT reltoastrelid FROM pg_class"                  \
  " WHERE relname = '" table "')); END $$"

/* clang-format off */
/* The stop before keeps the run from asking for the sizes of the tables at a bad time. */
#define IN_DUMP(name, table)                                                          \
  { name,                                                                             \
    { { PGM_SIDE_SOURCE, PGM_KILL_BY_SESSION, PGM_KILL_DATABASE,                      \
        LOCK ("pg_catalog.pg_transform", "ACCESS EXCLUSIVE"),                         \
        WAITS_FOR_LOCK "query LIKE '%pg\\_transform%'", 0 },                          \
      { PGM_SIDE_SOURCE, PGM_KILL_BY_SESSION, PGM_KILL_DATABASE, HOLD_WIDE (table),   \
        WAITS_FOR_LOCK "query LIKE 'COPY public." table " %'", 0 } },                 \
    NULL, "pg_dump" }

#define AT_ROWS(n)                                          \
  { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, NULL, GATE (n),   \
    WAITS_AT_GATE "query LIKE 'COPY public.t" #n " %'", 0 }
#define AT_INDEX(n)                                                 \
  { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, NULL, GATE (10 ## n),     \
    WAITS_AT_GATE "query LIKE 'CREATE INDEX x" #n " %'", 0 }
#define AT_STATEMENT(table, statement)                              \
  { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, NULL,                     \
    LOCK ("pg_catalog." table, "SHARE"),                            \
    WAITS_FOR_LOCK "query LIKE '" statement "'", 0 }

#define AT_CREATE AT_STATEMENT ("pg_database", "CREATE DATABASE%")
#define AT_COMMENT AT_STATEMENT ("pg_shdescription", "COMMENT ON DATABASE%")
#define AT_SETTING AT_STATEMENT ("pg_db_role_setting", "ALTER DATABASE % SET %")
#define AT_DROP AT_STATEMENT ("pg_db_role_setting", "DROP DATABASE%")
#define AT_SECOND_RENAME                                            \
  { PGM_SIDE_TARGET, PGM_KILL_BY_VISITOR, "staging", NULL,          \
    "state = 'active' AND query LIKE 'ALTER DATABASE %\\_\\_pgm\\_% RENAME %'", 0 }

#define ONE_JOB ", \"parallel_jobs\": 1"
/* It would wait at the lock on a catalog already. */
#define NO_ANALYZE ", \"analyze\": false"
#define IN_PLACE ONE_JOB NO_ANALYZE ", \"replace\": \"in-place\""

const PgmKillMoment pgm_kill_in_check = {
  "check",
  { { PGM_SIDE_SOURCE, PGM_KILL_BY_SESSION, PGM_KILL_DATABASE,
      LOCK ("pg_catalog.pg_extension", "ACCESS EXCLUSIVE"), WAITS_FOR_LOCK "true", 0 } },
  NULL, NULL
};
const PgmKillMoment pgm_kill_in_dump_10 = IN_DUMP ("dump-10", "t1");
const PgmKillMoment pgm_kill_in_dump_50 = IN_DUMP ("dump-50", "t5");
const PgmKillMoment pgm_kill_in_dump_99 = IN_DUMP ("dump-99", "t9");
const PgmKillMoment pgm_kill_in_create = { "create", { AT_CREATE }, NULL, "psql" };
const PgmKillMoment pgm_kill_in_mark = { "mark", { AT_COMMENT }, NULL, "psql" };
const PgmKillMoment pgm_kill_in_restore_10 =
    { "restore-10", { AT_ROWS (1) }, ONE_JOB, "pg_restore" };
const PgmKillMoment pgm_kill_in_restore_50 =
    { "restore-50", { AT_ROWS (5) }, ONE_JOB, "pg_restore" };
const PgmKillMoment pgm_kill_in_restore_99 =
    { "restore-99", { AT_INDEX (9) }, ONE_JOB, "pg_restore" };
const PgmKillMoment pgm_kill_in_indexes = {
  "indexes",
  { { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, NULL,
      "SELECT pg_advisory_lock (1907, n) FROM generate_series (100, 109) n",
      WAITS_AT_GATE "query LIKE 'CREATE INDEX x%'", 4 } },
  ", \"parallel_jobs\": 4", "pg_restore"
};
const PgmKillMoment pgm_kill_in_verify = {
  "verify",
  { AT_INDEX (9),
    { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, "staging", LOCK ("public.t3", "ACCESS EXCLUSIVE"),
      WAITS_FOR_LOCK "true", 0 } },
  ONE_JOB NO_ANALYZE, NULL
};
const PgmKillMoment pgm_kill_in_analyze = {
  "analyze",
  { { PGM_SIDE_TARGET, PGM_KILL_BY_SESSION, NULL, GATE (1109),
      WAITS_AT_GATE "query LIKE 'ANALYZE%'", 0 } },
  NULL, NULL
};
const PgmKillMoment pgm_kill_in_settings = { "settings", { AT_SETTING }, NO_ANALYZE, "psql" };
const PgmKillMoment pgm_kill_in_swap_begun =
    { "swap-begun", { AT_SETTING, AT_COMMENT }, NO_ANALYZE, "psql" };
const PgmKillMoment pgm_kill_in_swap_half =
    { "swap-half", { AT_SETTING, AT_SECOND_RENAME }, NO_ANALYZE, "psql" };
const PgmKillMoment pgm_kill_in_swap_commit = {
  "swap-commit",
  { AT_SETTING, AT_SECOND_RENAME,
    { PGM_SIDE_TARGET, PGM_KILL_BY_COMMIT, NULL, NULL,
      "wait_event = 'SyncRep' AND query LIKE 'COMMIT%'", 0 } },
  NO_ANALYZE, "psql"
};
const PgmKillMoment pgm_kill_in_drop =
    { "drop", { AT_SETTING, AT_COMMENT, AT_DROP }, NO_ANALYZE, "psql" };
/* By now it is marked as not to be connected to, and its files are there in part. */
const PgmKillMoment pgm_kill_in_drop_half = {
  "drop-half",
  { AT_SETTING, AT_COMMENT,
    { PGM_SIDE_TARGET, PGM_KILL_BY_CHECKPOINTER, NULL, NULL,
      "wait_event LIKE 'Checkpoint%' AND query LIKE 'DROP DATABASE%'", 0 } },
  NO_ANALYZE, "psql"
};
const PgmKillMoment pgm_kill_in_clean_up =
    { "clean-up", { AT_DROP }, NO_ANALYZE ", \"post_sql\": [\"" PGM_KILL_FAILING_SCRIPT "\"]", "psql" };
const PgmKillMoment pgm_kill_in_place_drop =
    { "in-place-drop", { AT_DROP }, IN_PLACE, "psql" };
const PgmKillMoment pgm_kill_in_place_mark =
    { "in-place-mark", { AT_COMMENT }, IN_PLACE, "psql" };
const PgmKillMoment pgm_kill_in_place_rename =
    { "in-place-rename", { AT_DROP, AT_SECOND_RENAME }, IN_PLACE, "psql" };
const PgmKillMoment pgm_kill_in_place_restore =
    { "in-place-restore", { AT_ROWS (5) }, IN_PLACE, "pg_restore" };
const PgmKillMoment pgm_kill_in_place_settings =
    { "in-place-settings", { AT_ROWS (5), AT_SETTING }, IN_PLACE, "psql" };
/* clang-format on */

static PgmTestServer *
get_server (PgmKillBrake *self)
{
  return pgm_kill_servers[self->stop->side];
}

static char *
dup_staging (PgmTestServer *server)
{
  char *name = pgm_test_server_psql (
      server, "postgres", "SELECT datname FROM pg_database WHERE datname ~ '__pgm_[0-9a-f]{8}$'");

  g_assert_cmpstr (name, !=, "");
  return name;
}

static void
hold_by_session (PgmKillBrake *self)
{
  const PgmKillStop *stop = self->stop;
  g_autofree char *staging =
      g_strcmp0 (stop->database, "staging") == 0 ? dup_staging (get_server (self)) : NULL;
  const char *database = staging != NULL          ? staging
                         : stop->database != NULL ? stop->database
                                                  : "postgres";

  self->session = pgm_test_hold (get_server (self), NULL, database, stop->sql);
}

/* Somebody who follows the changes of the copy, and whom a run does not end. */
static void
hold_by_visitor (PgmKillBrake *self)
{
  PgmTestServer *server = get_server (self);
  g_autofree char *staging = dup_staging (server);
  g_autofree char *conninfo = g_strdup_printf ("dbname=%s replication=database", staging);
  g_autofree char *psql = pgm_test_server_dup_program (server, "psql");
  g_autofree char *is_there = g_strdup_printf (
      "EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = '%s')",
      staging);
  g_autoptr(GSubprocessLauncher) launcher = pgm_test_server_new_launcher (
      server, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;

  self->visitor = g_subprocess_launcher_spawn (launcher, &error, psql, "-X", conninfo, NULL);
  g_assert_no_error (error);
  pgm_test_wait_until (server, is_there);
}

static void
end_visitor (GSubprocess *visitor)
{
  g_subprocess_force_exit (visitor);
  g_subprocess_wait (visitor, NULL, NULL);
  g_object_unref (visitor);
}

/* Commits are to wait for a standby that does not exist, but only of sessions that are told to.
 * Before the run, because it takes a moment until the server knows. */
static void
prepare_commits (PgmTestServer *server)
{
  pgm_test_do (server, "postgres",
               "ALTER SYSTEM SET synchronous_commit = 'local'; SELECT pg_reload_conf ();"
               "ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf ()");
}

/* A session that is at a command now takes this over before it begins the next one: the
 * postmaster tells all of them before it lets the next one in. */
static void
make_commits_wait (PgmTestServer *server)
{
  pgm_test_do (server, "postgres",
               "ALTER SYSTEM SET synchronous_commit = 'on'; SELECT pg_reload_conf ()");
  pgm_test_wait_until (server, "current_setting ('synchronous_commit') = 'on'");
}

/* Those that wait, or will, are let go because there is nobody to wait for. */
static void
let_commits_go (PgmTestServer *server)
{
  pgm_test_do (server, "postgres",
               "ALTER SYSTEM SET synchronous_commit = 'local';"
               "ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf ()");
  pgm_test_wait_until (server, "NOT EXISTS (SELECT 1 FROM pg_stat_activity"
                               " WHERE wait_event = 'SyncRep')");
}

static void
stop_checkpointer (PgmKillBrake *self)
{
  g_autofree char *pid =
      pgm_test_server_psql (get_server (self), "postgres",
                            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");

  self->stopped_pid = atoi (pid);
  g_assert_cmpint (kill (self->stopped_pid, SIGSTOP), ==, 0);
}

static void
hold (PgmKillBrake *self, const PgmKillStop *stop)
{
  self->stop = stop;
  switch (stop->hold)
    {
    case PGM_KILL_BY_COMMIT:
      make_commits_wait (get_server (self));
      break;
    case PGM_KILL_BY_CHECKPOINTER:
      stop_checkpointer (self);
      break;
    case PGM_KILL_BY_VISITOR:
      hold_by_visitor (self);
      break;
    case PGM_KILL_BY_SESSION:
    default:
      hold_by_session (self);
      break;
    }
}

static gboolean
is_there (PgmKillBrake *self)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) >= %u FROM pg_stat_activity"
                                          " WHERE application_name LIKE 'pgmirror-%%' AND %s",
                                          MAX (self->stop->n_sessions, 1), self->stop->sessions);
  g_autofree char *answer = pgm_test_server_psql (get_server (self), "postgres", sql);

  return g_str_equal (answer, "t");
}

static gboolean
wait_there (PgmKillBrake *self)
{
  gint64 deadline_us = g_get_monotonic_time () + REACH_LIMIT_US;

  while (!is_there (self))
    {
      if (g_get_monotonic_time () > deadline_us)
        return FALSE;
      g_usleep (POLL_US);
    }
  return TRUE;
}

/* What is remembered here is compared with what is there later.
 *
 * Returns: (transfer full): the sessions of the run that wait at the present stop, by their
 * process numbers, as SQL */
char *
pgm_kill_brake_list_sessions (PgmKillBrake *self)
{
  g_autofree char *sql =
      g_strdup_printf ("SELECT coalesce (string_agg (pid::text, ','), '0') FROM pg_stat_activity"
                       " WHERE application_name LIKE 'pgmirror-%%' AND %s",
                       self->stop->sessions);

  return pgm_test_server_psql (get_server (self), "postgres", sql);
}

/* Before the run is started. */
void
pgm_kill_brake_prepare (PgmKillBrake *self, const PgmKillMoment *moment)
{
  for (gsize i = 0; i < PGM_KILL_MAX_STOPS; i++)
    if (moment->stops[i].hold == PGM_KILL_BY_COMMIT)
      prepare_commits (pgm_kill_servers[moment->stops[i].side]);
  hold (self, &moment->stops[0]);
}

/* Lets the run go on from stop to stop, until it waits at the last one.
 *
 * Returns: (nullable): NULL, or the condition that never came true */
const char *
pgm_kill_brake_reach (PgmKillBrake *self, const PgmKillMoment *moment)
{
  gboolean is_reached = wait_there (self);

  for (gsize i = 1; is_reached && i < PGM_KILL_MAX_STOPS && moment->stops[i].sessions != NULL; i++)
    {
      PgmConn *last = g_steal_pointer (&self->session);
      GSubprocess *last_visitor = g_steal_pointer (&self->visitor);

      hold (self, &moment->stops[i]);
      g_clear_pointer (&last, pgm_conn_free);
      g_clear_pointer (&last_visitor, end_visitor);
      is_reached = wait_there (self);
    }
  return is_reached ? NULL : self->stop->sessions;
}

/* The server has to be up. */
void
pgm_kill_brake_release (PgmKillBrake *self)
{
  if (self->stop == NULL)
    return;
  if (self->stop->hold == PGM_KILL_BY_COMMIT)
    let_commits_go (get_server (self));
  if (self->stopped_pid != 0)
    kill (self->stopped_pid, SIGCONT);
  self->stopped_pid = 0;
  g_clear_pointer (&self->session, pgm_conn_free);
  g_clear_pointer (&self->visitor, end_visitor);
  self->stop = NULL;
}
