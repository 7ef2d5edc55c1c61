/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The command line against real servers. argv[1] is the program. */

#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

#include "pgm-test-server.h"
#include "pgm-test-terminal.h"

#define REPLACE "{ \"drop_existing\": true }"
#define QUESTION "Type the name of the database to replace it: "

static PgmTestServer *source;
static PgmTestServer *target;

static void
execute (PgmTestServer *server, const char *database, const char *sql)
{
  g_free (pgm_test_server_psql (server, database, sql));
}

static void
set_up (PgmTestProgram *fx, gconstpointer options)
{
  g_autofree char *profile = pgm_test_profile_json (source, target, NULL, "shop", options);

  pgm_test_program_set_up (fx, NULL);
  pgm_test_program_write_file (fx, "config.json", profile);
  execute (target, "postgres", "DROP DATABASE IF EXISTS shop");
}

/* The database that is in the way has one table, which the source does not have. */
static void
set_up_existing (PgmTestProgram *fx, gconstpointer options)
{
  set_up (fx, options);
  execute (target, "postgres", "CREATE DATABASE shop");
  execute (target, "shop", "CREATE TABLE old (a int)");
}

static gboolean
target_has (const char *table)
{
  g_autofree char *query = g_strdup_printf ("SELECT to_regclass ('%s') IS NOT NULL", table);
  g_autofree char *answer = pgm_test_server_psql (target, "shop", query);

  return g_str_has_prefix (answer, "t");
}

static void
test_create (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "mirror");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "Verified: ");
  g_assert_true (
      g_str_has_suffix (pgm_test_get_last_line (fx->err), "The target database was created."));
  g_assert_true (target_has ("goods"));
}

static void
test_quiet (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "-q", "mirror");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "");
  g_assert_cmpstr (fx->err, ==, "");
}

static void
test_dry_run (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "mirror", "--dry-run");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->err, "/pg_dump --format=custom --file=ARCHIVE ");
  pgm_test_assert_has (fx->err, "/pg_restore --verbose ");
  pgm_test_assert_has (fx->err, "would run pg_restore three times");
  g_assert_null (strstr (fx->err, "password="));
  g_assert_true (
      g_str_has_suffix (pgm_test_get_last_line (fx->err), "The target was not changed."));
  g_assert_true (target_has ("old"));
}

static void
test_json (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(JsonNode) node = NULL;
  JsonObject *report = NULL;

  PGM_TEST_RUN (fx, "mirror", "--json");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->err, ==, "");
  pgm_test_assert_has (fx->out, "\"event\":\"phase\"");
  node = json_from_string (pgm_test_get_last_line (fx->out), NULL);
  report = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (report, "event"), ==, "report");
  g_assert_cmpstr (json_object_get_string_member (report, "target_state"), ==, "created");
  g_assert_true (json_object_get_boolean_member (report, "verified"));
  g_assert_cmpint (json_object_get_int_member (report, "rows"), ==, 1000);
}

static void
test_check (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "check", "-c", "config.json");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->out, "pg_dump");
  pgm_test_assert_has (fx->out, "source: shop at ");
  PGM_TEST_RUN (fx, "databases");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->out, "shop");
}

/* Nothing is told twice where it is the only thing that stands in the way. */
static void
test_collision (PgmTestProgram *fx, gconstpointer data)
{
  g_auto(GStrv) parts = NULL;

  execute (target, "shop", "CREATE TABLE goods (a int)");
  PGM_TEST_RUN (fx, "mirror");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, " - ERROR - database \"shop\" of the target already has 1 object");
  parts = g_strsplit (fx->err, "already has", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  pgm_test_assert_has (fx->err, " - ERROR - The target was not changed.");
}

/* Equal, different, and not to be compared. */
static void
test_verify (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "verify");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "there is no database");
  PGM_TEST_RUN (fx, "-q", "mirror");
  PGM_TEST_RUN (fx, "verify", "--full");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->out, "the content of all rows");
  execute (target, "shop", "UPDATE goods SET a = -1 WHERE a = 1");
  PGM_TEST_RUN (fx, "verify");
  g_assert_cmpint (fx->status, ==, 0);
  PGM_TEST_RUN (fx, "verify", "--full", "--json");
  g_assert_cmpint (fx->status, ==, 3);
  pgm_test_assert_has (fx->out, "row-content");
}

/* Only what went wrong: that is nothing, or each difference. */
static void
test_quiet_differences (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "-q", "mirror");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->err, ==, "");
  execute (source, "shop", "CREATE ROLE only_here; CREATE POLICY p ON goods TO only_here");
  PGM_TEST_RUN (fx, "-q", "mirror");
  execute (source, "shop", "DROP POLICY p ON goods; DROP ROLE only_here");
  g_assert_cmpint (fx->status, ==, 3);
  pgm_test_assert_has (fx->err, "was mirrored with");
  pgm_test_assert_has (fx->err, "POLICY public goods p");
}

/* What was not compared is said without being asked for. */
static void
test_verify_filtered (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "-q", "mirror");
  g_assert_cmpint (fx->status, ==, 0);
  PGM_TEST_RUN (fx, "verify");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->err, "warning: the profile has filters");
  pgm_test_assert_has (fx->out, "is equal on source and target");
}

/* Without a terminal the config is the answer. */
static void
test_replace_unasked (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "mirror");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_false (target_has ("old"));
  g_assert_true (target_has ("goods"));
}

static void
test_replace_named (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "mirror", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, QUESTION);
  g_assert_true (target_has ("old"));
  pgm_test_terminal_type (&terminal, "shop\n");
  pgm_test_terminal_expect (&terminal, "The target database was replaced.");
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 0);
  g_assert_true (target_has ("goods"));
}

static void
test_replace_misnamed (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "mirror", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, QUESTION);
  pgm_test_terminal_type (&terminal, "yes\n");
  pgm_test_terminal_expect (&terminal, "The target was not changed.");
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 1);
  g_assert_true (target_has ("old"));
}

static void
test_replace_yes (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "mirror", "--yes", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "The target database was replaced.");
  g_assert_null (strstr (terminal.shown->str, QUESTION));
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 0);
}

/* A server forgets a session a moment after its client has left. */
static void
wait_for_no_session (void)
{
  gint64 deadline_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (pgm_test_server_count_sessions (target, "pgmirror%") > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (20 * 1000);
    }
}

/* Stopped while it asks: at a point that does not depend on how fast the machine is. */
static void
test_terminated (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "-q", "mirror", NULL };
  PgmTestTerminal terminal = { 0 };

  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, QUESTION);
  g_subprocess_send_signal (terminal.process, SIGTERM);
  pgm_test_terminal_expect (&terminal, "ERROR - the run was cancelled");
  pgm_test_terminal_expect (&terminal, "The target was not changed.");
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 143);
  g_assert_true (target_has ("old"));
  wait_for_no_session ();
}

#define ADD(path, options, set_up_func, func)                                  \
  g_test_add ("/cli-mirror/" path, PgmTestProgram, options, set_up_func, func, \
              pgm_test_program_tear_down)

int
main (int argc, char **argv)
{
  static const PgmTestServerOptions options = { .password = PGM_TEST_SECRET };
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  execute (source, "postgres", "CREATE DATABASE shop");
  execute (source, "shop", "CREATE TABLE goods AS SELECT generate_series (1, 1000) a");
  ADD ("create", NULL, set_up, test_create);
  ADD ("quiet", NULL, set_up, test_quiet);
  ADD ("json", NULL, set_up, test_json);
  ADD ("check", NULL, set_up, test_check);
  ADD ("collision", NULL, set_up_existing, test_collision);
  ADD ("verify", NULL, set_up, test_verify);
  ADD ("quiet-differences", "{ \"drop_existing\": true, \"on_error\": \"report\" }", set_up,
       test_quiet_differences);
  ADD ("verify-filtered", "{ \"exclude_schemas\": [\"no*\"] }", set_up, test_verify_filtered);
  ADD ("dry-run", REPLACE, set_up_existing, test_dry_run);
  ADD ("replace-unasked", REPLACE, set_up_existing, test_replace_unasked);
  ADD ("replace-named", REPLACE, set_up_existing, test_replace_named);
  ADD ("replace-misnamed", REPLACE, set_up_existing, test_replace_misnamed);
  ADD ("replace-yes", REPLACE, set_up_existing, test_replace_yes);
  ADD ("terminated", REPLACE, set_up_existing, test_terminated);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  return status;
}
