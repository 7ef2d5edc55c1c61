/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* argv[1] is the program. */

#include <string.h>

#include "pgm-test-program.h"

static void
test_none (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "history");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "nothing was run yet");
}

/* Returns: (transfer full): of the only run */
static char *
dup_id (PgmTestProgram *fx)
{
  g_auto(GStrv) lines = NULL;
  g_auto(GStrv) words = NULL;

  PGM_TEST_RUN (fx, "history");
  lines = g_strsplit (fx->out, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), >=, 2);
  words = g_strsplit (lines[1], " ", 2);
  return g_strdup (words[0]);
}

static void
test_failure (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fx->folder, "c.json", NULL);
  g_autofree char *id = NULL;

  pgm_test_program_write_file (fx, "c.json", PGM_TEST_CONFIG);
  PGM_TEST_RUN (fx, "mirror", "-c", "c.json");
  g_assert_cmpint (fx->status, ==, 1);
  id = dup_id (fx);
  pgm_test_assert_has (fx->out, "source-unreachable");
  pgm_test_assert_has (fx->out, "nightly");

  PGM_TEST_RUN (fx, "history", "--log", id);
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->out, " - pg-mirror - ERROR - ");
  PGM_TEST_RUN (fx, "history", "--json");
  pgm_test_assert_has (fx->out, "\"outcome\":\"source-unreachable\"");
  pgm_test_assert_has (fx->out, "\"target_state\":\"unchanged\"");
  pgm_test_assert_has (fx->out, path);
  PGM_TEST_RUN (fx, "history", "--log", "other");
  g_assert_cmpint (fx->status, ==, 2);
}

/* What only looks is not a run to look up later. */
static void
test_dry_run (PgmTestProgram *fx, gconstpointer data)
{
  pgm_test_program_write_file (fx, "c.json", PGM_TEST_CONFIG);
  PGM_TEST_RUN (fx, "mirror", "-c", "c.json", "--dry-run");
  g_assert_cmpint (fx->status, ==, 1);
  PGM_TEST_RUN (fx, "history");
  pgm_test_assert_has (fx->err, "nothing was run yet");
}

static void
wait_for_run (PgmTestProgram *fx, const char *outcome)
{
  for (;;)
    {
      PGM_TEST_RUN (fx, "history");
      if (strstr (fx->out, outcome) != NULL)
        return;
      g_usleep (50 * 1000);
    }
}

/* A server that never answers holds the run until the program is killed. */
static void
test_killed (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(GSocketListener) mute = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (mute, NULL, NULL);
  g_autofree char *config = g_strdup_printf (
      "{ \"source\": { \"host\": \"127.0.0.1\", \"port\": %u, \"database\": \"d\","
      " \"user\": \"u\", \"password\": \"" PGM_TEST_SECRET "\" },"
      " \"target\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"u\","
      " \"password\": \"" PGM_TEST_SECRET "\" }, \"options\": { \"connect_timeout\": 60 } }",
      port, port);
  g_autoptr(GSubprocessLauncher) launcher =
                 pgm_test_program_new_launcher (fx, G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GSubprocess) process = NULL;
  const char *argv[PGM_TEST_MAX_ARGS];

  pgm_test_program_write_file (fx, "c.json", config);
  pgm_test_program_fill_argv (argv, (const char *const[]){ "mirror", "-c", "c.json", NULL });
  process = g_subprocess_launcher_spawnv (launcher, argv, NULL);
  g_assert_nonnull (process);
  wait_for_run (fx, "running");
  g_subprocess_force_exit (process);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  PGM_TEST_RUN (fx, "history");
  pgm_test_assert_has (fx->out, "interrupted");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  PGM_TEST_ADD ("/cli-history/none", test_none);
  PGM_TEST_ADD ("/cli-history/failure", test_failure);
  PGM_TEST_ADD ("/cli-history/dry-run", test_dry_run);
  PGM_TEST_ADD ("/cli-history/killed", test_killed);
  return g_test_run ();
}
