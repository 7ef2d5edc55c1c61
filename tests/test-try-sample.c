/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* "Try it with a sample": the servers come, hold what they should, and leave nothing. */

#include "pgm-connection-test.h"
#include "pgm-error.h"
#include "pgm-profile.h"
#include "pgm-sample.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static PgmConnectionReport *
ask (PgmEndpoint *endpoint)
{
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  PgmConnectionReport *report = NULL;

  pgm_connection_test_async (endpoint, NULL, 5, NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  report = pgm_connection_test_finish (result, &error);
  g_assert_no_error (error);
  return report;
}

static void
test_start_and_stop (void)
{
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) started = NULL;
  g_autoptr(GAsyncResult) stopped = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSample) sample = NULL;
  g_autofree char *json = NULL;
  g_autoptr(PgmProfile) profile = NULL;
  g_autoptr(PgmConnectionReport) source = NULL;
  g_autoptr(PgmConnectionReport) target = NULL;
  const char *folder = NULL;

  pgm_sample_start_async (NULL, store_result_cb, &pending);
  started = wait_for (&pending);
  sample = pgm_sample_start_finish (started, &error);
  g_assert_no_error (error);
  json = pgm_sample_dup_profile_json (sample);
  profile = pgm_profile_parse (json, -1, "sample.json", &error);
  g_assert_no_error (error);
  folder = pgm_profile_get_source (profile)->host;
  source = ask (pgm_profile_get_source (profile));
  target = ask (pgm_profile_get_target (profile));
  g_assert_cmpint (source->cause, ==, PGM_CONNECT_OK);
  g_assert_cmpint (source->database_n_tables, >, 10);
  g_assert_cmpint (target->cause, ==, PGM_CONNECT_OK);
  g_assert_false (target->database_exists);
  pgm_sample_stop_async (sample, store_result_cb, &pending);
  stopped = wait_for (&pending);
  g_assert_true (pgm_sample_stop_finish (sample, stopped, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static gboolean
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
test_cancel (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_timeout_add (300, cancel_cb, cancellable);
  pgm_sample_start_async (cancellable, store_result_cb, &pending);
  result = wait_for (&pending);
  g_assert_null (pgm_sample_start_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_probe (void)
{
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  pgm_sample_probe_async (NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  if (geteuid () == 0)
    {
      g_assert_false (pgm_sample_probe_finish (result, &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOLS);
      return;
    }
  g_assert_true (pgm_sample_probe_finish (result, &error));
  g_assert_no_error (error);
}

/* Returns: (transfer full): a folder of nobody's own, with a copy of this program in it: neither
 * the checkout nor TMPDIR has to let nobody in */
static char *
make_home_of_nobody (char **ret_program)
{
  g_autofree char *home = g_dir_make_tmp ("pgt-nobody-XXXXXX", NULL);
  g_autoptr(GFile) original = g_file_new_for_path (g_get_prgname ());
  g_autoptr(GFile) copy = NULL;
  const struct passwd *nobody = getpwnam ("nobody");
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (nobody);
  *ret_program = g_build_filename (home, "test-try-sample", NULL);
  copy = g_file_new_for_path (*ret_program);
  g_file_copy (original, copy, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_no_errno (chmod (*ret_program, 0755));
  g_assert_no_errno (chown (home, nobody->pw_uid, nobody->pw_gid));
  return g_steal_pointer (&home);
}

/* Servers refuse root, so the rest of the test runs as somebody else. */
static void
test_as_nobody (void)
{
  g_autofree char *program = NULL;
  g_autofree char *home = make_home_of_nobody (&program);
  const char *argv[] = {
    "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, "as-nobody", NULL
  };
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDERR_MERGE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_setenv (launcher, "TMPDIR", home, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", output);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_no_errno (g_unlink (program));
  g_assert_no_errno (g_rmdir (home));
}

static int
run_as_nobody (void)
{
  test_probe ();
  test_start_and_stop ();
  test_cancel ();
  return 0;
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_canonicalize_filename (argv[0], NULL);

  if (argc == 2 && g_str_equal (argv[1], "as-nobody"))
    return run_as_nobody ();
  g_set_prgname (program);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/try-sample/probe", test_probe);
  if (geteuid () == 0)
    g_test_add_func ("/try-sample/as-nobody", test_as_nobody);
  else
    {
      g_test_add_func ("/try-sample/start-and-stop", test_start_and_stop);
      g_test_add_func ("/try-sample/cancel", test_cancel);
    }
  return g_test_run ();
}
