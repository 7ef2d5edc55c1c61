/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef G_OS_WIN32
#include <windows.h>
#endif

/* The field "starttime" of proc(5), counted behind the name, which may contain anything. */
#define START_FIELD 19

/* Our memory holds passwords: it must not become a file. For main(), before anything is read.
 *
 * The limit is for core files. Where cores go to a program (systemd-coredump, apport), that
 * program decides, but gets nothing of a process that may not be dumped.
 *
 * @also_tracing: neither dumped nor looked into by the user's other processes. Not for the
 *   window: /proc/PID then belongs to root, by which a portal finds out who is asking. */
void
pgm_process_forbid_core (gboolean also_tracing)
{
#ifdef G_OS_UNIX
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
#endif
#ifdef __linux__
  if (also_tracing)
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

gint64
pgm_process_get_own (void)
{
#ifdef G_OS_WIN32
  return (gint64) GetCurrentProcessId ();
#else
  return getpid ();
#endif
}

/* Returns: clock ticks from the boot to the start of the process; 0: not known here */
guint64
pgm_process_get_start (gint64 pid)
{
#ifdef __linux__
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;
  g_auto(GStrv) fields = NULL;
  const char *behind = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  behind = strrchr (text, ')');
  if (behind == NULL)
    return 0;
  fields = g_strsplit (behind + strlen (") "), " ", -1);
  return g_strv_length (fields) > START_FIELD ? g_ascii_strtoull (fields[START_FIELD], NULL, 10)
                                              : 0;
#else
  return 0;
#endif
}

/* @start: as pgm_process_get_start() told for it */
gboolean
pgm_process_is_alive (gint64 pid, guint64 start)
{
#ifdef G_OS_WIN32
  return pid == pgm_process_get_own ();
#else
  if (pid <= 0 || (kill ((pid_t) pid, 0) != 0 && errno != EPERM))
    return FALSE;
  return pgm_process_get_start (pid) == start;
#endif
}
