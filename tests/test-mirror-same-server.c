/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Runs that have to stop before they touch anything. */

#include "pgm-test-pair.h"

#include <string.h>

static PgmTestServer *one; /* listens on every way there is */
static PgmTestServer *other;

static char *
profile_json (const char *source_host, const char *target_host, const char *target_more)
{
  guint port = pgm_test_server_get_port (one);

  return g_strdup_printf (
      "{ \"source\": { \"host\": \"%s\", \"port\": %u, \"user\": \"app\", \"password\": \"\","
      "                \"database\": \"shop\" },"
      "  \"target\": { \"host\": \"%s\", \"port\": %u, \"user\": \"app\", \"password\": \"\"%s },"
      "  \"options\": { \"drop_existing\": true } }",
      source_host, port, target_host, port, target_more);
}

static void
test_every_way (void)
{
  const char *hosts[] = { "127.0.0.1", "localhost", pgm_test_server_get_socket_dir (one), "::1" };
  gsize n_hosts = pgm_test_server_has_ipv6 (one) ? 4 : 3;
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autofree char *before = pgm_test_dup_content (one, "shop");

  for (gsize i = 0; i < n_hosts * n_hosts; i++)
    {
      g_autofree char *json = profile_json (hosts[i / n_hosts], hosts[i % n_hosts], "");
      g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);
      g_autofree char *after = pgm_test_dup_content (one, "shop");

      pgm_test_assert_code (run, "same-server");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
      g_assert_cmpstr (after, ==, before);
    }
  pgm_test_assert_nothing_left (one, one);
}

/* Nobody listens there, and nobody is asked for the password. */
static void
test_protected (void)
{
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  const char *json =
      "{ \"source\": { \"host\": \"127.0.0.1\", \"port\": 1, \"user\": \"u\", \"database\": \"d\","
      "                \"password_from\": \"prompt\" },"
      "  \"target\": { \"host\": \"127.0.0.1\", \"port\": 1, \"user\": \"u\","
      "                \"password_from\": \"prompt\", \"protected\": true } }";
  g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);

  pgm_test_assert_code (run, "refused");
  pgm_test_assert_has (run->data->message, "protected");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  g_assert_cmpuint (run->questions->len, ==, 0);
}

/* Everything that a run could change, of the whole server. */
#define FOOTPRINT                                                                      \
  "SELECT string_agg(concat(oid, datname, datacl, datconnlimit, dattablespace,"        \
  "                         shobj_description(oid, 'pg_database')), ' ' ORDER BY oid)" \
  "  FROM pg_database"

static void
test_dry_run (void)
{
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_DRY_RUN };
  static const char *const names[] = { "shop", "only_here" };
  static const char *const plans[] = { "will be replaced", "will be created" };

  pgm_test_do (other, "postgres", "CREATE DATABASE shop OWNER app");
  pgm_test_do (other, "shop", "CREATE TABLE t AS SELECT 'old' AS v");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *json =
          pgm_test_profile_json (one, other, "app", names[i], "{ \"drop_existing\": true }");
      g_autofree char *before = pgm_test_server_psql (other, "postgres", FOOTPRINT);
      g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);
      g_autofree char *after = pgm_test_server_psql (other, "postgres", FOOTPRINT);

      pgm_test_assert_code (run, "ok");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
      g_assert_false (run->data->verified);
      g_assert_cmpuint (run->questions->len, ==, 0);
      g_assert_true (pgm_test_run_logged (run, plans[i]));
      g_assert_cmpstr (after, ==, before);
      pgm_test_assert_nothing_left (one, other);
    }
}

static void
test_check_only (void)
{
  g_autofree char *json =
      pgm_test_profile_json (one, other, "app", "shop", "{ \"drop_existing\": true }");
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_CHECK_ONLY };
  g_autofree char *before = pgm_test_server_psql (other, "postgres", FOOTPRINT);
  g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);
  g_autofree char *after = pgm_test_server_psql (other, "postgres", FOOTPRINT);

  pgm_test_assert_code (run, "ok");
  g_assert_cmpstr (after, ==, before);
  pgm_test_assert_nothing_left (one, other);
}

typedef struct
{
  const char *json;
  PgmTestRun *second; /* started while the first run waits for its answer */
} Rivals;

static void
start_second (PgmQuestion *question, gpointer user_data)
{
  Rivals *rivals = user_data;

  rivals->second = pgm_test_run_start (rivals->json, NULL);
}

/* The one that came first holds the lock while it asks; the other is told at once. */
static void
test_two_runs (void)
{
  g_autofree char *json =
      pgm_test_profile_json (one, other, "app", "shop", "{ \"drop_existing\": true }");
  Rivals rivals = { .json = json };
  const PgmTestRunOptions options = { .question = start_second, .user_data = &rivals };
  g_autoptr(PgmTestRun) first = pgm_test_run_start (json, &options);

  while (rivals.second == NULL)
    g_main_context_iteration (NULL, TRUE);
  pgm_test_run_wait (rivals.second);
  pgm_test_assert_code (rivals.second, "busy");
  pgm_test_assert_has (rivals.second->data->message, "another run");
  g_assert_cmpint (rivals.second->data->target_state, ==, PGM_TARGET_UNCHANGED);
  pgm_question_answer (first->questions->pdata[0], TRUE);
  pgm_test_run_wait (first);
  pgm_test_assert_code (first, "ok");
  pgm_test_run_free (rivals.second);
  pgm_test_assert_equal (one, other, "shop");
  pgm_test_assert_nothing_left (one, other);
}

static guint
count_ended (PgmTestRun *const *runs, gsize n_runs)
{
  guint n = 0;

  for (gsize i = 0; i < n_runs; i++)
    n += runs[i]->result != NULL;
  return n;
}

/* The one that was first cannot end before the others: somebody has the source's table. */
static void
test_started_together (void)
{
  guint n_ok = 0;
  guint n_busy = 0;
  PgmTestRun *runs[4];
  PgmConn *holder = pgm_test_hold (one, NULL, "shop", "BEGIN; LOCK TABLE public.t");
  g_autofree char *json = pgm_test_profile_json (
      one, other, "app", "shop", "{ \"drop_existing\": true, \"lock_wait_timeout\": 300 }");
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };

  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    runs[i] = pgm_test_run_start (json, &options);
  while (count_ended (runs, G_N_ELEMENTS (runs)) < G_N_ELEMENTS (runs) - 1)
    g_main_context_iteration (NULL, TRUE);
  pgm_conn_free (holder);
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      pgm_test_run_wait (runs[i]);
      n_ok += g_str_equal (runs[i]->data->code, "ok");
      n_busy += g_str_equal (runs[i]->data->code, "busy");
    }
  g_assert_cmpuint (n_ok, ==, 1);
  g_assert_cmpuint (n_busy, ==, G_N_ELEMENTS (runs) - 1);
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    pgm_test_run_free (runs[i]);
  pgm_test_assert_equal (one, other, "shop");
  pgm_test_assert_nothing_left (one, other);
}

static gpointer
lock_thread (gpointer data)
{
  pgm_test_server_psql_status (other, "app", "template1",
                               "SELECT pg_advisory_lock(('x' || left(md5('pgmirror:shop'), 16))"
                               "::bit(64)::bigint);"
                               "SET application_name = 'holder'; SELECT pg_sleep(100)",
                               NULL);
  return NULL;
}

/* The lock space is per database: a run that works from another one is seen all the same. */
static void
test_lock_of_another_database (void)
{
  GThread *thread = g_thread_new ("lock", lock_thread, NULL);
  g_autoptr(PgmTestRun) run = NULL;

  while (pgm_test_server_count_sessions (other, "holder") == 0)
    g_usleep (20 * 1000);
  run = pgm_test_mirror (one, other, "app", "shop", "{ \"drop_existing\": true }");
  pgm_test_do (other, "postgres",
               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
               " WHERE application_name = 'holder'");
  g_thread_join (thread);
  pgm_test_assert_code (run, "busy");
  pgm_test_assert_nothing_left (one, other);
}

/* The last test: @other stays a standby, which is good as a source and never as a target. */
static void
test_standby (void)
{
  g_autofree char *signal =
      g_build_filename (pgm_test_server_get_socket_dir (other), "data", "standby.signal", NULL);
  g_autoptr(PgmTestRun) to = NULL;
  g_autoptr(PgmTestRun) from = NULL;

  pgm_test_do (other, "postgres", "CREATE DATABASE there OWNER app");
  pgm_test_do (other, "there", "CREATE TABLE t AS SELECT 1 AS x; GRANT SELECT ON t TO app");
  pgm_test_do (other, "there", "CHECKPOINT");
  pgm_test_server_stop (other);
  g_assert_true (g_file_set_contents (signal, "", 0, NULL));
  pgm_test_server_restart (other);

  to = pgm_test_mirror (one, other, "app", "only_here", NULL);
  pgm_test_assert_code (to, "preflight");
  pgm_test_assert_has (to->data->message, "standby");
  from = pgm_test_mirror (other, one, "app", "there", NULL);
  pgm_test_assert_code (from, "ok");
  g_assert_true (from->data->verified);
  g_assert_cmpuint (from->data->n_rows, ==, 1);
  pgm_test_assert_nothing_left (one, other);
}

/* Of @one: to read there and to write here is to replace what is read. */
static void
test_own_standby (void)
{
  const PgmTestServerOptions following = { .base = one, .follows = TRUE };
  PgmTestServer *standby = pgm_test_server_start ("standby", &following);
  g_autofree char *before = pgm_test_dup_content (one, "shop");
  g_autofree char *after = NULL;
  g_autoptr(PgmTestRun) run =
                 pgm_test_mirror (standby, one, "app", "shop", "{ \"drop_existing\": true }");

  pgm_test_assert_code (run, "same-server");
  pgm_test_assert_has (run->data->message, "is a standby of the target");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  after = pgm_test_dup_content (one, "shop");
  g_assert_cmpstr (after, ==, before);
  pgm_test_server_free (standby);
}

/* A server that was once copied from another goes on by itself, with the same identifier. */
static void
test_standby_of_original (void)
{
  const PgmTestServerOptions following = { .base = one, .follows = TRUE };
  const PgmTestServerOptions copied = { .base = one };
  PgmTestServer *standby = pgm_test_server_start ("standby", &following);
  PgmTestServer *copy = pgm_test_server_start ("copy", &copied);
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (one, "postgres", "CHECKPOINT; SELECT pg_switch_wal()");
  pgm_test_do (one, "shop",
               "CREATE TABLE moves_on AS SELECT i FROM generate_series(1, 9999) i;"
               "GRANT SELECT ON moves_on TO app");
  run = pgm_test_mirror (standby, copy, "app", "shop", "{ \"drop_existing\": true }");
  pgm_test_assert_code (run, "ok");
  g_assert_null (pgm_test_find (run->data->findings, "source-standby"));
  pgm_test_do (one, "shop", "DROP TABLE moves_on");
  pgm_test_server_free (copy);
  pgm_test_server_free (standby);
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions listening = { .listen_tcp = TRUE };
  int status;

  pgm_test_run_init (&argc, &argv);
  one = pgm_test_server_start ("one", &listening);
  other = pgm_test_server_start ("other", NULL);
  pgm_test_do (one, "postgres",
               "CREATE ROLE app LOGIN CREATEDB; CREATE DATABASE shop OWNER app;"
               "CREATE DATABASE only_here OWNER app");
  pgm_test_server_psql_status (one, "app", "shop", "CREATE TABLE t AS SELECT 'new' AS v", NULL);
  pgm_test_do (other, "postgres", "CREATE ROLE app LOGIN CREATEDB");

  g_test_add_func ("/mirror-same-server/every-way", test_every_way);
  g_test_add_func ("/mirror-same-server/protected", test_protected);
  g_test_add_func ("/mirror-same-server/dry-run", test_dry_run);
  g_test_add_func ("/mirror-same-server/check-only", test_check_only);
  g_test_add_func ("/mirror-same-server/two-runs", test_two_runs);
  g_test_add_func ("/mirror-same-server/started-together", test_started_together);
  g_test_add_func ("/mirror-same-server/lock-of-another-database", test_lock_of_another_database);
  g_test_add_func ("/mirror-same-server/own-standby", test_own_standby);
  g_test_add_func ("/mirror-same-server/standby-of-original", test_standby_of_original);
  g_test_add_func ("/mirror-same-server/standby", test_standby);
  status = g_test_run ();

  pgm_test_server_free (one);
  pgm_test_server_free (other);
  pgm_test_run_end ();
  return status;
}
