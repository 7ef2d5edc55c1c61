/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Runs that fail because a tool does: each says why in one line, leaves the target's database as
 * it was, and nothing else. */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

static PgmTestServer *source;
static PgmTestServer *target;

/* Not compressible: a row in the archive takes about as much as it says. */
#define RANDOM_ROWS(n)                                                                   \
  "CREATE TABLE heavy AS SELECT i, md5 (random ()::text) || md5 (random ()::text) AS a," \
  " md5 (random ()::text) || md5 (random ()::text) AS b FROM generate_series (1, " n ") i;"

typedef struct
{
  const char *name; /* of the database, too */
  const char *role; /* (nullable) */
  const char *source_sql;
  const char *options; /* (nullable) */
  const char *code;
  const char *message; /* a part of it */
} Case;

static const Case cases[] = {
  /* the target lacks the role */
  { "policy", NULL,
    "CREATE TABLE t (i int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY mine ON t TO tenant USING (true);",
    NULL, "preflight", "missing on the target: tenant" },
  /* works only with the search_path of whoever made it, which is not that of 17 for an index */
  { "search_path", NULL,
    "CREATE FUNCTION helper (int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
    "CREATE FUNCTION f (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_setting ('test.path', true) IS NOT NULL THEN"
    " RETURN public.helper (i); END IF; RETURN helper (i); END $$; SET test.path = 1;"
    "CREATE TABLE t AS SELECT 1 AS i; CREATE INDEX by_f ON t (f (i));",
    NULL, "restore-failed", "function helper(integer) does not exist" },
  /* true only once another table has its rows */
  { "constraint", NULL,
    "CREATE TABLE later (i int); INSERT INTO later VALUES (1);"
    "CREATE FUNCTION known (i int) RETURNS boolean LANGUAGE sql"
    " AS 'SELECT EXISTS (SELECT 1 FROM public.later l WHERE l.i = $1)';"
    "CREATE TABLE early (i int CONSTRAINT is_known CHECK (known (i)));"
    "INSERT INTO early VALUES (1);",
    ", \"parallel_jobs\": 1", "restore-failed", "violates check constraint \"is_known\"" },
  { "denied", "lim", "CREATE TABLE closed (i int);", NULL, "preflight",
    "public.closed; run on the source: GRANT SELECT" },
  { "row_security", "lim",
    "CREATE TABLE t (i int); GRANT SELECT ON t TO lim; ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
    NULL, "preflight", "row-level security" },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, c->role, c->name, c->source_sql);
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, c->options != NULL ? c->options : "");
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, c->code);
  pgm_test_assert_message (run, c->message);
  pgm_test_pair_assert_old (pair, run);
}

/* Who holds the dump up is told while it waits, and at the end, with what ends it; @role runs. */
static void
assert_locked (const char *role, const char *database)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (
      source, target, role, database, "CREATE TABLE t (i int); GRANT SELECT ON t TO PUBLIC");
  g_autoptr(PgmConn) holder = pgm_test_hold (
      source, NULL, database,
      "SET application_name = 'the holder'; BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
  g_autofree char *session = g_strdup_printf ("session %d (", pgm_conn_get_pid (holder));
  g_autofree char *cure =
      g_strdup_printf ("SELECT pg_terminate_backend(%d)", pgm_conn_get_pid (holder));
  g_autoptr(PgmTestRun) run = NULL;
  gint64 begun_us = g_get_monotonic_time ();
  const PgmFinding *finding = NULL;

  pgm_test_pair_set_options (pair, ", \"lock_wait_timeout\": 3");
  run = pgm_test_pair_run (pair);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (12));
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "table \"public.t\" of the source stayed locked for 3 s");
  pgm_test_assert_message (run, session);
  pgm_test_assert_message (run, "application \"the holder\"");
  g_assert_true (pgm_test_run_logged (run, "waiting for a lock on table \"public.t\""));
  finding = pgm_test_find (run->data->findings, "lock-wait");
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->hint, cure);
  g_assert_null (strstr (finding->message, "LOCK TABLE"));
  g_assert_true (pgm_conn_is_alive (holder));
  pgm_test_pair_assert_old (pair, run);
}

static void
test_locked (void)
{
  assert_locked (NULL, "locked");
}

/* A plain role sees less of others' sessions. */
static void
test_locked_for_plain_role (void)
{
  assert_locked ("lim", "locked_plain");
}

/* A file system of @megabytes that the servers may write to.
 *
 * Returns: (transfer full) (nullable): NULL after skipping the test */
static char *
mount_small (guint megabytes)
{
  g_autofree char *path = g_dir_make_tmp ("small-XXXXXX", NULL);
  struct passwd *nobody = getpwnam ("nobody"); /* who the servers run as for root */
  g_autofree char *data = g_strdup_printf ("size=%um,mode=0700,uid=%u", megabytes,
                                           nobody != NULL ? nobody->pw_uid : geteuid ());

  g_assert_nonnull (path);
  if (mount ("tmpfs", path, "tmpfs", 0, data) == 0)
    return g_steal_pointer (&path);
  g_rmdir (path);
  g_test_skip ("mounting a file system is not permitted");
  return NULL;
}

static void
unmount_small (const char *path)
{
  g_assert_cmpint (umount (path), ==, 0);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
test_target_disk_full (void)
{
  g_autofree char *small = mount_small (40);
  g_autofree char *sql = g_strdup_printf ("CREATE TABLESPACE small LOCATION '%s';"
                                          "ALTER DATABASE target_disk_full SET TABLESPACE small",
                                          small);
  g_autoptr(PgmTestPair) pair = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  if (small == NULL)
    return;
  pair = pgm_test_pair_new (source, target, NULL, "target_disk_full", RANDOM_ROWS ("300000"));
  g_free (pgm_test_server_psql (target, "postgres", sql));
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "restore-failed");
  pgm_test_assert_message (run, "No space left on device");
  pgm_test_pair_assert_old (pair, run);
  g_free (pgm_test_server_psql (target, "postgres",
                                "DROP DATABASE target_disk_full; DROP TABLESPACE small;"
                                "CREATE DATABASE target_disk_full"));
  unmount_small (small);
}

static void
test_temp_dir_full (void)
{
  g_autofree char *small = mount_small (4);
  g_autofree char *option = g_strdup_printf (", \"temp_dir\": \"%s\"", small);
  g_autoptr(PgmTestPair) pair = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  if (small == NULL)
    return;
  pair = pgm_test_pair_new (source, target, NULL, "temp_dir_full", RANDOM_ROWS ("60000"));
  pgm_test_pair_set_options (pair, option);
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "No space left on device");
  pgm_test_pair_assert_old (pair, run);
  unmount_small (small); /* would be busy if a file were open */
}

/* As a full disk for whoever may not mount one: the kernel ends the tool. */
static void
test_file_too_large (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "file_too_large", RANDOM_ROWS ("60000"));
  g_autoptr(PgmTestRun) run = NULL;
  struct rlimit before = { 0 };
  struct rlimit low = { 0 };

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  low = (struct rlimit){ 1024 * 1024, before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  run = pgm_test_pair_run (pair);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "pg_dump was ended by signal");
  pgm_test_pair_assert_old (pair, run);
}

typedef struct
{
  const char *name;
  const char *tool;
  const char *script;
  const char *code;
  const char *message; /* a part of it */
} FakeCase;

/* What a fake pg_restore does in place of restoring; it lists and checks as the real one. */
#define INSTEAD_OF_RESTORE(action) \
  "case \"$*\" in *--dbname=*) " action ";; *) exec REAL \"$@\";; esac\n"

/* Runs the real pg_dump, then does something to its file. */
#define AFTER_DUMP(action)                                                \
  "REAL \"$@\" || exit\n"                                                 \
  "for arg; do case $arg in --file=*) file=${arg#--file=};; esac; done\n" \
  "test -z \"$file\" && exit\n" action "\nexit 0\n"

static const FakeCase fake_cases[] = {
  { "archive_cut", "pg_dump", AFTER_DUMP ("truncate -s -2000 \"$file\""), "dump-failed",
    "the archive is damaged: " },
  { "archive_empty", "pg_dump", AFTER_DUMP (": > \"$file\""), "dump-failed",
    "pg_restore cannot read the archive's table of contents" },
  { "archive_gone", "pg_dump", AFTER_DUMP ("rm \"$file\""), "dump-failed",
    "pg_restore cannot read the archive's table of contents" },
  { "archive_altered", "pg_dump",
    AFTER_DUMP ("printf 'xxxx' | dd of=\"$file\" bs=1 conv=notrunc status=none"
                " seek=$(($(stat -c %s \"$file\") - 3000))"),
    "dump-failed", "the archive is damaged: " },
  { "dump_silent", "pg_dump", "case $1 in --version) exec REAL \"$@\";; esac\nexit 1\n",
    "dump-failed", "pg_dump failed: pg_dump did not say why" },
  { "restore_silent", "pg_restore", INSTEAD_OF_RESTORE ("exit 1"), "restore-failed",
    "pg_restore failed: pg_restore did not say why" },
  { "restore_killed", "pg_restore", INSTEAD_OF_RESTORE ("kill -SEGV $$"), "restore-failed",
    "pg_restore was ended by signal 11" },
  /* a verdict is not to be read out of words */
  { "words_of_failure", "pg_dump",
    AFTER_DUMP ("echo 'pg_dump: error: FATAL: PANIC: it is all over' >&2; echo 'ERROR: 1' >&2"),
    "ok", "was mirrored and verified" },
};

static void
test_fake (gconstpointer data)
{
  const FakeCase *c = data;
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, c->name, RANDOM_ROWS ("2000"));
  char *folder = pgm_test_fake_begin (c->tool, c->script);
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);

  pgm_test_fake_end (folder);
  pgm_test_assert_code (run, c->code);
  pgm_test_assert_message (run, c->message);
  if (g_str_equal (c->code, "ok"))
    pgm_test_pair_assert_new (pair);
  else
    pgm_test_pair_assert_old (pair, run);
}

/* What is going to be dropped first stays as long as the archive was not read to its end. */
static void
test_damaged_in_place (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, "damaged_in_place", RANDOM_ROWS ("2000"));
  char *folder = pgm_test_fake_begin ("pg_dump", AFTER_DUMP ("truncate -s -2000 \"$file\""));
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, ", \"replace\": \"in-place\"");
  run = pgm_test_pair_run (pair);
  pgm_test_fake_end (folder);
  pgm_test_assert_code (run, "dump-failed");
  pgm_test_assert_message (run, "the archive is damaged: ");
  pgm_test_pair_assert_old (pair, run);
}

/* One that is older than the source is passed over. */
static void
test_old_tool (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "old_tool", NULL);
  char *folder = pgm_test_fake_begin ("pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'\n");
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);

  pgm_test_fake_end (folder);
  pgm_test_assert_code (run, "ok");
  pgm_test_pair_assert_new (pair);
}

/* Names and messages that look like a tool's errors. */
static void
test_forged_words (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (
      source, target, NULL, "forged_words",
      "CREATE TABLE \"ERROR\" AS SELECT 1 AS \"pg_restore: error: FATAL\";"
      "CREATE TABLE \"x\npg_restore: error: could not execute query: ERROR:  no\" AS SELECT 2 AS "
      "i;");
  g_autoptr(PgmTestRun) run = NULL;

  g_free (pgm_test_server_psql (
      target, pair->database,
      "DROP TABLE old_rows; CREATE FUNCTION warn () RETURNS event_trigger LANGUAGE plpgsql AS"
      " $$ BEGIN RAISE WARNING E'x\npg_restore: error: could not execute query: ERROR:  forged'; "
      "END"
      " $$; CREATE EVENT TRIGGER warns ON ddl_command_end EXECUTE FUNCTION warn ()"));
  g_free (pair->options);
  pair->options = g_strdup ("{}");
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_FILLED);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_free (pgm_test_server_psql (source, "postgres", "CREATE ROLE tenant; CREATE ROLE lim LOGIN"));
  g_free (pgm_test_server_psql (target, "postgres", "CREATE ROLE lim LOGIN CREATEDB"));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-failure/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fake_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-failure/", fake_cases[i].name, NULL);

      g_test_add_data_func (path, &fake_cases[i], test_fake);
    }
  g_test_add_func ("/mirror-failure/locked", test_locked);
  g_test_add_func ("/mirror-failure/locked-for-plain-role", test_locked_for_plain_role);
  g_test_add_func ("/mirror-failure/target-disk-full", test_target_disk_full);
  g_test_add_func ("/mirror-failure/temp-dir-full", test_temp_dir_full);
  g_test_add_func ("/mirror-failure/file-too-large", test_file_too_large);
  g_test_add_func ("/mirror-failure/damaged-in-place", test_damaged_in_place);
  g_test_add_func ("/mirror-failure/old-tool", test_old_tool);
  g_test_add_func ("/mirror-failure/forged-words", test_forged_words);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
