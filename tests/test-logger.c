/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-logger.h"

#include <string.h>

#define N_THREADS 8
#define N_MESSAGES 500

typedef struct
{
  PgmLogger *logger;
  GPtrArray *messages;
  PgmLogLevel last_level;
  gint64 last_time_us;
  guint n_destroyed;
  gint n_inside; /* calls of the sink that are under way */
} Fixture;

static void
sink_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  Fixture *fx = user_data;

  g_assert_cmpint (g_atomic_int_add (&fx->n_inside, 1), ==, 0);
  g_ptr_array_add (fx->messages, g_strdup (message));
  fx->last_level = level;
  fx->last_time_us = time_us;
  g_atomic_int_add (&fx->n_inside, -1);
}

static void
sink_gone_cb (gpointer user_data)
{
  ((Fixture *) user_data)->n_destroyed++;
}

static void
set_up (Fixture *fx, gconstpointer data)
{
  fx->logger = pgm_logger_new ();
  fx->messages = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fx, gconstpointer data)
{
  g_assert_finalize_object (fx->logger);
  g_ptr_array_unref (fx->messages);
}

static const char *
last_message (Fixture *fx)
{
  g_assert_cmpuint (fx->messages->len, >, 0);
  return fx->messages->pdata[fx->messages->len - 1];
}

static void
test_levels (Fixture *fx, gconstpointer data)
{
  pgm_logger_add_sink (fx->logger, PGM_LOG_WARNING, sink_cb, fx, NULL);
  pgm_debug (fx->logger, "debug");
  pgm_info (fx->logger, "info");
  g_assert_cmpuint (fx->messages->len, ==, 0);
  pgm_warning (fx->logger, "warning %d", 1);
  g_assert_cmpstr (last_message (fx), ==, "warning 1");
  g_assert_cmpint (fx->last_level, ==, PGM_LOG_WARNING);
  pgm_error (fx->logger, "error");
  g_assert_cmpint (fx->last_level, ==, PGM_LOG_ERROR);
  g_assert_cmpint (ABS (g_get_real_time () - fx->last_time_us), <, 60 * G_USEC_PER_SEC);
}

static void
test_several_sinks (Fixture *fx, gconstpointer data)
{
  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, sink_cb, fx, sink_gone_cb);
  pgm_logger_add_sink (fx->logger, PGM_LOG_ERROR, sink_cb, fx, sink_gone_cb);
  pgm_debug (fx->logger, "one");
  g_assert_cmpuint (fx->messages->len, ==, 1);
  pgm_error (fx->logger, "two");
  g_assert_cmpuint (fx->messages->len, ==, 3);
  g_assert_cmpuint (fx->n_destroyed, ==, 0);
  g_assert_finalize_object (fx->logger);
  g_assert_cmpuint (fx->n_destroyed, ==, 2);
  fx->logger = pgm_logger_new ();
}

static void
test_secrets (Fixture *fx, gconstpointer data)
{
  static const struct
  {
    const char *secret;
    const char *text;
    const char *expected;
  } cases[] = {
    { "hunter2", "password hunter2, again hunter2", "password ***, again ***" },
    { ".*[a-z]+$", "a .*[a-z]+$ b", "a *** b" },
    { "(?i)x\\1", "(?i)x\\1", "***" },
    { "50%s%n", "half: 50%s%n", "half: ***" },
    { "two\nlines", "it is two\nlines.", "it is ***." },
    { "pässwörd", "ein pässwörd", "ein ***" },
    { "ab", "ab is too short to hide", "ab is too short to hide" },
    { "", "nothing", "nothing" },
  };

  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, sink_cb, fx, NULL);
  pgm_logger_add_secret (fx->logger, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmSecret) secret = pgm_secret_new (cases[i].secret);
      g_autofree char *redacted = NULL;

      pgm_logger_add_secret (fx->logger, secret);
      pgm_info (fx->logger, "%s", cases[i].text);
      g_assert_cmpstr (last_message (fx), ==, cases[i].expected);
      redacted = pgm_logger_redact (fx->logger, cases[i].text);
      g_assert_cmpstr (redacted, ==, cases[i].expected);
    }
}

/* A name must not be able to forge a line of its own. */
static void
test_control_characters (Fixture *fx, gconstpointer data)
{
  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, sink_cb, fx, NULL);
  pgm_info (fx->logger, "table \"%s\"", "x\n2026-01-31 14:05:09 - pg-mirror - INFO - verified");
  g_assert_cmpuint (fx->messages->len, ==, 1);
  g_assert_null (strchr (last_message (fx), '\n'));
  pgm_info (fx->logger, "%s", "\x1b[2J\r\xff\xe2\x80\xae");
  g_assert_cmpstr (last_message (fx), ==, "\\x1b[2J\\r\\xff\\u202e");
}

static void
test_format_line (Fixture *fx, gconstpointer data)
{
  g_autoptr(GDateTime) local = g_date_time_new_local (2026, 1, 31, 14, 5, 9);
  gint64 time_us = g_date_time_to_unix (local) * G_USEC_PER_SEC + 999999;
  g_autofree char *line = pgm_logger_format_line (PGM_LOG_WARNING, time_us, "message");

  g_assert_cmpstr (line, ==, "2026-01-31 14:05:09 - pg-mirror - WARNING - message");
}

static gpointer
log_main (gpointer data)
{
  Fixture *fx = data;

  for (int i = 0; i < N_MESSAGES; i++)
    {
      g_autofree char *text = g_strdup_printf ("canary-%d", i);
      g_autoptr(PgmSecret) secret = i % 50 == 0 ? pgm_secret_new (text) : NULL;

      pgm_logger_add_secret (fx->logger, secret);
      pgm_info (fx->logger, "message %d", i);
    }
  return NULL;
}

static void
test_threads (Fixture *fx, gconstpointer data)
{
  GThread *threads[N_THREADS] = { NULL };

  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, sink_cb, fx, NULL);
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("log", log_main, fx);
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (fx->messages->len, ==, N_THREADS * N_MESSAGES);
}

static void
log_again_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  if (level == PGM_LOG_ERROR)
    pgm_info (user_data, "about: %s", message);
}

static void
test_sink_that_logs (Fixture *fx, gconstpointer data)
{
  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, sink_cb, fx, NULL);
  pgm_logger_add_sink (fx->logger, PGM_LOG_DEBUG, log_again_cb, fx->logger, NULL);
  pgm_error (fx->logger, "trouble");
  g_assert_cmpuint (fx->messages->len, ==, 2);
  g_assert_cmpstr (last_message (fx), ==, "about: trouble");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/logger/levels", Fixture, NULL, set_up, test_levels, tear_down);
  g_test_add ("/logger/several-sinks", Fixture, NULL, set_up, test_several_sinks, tear_down);
  g_test_add ("/logger/secrets", Fixture, NULL, set_up, test_secrets, tear_down);
  g_test_add ("/logger/control-characters", Fixture, NULL, set_up, test_control_characters,
              tear_down);
  g_test_add ("/logger/format-line", Fixture, NULL, set_up, test_format_line, tear_down);
  g_test_add ("/logger/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/logger/sink-that-logs", Fixture, NULL, set_up, test_sink_that_logs, tear_down);
  return g_test_run ();
}
