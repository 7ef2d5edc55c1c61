/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Stands in for a client tool where a test needs one that behaves in a certain way:
 *
 *   exit N         leave with status N
 *   sleep S        print the process number, sleep
 *   say TEXT N     print TEXT, leave with status N
 *   spam N         N numbered lines on each of stdout and stderr
 *   ignore-term S  as "lead S", but neither process listens to SIGTERM
 *   ignore-int N   print "PID 0", sleep; leave with status 3 on SIGINT, but for the first N
 *   exit-on-term N print "ready", sleep; leave with status N on SIGTERM
 *   kill-self N    end by signal N
 *   print-env      the whole environment
 *   cat            stdin to stdout
 *   core-limit     the soft and hard limit of core files
 *   file-mode FILE create FILE as 0666 allows
 *   fds            the numbers of all open files
 *   grandchild S   start a child that keeps the pipes open for S seconds; print the numbers of
 *                  both processes; leave with 0
 *   lead S         the same, but stay
 *   long-line N    a line of N letters, then "end"
 *   bytes          bytes that are no text, and no newline at the end
 */

#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

extern char **environ;

static int status_on_term;
static int n_ignored_left;

static void
print_line (const char *text)
{
  puts (text);
  fflush (stdout);
}

static int
sleep_for (const char *seconds)
{
  g_usleep (atoi (seconds) * G_USEC_PER_SEC);
  return 0;
}

static int
spam (int n)
{
  for (int i = 0; i < n; i++)
    {
      printf ("out %d\n", i);
      fprintf (stderr, "err %d\n", i);
    }
  return 0;
}

static int
print_env (void)
{
  for (char **entry = environ; *entry != NULL; entry++)
    puts (*entry);
  return 0;
}

static int
cat (void)
{
  char buffer[4096];
  gsize n = 0;

  while ((n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    fwrite (buffer, 1, n, stdout);
  return 0;
}

static int
long_line (int n)
{
  for (int i = 0; i < n; i++)
    putchar ('x');
  puts ("\nend");
  return 0;
}

static int
bytes (void)
{
  static const char text[] = "a\xe7\xff\n\0hidden\n\nlast";

  fwrite (text, 1, sizeof text - 1, stdout);
  return 0;
}

#ifdef G_OS_UNIX
static void
term_cb (int signal_number)
{
  _exit (status_on_term);
}

static int
exit_on_term (int status)
{
  status_on_term = status;
  signal (SIGTERM, term_cb);
  print_line ("ready");
  return sleep_for ("600");
}

static void
int_cb (int signal_number)
{
  if (n_ignored_left-- == 0)
    _exit (3);
}

static int
ignore_int (int n)
{
  n_ignored_left = n;
  signal (SIGINT, int_cb);
  printf ("%d 0\n", (int) getpid ());
  fflush (stdout);
  while (n_ignored_left >= -1)
    pause ();
  return 0;
}

static int
kill_self (int signal_number)
{
  raise (signal_number);
  return sleep_for ("600");
}

static int
core_limit (void)
{
  struct rlimit limit = { 1, 1 };

  getrlimit (RLIMIT_CORE, &limit);
  printf ("%lu %lu\n", (unsigned long) limit.rlim_cur, (unsigned long) limit.rlim_max);
  return 0;
}

static int
file_mode (const char *path)
{
  int fd = open (path, O_CREAT | O_EXCL | O_WRONLY, 0666);

  return fd >= 0 ? close (fd) : 1;
}

static int
fds (void)
{
  for (int fd = 0; fd < 256; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      printf ("%d\n", fd);
  return 0;
}

static void
start_grandchild (const char *seconds)
{
  int pid = fork ();

  if (pid == 0)
    _exit (sleep_for (seconds));
  printf ("%d %d\n", (int) getpid (), pid);
  fflush (stdout);
}

static int
lead (const char *seconds)
{
  start_grandchild (seconds);
  return sleep_for ("600");
}

static int
ignore_term (const char *seconds)
{
  signal (SIGTERM, SIG_IGN);
  return lead (seconds);
}

static int
run_unix (const char *mode, const char *arg)
{
  if (g_str_equal (mode, "exit-on-term"))
    return exit_on_term (atoi (arg));
  if (g_str_equal (mode, "ignore-term"))
    return ignore_term (arg);
  if (g_str_equal (mode, "ignore-int"))
    return ignore_int (atoi (arg));
  if (g_str_equal (mode, "kill-self"))
    return kill_self (atoi (arg));
  if (g_str_equal (mode, "core-limit"))
    return core_limit ();
  if (g_str_equal (mode, "file-mode"))
    return file_mode (arg);
  if (g_str_equal (mode, "fds"))
    return fds ();
  if (g_str_equal (mode, "lead"))
    return lead (arg);
  if (!g_str_equal (mode, "grandchild"))
    return 64;
  start_grandchild (arg);
  return 0;
}
#else
static int
run_unix (const char *mode, const char *arg)
{
  return 64;
}
#endif

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "";
  const char *arg = argc > 2 ? argv[2] : "0";

  if (g_str_equal (mode, "exit"))
    return atoi (arg);
  if (g_str_equal (mode, "sleep"))
    {
#ifdef G_OS_UNIX
      printf ("%d\n", (int) getpid ());
#endif
      fflush (stdout);
      return sleep_for (arg);
    }
  if (g_str_equal (mode, "say"))
    {
      print_line (arg);
      return argc > 3 ? atoi (argv[3]) : 0;
    }
  if (g_str_equal (mode, "spam"))
    return spam (atoi (arg));
  if (g_str_equal (mode, "print-env"))
    return print_env ();
  if (g_str_equal (mode, "cat"))
    return cat ();
  if (g_str_equal (mode, "long-line"))
    return long_line (atoi (arg));
  if (g_str_equal (mode, "bytes"))
    return bytes ();
  return run_unix (mode, arg);
}
