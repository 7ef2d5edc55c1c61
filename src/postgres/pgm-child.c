/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* On Unix a child leads a process group of its own: Ctrl-C in a terminal reaches us alone, and
 * we can end the child together with what it started.
 *
 * On Linux the kernel ends the child when we die. It sends that signal when the thread that
 * forked ends, not the process. A child may be started in any thread all the same, because
 * pgm_subprocess_run_sync() stays in that thread until the child was reaped. */

#include "pgm-child.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "pgm-error.h"

struct _PgmChild
{
  GSubprocess *process; /* owned */
  int pid;              /* of the leader, and the number of its group; 0: not known */
};

#ifdef G_OS_UNIX
typedef struct
{
  pid_t parent;
  gboolean may_gain_rights;
} Setup;

/* In the child, between fork and exec: only async-signal-safe calls. */
static void
child_setup_cb (gpointer user_data)
{
  const Setup *setup = user_data;
  const struct rlimit no_core = { 0, 0 };
  sigset_t none;

  setpgid (0, 0);
  setrlimit (RLIMIT_CORE, &no_core); /* its memory holds the password */
  umask (S_IRWXG | S_IRWXO);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGINT, SIG_DFL); /* a shell ignores it for background jobs, and exec keeps that */
  signal (SIGTERM, SIG_DFL);
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (!setup->may_gain_rights)
    prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
  if (getppid () != setup->parent) /* it died before the line above */
    _exit (127);
}
#endif

static const char *
describe_spawn_error (const GError *error)
{
  if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    return g_strerror (ENOENT);
  if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES))
    return g_strerror (EACCES);
  return error->message;
}

static GSubprocessLauncher *
new_launcher (const PgmCommand *command)
{
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_NONE;
  GSubprocessLauncher *launcher = NULL;
#ifdef G_OS_UNIX
  Setup *setup = NULL;
#endif

  if (command->input != NULL)
    flags |= G_SUBPROCESS_FLAGS_STDIN_PIPE;
  flags |= command->stdout_line != NULL ? G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                        : G_SUBPROCESS_FLAGS_STDOUT_SILENCE;
  flags |= command->stderr_line != NULL ? G_SUBPROCESS_FLAGS_STDERR_PIPE
                                        : G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  launcher = g_subprocess_launcher_new (flags);
  g_subprocess_launcher_set_environ (launcher, (char **) command->envp);
#ifdef G_OS_UNIX
  setup = g_new (Setup, 1);
  *setup = (Setup){ getpid (), command->may_gain_rights };
  g_subprocess_launcher_set_child_setup (launcher, child_setup_cb, setup, g_free);
#endif
  return launcher;
}

/* Returns: NULL and PGM_ERROR_TOOL when it could not be started */
PgmChild *
pgm_child_spawn (const PgmCommand *command, GError **error)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (command);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) local = NULL;
  const char *pid = NULL;
  PgmChild *self = NULL;

  process = g_subprocess_launcher_spawnv (launcher, command->argv, &local);
  if (process == NULL)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                   _("could not start \"%s\": %s"), command->argv[0],
                      describe_spawn_error (local));
      return NULL;
    }
  pid = g_subprocess_get_identifier (process); /* NULL when it has ended already */
  self = g_new (PgmChild, 1);
  *self = (PgmChild){ g_steal_pointer (&process), pid != NULL ? atoi (pid) : 0 };
  return self;
}

void
pgm_child_free (PgmChild *self)
{
  g_object_unref (self->process);
  g_free (self);
}

GSubprocess *
pgm_child_get_process (PgmChild *self)
{
  return self->process;
}

/* Only once it was reaped. Returns: the number of the signal that ended it, or 0. */
int
pgm_child_get_signal (PgmChild *self)
{
#ifdef G_OS_UNIX
  if (g_subprocess_get_if_signaled (self->process))
    return g_subprocess_get_term_sig (self->process);
#endif
  return 0;
}

#ifdef __linux__
/* Returns: what a process has used and how often it was woken: another number whenever it did
 * anything at all, also when it only moved bytes of a socket */
static guint64
count_life_signs (int pid)
{
  g_autofree char *stat_path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *status_path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *stat = NULL;
  g_autofree char *status = NULL;
  const char *end = NULL;
  const char *switches = NULL;
  unsigned long user = 0;
  unsigned long system = 0;

  if (!g_file_get_contents (stat_path, &stat, NULL, NULL) ||
      !g_file_get_contents (status_path, &status, NULL, NULL))
    return 0;
  end = strrchr (stat, ')'); /* the name before it may contain anything */
  if (end != NULL &&
      sscanf (end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    user = system = 0;
  switches = strstr (status, "\nvoluntary_ctxt_switches:");
  return user + system +
         (switches != NULL ? g_ascii_strtoull (strchr (switches, ':') + 1, NULL, 10) : 0);
}

static char **
list_children (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, pid);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_new0 (char *, 1);
  return g_strsplit (g_strchomp (text), " ", -1);
}
#endif

/* Returns: another number whenever the process or one of its children did anything; always 0
 * where the system does not tell
 * @ret_n_children: (out) */
guint64
pgm_child_get_life_signs (PgmChild *self, guint *ret_n_children)
{
  guint64 sum = 0;

  *ret_n_children = 0;
#ifdef __linux__
  if (self->pid > 1)
    {
      g_auto(GStrv) children = list_children (self->pid);

      sum = count_life_signs (self->pid);
      for (gsize i = 0; children[i] != NULL; i++)
        if (*children[i] != '\0')
          {
            sum += count_life_signs (atoi (children[i]));
            ++*ret_n_children;
          }
      sum += *ret_n_children;
    }
#endif
  return sum;
}

gboolean
pgm_child_has_group (PgmChild *self)
{
#ifdef G_OS_UNIX
  return self->pid > 1 && (kill (-self->pid, 0) == 0 || errno == EPERM);
#else
  return FALSE;
#endif
}

#ifdef G_OS_UNIX
/* The number of a group stays taken while the group has a member or its leader was not reaped.
 * After that, a stranger could be hit only if all process numbers were used up once between
 * two looks at the group. */
static void
signal_group (PgmChild *self, int signal_number)
{
  if (self->pid > 1)
    kill (-self->pid, signal_number);
}
#endif

/* Asks the leader alone: it knows best in which order to end its own workers. */
void
pgm_child_stop (PgmChild *self, PgmStopSignal stop_signal)
{
#ifdef G_OS_UNIX
  g_subprocess_send_signal (self->process, stop_signal == PGM_STOP_BY_INT ? SIGINT : SIGTERM);
#else
  g_subprocess_force_exit (self->process);
#endif
}

/* For what a leader left behind. On SIGTERM a worker of pg_restore ends its statement on the
 * server; SIGKILL would leave it running there. */
void
pgm_child_stop_group (PgmChild *self)
{
#ifdef G_OS_UNIX
  signal_group (self, SIGTERM);
#endif
}

void
pgm_child_kill (PgmChild *self)
{
#ifdef G_OS_UNIX
  signal_group (self, SIGKILL);
#endif
  g_subprocess_force_exit (self->process);
}
