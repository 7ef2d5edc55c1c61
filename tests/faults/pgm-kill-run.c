/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-kill-run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END_LIMIT_MS (PGM_TEST_WITHIN_US (90) / 1000)
#define TOOLS_LIMIT_US PGM_TEST_WITHIN_US (2)
#define POLL_US (10 * 1000)

const char *pgm_kill_program;

static int
create_file (PgmKillRun *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* Returns: (transfer full): its path */
static char *
write_file (PgmKillRun *self, const char *name, const char *text)
{
  char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
  return path;
}

static char *
read_file (PgmKillRun *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
set_variables (GSubprocessLauncher *launcher, const char *const *envp)
{
  for (gsize i = 0; envp != NULL && envp[i] != NULL; i++)
    {
      g_auto(GStrv) pair = g_strsplit (envp[i], "=", 2);

      g_subprocess_launcher_setenv (launcher, pair[0], pair[1], TRUE);
    }
}

static GSubprocess *
spawn (PgmKillRun *self, const char *config, const char *const *args, const char *const *envp)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;
  GSubprocess *process = NULL;

  g_ptr_array_add (argv, (char *) pgm_kill_program);
  g_ptr_array_add (argv, (char *) "-v");
  for (gsize i = 0; args[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) args[i]);
  g_ptr_array_add (argv, (char *) "--json");
  g_ptr_array_add (argv, (char *) "-c");
  g_ptr_array_add (argv, (char *) config);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_set_cwd (launcher, self->folder);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", self->folder, TRUE);
  set_variables (launcher, envp);
  g_subprocess_launcher_take_stdout_fd (launcher, create_file (self, "out"));
  g_subprocess_launcher_take_stderr_fd (launcher, create_file (self, "err"));
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return process;
}

/* @args: a command and its options, beside the config and --json
 * @envp: (nullable): NAME=VALUE, beside the tester's own */
PgmKillRun *
pgm_kill_run_start (const char *profile_json, const char *const *args, const char *const *envp)
{
  PgmKillRun *self = g_new0 (PgmKillRun, 1);
  g_autofree char *config = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = g_dir_make_tmp ("killed-XXXXXX", &error);
  g_assert_no_error (error);
  config = write_file (self, "config.json", profile_json);
  g_free (write_file (self, PGM_KILL_FAILING_SCRIPT, "SELECT 1/0;\n"));
  self->process = spawn (self, config, args, envp);
  self->pid = atoi (g_subprocess_get_identifier (self->process));
  return self;
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
too_long_cb (gpointer user_data)
{
  g_autofree char *errors = pgm_kill_run_dup_errors (user_data);

  g_error ("the run does not end; it said:\n%s", errors);
  return G_SOURCE_REMOVE;
}

/* Takes the report from the last line, where a killed run has none. */
static void
read_report (PgmKillRun *self)
{
  g_autofree char *said = read_file (self, "out");
  const char *last = strrchr (g_strchomp (said), '\n');
  g_autoptr(JsonNode) node = json_from_string (last != NULL ? last + 1 : said, NULL);
  JsonObject *object =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  if (object != NULL &&
      g_strcmp0 (json_object_get_string_member_with_default (object, "event", ""), "report") == 0)
    self->report = json_object_ref (object);
}

void
pgm_kill_run_wait (PgmKillRun *self)
{
  gboolean has_ended = FALSE;
  guint too_long = g_timeout_add ((guint) END_LIMIT_MS, too_long_cb, self);

  g_subprocess_wait_async (self->process, NULL, ended_cb, &has_ended);
  while (!has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (too_long);
  self->status = g_subprocess_get_if_exited (self->process)
                     ? g_subprocess_get_exit_status (self->process)
                     : -g_subprocess_get_term_sig (self->process);
  read_report (self);
}

void
pgm_kill_run_free (PgmKillRun *self)
{
  pgm_test_remove_tree (self->folder);
  g_free (self->folder);
  g_object_unref (self->process);
  g_clear_pointer (&self->report, json_object_unref);
  g_free (self);
}

/* Returns: (transfer full): a JSON object a line */
char *
pgm_kill_run_dup_output (PgmKillRun *self)
{
  return read_file (self, "out");
}

/* Returns: (transfer full): what went to standard error */
char *
pgm_kill_run_dup_errors (PgmKillRun *self)
{
  return read_file (self, "err");
}

/* Returns: (transfer none): "" where the report, or the member, is not there */
const char *
pgm_kill_run_get_text (PgmKillRun *self, const char *member)
{
  return self->report != NULL
             ? json_object_get_string_member_with_default (self->report, member, "")
             : "";
}

/* Returns: whether the report names @what among what was left */
gboolean
pgm_kill_run_names (PgmKillRun *self, const char *what)
{
  JsonNode *leftovers =
      self->report != NULL ? json_object_get_member (self->report, "leftovers") : NULL;
  g_autofree char *text = leftovers != NULL ? json_to_string (leftovers, FALSE) : NULL;

  return text != NULL && strstr (text, what) != NULL;
}

static char *
read_process_file (int pid, const char *name, gsize *ret_length)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, name);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, ret_length, NULL))
    return NULL;
  return text;
}

/* A process that was started by one of our runs carries the run's name and our folder for
 * temporary files in its environment, however deep down it is and whoever its parent became. */
static gboolean
is_tool_of_ours (int pid)
{
  g_autofree char *folder = g_strconcat ("TMPDIR=", g_get_tmp_dir (), NULL);
  gsize length = 0;
  g_autofree char *variables = read_process_file (pid, "environ", &length);
  gboolean has_name = FALSE;
  gboolean has_folder = FALSE;

  for (gsize i = 0; variables != NULL && i < length; i += strlen (variables + i) + 1)
    {
      has_name = has_name || g_str_has_prefix (variables + i, "PGAPPNAME=pgmirror-");
      has_folder = has_folder || g_str_equal (variables + i, folder);
    }
  return has_name && has_folder;
}

/* Returns: (transfer full) (element-type int): the tools of all runs of this program */
GArray *
pgm_kill_list_tools (void)
{
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *entry = NULL;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      int pid = atoi (entry);

      if (pid > 0 && is_tool_of_ours (pid))
        g_array_append_val (pids, pid);
    }
  return pids;
}

static int
get_parent (int pid)
{
  g_autofree char *status = read_process_file (pid, "status", NULL);
  const char *line = status != NULL ? strstr (status, "\nPPid:\t") : NULL;

  return line != NULL ? atoi (line + strlen ("\nPPid:\t")) : 0;
}

/* @parent: 0: any
 *
 * Returns: 0 when there is none */
int
pgm_kill_find_tool (const char *name, int parent)
{
  g_autoptr(GArray) pids = pgm_kill_list_tools ();

  for (guint i = 0; i < pids->len; i++)
    {
      int pid = g_array_index (pids, int, i);
      g_autofree char *comm = read_process_file (pid, "comm", NULL);

      if (comm != NULL && g_str_equal (g_strchomp (comm), name) &&
          (parent == 0 || get_parent (pid) == parent))
        return pid;
    }
  return 0;
}

/* P5: no child lives after two seconds. */
void
pgm_kill_wait_no_tool (void)
{
  gint64 deadline_us = g_get_monotonic_time () + TOOLS_LIMIT_US;

  for (;;)
    {
      g_autoptr(GArray) pids = pgm_kill_list_tools ();

      if (pids->len == 0)
        return;
      if (g_get_monotonic_time () > deadline_us)
        g_error ("process %d was left behind", g_array_index (pids, int, 0));
      g_usleep (POLL_US);
    }
}
