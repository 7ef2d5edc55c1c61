/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-run-folder.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgm-error.h"
#include "pgm-run-folder-find.h"

typedef struct
{
  char *parent;
} Fixture;

static void
set_up (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->parent = g_dir_make_tmp ("pgm-run-folder-XXXXXX", &error);
  g_assert_no_error (error);
}

/* Nothing may be left: rmdir() refuses a folder that is not empty. */
static void
tear_down (Fixture *fx, gconstpointer data)
{
  g_assert_cmpint (g_rmdir (fx->parent), ==, 0);
  g_free (fx->parent);
}

static PgmRunFolder *
new_folder (Fixture *fx)
{
  g_autoptr(GError) error = NULL;
  PgmRunFolder *folder = pgm_run_folder_new (fx->parent, "4f2a", &error);

  g_assert_no_error (error);
  return folder;
}

static void
put_file (const char *path)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, "x", 1, &error);
  g_assert_no_error (error);
}

static void
test_new (Fixture *fx, gconstpointer data)
{
  mode_t mask = umask (0);
  g_autoptr(PgmRunFolder) folder = new_folder (fx);
  g_autoptr(PgmRunFolder) other = new_folder (fx);
  g_autofree char *name = g_path_get_basename (pgm_run_folder_get_path (folder));
  g_autofree char *parent = g_path_get_dirname (pgm_run_folder_get_path (folder));
  g_autofree char *file = pgm_run_folder_dup_file (folder, "archive");
  g_autofree char *file_parent = g_path_get_dirname (file);
  struct stat info = { 0 };

  umask (mask);
  g_assert_cmpint (lstat (pgm_run_folder_get_path (folder), &info), ==, 0);
  g_assert_true (S_ISDIR (info.st_mode));
  g_assert_cmpint (info.st_mode & 07777, ==, 0700);
  g_assert_true (g_str_has_prefix (name, "pg-mirror-4f2a-"));
  g_assert_cmpstr (parent, ==, fx->parent);
  g_assert_cmpstr (file_parent, ==, pgm_run_folder_get_path (folder));
  g_assert_cmpstr (pgm_run_folder_get_path (folder), !=, pgm_run_folder_get_path (other));
  g_assert_cmpuint (pgm_run_folder_get_free_bytes (folder), >, 0);
}

static void
test_default_parent (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = pgm_run_folder_new (NULL, "4f2a", &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (pgm_run_folder_get_path (folder), g_get_tmp_dir ()));
}

static void
assert_refused (const char *parent)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (pgm_run_folder_new (parent, "4f2a", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT);
  g_assert_nonnull (strstr (error->message, parent));
  g_test_message ("%s", error->message);
}

static void
test_refused (Fixture *fx, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fx->parent, "missing", NULL);
  g_autofree char *file = g_build_filename (fx->parent, "file", NULL);
  g_autofree char *closed = g_build_filename (fx->parent, "closed", NULL);

  put_file (file);
  assert_refused (missing);
  assert_refused (file);
#ifdef __linux__
  assert_refused ("/proc"); /* nobody may write there, not even root */
#endif
  if (geteuid () != 0)
    {
      g_mkdir (closed, 0500);
      assert_refused (closed);
      g_rmdir (closed);
    }
  g_remove (file);
}

static void
test_remove (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = new_folder (fx);
  g_autofree char *deep = pgm_run_folder_dup_file (folder, "a/b/c \n\xff");

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  for (int i = 0; i < 300; i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%d", deep, i);

      put_file (file);
    }
  g_assert_true (pgm_run_folder_remove (folder, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (pgm_run_folder_get_path (folder), G_FILE_TEST_EXISTS));
  g_assert_true (pgm_run_folder_remove (folder, &error));
}

static void
test_remove_twice (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = new_folder (fx);

  g_assert_true (pgm_run_folder_remove (folder, &error));
  g_assert_cmpint (g_mkdir (pgm_run_folder_get_path (folder), 0700), ==, 0);
  g_assert_true (pgm_run_folder_remove (folder, &error)); /* what came after is not ours */
  g_assert_cmpint (g_rmdir (pgm_run_folder_get_path (folder)), ==, 0);
}

static void
test_removed_by_others (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = new_folder (fx);
  g_autofree char *lock = pgm_run_folder_dup_file (folder, "lock");

  g_assert_cmpint (g_unlink (lock), ==, 0);
  g_assert_cmpint (g_rmdir (pgm_run_folder_get_path (folder)), ==, 0);
  g_assert_true (pgm_run_folder_remove (folder, &error));
  g_assert_no_error (error);
}

static void
test_links (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = new_folder (fx);
  g_autofree char *outside = g_build_filename (fx->parent, "outside", NULL);
  g_autofree char *file = g_build_filename (outside, "file", NULL);
  g_autofree char *to_folder = pgm_run_folder_dup_file (folder, "to-folder");
  g_autofree char *to_file = pgm_run_folder_dup_file (folder, "to-file");
  g_autofree char *to_nothing = pgm_run_folder_dup_file (folder, "to-nothing");

  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  put_file (file);
  g_assert_cmpint (symlink (outside, to_folder), ==, 0);
  g_assert_cmpint (symlink (file, to_file), ==, 0);
  g_assert_cmpint (symlink ("/nonexistent", to_nothing), ==, 0);

  g_assert_true (pgm_run_folder_remove (folder, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* Returns: (transfer full): the only one there */
static PgmFoundFolder *
find_folder (Fixture *fx)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = pgm_run_folder_find_sync (fx->parent, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 1);
  return g_ptr_array_steal_index (found, 0);
}

static PgmRunFolder *
new_run_folder (Fixture *fx)
{
  g_autoptr(GError) error = NULL;
  PgmRunFolder *folder = pgm_run_folder_new (fx->parent, "0123abcd", &error);

  g_assert_no_error (error);
  return folder;
}

static void
test_living (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = new_run_folder (fx);
  g_autoptr(PgmFoundFolder) found = find_folder (fx);

  g_assert_cmpint (found->state, ==, PGM_FOLDER_ALIVE);
  g_assert_cmpstr (found->path, ==, pgm_run_folder_get_path (folder));
  g_assert_cmpstr (found->run, ==, "0123abcd");
  g_assert_cmpstr (found->host, ==, g_get_host_name ());
  g_assert_false (pgm_run_folder_remove_dead_sync (found->path, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_FAILED);
  g_assert_true (g_file_test (found->path, G_FILE_TEST_IS_DIR));
}

/* The child of a run, which outlives it: "sleep" with every descriptor that it may inherit.
 *
 * Returns: its number */
static GPid
start_survivor (void)
{
  const char *argv[] = { "sleep", "600", NULL };
  GPid pid = 0;

  if (!g_spawn_async (NULL, (char **) argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_LEAVE_DESCRIPTORS_OPEN |
                          G_SPAWN_DO_NOT_REAP_CHILD,
                      NULL, NULL, &pid, NULL))
    _exit (1);
  return pid;
}

/* A run in a process of its own, killed with its folder full and a child at work. */
static void
test_killed (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmFoundFolder) found = NULL;
  GPid survivor = 0;
  int fds[2];
  pid_t run = 0;

  g_assert_cmpint (pipe (fds), ==, 0);
  run = fork ();
  if (run == 0)
    {
      PgmRunFolder *folder = new_run_folder (fx);
      g_autofree char *file = pgm_run_folder_dup_file (folder, "archive.dump");

      put_file (file);
      survivor = start_survivor ();
      if (write (fds[1], &survivor, sizeof survivor) != sizeof survivor)
        _exit (1);
      pause ();
      _exit (0);
    }
  g_assert_cmpint (read (fds[0], &survivor, sizeof survivor), ==, sizeof survivor);
  close (fds[0]);
  close (fds[1]);
  found = find_folder (fx);
  g_assert_cmpint (found->state, ==, PGM_FOLDER_ALIVE);
  g_clear_pointer (&found, pgm_found_folder_free);
  g_assert_cmpint (kill (run, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (run, NULL, 0), ==, run);
  found = find_folder (fx);
  g_assert_cmpint (found->state, ==, PGM_FOLDER_DEAD);
  g_assert_cmpint (kill (survivor, 0), ==, 0);
  g_assert_true (pgm_run_folder_remove_dead_sync (found->path, &error));
  g_assert_no_error (error);
  g_assert_cmpint (kill (survivor, SIGKILL), ==, 0);
}

/* Nobody is disturbed by looking, however often. */
static void
test_look_twice (Fixture *fx, gconstpointer data)
{
  PgmRunFolder *folder = new_run_folder (fx);
  g_autofree char *path = g_strdup (pgm_run_folder_get_path (folder));

  for (int i = 0; i < 3; i++)
    {
      g_autoptr(PgmFoundFolder) found = find_folder (fx);

      g_assert_cmpint (found->state, ==, PGM_FOLDER_ALIVE);
    }
  pgm_run_folder_free (folder);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_no_parent (Fixture *fx, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fx->parent, "missing", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = pgm_run_folder_find_sync (missing, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 0);
}

/* set_up and tear_down are the test: the folder went with its owner. */
static void
test_free (Fixture *fx, gconstpointer data)
{
  g_autoptr(PgmRunFolder) folder = new_folder (fx);
  g_autofree char *file = pgm_run_folder_dup_file (folder, "archive");

  put_file (file);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/run-folder/new", Fixture, NULL, set_up, test_new, tear_down);
  g_test_add ("/run-folder/default-parent", Fixture, NULL, set_up, test_default_parent, tear_down);
  g_test_add ("/run-folder/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/run-folder/remove", Fixture, NULL, set_up, test_remove, tear_down);
  g_test_add ("/run-folder/remove-twice", Fixture, NULL, set_up, test_remove_twice, tear_down);
  g_test_add ("/run-folder/removed-by-others", Fixture, NULL, set_up, test_removed_by_others,
              tear_down);
  g_test_add ("/run-folder/links", Fixture, NULL, set_up, test_links, tear_down);
  g_test_add ("/run-folder/free", Fixture, NULL, set_up, test_free, tear_down);
  g_test_add ("/run-folder/living", Fixture, NULL, set_up, test_living, tear_down);
  g_test_add ("/run-folder/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/run-folder/look-twice", Fixture, NULL, set_up, test_look_twice, tear_down);
  g_test_add ("/run-folder/no-parent", Fixture, NULL, set_up, test_no_parent, tear_down);
  return g_test_run ();
}
