/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What others do on either server while a run is at work. */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define DUMP_WAITS                                                                       \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%')"

static void
do_at_once (PgmConn *conn, const char *sql)
{
  g_autoptr(GError) error = NULL;

  pgm_conn_exec_sync (conn, sql, NULL, &error);
  g_assert_no_error (error);
}

#define ROWS "CREATE TABLE t AS SELECT generate_series (1, 1000) AS i"

/* What was begun before the dump and ends while it waits. */
typedef struct
{
  const char *name; /* of the database, too */
  const char *sql;
  const char *code;
} Rewriting;

/* A table that was written anew is empty to every snapshot from before: the dump as well as the
 * count would find no rows. */
static const Rewriting rewritings[] = {
  { "altered", "BEGIN; ALTER TABLE public.t ALTER i TYPE bigint", "dump-failed" },
  { "truncated", "BEGIN; TRUNCATE public.t", "dump-failed" },
  { "exchanged",
    "BEGIN; CREATE TABLE public.u AS TABLE public.t; DROP TABLE public.t;"
    "ALTER TABLE public.u RENAME TO t",
    "dump-failed" },
  { "clustered",
    "BEGIN; CREATE INDEX of_t ON public.t (i); CLUSTER public.t USING of_t; DROP INDEX public.of_t",
    "ok" },
  { "locked", "BEGIN; LOCK TABLE public.t", "ok" },
};

static void
test_rewriting (gconstpointer data)
{
  const Rewriting *c = data;
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, c->name, ROWS);
  g_autoptr(PgmConn) holder = pgm_test_hold (source, NULL, c->name, c->sql);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, NULL);

  pgm_test_wait_until (source, DUMP_WAITS);
  do_at_once (holder, "COMMIT");
  pgm_test_run_wait (run);
  pgm_test_assert_code (run, c->code);
  if (g_str_equal (c->code, "ok"))
    {
      pgm_test_pair_assert_new (pair);
      return;
    }
  pgm_test_assert_message (run, "table \"public.t\" of the source was emptied or written anew");
  pgm_test_pair_assert_old (pair, run);
}

/* Waits, outside of the database, and then needs it. */
#define SCRIPT "SELECT 'waits';\n\\! sleep 2\nSELECT 1;\n"
#define SCRIPT_WAITS                                                                     \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'idle' AND query LIKE '%waits%')"

/* Somebody puts a database of his own in the place of the half-restored one. */
static void
test_made_anew_in_place (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "made_anew", NULL);
  g_autofree char *script = g_build_filename (g_get_tmp_dir (), "waits.sql", NULL);
  g_autofree char *options =
      g_strdup_printf (", \"replace\": \"in-place\", \"pre_sql\": [\"%s\"]", script);
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *found = NULL;

  g_assert_true (g_file_set_contents (script, SCRIPT, -1, NULL));
  pgm_test_pair_set_options (pair, options);
  run = pgm_test_pair_start (pair, NULL);
  pgm_test_wait_until (target, SCRIPT_WAITS);
  pgm_test_do (target, "postgres", "DROP DATABASE made_anew WITH (FORCE)");
  pgm_test_do (target, "postgres", "CREATE DATABASE made_anew");
  pgm_test_do (target, "made_anew", "CREATE TABLE precious AS SELECT 42 AS x");
  pgm_test_run_wait (run);
  g_unlink (script);
  pgm_test_assert_code (run, "script-failed");
  found = pgm_test_server_psql (target, "made_anew", "SELECT x FROM precious");
  g_assert_cmpstr (found, ==, "42");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_DROPPED);
  g_assert_cmpuint (run->data->leftovers->len, ==, 0);
}

int
main (int argc, char **argv)
{
  int status = 0;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rewritings); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-meanwhile/", rewritings[i].name, NULL);

      g_test_add_data_func (path, &rewritings[i], test_rewriting);
    }
  g_test_add_func ("/mirror-meanwhile/made-anew-in-place", test_made_anew_in_place);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
