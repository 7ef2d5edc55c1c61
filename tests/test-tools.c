/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tools.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgm-error.h"
#include "pgm-install-hint.h"
#include "pgm-tool-check.h"
#include "pgm-tool-folders.h"

typedef struct
{
  char *root;
  char *failure; /* (nullable): of the last tool that did not work */
} Fixture;

static void
set_up (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->root = g_dir_make_tmp ("pgm-tools-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir =
                 g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *fx, gconstpointer data)
{
  remove_tree (fx->root);
  g_free (fx->root);
  g_free (fx->failure);
}

/* Returns: (transfer full): the path of a script that does @body when it is run */
static char *
put_script (Fixture *fx, const char *folder, const char *name, const char *body)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *dir = g_build_filename (fx->root, folder, NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n%s\n", body);
  char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  return path;
}

static void
put_tool (Fixture *fx, const char *folder, const char *name, const char *version)
{
  g_autofree char *body = g_strdup_printf ("echo '%s (PostgreSQL) %s'", name, version);

  g_free (put_script (fx, folder, name, body));
}

/* Returns: (transfer full): those that work */
static GPtrArray *
find (Fixture *fx, const char *preferred, const char *folder, const char *other)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *first = g_build_filename (fx->root, folder, NULL);
  g_autofree char *second = other != NULL ? g_build_filename (fx->root, other, NULL) : NULL;
  g_autofree char *named = preferred != NULL ? g_build_filename (fx->root, preferred, NULL) : NULL;
  const char *const named_folders[] = { named, NULL };
  const char *const folders[] = { first, second, NULL };
  GPtrArray *tools = pgm_tools_find_in_sync (named_folders, folders, NULL, &error);

  g_assert_no_error (error);
  for (guint i = tools->len; i-- > 0;)
    {
      const PgmTool *tool = tools->pdata[i];

      if (tool->failure == NULL)
        break; /* the others are before it */
      g_free (fx->failure);
      fx->failure = g_strdup (tool->failure);
      g_ptr_array_remove_index (tools, i);
    }
  for (guint i = 0; i < tools->len; i++)
    g_assert_null (((PgmTool *) tools->pdata[i])->failure);
  return tools;
}

static void
test_versions (Fixture *fx, gconstpointer data)
{
  static const struct
  {
    const char *text;
    guint major; /* 0: no tool */
    guint minor;
  } cases[] = {
    { "15.20 (Debian 15.20-0+deb12u1)", 15, 20 },
    { "18.1", 18, 1 },
    { "17beta1", 17, 0 },
    { "16devel", 16, 0 },
    { "9.6.24", 9, 6 },
    { "eighteen", 0, 0 },
    { "", 0, 0 },
    { "99999999999999999999", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folder = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
      g_autoptr(GPtrArray) tools = NULL;

      put_tool (fx, folder, "pg_dump", cases[i].text);
      tools = find (fx, NULL, folder, NULL);
      g_assert_cmpuint (tools->len, ==, cases[i].major > 0);
      if (tools->len > 0)
        {
          PgmTool *tool = tools->pdata[0];

          g_assert_cmpint (tool->kind, ==, PGM_TOOL_PG_DUMP);
          g_assert_cmpstr (tool->version, ==, cases[i].text);
          g_assert_cmpuint (tool->major, ==, cases[i].major);
          g_assert_cmpuint (tool->minor, ==, cases[i].minor);
        }
    }
}

static void
test_no_tools (Fixture *fx, gconstpointer data)
{
  static const struct
  {
    const char *body;
    const char *failure; /* the end of it */
  } cases[] = {
    { "echo 'psql (PostgreSQL) 15.20'", /* another program */
      "/pg_dump --version\" did not tell a version" },
    { "echo 'pg_dump (PostgreSQL) 15.20'; exit 1", "/pg_dump --version\" left with exit status 1" },
    { "echo 'pg_dump (PostgreSQL) 15.20' >&2", "/pg_dump --version\" did not tell a version" },
    { "echo; echo 'pg_dump (PostgreSQL) 15.20'", "/pg_dump --version\" did not tell a version" },
    { "echo 'no libpq.so.5' >&2; exit 127",
      "/pg_dump --version\" left with exit status 127: no libpq.so.5" },
    { "kill -9 $$", "pg_dump was ended by signal 9 (Killed)" },
    { "exit 0", "/pg_dump --version\" did not tell a version" },
  };
  g_autofree char *plain = put_script (fx, "plain", "pg_dump", "echo 'pg_dump (PostgreSQL) 15.20'");
  g_autofree char *folder = g_build_filename (fx->root, "folder", "pg_dump", NULL);
  g_autoptr(GPtrArray) tools = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
      g_autoptr(GPtrArray) none = NULL;

      g_free (put_script (fx, name, "pg_dump", cases[i].body));
      none = find (fx, NULL, name, NULL);
      g_assert_cmpuint (none->len, ==, 0);
      g_assert_true (g_str_has_suffix (fx->failure, cases[i].failure));
    }
  g_assert_cmpint (g_chmod (plain, 0644), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  tools = find (fx, "plain", "folder", "missing");
  g_assert_cmpuint (tools->len, ==, 0);
}

static void
test_slow_tool (Fixture *fx, gconstpointer data)
{
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr(GPtrArray) tools = NULL;

  g_free (put_script (fx, "slow", "pg_dump", "trap '' TERM; sleep 600"));
  put_tool (fx, "slow", "psql", "15.20");
  tools = find (fx, NULL, "slow", NULL);
  g_assert_cmpuint (tools->len, ==, 1);
  g_assert_true (g_str_has_suffix (fx->failure, "did not answer within 5 s"));
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 60 * G_USEC_PER_SEC);
}

static void
test_environment (Fixture *fx, gconstpointer data)
{
  g_autoptr(GPtrArray) tools = NULL;

  g_free (put_script (fx, "env", "psql",
                      "[ -n \"$PATH\" ] && [ \"$LC_ALL\" = C ] && [ -z \"$PGHOSTADDR$HOME\" ] && "
                      "echo 'psql (PostgreSQL) 15.20'"));
  tools = find (fx, NULL, "env", NULL);
  g_assert_cmpuint (tools->len, ==, 1);
}

static void
link_to (Fixture *fx, const char *target, const char *folder, const char *name)
{
  g_autofree char *dir = g_build_filename (fx->root, folder, NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_links (Fixture *fx, gconstpointer data)
{
  g_autofree char *real = g_build_filename (fx->root, "real", "pg_dump", NULL);
  g_autofree char *wrapper =
      put_script (fx, "common", "pg_wrapper", "echo \"${0##*/} (PostgreSQL) 15.20\"");
  g_autofree char *shim =
      put_script (fx, "shims", "dispatch", "echo \"${0##*/} (PostgreSQL) 14.2\"");
  g_autofree char *shim_path = g_build_filename (fx->root, "links", "psql", NULL);
  g_autoptr(GPtrArray) tools = NULL;

  put_tool (fx, "real", "pg_dump", "15.20");
  link_to (fx, real, "links", "pg_dump");
  link_to (fx, wrapper, "links", "pg_restore");
  link_to (fx, shim, "links", "psql");
  link_to (fx, "/nonexistent", "broken", "pg_dump");
  tools = find (fx, "links", "real", "broken");
  g_assert_cmpuint (tools->len, ==, 2);
  g_assert_cmpstr (((PgmTool *) tools->pdata[0])->path, ==, real);
  g_assert_true (((PgmTool *) tools->pdata[0])->is_preferred);
  g_assert_cmpstr (((PgmTool *) tools->pdata[1])->path, ==, shim_path);
}

/* Whoever finds no tool learns why the one that is there was not taken. */
static void
assert_refusal_told (GPtrArray *none, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "psql", NULL);
  g_autofree char *refused = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  pgm_tool_folders_set_preferred (folder);
  refused = pgm_tools_dup_refused (PGM_TOOL_PSQL);
  g_assert_cmpstr (refused, ==, path);
  pgm_tool_folders_set_preferred (NULL);
}

static void
test_writable (Fixture *fx, gconstpointer data)
{
  g_autofree char *file = put_script (fx, "file", "psql", "echo 'psql (PostgreSQL) 15.20'");
  g_autofree char *folder = g_build_filename (fx->root, "folder", NULL);
  g_autofree char *sticky = g_build_filename (fx->root, "sticky", NULL);
  g_autoptr(GPtrArray) tools = NULL;

  put_tool (fx, "folder", "psql", "15.20");
  put_tool (fx, "sticky", "psql", "15.20");
  g_assert_cmpint (g_chmod (file, 0777), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  g_assert_cmpint (g_chmod (sticky, 01777), ==, 0);
  tools = find (fx, "file", "folder", "sticky");
  g_assert_cmpuint (tools->len, ==, 0);

  assert_refusal_told (tools, folder);
  g_ptr_array_unref (tools);
  g_assert_cmpint (g_chmod (file, 0755), ==, 0);
  tools = find (fx, "file", "folder", "sticky");
  g_assert_cmpuint (tools->len, ==, 1);
}

static void
test_cancelled (Fixture *fx, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  const char *const none[] = { NULL };

  g_cancellable_cancel (cancellable);
  g_assert_null (pgm_tools_find_in_sync (none, none, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_folders (Fixture *fx, gconstpointer data)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) split = pgm_tool_folders_split ("/a b::.:bin:/c");
  g_auto(GStrv) nothing = pgm_tool_folders_split (NULL);
  g_auto(GStrv) expanded = NULL;
  g_autofree char *found = g_build_filename (fx->root, "pgsql-15", "bin", NULL);

  g_assert_cmpuint (g_strv_length (split), ==, 2);
  g_assert_cmpstr (split[0], ==, "/a b");
  g_assert_cmpstr (split[1], ==, "/c");
  g_assert_cmpuint (g_strv_length (nothing), ==, 0);

  put_tool (fx, "pgsql-15", "bin", "");
  put_tool (fx, "other", "bin", "");
  pgm_tool_folders_expand (builder, fx->root, "pgsql-*", "bin");
  pgm_tool_folders_expand (builder, "/nonexistent", "*", NULL);
  expanded = g_strv_builder_end (builder);
  g_assert_cmpuint (g_strv_length (expanded), ==, 1);
  g_assert_cmpstr (expanded[0], ==, found);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* What is installed here, whatever it is. */
static void
test_check (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) tools = NULL;

  pgm_tool_check_async (NULL, checked_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  tools = pgm_tool_check_finish (result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < tools->len; i++)
    {
      PgmTool *tool = tools->pdata[i];

      g_assert_true (g_path_is_absolute (tool->path));
      g_assert_false (g_str_has_suffix (tool->path, "pg_wrapper"));
      g_test_message ("%s %u.%u: %s", tool->path, tool->major, tool->minor, tool->version);
    }
}

static void
test_install_hint (Fixture *fx, gconstpointer data)
{
  static const struct
  {
    const char *id;
    const char *id_like;
    guint major;
    const char *expected;
  } cases[] = {
    { "debian", NULL, 17, "sudo apt install postgresql-client-17" },
    { "debian", NULL, 0, "sudo apt install postgresql-client" },
    { "linuxmint", "ubuntu debian", 16, "sudo apt install postgresql-client-16" },
    { "fedora", NULL, 17, "sudo dnf install postgresql" },
    { "rocky", "rhel centos fedora", 0, "sudo dnf install postgresql" },
    { "manjaro", "arch", 0, "sudo pacman -S postgresql-libs" },
    { "opensuse-leap", "suse opensuse", 0, "sudo zypper install postgresql" },
    { "alpine", NULL, 16, "sudo apk add postgresql16-client" },
    { "macos", NULL, 0, "brew install libpq" },
    { "windows", NULL, 17, "winget install PostgreSQL.PostgreSQL.17" },
    { "plan9", "unix", 17, "see https://www.postgresql.org/download/" },
    { NULL, NULL, 0, "see https://www.postgresql.org/download/" },
  };
  g_autofree char *here = pgm_tools_dup_install_hint (0);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *hint = pgm_install_hint_dup (cases[i].id, cases[i].id_like, cases[i].major);

      g_assert_cmpstr (hint, ==, cases[i].expected);
    }
  g_assert_cmpstr (here, !=, "");
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_setenv ("PGHOSTADDR", "192.0.2.1", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/tools/versions", Fixture, NULL, set_up, test_versions, tear_down);
  g_test_add ("/tools/no-tools", Fixture, NULL, set_up, test_no_tools, tear_down);
  g_test_add ("/tools/slow-tool", Fixture, NULL, set_up, test_slow_tool, tear_down);
  g_test_add ("/tools/environment", Fixture, NULL, set_up, test_environment, tear_down);
  g_test_add ("/tools/links", Fixture, NULL, set_up, test_links, tear_down);
  g_test_add ("/tools/writable", Fixture, NULL, set_up, test_writable, tear_down);
  g_test_add ("/tools/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/tools/folders", Fixture, NULL, set_up, test_folders, tear_down);
  g_test_add ("/tools/check", Fixture, NULL, set_up, test_check, tear_down);
  g_test_add ("/tools/install-hint", Fixture, NULL, set_up, test_install_hint, tear_down);
  return g_test_run ();
}
