/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* P1: the source is only read. Whatever writes, the server gives a transaction number; after a run
 * as superuser, however it ends, the next number is the one that it was before. */

#include "pgm-test-pair.h"

static PgmTestServer *source;
static PgmTestServer *target;

typedef struct
{
  const char *name; /* of the database, too */
  PgmMirrorFlags flags;
  const char *options; /* members of the profile's options */
  const char *sql;     /* (nullable): of the source's database */
  const char *code;
} Case;

static const Case cases[] = {
  { "counts", PGM_MIRROR_ASSUME_YES, "", NULL, "ok" },
  { "full", PGM_MIRROR_ASSUME_YES, ", \"verify\": \"full\"", NULL, "ok" },
  { "owners", PGM_MIRROR_ASSUME_YES, ", \"no_owner\": false, \"no_acl\": false", NULL, "ok" },
  { "filtered", PGM_MIRROR_ASSUME_YES, ", \"exclude_tables\": [ \"nothing*\" ]", NULL, "ok" },
  { "in_place", PGM_MIRROR_ASSUME_YES, ", \"replace\": \"in-place\"", NULL, "ok" },
  { "dry_run", PGM_MIRROR_DRY_RUN, "", NULL, "ok" },
  { "check", PGM_MIRROR_CHECK_ONLY, "", NULL, "ok" },
  { "verify", PGM_MIRROR_VERIFY_ONLY, ", \"verify\": \"full\"", NULL, "differences" },
  { "failing", PGM_MIRROR_ASSUME_YES, "",
    "CREATE FUNCTION fine (int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
    "CREATE TABLE t (i int CHECK (fine (i))); INSERT INTO t VALUES (1);"
    "CREATE OR REPLACE FUNCTION fine (int) RETURNS bool LANGUAGE sql AS 'SELECT false'",
    "restore-failed" },
};

static char *
dup_next_transaction (void)
{
  return pgm_test_server_psql (source, "postgres",
                               "SELECT txid_snapshot_xmax (txid_current_snapshot ())");
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  PgmTestRunOptions options = { .flags = c->flags };
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, c->name, c->sql);
  g_autofree char *before = dup_next_transaction ();
  g_autofree char *profile = NULL;
  g_autofree char *after = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, c->options);
  profile = pgm_test_pair_dup_profile (pair);
  run = pgm_test_run (profile, &options);
  after = dup_next_transaction ();
  pgm_test_assert_code (run, c->code);
  g_assert_cmpstr (after, ==, before);
}

/* What the measure is worth: the same server counts a session that does write. */
static void
test_measure (void)
{
  g_autofree char *before = dup_next_transaction ();
  g_autofree char *after = NULL;

  pgm_test_do (source, "postgres", "CREATE TEMP TABLE t ()");
  after = dup_next_transaction ();
  g_assert_cmpstr (after, !=, before);
}

int
main (int argc, char **argv)
{
  const char *const quiet[] = { "autovacuum=off", NULL };
  const PgmTestServerOptions options = { .settings = quiet };
  int status = 0;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/mirror-source/measure", test_measure);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-source/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
