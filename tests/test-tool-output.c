/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tool-output.h"

#define REFUSED(port)                                                \
  "reconnection failed: connection to server at \"::1\", port " port \
  " failed: FATAL:  too many connections for database \"d\""
#define DIED "pg_restore: error: a worker process died unexpectedly"

static void
read_lines (PgmToolOutput *self, const char *const *lines)
{
  for (gsize i = 0; lines[i] != NULL; i++)
    pgm_tool_output_line_cb (lines[i], self);
}

/* Jobs that fail at the same moment write into each other's lines: each line comes as its name, a
 * blank, its level and its words, and so the pieces of others may be in between. */
static void
test_mixed_lines (void)
{
  static const char *const cases[][6] = {
    { "pg_restore: error: " REFUSED ("5432"), DIED },
    { "pg_restore: pg_restore: error: error: " REFUSED ("5432") REFUSED ("5432"), "", DIED },
    { "pg_restore: pg_restore: error: " REFUSED ("5432"), "error: " REFUSED ("5432"), DIED },
    { "pg_restore:pg_restore:  error: " REFUSED ("5432"), "error: " REFUSED ("5432"), DIED },
    { "pg_restore:pg_restore: error: launching item 12 TABLE DATA t", " " REFUSED ("5432"), DIED },
    { "pg_restore:pg_restore: launching item 12 TABLE DATA t", " error: " REFUSED ("5432"), DIED },
    { "pg_restore: error: pg_restore: error: " REFUSED ("5432"), REFUSED ("5432"), DIED },
    { "pg_restore: error: " REFUSED ("5432") "pg_restore: ", "error: " REFUSED ("5432"), DIED },
    { "pg_restore: pg_restore: pg_restore: error: error: error: " REFUSED ("5432") REFUSED ("5432")
          REFUSED ("5432"),
      "", "", DIED },
  };

  g_autoptr(PgmLogger) logger = pgm_logger_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(PgmToolOutput) self = { .tool = "pg_restore", .logger = logger };
      g_autofree char *reason = NULL;

      read_lines (&self, cases[i]);
      reason = pgm_tool_output_dup_reason (&self);
      g_assert_cmpstr (reason, ==, REFUSED ("5432"));
    }
}

/* Lines without the tool's name continue an error, with rows. */
static void
test_rows (void)
{
  static const char *const lines[] = {
    "error: 4711",
    "pg_restore: from TOC entry 12; 0 16385 TABLE DATA t app",
    "pg_restore: error: COPY failed for table \"t\": ERROR:  4711 is not wanted",
    "CONTEXT:  COPY t, line 1: \"4711\"",
    "error: 4711",
    NULL,
  };
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_auto(PgmToolOutput) self = { .tool = "pg_restore", .logger = logger };
  g_autofree char *reason = NULL;

  read_lines (&self, lines);
  reason = pgm_tool_output_dup_reason (&self);
  g_test_message ("%s", reason);
  g_assert_true (
      g_str_has_prefix (reason, "COPY failed for table \"t\": ERROR:  the server's own"));
  g_assert_true (g_str_has_suffix (reason, "(archive entry: TABLE DATA t app)"));
}

/* With `on_error: "report"` the jobs go on, and every entry with errors is told. */
static void
test_failed_entries (void)
{
  static const char *const lines[] = {
    "pg_restore:pg_restore: error: from TOC entry 12; 1259 16385 INDEX a app",
    "could not execute query: ERROR:  x",
    "pg_restore: from TOC entry 13; 1259 16386 INDEX b app",
    "pg_restore: pg_restore: launching item 20 INDEX c",
    " from TOC entry 14; 1259 16387 INDEX c app",
    "pg_restore: from TOC entry 13; 1259 16386 INDEX b app",
    "pg_restore: warning: errors ignored on restore: 3",
    NULL,
  };
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_auto(PgmToolOutput) self = { .tool = "pg_restore", .logger = logger, .failed_ids = ids };

  read_lines (&self, lines);
  g_assert_true (self.was_complete);
  g_assert_cmpuint (ids->len, ==, 3);
  for (guint i = 0; i < ids->len; i++)
    g_assert_cmpuint (g_array_index (ids, guint, i), ==, 12 + i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool-output/mixed-lines", test_mixed_lines);
  g_test_add_func ("/tool-output/rows", test_rows);
  g_test_add_func ("/tool-output/failed-entries", test_failed_entries);
  return g_test_run ();
}
