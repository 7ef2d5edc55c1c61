/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-subprocess.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "pgm-error.h"
#include "pgm-line-splitter.h"

#define MAX_ARGS 6
#define TICK_MS 20

/* What ends at once, or in the second or two that stubborn children get; what would not end takes
 * ten minutes. */
#define LIMIT_US (60 * G_USEC_PER_SEC)

typedef struct Fixture Fixture;

struct Fixture
{
  char *fake_tool;
  GCancellable *cancellable;
  GCancellable *kill;
  GPtrArray *out;
  GPtrArray *err;
  void (*on_line) (Fixture *fx, const char *line);
  guint n_ticks;
  int leader;
  int grandchild;
  GBytes *input;
  PgmStopSignal stop_signal;
  gboolean is_silent;
  gint64 took_us;
};

static const char *const child_env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", "PGPASSWORD=a b\nc",
                                         NULL };

static void
set_up (Fixture *fx, gconstpointer data)
{
  fx->fake_tool = g_test_build_filename (G_TEST_BUILT, "fake-tool", NULL);
  fx->cancellable = g_cancellable_new ();
  fx->kill = g_cancellable_new ();
  fx->out = g_ptr_array_new_with_free_func (g_free);
  fx->err = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fx, gconstpointer data)
{
  g_assert_finalize_object (fx->cancellable);
  g_assert_finalize_object (fx->kill);
  g_ptr_array_unref (fx->out);
  g_ptr_array_unref (fx->err);
  g_clear_pointer (&fx->input, g_bytes_unref);
  g_free (fx->fake_tool);
}

static void
out_cb (const char *line, gpointer user_data)
{
  Fixture *fx = user_data;

  g_ptr_array_add (fx->out, g_strdup (line));
  if (fx->on_line != NULL)
    fx->on_line (fx, line);
}

static void
err_cb (const char *line, gpointer user_data)
{
  Fixture *fx = user_data;

  g_ptr_array_add (fx->err, g_strdup (line));
}

static void
tick_cb (gpointer user_data)
{
  ((Fixture *) user_data)->n_ticks++;
}

/* @args: for the fake tool, at most MAX_ARGS - 2, NULL-terminated */
static int
run (Fixture *fx, const char *const *args, GError **error)
{
  const char *argv[MAX_ARGS] = { fx->fake_tool };
  gint64 start_us = g_get_monotonic_time ();
  int status = 0;
  PgmCommand command = { .argv = argv,
                         .envp = child_env,
                         .input = fx->input,
                         .stdout_line = fx->is_silent ? NULL : out_cb,
                         .stderr_line = fx->is_silent ? NULL : err_cb,
                         .tick = tick_cb,
                         .tick_ms = TICK_MS,
                         .user_data = fx,
                         .stop_signal = fx->stop_signal,
                         .kill = fx->kill };

  for (gsize i = 0; args[i] != NULL; i++)
    argv[i + 1] = args[i];
  status = pgm_subprocess_run_sync (&command, fx->cancellable, error);
  fx->took_us = g_get_monotonic_time () - start_us;
  return status;
}

#define RUN(fx, error, ...) run ((fx), (const char *const[]){ __VA_ARGS__, NULL }, (error))

static gboolean
is_gone (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;

  if (kill (pid, 0) != 0)
    return TRUE;
  return g_file_get_contents (path, &stat, NULL, NULL) && strstr (stat, ") Z ") != NULL;
}

static gboolean
is_gone_in_time (int pid)
{
  gint64 until_us = g_get_monotonic_time () + LIMIT_US;

  while (!is_gone (pid))
    {
      if (g_get_monotonic_time () > until_us)
        return FALSE;
      g_usleep (5000);
    }
  return TRUE;
}

static void
note_pids (Fixture *fx, const char *line)
{
  g_assert_cmpint (sscanf (line, "%d %d", &fx->leader, &fx->grandchild), >=, 1);
}

static void
cancel_on_line (Fixture *fx, const char *line)
{
  sscanf (line, "%d %d", &fx->leader, &fx->grandchild);
  g_cancellable_cancel (fx->cancellable);
}

static void
kill_on_line (Fixture *fx, const char *line)
{
  note_pids (fx, line);
  g_cancellable_cancel (fx->kill);
}

static void
foreign_kill_on_line (Fixture *fx, const char *line)
{
  note_pids (fx, line);
  kill (fx->leader, SIGKILL);
}

static void
test_exit_status (Fixture *fx, gconstpointer data)
{
  static const char *const statuses[] = { "0", "1", "2", "3", "127", "255" };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (RUN (fx, &error, "exit", statuses[i]), ==, atoi (statuses[i]));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (fx->out->len, ==, 0);
}

static void
test_silent (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->is_silent = TRUE;
  g_assert_cmpint (RUN (fx, &error, "spam", "100000"), ==, 0);
  g_assert_no_error (error);
}

static void
assert_numbered (GPtrArray *lines, const char *prefix, guint n)
{
  g_assert_cmpuint (lines->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%s %u", prefix, i);

      g_assert_cmpstr (lines->pdata[i], ==, expected);
    }
}

static void
test_many_lines (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "spam", "100000"), ==, 0);
  g_assert_no_error (error);
  assert_numbered (fx->out, "out", 100000);
  assert_numbered (fx->err, "err", 100000);
}

static void
dawdle_on_line (Fixture *fx, const char *line)
{
  if (g_str_has_suffix (line, "000"))
    g_usleep (300 * 1000);
}

/* What was written just before the end arrives, however long the reader takes. */
static void
test_slow_consumer (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = dawdle_on_line;
  g_assert_cmpint (RUN (fx, &error, "spam", "5000"), ==, 0);
  g_assert_no_error (error);
  assert_numbered (fx->out, "out", 5000);
  assert_numbered (fx->err, "err", 5000);
}

static void
test_long_line (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "long-line", "3000000"), ==, 0);
  g_assert_cmpuint (fx->out->len, ==, 2);
  g_assert_cmpuint (strlen (fx->out->pdata[0]), ==, PGM_LINE_MAX_BYTES);
  g_assert_cmpstr (fx->out->pdata[1], ==, "end");
}

static void
test_bytes (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "bytes"), ==, 0);
  g_assert_cmpuint (fx->out->len, ==, 4);
  g_assert_cmpstr (fx->out->pdata[0], ==, "a\xe7\xff");
  g_assert_cmpstr (fx->out->pdata[1], ==, "?hidden");
  g_assert_cmpstr (fx->out->pdata[2], ==, "");
  g_assert_cmpstr (fx->out->pdata[3], ==, "last");
}

static GBytes *
numbered_input (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "in %u\n", i);
  return g_string_free_to_bytes (text);
}

static void
test_input (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->input = numbered_input (120000);
  g_assert_cmpuint (g_bytes_get_size (fx->input), >, 1000 * 1000);
  g_assert_cmpint (RUN (fx, &error, "cat"), ==, 0);
  g_assert_no_error (error);
  assert_numbered (fx->out, "in", 120000);
}

static void
test_empty_input (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "cat"), ==, 0);
  fx->input = g_bytes_new (NULL, 0);
  g_assert_cmpint (RUN (fx, &error, "cat"), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (fx->out->len, ==, 0);
}

static void
test_unwanted_input (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->input = numbered_input (120000);
  g_assert_cmpint (RUN (fx, &error, "say", "no", "3"), ==, 3);
  g_assert_no_error (error);
  g_assert_cmpstr (fx->out->pdata[0], ==, "no");
}

static void
test_ticks (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "sleep", "1"), ==, 0);
  g_assert_cmpuint (fx->n_ticks, >=, 5);
  g_assert_cmpuint (fx->n_ticks, <=, fx->took_us / (TICK_MS * 1000) + 1);
}

static void
test_environment (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (g_getenv ("PGHOSTADDR"), ==, "192.0.2.1");
  g_assert_cmpint (RUN (fx, &error, "print-env"), ==, 0);
  g_assert_cmpuint (fx->out->len, ==, 4);
  g_assert_cmpstr (fx->out->pdata[0], ==, "PATH=/usr/bin:/bin");
  g_assert_cmpstr (fx->out->pdata[1], ==, "LC_ALL=C");
  g_assert_cmpstr (fx->out->pdata[2], ==, "PGPASSWORD=a b");
  g_assert_cmpstr (fx->out->pdata[3], ==, "c");
}

static void
test_limits (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("pgm-subprocess-XXXXXX", &error);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  struct stat info = { 0 };
  int leak = dup (STDOUT_FILENO);

  g_assert_cmpint (RUN (fx, &error, "core-limit"), ==, 0);
  g_assert_cmpstr (fx->out->pdata[0], ==, "0 0");

  g_assert_cmpint (RUN (fx, &error, "file-mode", file), ==, 0);
  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  g_ptr_array_set_size (fx->out, 0);
  g_assert_cmpint (RUN (fx, &error, "fds"), ==, 0);
  g_assert_cmpuint (fx->out->len, ==, 3);
  close (leak);
  g_remove (file);
  g_rmdir (folder);
}

static void
test_not_startable (Fixture *fx, gconstpointer data)
{
  g_autofree char *not_a_program = g_test_build_filename (G_TEST_DIST, "meson.build", NULL);
  const char *const paths[] = { "/nonexistent/pg_dump", not_a_program, "/" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GError) error = NULL;
      const char *const argv[] = { paths[i], NULL };
      PgmCommand command = { .argv = argv, .envp = child_env };

      g_assert_cmpint (pgm_subprocess_run_sync (&command, NULL, &error), ==, -1);
      g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
      g_test_message ("%s", error->message);
    }
}

static void
test_already_cancelled (Fixture *fx, gconstpointer data)
{
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "pgm-must-not-exist", NULL);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr(GError) error = NULL;

      g_cancellable_reset (fx->cancellable);
      g_cancellable_cancel (i == 0 ? fx->cancellable : fx->kill);
      g_assert_cmpint (RUN (fx, &error, "file-mode", file), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
    }
}

static void
test_cancel (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  g_assert_cmpint (RUN (fx, &error, "sleep", "600"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fx->took_us, <, LIMIT_US);
  g_assert_true (is_gone (fx->leader));
}

/* The fake tool does nothing about SIGINT, so a run that sent SIGTERM would succeed. */
static void
test_cancel_by_int (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  fx->stop_signal = PGM_STOP_BY_INT;
  g_assert_cmpint (RUN (fx, &error, "exit-on-term", "0"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* psql forgets a SIGINT that comes between two statements. */
static void
test_cancel_by_int_again (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  fx->stop_signal = PGM_STOP_BY_INT;
  g_assert_cmpint (RUN (fx, &error, "ignore-int", "2"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fx->took_us, >=, 400 * 1000); /* it was not killed for the first ones */
  g_assert_true (is_gone (fx->leader));
}

static void
test_cancel_status (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  g_assert_cmpint (RUN (fx, &error, "exit-on-term", "1"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_late_cancel (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  g_assert_cmpint (RUN (fx, &error, "exit-on-term", "0"), ==, 0);
  g_assert_no_error (error);
  g_assert_true (g_cancellable_is_cancelled (fx->cancellable));
}

static void
test_cancel_group (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  g_assert_cmpint (RUN (fx, &error, "lead", "600"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (is_gone_in_time (fx->grandchild));
}

static void
test_ignore_term (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = cancel_on_line;
  g_assert_cmpint (RUN (fx, &error, "ignore-term", "600"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fx->took_us, >=, G_USEC_PER_SEC);
  g_assert_cmpint (fx->took_us, <, LIMIT_US);
  g_assert_true (is_gone (fx->leader));
  g_assert_true (is_gone_in_time (fx->grandchild));
}

static void
test_kill (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = kill_on_line;
  g_assert_cmpint (RUN (fx, &error, "ignore-term", "600"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fx->took_us, <, LIMIT_US);
  g_assert_true (is_gone (fx->leader));
  g_assert_true (is_gone_in_time (fx->grandchild));
}

static void
test_foreign_signal (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = foreign_kill_on_line;
  g_assert_cmpint (RUN (fx, &error, "ignore-term", "600"), ==, -1);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
  g_assert_nonnull (strstr (error->message, "fake-tool was ended by signal 9"));
  g_assert_cmpint (fx->took_us, <, LIMIT_US);
  g_assert_true (is_gone_in_time (fx->grandchild));
}

static void
test_own_signal (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (fx, &error, "kill-self", "6"), ==, -1);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
}

/* Who leaves by itself may leave somebody behind, who keeps the pipes open. */
static void
test_grandchild (Fixture *fx, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  fx->on_line = note_pids;
  g_assert_cmpint (RUN (fx, &error, "grandchild", "600"), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpint (fx->took_us, >=, G_USEC_PER_SEC);
  g_assert_cmpint (fx->took_us, <, LIMIT_US);
  g_assert_false (is_gone (fx->grandchild));
  kill (fx->grandchild, SIGKILL);
}

typedef struct
{
  Fixture fx;
  gint *n_left;
} Worker;

static gpointer
worker_main (gpointer data)
{
  Worker *worker = data;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (RUN (&worker->fx, &error, "spam", "20000"), ==, 0);
  g_assert_no_error (error);
  assert_numbered (worker->fx.out, "out", 20000);
  worker->fx.on_line = cancel_on_line;
  g_assert_cmpint (RUN (&worker->fx, &error, "sleep", "600"), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_atomic_int_add (worker->n_left, -1);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* Several runs at once, with a main loop that turns and with one that does not. */
static void
test_threads (Fixture *fx, gconstpointer turns)
{
  Worker workers[4] = { 0 };
  GThread *threads[G_N_ELEMENTS (workers)] = { NULL };
  gint n_left = G_N_ELEMENTS (workers);

  for (gsize i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      set_up (&workers[i].fx, NULL);
      workers[i].n_left = &n_left;
      threads[i] = g_thread_new ("run", worker_main, &workers[i]);
    }
  while (turns != NULL && g_atomic_int_get (&n_left) > 0)
    g_main_context_iteration (NULL, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      g_thread_join (threads[i]);
      tear_down (&workers[i].fx, NULL);
    }
}

static void
forward_cb (const char *line, gpointer user_data)
{
  puts (line);
  fflush (stdout);
}

/* The other process of test_parent_killed(). */
static gpointer
hold (gpointer fake_tool)
{
  const char *const argv[] = { fake_tool, "sleep", "600", NULL };
  PgmCommand command = { .argv = argv, .envp = child_env, .stdout_line = forward_cb };

  pgm_subprocess_run_sync (&command, NULL, NULL);
  return NULL;
}

static void
test_parent_killed (Fixture *fx, gconstpointer where)
{
  g_autofree char *self = g_test_build_filename (G_TEST_BUILT, "test-subprocess", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) parent = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, self,
                                                     "--hold", where, fx->fake_tool, NULL);
  g_autoptr(GDataInputStream) out = NULL;
  g_autofree char *line = NULL;
  int pid = 0;

  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (parent));
  line = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  pid = atoi (line);
  g_assert_cmpint (pid, >, 1);
  g_usleep (300 * 1000); /* whatever thread could end by now has ended */
  g_assert_false (is_gone (pid));

  g_subprocess_force_exit (parent);
  g_assert_true (is_gone_in_time (pid));
  g_subprocess_wait (parent, NULL, NULL);
}

/* GLib keeps paths that begin with "/subprocess" for itself. */
static void
add_end_tests (void)
{
  g_test_add ("/process/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/process/cancel-by-int", Fixture, NULL, set_up, test_cancel_by_int, tear_down);
  g_test_add ("/process/cancel-by-int-again", Fixture, NULL, set_up, test_cancel_by_int_again,
              tear_down);
  g_test_add ("/process/cancel-status", Fixture, NULL, set_up, test_cancel_status, tear_down);
  g_test_add ("/process/cancel-group", Fixture, NULL, set_up, test_cancel_group, tear_down);
  g_test_add ("/process/already-cancelled", Fixture, NULL, set_up, test_already_cancelled,
              tear_down);
  g_test_add ("/process/late-cancel", Fixture, NULL, set_up, test_late_cancel, tear_down);
  g_test_add ("/process/ignore-term", Fixture, NULL, set_up, test_ignore_term, tear_down);
  g_test_add ("/process/kill", Fixture, NULL, set_up, test_kill, tear_down);
  g_test_add ("/process/foreign-signal", Fixture, NULL, set_up, test_foreign_signal, tear_down);
  g_test_add ("/process/own-signal", Fixture, NULL, set_up, test_own_signal, tear_down);
  g_test_add ("/process/grandchild", Fixture, NULL, set_up, test_grandchild, tear_down);
#ifdef __linux__
  g_test_add ("/process/parent-killed", Fixture, "main", set_up, test_parent_killed, tear_down);
  g_test_add ("/process/parent-killed-thread", Fixture, "thread", set_up, test_parent_killed,
              tear_down);
#endif
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  if (argc == 4 && g_str_equal (argv[1], "--hold"))
    {
      if (g_str_equal (argv[2], "main"))
        return hold (argv[3]) != NULL;
      return g_thread_join (g_thread_new ("hold", hold, argv[3])) != NULL;
    }
  g_setenv ("PGHOSTADDR", "192.0.2.1", TRUE);
  g_setenv ("PGSERVICE", "elsewhere", TRUE);
  g_setenv ("LANGUAGE", "de", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/process/exit-status", Fixture, NULL, set_up, test_exit_status, tear_down);
  g_test_add ("/process/silent", Fixture, NULL, set_up, test_silent, tear_down);
  g_test_add ("/process/many-lines", Fixture, NULL, set_up, test_many_lines, tear_down);
  g_test_add ("/process/slow-consumer", Fixture, NULL, set_up, test_slow_consumer, tear_down);
  g_test_add ("/process/long-line", Fixture, NULL, set_up, test_long_line, tear_down);
  g_test_add ("/process/bytes", Fixture, NULL, set_up, test_bytes, tear_down);
  g_test_add ("/process/input", Fixture, NULL, set_up, test_input, tear_down);
  g_test_add ("/process/empty-input", Fixture, NULL, set_up, test_empty_input, tear_down);
  g_test_add ("/process/unwanted-input", Fixture, NULL, set_up, test_unwanted_input, tear_down);
  g_test_add ("/process/ticks", Fixture, NULL, set_up, test_ticks, tear_down);
  g_test_add ("/process/environment", Fixture, NULL, set_up, test_environment, tear_down);
  g_test_add ("/process/limits", Fixture, NULL, set_up, test_limits, tear_down);
  g_test_add ("/process/not-startable", Fixture, NULL, set_up, test_not_startable, tear_down);
  g_test_add ("/process/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/process/threads-main-loop", Fixture, "turns", set_up, test_threads, tear_down);
  add_end_tests ();
  return g_test_run ();
}
