/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#define _GNU_SOURCE /* posix_openpt() */

#include "pgm-console.h"

#include <string.h>

#include "pgm-json-line.h"
#include "pgm-layout.h"

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#endif

static const PgmProgress restoring = {
  .phase = PGM_PHASE_RESTORE,
  .tables_done = 12,
  .tables_total = 27,
  .bytes_done = 412000000,
  .bytes_total = 890000000,
  .rate_bytes_per_s = 38000000,
  .time_left_us = 12500000,
};

static void
test_measure (void)
{
  g_assert_cmpuint (pgm_layout_measure ("maçã"), ==, 4);
  g_assert_cmpuint (pgm_layout_measure ("日本"), ==, 4);
  g_assert_cmpuint (pgm_layout_measure ("e\u0301"), ==, 1);
}

static void
test_cut (void)
{
  g_autofree char *narrow = pgm_layout_cut ("日本", 3);
  g_autofree char *whole = pgm_layout_cut ("maçã", 4);
  g_autofree char *none = pgm_layout_cut ("maçã", 0);

  g_assert_cmpstr (narrow, ==, "日");
  g_assert_cmpstr (whole, ==, "maçã");
  g_assert_cmpstr (none, ==, "");
}

static void
test_progress (void)
{
  static const struct
  {
    guint width;
    const char *expected;
  } cases[] = {
    { 200, "Restoring  [=========>          ] 46 %  12 of 27 tables  412.0 MB of 890.0 MB"
           "  38.0 MB/s  about 13 s left" },
    { 100, "Restoring  [====>     ] 46 %  12 of 27 tables  412.0 MB of 890.0 MB"
           "  38.0 MB/s  about 13 s left" },
    { 79, "Restoring  [====>     ] 46 %  12 of 27 tables  38.0 MB/s  about 13 s left" },
    { 45, "Restoring  [====>     ] 46 %  about 13 s left" },
    { 39, "Restoring  [=========>          ] 46 %" },
    { 16, "Restoring  46 %" },
    { 6, "Restor" },
    { 0, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = pgm_layout_format_progress (&restoring, cases[i].width);

      g_assert_cmpstr (line, ==, cases[i].expected);
    }
}

/* Whatever the numbers are, the line fits. */
static void
test_progress_fits (void)
{
  PgmProgress progress = restoring;

  progress.bytes_total = G_MAXUINT64;
  progress.tables_total = G_MAXUINT;
  progress.time_left_us = G_MAXINT64 / 2;
  for (guint width = 0; width < 200; width++)
    {
      g_autofree char *line = pgm_layout_format_progress (&progress, width);

      g_assert_cmpuint (pgm_layout_measure (line), <=, width);
    }
}

static void
test_progress_unknown (void)
{
  const PgmProgress checking = { .phase = PGM_PHASE_CHECK, .time_left_us = -1 };
  PgmProgress done = restoring;
  g_autofree char *line = pgm_layout_format_progress (&checking, 79);
  g_autofree char *full = NULL;
  g_autofree char *plain = pgm_layout_format_progress_plain (&restoring);

  g_assert_cmpstr (line, ==, "Checking");
  done.bytes_done = done.bytes_total;
  done.time_left_us = 2000000;
  full = pgm_layout_format_progress (&done, 50);
  g_assert_cmpstr (full, ==, "Restoring  [==========] 100 %  about 2 s left");
  g_assert_cmpstr (plain, ==,
                   "Restoring, 46 %, 12 of 27 tables, 412.0 MB of 890.0 MB, 38.0 MB/s, "
                   "about 13 s left");
}

static void
test_columns (void)
{
  g_autoptr(GPtrArray) rows = g_ptr_array_new ();
  const char *const head[] = { "NAME", "SIZE", "NOTE", NULL };
  const char *const first[] = { "日本", "12 kB", "x", NULL };
  const char *const second[] = { "a", "9 MB", "", NULL };
  g_autofree char *text = NULL;

  g_ptr_array_add (rows, (gpointer) head);
  g_ptr_array_add (rows, (gpointer) first);
  g_ptr_array_add (rows, (gpointer) second);
  text = pgm_layout_format_columns (rows, "lrl");
  g_assert_cmpstr (text, ==,
                   "NAME   SIZE  NOTE\n"
                   "日本  12 kB  x\n"
                   "a      9 MB  \n");
}

static void
test_json_line (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmSecret) secret = pgm_secret_new ("restore");
  g_autoptr(JsonNode) node = json_from_string (
      "{\"phase\":\"restore\",\"list\":[{\"message\":\"no restore\"}],\"n\":1,\"x\":null}", NULL);
  g_autofree char *line = NULL;

  pgm_logger_add_secret (logger, secret);
  json_object_set_string_member (json_node_get_object (node), "table", "caf\xe9");
  line = pgm_json_line_format (node, logger);
  g_assert_cmpstr (line, ==,
                   "{\"phase\":\"restore\",\"list\":[{\"message\":\"no ***\"}],\"n\":1,\"x\":null,"
                   "\"table\":\"caf\uFFFD\"}");
}

static char *
read_all (FILE *file)
{
  char *text = g_malloc0 (4096);
  gsize length = 0;

  rewind (file);
  length = fread (text, 1, 4095, file);
  text[length] = '\0';
  return text;
}

static void
test_not_a_terminal (void)
{
  FILE *out = tmpfile ();
  FILE *err = tmpfile ();
  PgmConsole *console = pgm_console_new (out, err);
  g_autofree char *printed = NULL;
  g_autofree char *logged = NULL;

  g_assert_false (pgm_console_shows_progress (console));
  pgm_console_show (console, &restoring);
  pgm_console_write_log (console, PGM_LOG_ERROR, 0, "bad");
  pgm_console_print (console, "one\ntwo\x1b[31m");
  g_assert_true (pgm_console_flush (console));
  printed = read_all (out);
  logged = read_all (err);
  g_assert_cmpstr (printed, ==, "one\ntwo\\x1b[31m\n");
  g_assert_true (g_str_has_suffix (logged, " - pg-mirror - ERROR - bad\n"));
  g_assert_null (strchr (logged, '\x1b'));
  g_assert_finalize_object (console);
  fclose (out);
  fclose (err);
}

#ifdef G_OS_UNIX

typedef struct
{
  int master;
  FILE *slave;
  PgmConsole *console;
} Terminal;

static void
set_up (Terminal *terminal, gconstpointer data)
{
  const struct winsize size = { .ws_row = 24, .ws_col = 46 };

  terminal->master = posix_openpt (O_RDWR | O_NOCTTY);
  g_assert_cmpint (terminal->master, >=, 0);
  g_assert_cmpint (grantpt (terminal->master), ==, 0);
  g_assert_cmpint (unlockpt (terminal->master), ==, 0);
  terminal->slave = fdopen (open (ptsname (terminal->master), O_RDWR | O_NOCTTY), "r+");
  g_assert_nonnull (terminal->slave);
  g_assert_cmpint (ioctl (terminal->master, TIOCSWINSZ, &size), ==, 0);
  terminal->console = pgm_console_new (stdout, terminal->slave);
}

static void
tear_down (Terminal *terminal, gconstpointer data)
{
  g_assert_finalize_object (terminal->console);
  fclose (terminal->slave);
  close (terminal->master);
}

/* Returns: (transfer full): what was written, which may arrive in pieces */
static char *
read_terminal (Terminal *terminal)
{
  GPollFD poll_fd = { .fd = terminal->master, .events = G_IO_IN };
  GString *text = g_string_new (NULL);
  char buffer[512];

  while (g_poll (&poll_fd, 1, 50) > 0)
    {
      ssize_t length = read (terminal->master, buffer, sizeof buffer);

      g_assert_cmpint (length, >, 0);
      g_string_append_len (text, buffer, length);
    }
  return g_string_free (text, FALSE);
}

static void
test_terminal_progress (Terminal *terminal, gconstpointer data)
{
  g_autofree char *drawn = NULL;
  g_autofree char *erased = NULL;

  g_assert_true (pgm_console_shows_progress (terminal->console));
  pgm_console_show (terminal->console, &restoring);
  drawn = read_terminal (terminal);
  g_assert_cmpstr (drawn, ==, "\r\x1b[KRestoring  [====>     ] 46 %  about 13 s left");
  pgm_console_clear (terminal->console);
  erased = read_terminal (terminal);
  g_assert_cmpstr (erased, ==, "\r\x1b[K");
}

/* A log line stands where the progress was, and the progress below it. */
static void
test_terminal_log (Terminal *terminal, gconstpointer data)
{
  g_autofree char *drawn = NULL;
  g_autofree char *logged = NULL;
  g_autofree char *expected = NULL;

  pgm_console_set_color (terminal->console, FALSE);
  pgm_console_show (terminal->console, &restoring);
  drawn = read_terminal (terminal);
  pgm_console_write_log (terminal->console, PGM_LOG_WARNING, 0, "look");
  logged = read_terminal (terminal);
  expected = pgm_logger_format_line (PGM_LOG_WARNING, 0, "look");
  g_assert_true (g_str_has_prefix (logged, "\r\x1b[K"));
  g_assert_nonnull (strstr (logged, expected));
  g_assert_true (g_str_has_suffix (logged, drawn));
}

/* What comes within a tenth of a second is not drawn, unless the phase is another. */
static void
test_terminal_rate (Terminal *terminal, gconstpointer data)
{
  PgmProgress next = restoring;
  g_autofree char *drawn = NULL;
  guint n = 0;

  for (guint i = 0; i < 100; i++)
    pgm_console_show (terminal->console, &next);
  next.phase = PGM_PHASE_VERIFY;
  pgm_console_show (terminal->console, &next);
  drawn = read_terminal (terminal);
  for (const char *at = drawn; (at = strchr (at, '\r')) != NULL; at++)
    n++;
  g_assert_cmpuint (n, >=, 2);
  g_assert_cmpuint (n, <, 50);
  g_assert_nonnull (strstr (drawn, "Verifying"));
}

static void
test_terminal_color (Terminal *terminal, gconstpointer data)
{
  g_autofree char *colored = NULL;
  g_autofree char *plain = NULL;

  pgm_console_write_log (terminal->console, PGM_LOG_ERROR, 0, "bad");
  colored = read_terminal (terminal);
  g_assert_true (g_str_has_prefix (colored, "\x1b[31m"));
  pgm_console_set_color (terminal->console, FALSE);
  pgm_console_write_log (terminal->console, PGM_LOG_ERROR, 0, "bad");
  plain = read_terminal (terminal);
  g_assert_null (strchr (plain, '\x1b'));
}

static void
test_quiet (Terminal *terminal, gconstpointer data)
{
  pgm_console_set_progress (terminal->console, FALSE);
  pgm_console_set_progress (terminal->console, TRUE);
  g_assert_false (pgm_console_shows_progress (terminal->console));
}

static void
add_terminal_tests (void)
{
  g_test_add ("/console/terminal-progress", Terminal, NULL, set_up, test_terminal_progress,
              tear_down);
  g_test_add ("/console/terminal-log", Terminal, NULL, set_up, test_terminal_log, tear_down);
  g_test_add ("/console/terminal-rate", Terminal, NULL, set_up, test_terminal_rate, tear_down);
  g_test_add ("/console/terminal-color", Terminal, NULL, set_up, test_terminal_color, tear_down);
  g_test_add ("/console/quiet", Terminal, NULL, set_up, test_quiet, tear_down);
}

#else

static void
add_terminal_tests (void)
{
}

#endif

int
main (int argc, char **argv)
{
  g_setenv ("TERM", "xterm", TRUE);
  g_unsetenv ("NO_COLOR");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/measure", test_measure);
  g_test_add_func ("/layout/cut", test_cut);
  g_test_add_func ("/layout/progress", test_progress);
  g_test_add_func ("/layout/progress-fits", test_progress_fits);
  g_test_add_func ("/layout/progress-unknown", test_progress_unknown);
  g_test_add_func ("/layout/columns", test_columns);
  g_test_add_func ("/json-line/clean", test_json_line);
  g_test_add_func ("/console/not-a-terminal", test_not_a_terminal);
  add_terminal_tests ();
  return g_test_run ();
}
