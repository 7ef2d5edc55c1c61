/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Where a run can be made to stay until something has happened to it. */

#include "pgm-fault-scene.h"

#include <glib/gstdio.h>

#define RUNS "application_name LIKE 'pgmirror-%' AND state = 'active' AND query LIKE "

#define OPEN_GATE "SELECT pg_advisory_lock (" PGM_TEST_GATE ")"

/* Building the index waits at the gate, but for the session that defines it. */
#define GATED_INDEX                                                                         \
  "SET test.fast = 1;"                                                                      \
  "CREATE FUNCTION gate (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"         \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN " PGM_TEST_WAIT_FOR_GATE \
  " END IF; RETURN i; END $$;"                                                              \
  "CREATE TABLE held AS SELECT 2 AS i;"                                                     \
  "CREATE TABLE t AS SELECT 1 AS i; CREATE INDEX gated ON t (gate (i));"

#define PLAIN                                                                        \
  "CREATE TABLE t AS SELECT i, md5 (i::text) AS t FROM generate_series (1, 1000) i;" \
  "GRANT SELECT ON t TO PUBLIC;"

/* Lets go on what waits at the gate. */
void
pgm_fault_open_gate (PgmFaultScene *self)
{
  g_clear_pointer (&self->holder, pgm_conn_free);
  self->holder = pgm_test_hold (pgm_fault_servers[PGM_SIDE_TARGET], NULL, "postgres", OPEN_GATE);
}

static void
prepare_script (PgmFaultScene *self)
{
  g_autoptr(GError) error = NULL;

  self->script = g_build_filename (g_get_tmp_dir (), "gate.sql", NULL);
  g_file_set_contents (self->script, "DO $$ BEGIN " PGM_TEST_WAIT_FOR_GATE " END $$;\n", -1,
                       &error);
  g_assert_no_error (error);
}

/* A table of the new database is locked before the comparison comes to it. */
static void
arrive_in_verify (PgmFaultScene *self)
{
  PgmTestServer *target = pgm_fault_servers[PGM_SIDE_TARGET];
  g_autofree char *staging = NULL;

  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE " RUNS
                               "'CREATE INDEX gated%')");
  staging = pgm_test_server_psql (target, "postgres",
                                  "SELECT datname FROM pg_stat_activity WHERE " RUNS
                                  "'CREATE INDEX gated%'");
  self->holder = pgm_test_hold (
      target, NULL, staging, "BEGIN; LOCK TABLE public.held IN ACCESS EXCLUSIVE MODE;" OPEN_GATE);
}

/* The run's role may not end this session, and the rename waits for it. */
static void
prepare_swap (PgmFaultScene *self)
{
  self->holder =
      pgm_test_hold (pgm_fault_servers[PGM_SIDE_TARGET], NULL, self->pair->database, "SELECT 1");
}

/* As long as that file is there, psql waits with the DROP. */
static char *
dup_bar_path (void)
{
  return g_build_filename (g_get_tmp_dir (), "bar-drop", NULL);
}

static void
depart_from_drop (PgmFaultScene *self)
{
  g_autofree char *path = dup_bar_path ();

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
prepare_drop (PgmFaultScene *self)
{
  g_autofree char *bar = dup_bar_path ();
  g_autofree char *script = g_strdup_printf ("test \"$1\" = --version && exec REAL \"$@\"\n"
                                             "script=$(cat)\n"
                                             "case \"$script\" in *'DROP DATABASE'*)\n"
                                             "while test -e '%s'; do sleep 0.1; done;; esac\n"
                                             "echo \"$script\" | REAL \"$@\"\n",
                                             bar);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (bar, "", 0, &error);
  g_assert_no_error (error);
  self->tools = pgm_test_fake_begin ("psql", script);
}

static void
arrive_in_drop (PgmFaultScene *self)
{
  pgm_test_run_wait_logged (self->run, "DROP DATABASE");
}

const PgmFaultMoment pgm_fault_at_start = {
  .source_sql = PLAIN,
  .role = PGM_FAULT_ROLE,
};

const PgmFaultMoment pgm_fault_in_dump = {
  .side = PGM_SIDE_SOURCE,
  .sessions = RUNS "'COPY public.long_dump%'",
  .source_sql = PGM_TEST_LONG_DUMP,
};

const PgmFaultMoment pgm_fault_in_count = {
  .side = PGM_SIDE_SOURCE,
  .sessions = RUNS "'%hashtext%' AND query NOT LIKE '%pg_stat_activity%'",
  .source_sql = PGM_TEST_LONG_DUMP,
  .options = ", \"verify\": \"full\"",
};

const PgmFaultMoment pgm_fault_in_script = {
  .side = PGM_SIDE_TARGET,
  .sessions = RUNS "'DO $$ BEGIN WHILE%'",
  .source_sql = PLAIN,
  .role = PGM_FAULT_ROLE,
  .prepare = prepare_script,
};

const PgmFaultMoment pgm_fault_in_copy = {
  .side = PGM_SIDE_TARGET,
  .sessions = RUNS "'COPY public.t %'",
  .source_sql = PGM_TEST_ENDLESS_COPY,
};

const PgmFaultMoment pgm_fault_in_index = {
  .side = PGM_SIDE_TARGET,
  .sessions = RUNS "'CREATE INDEX%'",
  .source_sql = PGM_TEST_ENDLESS_INDEX,
};

const PgmFaultMoment pgm_fault_in_verify = {
  .side = PGM_SIDE_TARGET,
  .sessions = RUNS "'%' AND wait_event_type = 'Lock'",
  .source_sql = GATED_INDEX,
  .options = ", \"analyze\": false",
  .arrive = arrive_in_verify,
};

const PgmFaultMoment pgm_fault_in_swap = {
  .side = PGM_SIDE_TARGET,
  .sessions = RUNS "'ALTER DATABASE%RENAME%'",
  .source_sql = PLAIN,
  .role = PGM_FAULT_ROLE,
  .prepare = prepare_swap,
};

const PgmFaultMoment pgm_fault_in_drop = {
  .side = PGM_SIDE_TARGET,
  .source_sql = PLAIN,
  .role = PGM_FAULT_ROLE,
  .prepare = prepare_drop,
  .arrive = arrive_in_drop,
  .depart = depart_from_drop,
};
