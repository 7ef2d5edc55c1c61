/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A peer that keeps its connections and says nothing any more ends a run after the profile's
 * stall_timeout, at any step; one that is at work, or slow, does not. */

#include <stdlib.h>
#include <string.h>

#include "pgm-fault-proxy.h"
#include "pgm-test-pair.h"

/* Of the profiles here; the server is asked after that, and the tools get time to end. */
#define STALL_S 2
#define BRIEF "\"connect_timeout\": 2,"
/* For a server that is well: on a busy machine, too, it has to have the time to say so. */
#define PATIENT ", \"connect_timeout\": 60"
#define STALL_LIMIT_US PGM_TEST_WITHIN_US (20)

static PgmTestServer *source;
static PgmTestServer *target;

#define SESSION(what)                                                                    \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'active' AND query LIKE '" what "')"

/* Two megabytes that do not compress. */
#define ROWS                                                                \
  "CREATE TABLE t AS SELECT i, (SELECT string_agg (md5 (i::text || j), '')" \
  "  FROM generate_series (1, 32) j) AS x FROM generate_series (1, 2000) i;"

/* An index and statistics that take some seconds in any session but this one. */
#define SECONDS(sql)                                                                \
  "SET test.fast = 1;"                                                              \
  "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN" \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"                 \
  " PERFORM pg_catalog.pg_sleep (" sql "); END IF; RETURN i; END $$;"               \
  "CREATE TABLE t AS SELECT 1 AS i; CREATE INDEX slow_t ON t (slow (i));"

static PgmFaultProxy *
proxy_for (PgmTestServer *server)
{
  return pgm_fault_proxy_new ("127.0.0.1", pgm_test_server_get_port (server));
}

static void
swallow (PgmFaultProxy *proxy, guint connection)
{
  const PgmFault hole = { PGM_FAULT_HOLE, PGM_FAULT_BOTH, 0, connection };

  pgm_fault_proxy_set (proxy, &hole);
}

static void
let_through (PgmFaultProxy *proxy)
{
  const PgmFault none = { PGM_FAULT_NONE };

  pgm_fault_proxy_set (proxy, &none);
}

/* @of_source, @of_target: (nullable): in the way
 * @more: of the options, after a comma */
static PgmTestRun *
start (PgmTestPair *pair,
       PgmFaultProxy *of_source,
       PgmFaultProxy *of_target,
       const char *more,
       GCancellable *cancellable)
{
  guint16 from =
      of_source != NULL ? pgm_fault_proxy_get_port (of_source) : pgm_test_server_get_port (source);
  guint16 to =
      of_target != NULL ? pgm_fault_proxy_get_port (of_target) : pgm_test_server_get_port (target);
  const char *user = pgm_test_server_get_user (source);
  PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES, .cancellable = cancellable };
  g_autofree char *json = g_strdup_printf (
      "{ \"source\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"%s\","
      "    \"password\": \"\", \"database\": \"%s\" },"
      "  \"target\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"%s\","
      "    \"password\": \"\" },"
      "  \"options\": { \"drop_existing\": true, \"parallel_jobs\": 1, %s"
      "    \"stall_timeout\": %s } }",
      from, user, pair->database, to, user, strstr (more, PATIENT) != NULL ? "" : BRIEF, more);

  return pgm_test_run_start (json, &options);
}

#define STALL_2 G_STRINGIFY (STALL_S)

static void
expect_stalled (PgmTestRun *run, gint64 since_us, const char *part)
{
  pgm_test_run_wait (run);
  g_test_message ("back after %.2f s",
                  (double) (g_get_monotonic_time () - since_us) / G_USEC_PER_SEC);
  pgm_test_assert_code (run, "stalled");
  pgm_test_assert_message (run, part);
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, STALL_LIMIT_US);
}

/* What could not be dropped is named, with the statement that does it. */
static void
drop_as_told (PgmTestRun *run)
{
  const PgmFinding *finding = pgm_test_find (run->data->leftovers, "leftover-staging");

  g_assert_nonnull (finding);
  g_free (pgm_test_server_psql (target, "postgres", strstr (finding->hint, "DROP DATABASE")));
}

/* Nothing comes through any more, new connections included. */
static void
test_dump (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "dump", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmFaultProxy) proxy = proxy_for (source);
  g_autoptr(PgmTestRun) run = start (pair, proxy, NULL, STALL_2, NULL);

  pgm_test_wait_until (source, SESSION ("COPY public.long_dump%"));
  swallow (proxy, 0);
  expect_stalled (run, g_get_monotonic_time (),
                  "stalled while the source was backed up: no byte arrived from the source");
  pgm_test_assert_message (run, "does not answer a new connection");
  pgm_test_pair_assert_old (pair, run);
}

/* Returns: the number of pg_dump's own connection; the lookout's may have come before it or after
 */
static guint
find_dump (PgmFaultProxy *proxy)
{
  g_autofree char *port =
      pgm_test_server_psql (source, "postgres",
                            "SELECT client_port FROM pg_stat_activity"
                            " WHERE state = 'active' AND query LIKE 'COPY public.long_dump%'");
  guint number = pgm_fault_proxy_find (proxy, (guint16) atoi (port));

  g_assert_cmpuint (number, >, 0);
  return number;
}

/* The server is well, and says so to the lookout; what pg_dump reads from carries nothing any more.
 */
static void
test_dump_alone (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "dump_alone", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmFaultProxy) proxy = proxy_for (source);
  g_autoptr(PgmTestRun) run = start (pair, proxy, NULL, STALL_2 ", \"verify\": \"none\"", NULL);

  pgm_test_wait_until (source, SESSION ("COPY public.long_dump%"));
  swallow (proxy, find_dump (proxy));
  expect_stalled (run, g_get_monotonic_time (), "its session waits for us");
  pgm_test_pair_assert_old (pair, run);
}

/* The counting of the source, by a session of our own, the second one: it is slow at first, so
 * that it is at work when its answers stop arriving. */
static void
test_count (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "count", ROWS);
  g_autoptr(PgmFaultProxy) proxy = proxy_for (source);
  const PgmFault slow = { PGM_FAULT_RATE, PGM_FAULT_DOWN, 5000, 2 };
  g_autoptr(PgmTestRun) run = NULL;

  pgm_fault_proxy_set (proxy, &slow);
  run = start (pair, proxy, NULL, STALL_2, NULL);
  pgm_test_run_wait_logged (run, "backing up");
  swallow (proxy, 2);
  expect_stalled (run, g_get_monotonic_time (), "no byte arrived from the source");
  pgm_test_assert_message (run, "its session waits for us");
  pgm_test_pair_assert_old (pair, run);
}

static void
test_restore (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "restore", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmFaultProxy) proxy = proxy_for (target);
  g_autoptr(PgmTestRun) run = start (pair, NULL, proxy, STALL_2, NULL);

  pgm_test_wait_until (target, SESSION ("COPY public.long_dump%"));
  swallow (proxy, 0);
  expect_stalled (run, g_get_monotonic_time (),
                  "stalled while the target was restored: no byte moved between here and the "
                  "target");
  let_through (proxy);
  pgm_test_pair_assert_old (pair, run);
  drop_as_told (run);
}

typedef struct
{
  const char *name; /* of the database, too */
  const char *source_sql;
  const char *condition; /* when this is so on the target, it falls silent */
  const char *message;
} Case;

static const Case cases[] = {
  { "frozen_index", PGM_TEST_ENDLESS_INDEX, SESSION ("CREATE INDEX%"),
    "stalled while the target was restored: " },
};

static void
expect_frozen (PgmTestPair *pair, PgmTestRun *run, const char *condition, const char *message)
{
  pgm_test_wait_until (target, condition);
  pgm_test_freeze (target);
  expect_stalled (run, g_get_monotonic_time (), message);
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_frozen (gconstpointer data)
{
  const Case *c = data;
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, c->name, c->source_sql);
  g_autoptr(PgmTestRun) run = start (pair, NULL, NULL, STALL_2, NULL);

  expect_frozen (pair, run, c->condition, c->message);
}

/* psql, in a script of the user's. */
static void
test_frozen_psql (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("pgm-XXXXXX", &error);
  g_autofree char *script = g_build_filename (folder, "slow.sql", NULL);
  g_autofree char *more = g_strdup_printf (STALL_2 ", \"pre_sql\": [ \"%s\" ]", script);
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "frozen_psql", ROWS);
  g_autoptr(PgmTestRun) run = NULL;

  g_file_set_contents (script, "SELECT pg_sleep (600);", -1, &error);
  g_assert_no_error (error);
  run = start (pair, NULL, NULL, more, NULL);
  expect_frozen (pair, run, SESSION ("SELECT pg_sleep%"),
                 "stalled while the target was restored: ");
  pgm_test_remove_tree (folder);
}

/* Statistics are gathered beside the verification, and another phase may notice first: whichever
 * does, the run ends. */
static void
test_frozen_analyze (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (
      source, target, NULL, "frozen_analyze",
      "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
      " IF pg_catalog.current_query () LIKE 'ANALYZE%' THEN PERFORM pg_catalog.pg_sleep (600);"
      " END IF; RETURN i; END $$; CREATE TABLE t AS SELECT generate_series (1, 9) AS i;"
      "CREATE INDEX ON t (slow (i));");
  g_autoptr(PgmTestRun) run = start (pair, NULL, NULL, STALL_2, NULL);
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("ANALYZE%"));
  pgm_test_freeze (target);
  since_us = g_get_monotonic_time ();
  pgm_test_run_wait (run);
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, STALL_LIMIT_US);
  g_assert_cmpstr (run->data->code, !=, "ok");
  pgm_test_thaw (target);
  drop_as_told (run);
  pgm_test_pair_assert_old (pair, run);
}

/* Ten times the stall time-out, and nothing moves, but the server works. */
static void
test_long_index (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "long_index", SECONDS ("5"));
  g_autoptr(PgmTestRun) run = start (pair, NULL, NULL, "1" PATIENT, NULL);

  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "ok");
  pgm_test_pair_assert_new (pair);
}

/* A slow network is none that stands still, though a whole table comes in one piece. */
static void
test_slow (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "slow", ROWS);
  g_autoptr(PgmFaultProxy) from = proxy_for (source);
  g_autoptr(PgmFaultProxy) to = proxy_for (target);
  const PgmFault rate = { PGM_FAULT_RATE, PGM_FAULT_BOTH, 400 * 1000, 0 };
  g_autoptr(PgmTestRun) run = NULL;

  pgm_fault_proxy_set (from, &rate);
  pgm_fault_proxy_set (to, &rate);
  run = start (pair, from, to, "1" PATIENT, NULL);
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "ok");
  pgm_test_pair_assert_new (pair);
}

/* Who waits for a lock is not stalled; that has a time-out of its own. */
static void
test_lock (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "lock", ROWS);
  g_autoptr(PgmConn) holder = pgm_test_hold (
      source, NULL, pair->database, "BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
  g_autoptr(PgmTestRun) run = start (
      pair, NULL, NULL, "1, \"lock_wait_timeout\": 5, \"verify\": \"none\"" PATIENT, NULL);

  pgm_test_run_wait (run);
  pgm_test_assert_code (run, "dump-failed");
  g_assert_true (pgm_conn_is_alive (holder));
  pgm_test_pair_assert_old (pair, run);
}

/* 0 waits for ever, and can be cancelled. */
static void
test_off (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "off", PGM_TEST_LONG_DUMP);
  g_autoptr(PgmFaultProxy) proxy = proxy_for (source);
  g_autoptr(PgmTestRun) run = start (pair, proxy, NULL, "0", cancellable);
  gint64 until_us = 0;

  pgm_test_wait_until (source, SESSION ("COPY public.long_dump%"));
  swallow (proxy, 0);
  until_us = g_get_monotonic_time () + 6 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (5000);
    }
  g_assert_null (run->result);
  g_cancellable_cancel (cancellable);
  pgm_test_run_wait (run);
  g_assert_cmpint (g_get_monotonic_time () - until_us, <, PGM_TEST_WITHIN_US (5));
  pgm_test_assert_code (run, "cancelled");
  pgm_test_pair_assert_old (pair, run);
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions options = { .listen_tcp = TRUE };
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  g_test_add_func ("/fault-stall/dump", test_dump);
  g_test_add_func ("/fault-stall/dump-alone", test_dump_alone);
  g_test_add_func ("/fault-stall/count", test_count);
  g_test_add_func ("/fault-stall/restore", test_restore);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/fault-stall/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_frozen);
    }
  g_test_add_func ("/fault-stall/frozen-psql", test_frozen_psql);
  g_test_add_func ("/fault-stall/frozen-analyze", test_frozen_analyze);
  g_test_add_func ("/fault-stall/long-index", test_long_index);
  g_test_add_func ("/fault-stall/slow", test_slow);
  g_test_add_func ("/fault-stall/lock", test_lock);
  g_test_add_func ("/fault-stall/off", test_off);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
