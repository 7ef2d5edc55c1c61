/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The first, the second, the third … call of one kind fails, in the program or in one of its
 * tools, until a run comes to its end without it. Every time the target holds the complete old or
 * the complete new database, the report tells which, and nothing is left that it does not name.
 * argv[1] is the program, argv[2] what is preloaded into it (fail-nth.c). */

#include "fail-nth.h"
#include "pgm-kill-target.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_CALLS 5000

static const char *shim;
static char *state_path;
static FailState *state;

/* In whom a call fails. */
typedef enum
{
  US,
  PG_DUMP,
  PG_RESTORE,
  PSQL,
  N_PLACES
} Place;

typedef struct
{
  const char *name;
  FailKind kind;
  Place place;
  guint n_samples; /* where not all are tried */
} Loop;

static const char *const tools[] = { NULL, "pg_dump", "pg_restore", "psql" }; /* by Place */

static const Loop loops[] = {
  { "connect", FAIL_CONNECT, US, 3 },
  { "socket", FAIL_SOCKET, US, 1 },
  { "send", FAIL_SEND, US, 4 },
  { "recv", FAIL_RECV, US, 4 },
  { "pipe-read", FAIL_PIPE_READ, US, 3 },
  { "pipe-write", FAIL_PIPE_WRITE, US, 3 },
  { "file-write", FAIL_FILE_WRITE, US, 2 },
  { "open", FAIL_OPEN, US, 2 },
  { "fsync", FAIL_FSYNC, US, 1 },
  { "rename", FAIL_RENAME, US, 1 },
  { "mkdir", FAIL_MKDIR, US, 1 },
  { "remove", FAIL_REMOVE, US, 2 },
  { "fork", FAIL_FORK, US, 3 },
  { "pg_dump/connect", FAIL_CONNECT, PG_DUMP, 1 },
  { "pg_dump/send", FAIL_SEND, PG_DUMP, 1 },
  { "pg_dump/recv", FAIL_RECV, PG_DUMP, 2 },
  { "pg_restore/connect", FAIL_CONNECT, PG_RESTORE, 1 },
  { "pg_restore/send", FAIL_SEND, PG_RESTORE, 2 },
  { "pg_restore/recv", FAIL_RECV, PG_RESTORE, 2 },
  { "psql/connect", FAIL_CONNECT, PSQL, 2 },
  { "psql/send", FAIL_SEND, PSQL, 3 },
  { "psql/recv", FAIL_RECV, PSQL, 3 },
};

static const char source_sql[] =
    "CREATE TABLE t AS SELECT i, md5 (i::text) AS x FROM generate_series (1, 100) i;"
    "CREATE INDEX ON t (x); SELECT lo_create (4711);";

static void
open_state (void)
{
  int fd = -1;

  state_path = g_build_filename (g_get_tmp_dir (), "fail-state", NULL);
  fd = g_open (state_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof (FailState)), ==, 0);
  state = mmap (NULL, sizeof (FailState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (state != MAP_FAILED);
  close (fd);
}

static void
close_state (void)
{
  munmap (state, sizeof (FailState));
  g_unlink (state_path);
  g_free (state_path);
}

/* Returns: (transfer full): the folder of tools of which one counts, for pgm_test_fake_end() */
static char *
begin_tool (const char *tool)
{
  g_autofree char *script =
      g_strdup_printf ("test \"$1\" != --version || exec REAL \"$@\"\n"
                       "PGM_FAIL_STATE='%s' LD_PRELOAD='%s' exec REAL \"$@\"\n",
                       state_path, shim);

  return pgm_test_fake_begin (tool, script);
}

/* @at: 0: nothing fails */
static PgmKillRun *
run_with (const Loop *loop, guint at)
{
  g_autofree char *json = pgm_test_pair_dup_profile (pgm_kill_pair);
  g_autofree char *path = g_strconcat ("PGM_FAIL_STATE=", state_path, NULL);
  g_autofree char *preload = g_strconcat ("LD_PRELOAD=", shim, NULL);
  static const char *const args[] = { "mirror", "--yes", NULL };
  const char *ours[] = { path, preload, "ASAN_OPTIONS=verify_asan_link_order=0", NULL };
  char *folder = loop->place != US ? begin_tool (tools[loop->place]) : NULL;
  PgmKillRun *run = NULL;

  memset (state, 0, sizeof (FailState));
  state->kind = loop->kind;
  state->at = at;
  run = pgm_kill_run_start (json, args, loop->place == US ? ours : NULL);
  pgm_kill_run_wait (run);
  if (folder != NULL)
    pgm_test_fake_end (folder);
  return run;
}

/* Returns: FALSE when the run had ended before that call came */
static gboolean
try_at (const Loop *loop, guint at)
{
  g_autoptr(PgmKillRun) run = run_with (loop, at);
  gboolean has_failed = state->n_failed > 0;
  PgmKillContent content = PGM_KILL_OLD;

  g_test_message ("%s %u: status %d, %s, %s", loop->name, at, run->status,
                  pgm_kill_run_get_text (run, "target_state"),
                  pgm_kill_run_get_text (run, "message"));
  pgm_kill_wait_no_tool ();
  pgm_kill_wait_no_session ();
  content = pgm_kill_look ();
  pgm_kill_check_report (run, content, TRUE);
  pgm_kill_check_leftovers (run, content, PGM_KILL_LEAVES_DATABASE | PGM_KILL_LEAVES_FOLDER);
  if (!has_failed)
    g_assert_cmpint (run->status, ==, 0);
  if (content == PGM_KILL_NEW)
    pgm_kill_reset_target ();
  return has_failed;
}

/* One run counts all kinds. */
static guint
count_calls (const Loop *loop)
{
  static FailState counted[N_PLACES];
  static gboolean was_counted[N_PLACES];

  if (!was_counted[loop->place])
    {
      g_assert_false (try_at (loop, 0));
      memcpy (&counted[loop->place], state, sizeof (FailState));
      was_counted[loop->place] = TRUE;
    }
  return (guint) counted[loop->place].n_calls[loop->kind];
}

/* A few from all over the range, the same each time; the last call of all is among them. */
static void
try_some (const Loop *loop)
{
  guint n_calls = count_calls (loop);

  g_assert_cmpuint (n_calls, >, 0);
  for (guint i = 0; i < loop->n_samples; i++)
    try_at (loop, n_calls - i * n_calls / loop->n_samples);
}

static void
test_loop (gconstpointer data)
{
  const Loop *loop = data;
  guint at = 1;

  if (!pgm_test_runs_all ())
    {
      try_some (loop);
      return;
    }
  while (try_at (loop, at))
    g_assert_cmpuint (++at, <, MAX_CALLS);
  g_assert_cmpuint (at, >, 1);
}

int
main (int argc, char **argv)
{
  int status;

  g_assert_cmpint (argc, >=, 3);
  shim = g_canonicalize_filename (argv[2], NULL);
  pgm_kill_set_up (&argc, &argv, source_sql);
  pgm_kill_set_options (NULL);
  open_state ();
  for (gsize i = 0; i < G_N_ELEMENTS (loops); i++)
    {
      g_autofree char *path = g_strconcat ("/nth-failure/", loops[i].name, NULL);

      g_test_add_data_func (path, &loops[i], test_loop);
    }
  status = g_test_run ();
  close_state ();
  g_free ((char *) shim);
  return pgm_kill_tear_down (status);
}
