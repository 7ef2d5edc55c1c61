/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Signals to the program in the middle of a restore. argv[1] is the program. */

#define _GNU_SOURCE /* prlimit(), WCOREDUMP() */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_LIMIT_US PGM_TEST_WITHIN_US (5)
#define STOP_AT_ONCE_LIMIT_US PGM_TEST_WITHIN_US (1)

#define BUILDS_INDEX                                                                     \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'active' AND query LIKE 'CREATE INDEX%')"

static char *program;
static PgmTestServer *source;
static PgmTestServer *target;

/* The program at work. */
typedef struct
{
  PgmTestPair *pair;
  char *config;
  char *state; /* the program's folder for its history */
  GSubprocess *process;
  int pid; /* and the number of its process group */
  gint64 told_us;
} Fixture;

static void
lead_group_cb (gpointer user_data)
{
  setpgid (0, 0);
}

/* @name: of the database */
static void
start (Fixture *fx, const char *name)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;

  fx->pair = pgm_test_pair_new (source, target, NULL, name, PGM_TEST_ENDLESS_INDEX);
  pgm_test_pair_set_options (fx->pair, ", \"connect_timeout\": 3");
  json = pgm_test_pair_dup_profile (fx->pair);
  fx->config = g_build_filename (g_get_tmp_dir (), file, NULL);
  g_file_set_contents_full (fx->config, json, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
  fx->state = g_build_filename (g_get_tmp_dir (), "state", NULL);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", fx->state, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, lead_group_cb, NULL, NULL);
  g_subprocess_launcher_set_cwd (launcher, g_get_tmp_dir ());
  fx->process = g_subprocess_launcher_spawn (launcher, &error, program, "mirror", "--yes", "-c",
                                             fx->config, NULL);
  g_assert_no_error (error);
  fx->pid = atoi (g_subprocess_get_identifier (fx->process));
  pgm_test_wait_until (target, BUILDS_INDEX);
}

static void
tell (Fixture *fx, int pid, int signal_number)
{
  fx->told_us = g_get_monotonic_time ();
  g_assert_cmpint (kill (pid, signal_number), ==, 0);
}

/* Returns: (transfer full): what the program said */
static char *
expect_status (Fixture *fx, int status, gint64 limit_us)
{
  g_autoptr(GError) error = NULL;
  char *said = NULL;

  g_subprocess_communicate_utf8 (fx->process, NULL, NULL, NULL, &said, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - fx->told_us, <, limit_us);
  g_assert_true (g_subprocess_get_if_exited (fx->process));
  g_assert_cmpint (g_subprocess_get_exit_status (fx->process), ==, status);
  return said;
}

static void
assert_old (Fixture *fx)
{
  g_autofree char *now = pgm_test_fingerprint (target, fx->pair->database);

  g_assert_cmpstr (now, ==, fx->pair->old);
}

static void
finish (Fixture *fx)
{
  assert_old (fx);
  g_clear_object (&fx->process);
  g_unlink (fx->config);
  g_free (fx->config);
  pgm_test_remove_tree (fx->state);
  g_free (fx->state);
  pgm_test_pair_free (fx->pair);
}

static void
run_case (const char *name, gboolean to_group, int signal_number, int status)
{
  Fixture fx = { NULL };
  g_autofree char *said = NULL;

  start (&fx, name);
  tell (&fx, to_group ? -fx.pid : fx.pid, signal_number);
  said = expect_status (&fx, status, STOP_LIMIT_US);
  g_assert_nonnull (strstr (said, "the run was cancelled"));
  g_assert_nonnull (strstr (said, pgm_target_state_get_sentence (PGM_TARGET_UNCHANGED)));
  finish (&fx);
}

static void
test_interrupt (void)
{
  run_case ("interrupted", FALSE, SIGINT, 130);
}

/* As a terminal does on Ctrl-C. */
static void
test_interrupt_group (void)
{
  run_case ("interrupted_group", TRUE, SIGINT, 130);
}

static void
test_terminate (void)
{
  run_case ("terminated", FALSE, SIGTERM, 143);
}

static void
drop_staging (void)
{
  g_autofree char *name = pgm_test_server_psql (
      target, "postgres", "SELECT datname FROM pg_database WHERE datname ~ '__pgm_'");
  g_autofree char *marker = pgm_test_server_psql (
      target, "postgres",
      "SELECT shobj_description (oid, 'pg_database') FROM pg_database WHERE datname ~ '__pgm_'");
  g_autofree char *sql = g_strdup_printf ("DROP DATABASE \"%s\" WITH (FORCE)", name);

  g_assert_nonnull (strstr (marker, "\"state\":\"staging\""));
  g_free (pgm_test_server_psql (target, "postgres", sql));
}

/* Two signals that come before the program has seen the first one are one. */
static void
wait_until_it_knows (Fixture *fx)
{
  GInputStream *err = g_subprocess_get_stderr_pipe (fx->process);
  g_autoptr(GString) said = g_string_new (NULL);
  char byte = 0;

  while (strstr (said->str, "press Ctrl-C again") == NULL)
    {
      g_assert_cmpint (g_input_stream_read (err, &byte, 1, NULL, NULL), ==, 1);
      g_string_append_c (said, byte);
    }
}

/* The target answers no more, and neither a person nor a script wants to wait. */
static void
test_interrupt_twice (void)
{
  Fixture fx = { NULL };
  g_autofree char *said = NULL;

  start (&fx, "interrupted_twice");
  pgm_test_freeze (target);
  tell (&fx, fx.pid, SIGINT);
  wait_until_it_knows (&fx);
  tell (&fx, fx.pid, SIGINT);
  said = expect_status (&fx, 130, STOP_AT_ONCE_LIMIT_US);
  pgm_test_thaw (target);
  g_assert_nonnull (strstr (said, "\"pg-mirror-cli recover --remove\" removes it"));
  g_assert_nonnull (strstr (said, "drop it by hand: DROP DATABASE \"interrupted_twice__pgm_"));
  drop_staging ();
  finish (&fx);
}

static void
remove_run_folders (void)
{
  g_autoptr(GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "pg-mirror-"))
      {
        g_autofree char *folder = g_build_filename (g_get_tmp_dir (), name, NULL);
        g_autofree char *archive = g_build_filename (folder, "archive.dump", NULL);
        g_autofree char *list = g_build_filename (folder, "archive.list", NULL);
        g_autofree char *lock = g_build_filename (folder, "lock", NULL);

        g_unlink (lock);
        g_unlink (archive);
        g_unlink (list);
        g_assert_cmpint (g_rmdir (folder), ==, 0);
      }
}

/* Nobody cleans up, but nothing goes on either. */
static void
test_kill (void)
{
  Fixture fx = { NULL };

  start (&fx, "killed");
  tell (&fx, fx.pid, SIGKILL);
  g_subprocess_wait (fx.process, NULL, NULL);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity"
                               " WHERE application_name LIKE 'pgmirror-%'");
  drop_staging ();
  remove_run_folders ();
  finish (&fx);
}

#ifdef __linux__
static void
assert_no_core_limit (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/limits", pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_regex_match_simple ("\nMax core file size +0 +0 ", text, 0, 0));
}

/* Returns: how many there are, of all threads of @pid */
static guint
assert_children (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *thread = NULL;
  guint n = 0;

  while ((thread = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, thread, "children", NULL);
      g_autofree char *text = NULL;
      g_auto(GStrv) children = NULL;

      if (!g_file_get_contents (file, &text, NULL, NULL))
        continue;
      children = g_strsplit (g_strchomp (text), " ", -1);
      for (gsize i = 0; children[i] != NULL && *children[i] != '\0'; i++, n++)
        assert_no_core_limit (atoi (children[i]));
    }
  return n;
}

static gboolean
has_core (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "core"))
      return TRUE;
  return FALSE;
}

/* Its memory holds both passwords: a crash leaves no core, also where something lifts the limit
 * or cores are taken by a program. */
static void
test_crash (void)
{
  const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
  Fixture fx = { NULL };

  start (&fx, "crashed");
  assert_no_core_limit (fx.pid);
  g_assert_cmpuint (assert_children (fx.pid), >, 0);
  prlimit (fx.pid, RLIMIT_CORE, &all, NULL); /* for root only; the rest holds for everybody */
  tell (&fx, fx.pid, SIGABRT);
  g_subprocess_wait (fx.process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (fx.process));
  g_assert_false (WCOREDUMP (g_subprocess_get_status (fx.process)));
  g_assert_false (has_core (g_get_tmp_dir ()));
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity"
                               " WHERE application_name LIKE 'pgmirror-%'");
  drop_staging ();
  remove_run_folders ();
  finish (&fx);
}
#endif

int
main (int argc, char **argv)
{
  int status;

  g_assert_cmpint (argc, >=, 2);
  program = g_canonicalize_filename (argv[1], NULL);
  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/mirror-stop/interrupt", test_interrupt);
  g_test_add_func ("/mirror-stop/interrupt-group", test_interrupt_group);
  g_test_add_func ("/mirror-stop/terminate", test_terminate);
  g_test_add_func ("/mirror-stop/interrupt-twice", test_interrupt_twice);
  g_test_add_func ("/mirror-stop/kill", test_kill);
#ifdef __linux__
  g_test_add_func ("/mirror-stop/crash", test_crash);
#endif
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  g_free (program);
  return status;
}
