/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Runs one client tool and waits for it. A run goes through three states:
 *
 *   running    until the leader (the tool itself) was reaped. A cancel, or a server that is
 *              found to be stalled, sends it a polite signal, so that it can end its statements
 *              on the server, and after STOP_GRACE_MS its whole process group is killed.
 *              Nothing else ends this state.
 *   draining   the leader is gone. What it wrote is still in the pipes. Its own children may
 *              hold them open for ever, so this ends after DRAIN_MS at the latest. If the
 *              leader was stopped, or a stranger's signal ended it, what is left of its group
 *              is told to stop, too, and killed at the end of this state.
 *   over */

#include "pgm-subprocess.h"

#include <glib/gi18n-lib.h>
#ifdef G_OS_UNIX
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#endif

#include "pgm-child.h"
#include "pgm-error.h"
#include "pgm-line-splitter.h"
#include "pgm-stall.h"

#define DEFAULT_TICK_MS 250
#define STOP_GRACE_MS 1500
#define STOP_AGAIN_MS 250
#define STALL_LOOK_MS 500
#define DRAIN_MS 1000
#define DRAIN_LOOK_MS 20

/* At least what a pipe holds (64 KiB on Linux), so that one read empties it. */
#define PIPE_BYTES (64 * 1024)

typedef struct
{
  const PgmCommand *command; /* borrowed */
  PgmChild *child;           /* owned */
  GSubprocess *process;      /* borrowed: the child has it */
  GMainContext *context;     /* owned */
  GPtrArray *sources;        /* owned: what is attached to the context */
  GCancellable *cancellable; /* borrowed, nullable */
  PgmStall stall;
  GError *stall_error;   /* owned, nullable */
  guint64 n_bytes_read;  /* of its output */
  GCancellable *io;      /* owned: gives up on pipes that nobody closes */
  guint n_pending;       /* reads and writes that have not come back */
  gboolean has_ended;    /* the leader was reaped */
  gboolean is_stopping;  /* its group has to go as well */
  gboolean was_killed;   /* with its group: nothing more can be done to them */
  gint64 drain_until_us; /* monotonic */
  GError *read_error;    /* owned, nullable: what it wrote was not read whole */
} Run;

typedef struct
{
  Run *run;               /* borrowed */
  GInputStream *stream;   /* borrowed: the process has it */
  PgmLineSplitter *lines; /* owned */
  char *buffer;           /* owned: PIPE_BYTES */
  guint n_late_reads;     /* since the leader was reaped */
} Pipe;

/* Takes @source. */
static void
run_add_source (Run *run, GSource *source, GSourceFunc func)
{
  g_source_set_callback (source, func, run, NULL);
  g_source_attach (source, run->context);
  g_ptr_array_add (run->sources, source);
}

static gboolean
grace_over_cb (gpointer user_data)
{
  Run *run = user_data;

  if (run->has_ended)
    return G_SOURCE_REMOVE;
  pgm_child_kill (run->child);
  run->was_killed = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
kill_cb (GCancellable *cancellable, gpointer user_data)
{
  return grace_over_cb (user_data);
}

/* psql forgets a SIGINT that finds it between two statements, and goes on with the next one. */
static gboolean
interrupt_again_cb (gpointer user_data)
{
  Run *run = user_data;

  if (run->has_ended)
    return G_SOURCE_REMOVE;
  pgm_child_stop (run->child, PGM_STOP_BY_INT);
  return G_SOURCE_CONTINUE;
}

static void
run_stop (Run *run)
{
  if (run->has_ended || run->is_stopping)
    return;
  pgm_child_stop (run->child, run->command->stop_signal);
  run->is_stopping = TRUE;
  if (run->command->stop_signal == PGM_STOP_BY_INT)
    run_add_source (run, g_timeout_source_new (STOP_AGAIN_MS), interrupt_again_cb);
  run_add_source (run, g_timeout_source_new (STOP_GRACE_MS), grace_over_cb);
}

static gboolean
cancel_cb (GCancellable *cancellable, gpointer user_data)
{
  run_stop (user_data);
  return G_SOURCE_REMOVE;
}

/* What a script of the user's runs beside psql has no session, and is no stall. */
static void
note_movement (Run *run)
{
  const PgmCommand *command = run->command;
  guint n_children = 0;
  guint64 movement = run->n_bytes_read + pgm_child_get_life_signs (run->child, &n_children);

  if (command->movement != NULL)
    movement += command->movement (command->user_data);
  pgm_stall_note (&run->stall, movement);
  if (command->stop_signal == PGM_STOP_BY_INT && n_children > 0)
    pgm_stall_moved (&run->stall);
}

static gboolean
stall_cb (gpointer user_data)
{
  Run *run = user_data;

  if (run->has_ended || run->is_stopping)
    return G_SOURCE_REMOVE;
  note_movement (run);
  if (g_get_monotonic_time () < run->stall.look_us ||
      pgm_stall_look_sync (&run->stall, run->cancellable, &run->stall_error))
    return G_SOURCE_CONTINUE;
  run_stop (run);
  return G_SOURCE_REMOVE;
}

static gboolean
tick_cb (gpointer user_data)
{
  Run *run = user_data;

  if (!run->has_ended)
    run->command->tick (run->command->user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
drain_cb (gpointer user_data)
{
  Run *run = user_data;

  run->is_stopping = run->is_stopping && pgm_child_has_group (run->child);
  if (g_get_monotonic_time () < run->drain_until_us)
    return G_SOURCE_CONTINUE;
  if (run->is_stopping)
    pgm_child_kill (run->child);
  run->is_stopping = FALSE;
  g_cancellable_cancel (run->io);
  return G_SOURCE_REMOVE;
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  GSource *look = g_timeout_source_new (DRAIN_LOOK_MS);

  g_subprocess_wait_finish (run->process, result, NULL);
  run->has_ended = TRUE;
  run->drain_until_us = g_get_monotonic_time () + DRAIN_MS * 1000;
  if (pgm_child_get_signal (run->child) != 0)
    run->is_stopping = TRUE;
  if (run->was_killed)
    run->is_stopping = FALSE;
  if (run->is_stopping)
    pgm_child_stop_group (run->child);
  /* only when no read is ready, so that nothing that was written is lost */
  g_source_set_priority (look, G_PRIORITY_LOW);
  run_add_source (run, look, drain_cb);
}

static void pipe_read (Pipe *self);

/* Two reads after the end of the leader hold all that it wrote: one may have begun before. */
static gboolean
pipe_may_go_on (Pipe *self)
{
  if (!self->run->has_ended || ++self->n_late_reads < 3)
    return TRUE;
  return g_get_monotonic_time () < self->run->drain_until_us;
}

static void
pipe_read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Pipe *self = user_data;
  g_autoptr(GError) local = NULL;
  gssize n_bytes = g_input_stream_read_finish (self->stream, result, &local);

  self->run->n_pending--;
  self->run->n_bytes_read += MAX (n_bytes, 0);
  if (n_bytes < 0 && self->run->read_error == NULL &&
      !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->run->read_error = g_steal_pointer (&local);
  if (n_bytes > 0)
    pgm_line_splitter_push (self->lines, self->buffer, n_bytes);
  if (n_bytes > 0 && pipe_may_go_on (self))
    pipe_read (self);
  else
    pgm_line_splitter_flush (self->lines);
}

static void
pipe_read (Pipe *self)
{
  self->run->n_pending++;
  g_input_stream_read_async (self->stream, self->buffer, PIPE_BYTES, G_PRIORITY_DEFAULT,
                             self->run->io, pipe_read_cb, self);
}

/* @stream: (nullable): NULL when the output goes nowhere */
static void
pipe_open (Pipe *self, Run *run, GInputStream *stream, PgmLineFunc func)
{
  if (stream == NULL)
    return;
  self->run = run;
  self->stream = stream;
  self->lines = pgm_line_splitter_new (func, run->command->user_data);
  self->buffer = g_malloc (PIPE_BYTES);
  pipe_read (self);
}

static void
pipe_clear (Pipe *self)
{
  g_clear_pointer (&self->lines, pgm_line_splitter_free);
  g_clear_pointer (&self->buffer, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pipe, pipe_clear)

/* A child that does not want all of its input is no error of the run: its status tells. */
static void
input_written_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (object), NULL, NULL);
  run->n_pending--;
}

static void
run_write_input (Run *run)
{
  GOutputStream *stream = g_subprocess_get_stdin_pipe (run->process);
  gsize n_bytes = 0;
  const char *bytes = NULL;

  if (stream == NULL)
    return;
#ifdef G_OS_UNIX
  /* otherwise a long write sleeps until the child has read all of it */
  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (stream)), TRUE,
                             NULL);
#endif
  bytes = g_bytes_get_data (run->command->input, &n_bytes);
  run->n_pending++;
  g_output_stream_write_all_async (stream, bytes, n_bytes, G_PRIORITY_DEFAULT, run->io,
                                   input_written_cb, run);
}

static void
source_free (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->sources, g_ptr_array_unref);
  g_clear_object (&run->io);
  g_clear_error (&run->stall_error);
  g_clear_error (&run->read_error);
  g_clear_pointer (&run->child, pgm_child_free);
  g_clear_pointer (&run->context, g_main_context_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* @child: (transfer full) */
static void
run_init (Run *run, const PgmCommand *command, PgmChild *child, GCancellable *cancellable)
{
  *run = (Run){ .command = command, .child = child, .cancellable = cancellable };
  pgm_stall_init (&run->stall, command->server, /* pid= */ 0);
  run->process = pgm_child_get_process (child);
  run->context = g_main_context_new ();
  run->sources = g_ptr_array_new_with_free_func (source_free);
  run->io = g_cancellable_new ();
}

static void
run_add_sources (Run *run)
{
  const PgmCommand *command = run->command;

  if (run->cancellable != NULL)
    run_add_source (run, g_cancellable_source_new (run->cancellable), G_SOURCE_FUNC (cancel_cb));
  if (run->stall.look_us != G_MAXINT64)
    run_add_source (run, g_timeout_source_new (STALL_LOOK_MS), stall_cb);
  if (command->kill != NULL)
    run_add_source (run, g_cancellable_source_new (command->kill), G_SOURCE_FUNC (kill_cb));
  if (command->tick != NULL)
    run_add_source (
        run, g_timeout_source_new (command->tick_ms > 0 ? command->tick_ms : DEFAULT_TICK_MS),
        tick_cb);
}

static void
run_until_over (Run *run)
{
  g_auto(Pipe) out = { 0 };
  g_auto(Pipe) err = { 0 };

  g_main_context_push_thread_default (run->context);
  run_add_sources (run);
  g_subprocess_wait_async (run->process, NULL, ended_cb, run);
  pipe_open (&out, run, g_subprocess_get_stdout_pipe (run->process), run->command->stdout_line);
  pipe_open (&err, run, g_subprocess_get_stderr_pipe (run->process), run->command->stderr_line);
  run_write_input (run);
  while (!run->has_ended || run->is_stopping || run->n_pending > 0)
    g_main_context_iteration (run->context, TRUE);
  g_main_context_pop_thread_default (run->context);
}

static int
run_report (Run *run, GError **error)
{
  int signal_number = pgm_child_get_signal (run->child);
  int status = signal_number == 0 ? g_subprocess_get_exit_status (run->process) : -1;
  g_autofree char *name = g_path_get_basename (run->command->argv[0]);

  if (status == 0 && run->read_error != NULL)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                   _("what %s said could not be read: %s"), name, run->read_error->message);
      return -1;
    }
  if (status == 0)
    return 0;
  if (g_cancellable_is_cancelled (run->cancellable) ||
      g_cancellable_is_cancelled (run->command->kill))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("%s was stopped"), name);
      return -1;
    }
  if (run->stall_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&run->stall_error));
      return -1;
    }
  if (signal_number == 0)
    return status > 0 && status < 256 ? status : 255; /* Windows has longer ones */
  g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
               _("%s was ended by signal %d (%s)"), name, signal_number,
                  g_strsignal (signal_number));
  return -1;
}

/* Any thread may call this; the functions of @command are called in that thread. The program
 * has to ignore SIGPIPE. The call does not return while the child lives.
 *
 * A cancel asks the child to stop, and soon kills it. A child that succeeded all the same is a
 * success.
 *
 * Returns: the exit status, 0 to 255; none of them is an error here. Or -1 with @error:
 * PGM_ERROR_TOOL when the child could not be started or somebody else's signal ended it,
 * G_IO_ERROR_CANCELLED when it was stopped by @cancellable or `kill`, PGM_ERROR_STALLED when its
 * server said nothing any more. */
int
pgm_subprocess_run_sync (const PgmCommand *command, GCancellable *cancellable, GError **error)
{
  PgmChild *child = NULL;
  g_auto(Run) run = { 0 };

  g_return_val_if_fail (command->argv[0] != NULL && g_path_is_absolute (command->argv[0]), -1);
  g_return_val_if_fail (command->envp != NULL, -1);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      g_cancellable_set_error_if_cancelled (command->kill, error))
    return -1;
  child = pgm_child_spawn (command, error);
  if (child == NULL)
    return -1;
  run_init (&run, command, child, cancellable);
  run_until_over (&run);
  return run_report (&run, error);
}
