/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What others do on either server while a run is at work. */

#include "pgm-test-pair.h"

static PgmTestServer *source;
static PgmTestServer *target;

#define DUMP_WAITS                                                                       \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%')"

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
  g_autoptr(GError) error = NULL;

  pgm_test_wait_until (source, DUMP_WAITS);
  pgm_conn_exec_sync (holder, "COMMIT", NULL, &error);
  g_assert_no_error (error);
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
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
