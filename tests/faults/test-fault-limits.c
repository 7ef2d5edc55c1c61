/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Limits of roles, databases, disks and processes, and data that cannot be read. */

#include "pgm-fault-words.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Four tables with an index each that takes a moment, so that some job is idle for a while. */
#define SLOWLY                                                                         \
  "SET test.fast = 1;"                                                                 \
  "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"    \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"                    \
  " PERFORM pg_catalog.pg_sleep (1.5); END IF; RETURN i; END $$;"                      \
  "DO $$ BEGIN FOR i IN 1..4 LOOP EXECUTE format ('CREATE TABLE t%s AS SELECT 1 AS i;" \
  " CREATE INDEX ON t%s (slow (i)); GRANT SELECT ON t%s TO PUBLIC', i, i, i); END LOOP; END $$;"

/* Sets something for the run's role, on both servers. */
static void
alter_role (PgmFaultScene *self, const char *how)
{
  g_autofree char *sql = g_strconcat ("ALTER ROLE " PGM_FAULT_ROLE " ", how, NULL);

  pgm_test_do (pgm_fault_servers[SOURCE], "postgres", sql);
  pgm_test_do (pgm_fault_servers[TARGET], "postgres", sql);
}

/* What the run needs less than, and the preflight could not know. */
static void
limit_role_to_3 (PgmFaultScene *self)
{
  self->undo = g_strdup ("ALTER ROLE " PGM_FAULT_ROLE " CONNECTION LIMIT -1");
  alter_role (self, "CONNECTION LIMIT 3");
  pgm_fault_open_gate (self);
}

static void
limit_role_to_1 (PgmFaultScene *self)
{
  self->undo = g_strdup ("ALTER ROLE " PGM_FAULT_ROLE " CONNECTION LIMIT -1");
  alter_role (self, "CONNECTION LIMIT 1");
  pgm_fault_open_gate (self);
}

static void
limit_database (PgmFaultScene *self)
{
  pgm_test_do (
      pgm_fault_servers[TARGET], "postgres",
      "DO $$ BEGIN EXECUTE (SELECT format ('ALTER DATABASE %I CONNECTION LIMIT 0', datname)"
      " FROM pg_database WHERE datname LIKE '%\\_\\_pgm\\_%'); END $$");
  pgm_fault_open_gate (self);
}

/* Longer than a busy machine takes from the login to the first word, and shorter than a step. */
static void
set_time_outs (PgmFaultScene *self)
{
  static const char *const names[] = { "statement_timeout", "lock_timeout",
                                       "idle_in_transaction_session_timeout",
                                       "idle_session_timeout" };

  self->undo = g_strdup ("ALTER ROLE " PGM_FAULT_ROLE " RESET ALL");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *how = g_strdup_printf ("SET %s = '1s'", names[i]);

      alter_role (self, how);
    }
}

static void
set_read_only (PgmFaultScene *self)
{
  self->undo = g_strdup ("ALTER ROLE " PGM_FAULT_ROLE " RESET ALL");
  alter_role (self, "SET default_transaction_read_only = on");
}

/* Four bytes of the second page of a table are other ones. */
static void
corrupt_page (PgmFaultScene *self)
{
  PgmTestServer *source = pgm_fault_servers[SOURCE];
  g_autofree char *path =
      pgm_test_server_psql (source, self->pair->database,
                            "SELECT setting || '/' || pg_relation_filepath ('t') FROM pg_settings"
                            " WHERE name = 'data_directory'");
  int fd = -1;

  pgm_test_do (source, "postgres", "CHECKPOINT");
  pgm_test_server_shut_down (source);
  fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  g_assert_cmpint (pwrite (fd, "oops", 4, 8192 + 4000), ==, 4);
  g_assert_true (g_close (fd, NULL));
  pgm_test_server_restart (source);
}

/* Of a pg_restore that is given a database; others are left alone. */
#define INSTEAD_OF_RESTORE(command) \
  "case \"$*\" in *--dbname=*) exec " command ";; *) exec REAL \"$@\";; esac\n"

/* The kernel refuses to fork: to a user who has too many processes, and to root by way of a
 * debugger. */
static void
refuse_forks (PgmFaultScene *self)
{
  self->tools = pgm_test_fake_begin (
      "pg_restore",
      geteuid () == 0
          ? INSTEAD_OF_RESTORE ("strace -f -qq -o /dev/null -e trace=clone,clone3,fork,vfork"
                                " -e inject=clone,clone3,fork,vfork:error=EAGAIN REAL \"$@\"")
          : INSTEAD_OF_RESTORE ("prlimit --nproc=1 REAL \"$@\""));
}

/* Runs pg_dump so that what the kernel is asked for by way of @call fails. */
#define STRACE(call, fault, more)                                                        \
  "for arg; do case $arg in --file=*) file=${arg#--file=};; esac; done\n"                \
  "test -n \"$file\" || exec REAL \"$@\"\n"                                              \
  "exec strace -f -qq -o /dev/null -e trace=" call " -e inject=" call ":" fault " " more \
  " REAL \"$@\"\n"

static void
fail_write (PgmFaultScene *self)
{
  self->tools =
      pgm_test_fake_begin ("pg_dump", STRACE ("write", "error=ENOSPC:when=2+", "-P \"$file\""));
}

static void
fail_receive (PgmFaultScene *self)
{
  self->tools =
      pgm_test_fake_begin ("pg_dump", STRACE ("recvfrom", "error=ECONNRESET:when=40+", ""));
}

/* clang-format off */
static const PgmFaultCase cases[] = {
  { "c10-role-limit", &pgm_fault_in_script, TARGET, limit_role_to_3, { 0 }, JOBS_4, "restore-failed", "too many connections for role", OLD, NULL, 0, SLOWLY },
  { "c10-role-full", &pgm_fault_in_script, TARGET, limit_role_to_1, { 0 }, JOBS_4, "restore-failed", "too many connections for role", OLD, STAGING },
  { "c10-database-limit", &pgm_fault_in_script, TARGET, limit_database, { 0 }, JOBS_4, "restore-failed", "too many connections for database", OLD },
  { "c16-read-only", &pgm_fault_at_start, TARGET, set_read_only, { 0 }, NULL, "ok", "mirrored and verified", NEW },
  { "c17-time-outs", &pgm_fault_at_start, TARGET, set_time_outs, { 0 }, JOBS_4, "ok", "mirrored and verified", NEW, NULL, 0, SLOWLY },
  { "d11-corrupt-page", &pgm_fault_at_start, SOURCE, corrupt_page, { 0 }, NULL, "dump-failed", "invalid page in block 1 of relation", OLD },
};

/* For these the kernel has to refuse something. */
static const PgmFaultCase fork_cases[] = {
  { "r10-no-fork", &pgm_fault_at_start, TARGET, refuse_forks, { 0 }, NULL, "restore-failed", "could not create worker process", OLD },
};

static const PgmFaultCase strace_cases[] = {
  { "d15-write", &pgm_fault_at_start, SOURCE, fail_write, { 0 }, NULL, "dump-failed", "No space left on device", OLD },
  { "d15-receive", &pgm_fault_at_start, SOURCE, fail_receive, { 0 }, NULL, "dump-failed", "connection", OLD },
};
/* clang-format on */

/* Whether a program can be made to fail: debugging may not be permitted. */
static gboolean
has_strace (void)
{
  static const char *const argv[] = { "strace", "-qq", "-o", "/dev/null", "true", NULL };
  g_autoptr(GSubprocess) process =
                 g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);

  return process != NULL && g_subprocess_wait_check (process, NULL, NULL);
}

static gboolean
mount_wal (const char *path, const char *size, unsigned long flags)
{
  struct passwd *nobody = getpwnam ("nobody");
  g_autofree char *data =
      g_strdup_printf ("size=%s,mode=0700,uid=%u", size, nobody != NULL ? nobody->pw_uid : 0);

  return mount ("tmpfs", path, "tmpfs", flags, data) == 0;
}

/* The disk of the target's write-ahead log runs full: the server ends itself. */
static void
test_wal_full (void)
{
  PgmTestServer *source = pgm_fault_servers[SOURCE];
  g_autofree char *path = g_dir_make_tmp ("wal-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (path, "pg_wal", NULL);
  g_autofree char *waldir = g_strconcat ("--waldir=", folder, NULL);
  const char *const initdb_args[] = { waldir, "--wal-segsize=1", NULL };
  const char *const settings[] = { "min_wal_size=2MB", "max_wal_size=1GB", "wal_level=replica",
                                   NULL };
  const PgmTestServerOptions options = { .initdb_args = initdb_args, .settings = settings };
  PgmTestServer *target = NULL;
  g_autoptr(PgmTestPair) pair = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  if (!mount_wal (path, "40m", 0))
    {
      g_rmdir (path);
      g_test_message ("mounting a file system is not permitted");
      return;
    }
  target = pgm_test_server_start ("wal", &options);
  pair = pgm_test_pair_new (source, target, NULL, "r04_wal_full",
                            "CREATE TABLE t AS SELECT i, repeat (md5 (i::text), 30) AS t"
                            "  FROM generate_series (1, 60000) i");
  pgm_test_pair_set_options (pair, ", \"connect_timeout\": 3");
  run = pgm_test_pair_run (pair);
  g_test_message ("%s: %s", run->data->code, run->data->message);
  g_assert_true (mount_wal (path, "400m", MS_REMOUNT));
  pgm_test_server_restart (target);
  pgm_test_assert_code (run, "restore-failed");
  for (guint i = 0; i < run->data->leftovers->len; i++)
    {
      const PgmFinding *finding = run->data->leftovers->pdata[i];

      pgm_test_do (target, "postgres", strstr (finding->hint, "DROP DATABASE"));
    }
  pgm_test_pair_assert_old (pair, run);
  g_clear_pointer (&run, pgm_test_run_free);
  g_clear_pointer (&pair, pgm_test_pair_free);
  pgm_test_server_free (target);
  g_assert_cmpint (umount (path), ==, 0);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

int
main (int argc, char **argv)
{
  static const char *const initdb_args[] = { "--data-checksums", NULL };
  const PgmTestServerOptions options = { .initdb_args = initdb_args };
  gboolean can_trace = has_strace ();

  pgm_fault_init (&argc, &argv, &options);
  pgm_fault_add ("fault-limits", cases, G_N_ELEMENTS (cases));
  if (can_trace || geteuid () != 0)
    pgm_fault_add ("fault-limits", fork_cases, G_N_ELEMENTS (fork_cases));
  if (can_trace)
    pgm_fault_add ("fault-limits", strace_cases, G_N_ELEMENTS (strace_cases));
  if (geteuid () == 0)
    g_test_add_func ("/fault-limits/r04-wal-full", test_wal_full);
  return pgm_fault_end (g_test_run ());
}
