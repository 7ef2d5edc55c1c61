/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgm-archive-list.h"
#include "pgm-error.h"
#include "pgm-run-folder.h"
#include "pgm-subprocess.h"
#include "pgm-test-server.h"
#include "pgm-tools.h"

#define MAX_ARGS 12

/* A server looks once a second for clients that are gone; what nobody ends takes ten minutes. */
#define GONE_LIMIT_US (60 * G_USEC_PER_SEC)

static PgmTestServer *server;
static PgmToolSet *tools;

/* Two indexes that take ten minutes each to build, except in this session. */
static const char slow_database[] =
    "SET test.fast = 1;"
    "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"
    " PERFORM pg_catalog.pg_sleep (600); END IF; RETURN i; END $$;"
    "CREATE TABLE a (i int); INSERT INTO a VALUES (1); CREATE INDEX slow_a ON a (slow (i));"
    "CREATE TABLE b (i int); INSERT INTO b VALUES (1); CREATE INDEX slow_b ON b (slow (i));";

/* Names that read like another kind of entry, or like another line. */
static const char misleading_database[] =
    "CREATE SCHEMA \"DATA\"; CREATE TABLE \"DATA\".t (i int); INSERT INTO \"DATA\".t VALUES (1);"
    "CREATE SCHEMA \"ATTACH\"; CREATE TABLE \"ATTACH\".t (i int);"
    "CREATE TABLE \"x\n7; 0 0 TABLE DATA y\" (i int);"
    "INSERT INTO \"x\n7; 0 0 TABLE DATA y\" VALUES (1), (2);";

typedef struct
{
  GString *out;
  GString *err;
  void (*on_line) (const char *line, gpointer user_data);
  gpointer user_data;
} Output;

static void
out_cb (const char *line, gpointer user_data)
{
  Output *output = user_data;

  g_string_append_printf (output->out, "%s\n", line);
  if (output->on_line != NULL)
    output->on_line (line, output->user_data);
}

static void
err_cb (const char *line, gpointer user_data)
{
  Output *output = user_data;

  g_string_append_printf (output->err, "%s\n", line);
  if (output->on_line != NULL)
    output->on_line (line, output->user_data);
}

static int
server_version (void)
{
  static int version;

  if (version == 0)
    {
      g_autofree char *text = pgm_test_server_psql (server, "postgres", "SHOW server_version_num");

      version = atoi (text);
    }
  return version;
}

/* Runs @kind on @database of the test server; all its output is in @output. */
static int
run (PgmToolKind kind,
     const char *database,
     const char *const *args,
     PgmCommand command,
     GCancellable *cancellable,
     GError **error)
{
  const char *argv[MAX_ARGS] = { pgm_tool_set_get_path (tools, kind) };
  g_auto(GStrv) envp = g_environ_setenv (NULL, "LC_ALL", "C", TRUE);
  g_autofree char *port = g_strdup_printf ("%u", pgm_test_server_get_port (server));

  envp = g_environ_setenv (envp, "PGHOST", pgm_test_server_get_host (server), TRUE);
  envp = g_environ_setenv (envp, "PGPORT", port, TRUE);
  envp = g_environ_setenv (envp, "PGUSER", pgm_test_server_get_user (server), TRUE);
  envp = g_environ_setenv (envp, "PGDATABASE", database, TRUE);
  envp = g_environ_setenv (envp, "PGAPPNAME", "real-tools", TRUE);
  if (server_version () >= 140000) /* as the runs have it: of clients that had to be killed */
    envp = g_environ_setenv (envp, "PGOPTIONS", "-c client_connection_check_interval=1000", TRUE);
  for (gsize i = 0; args[i] != NULL; i++)
    argv[i + 1] = args[i];
  command.argv = argv;
  command.envp = (const char *const *) envp;
  command.stdout_line = out_cb;
  command.stderr_line = err_cb;
  return pgm_subprocess_run_sync (&command, cancellable, error);
}

static void
output_clear (Output *output)
{
  g_string_free (output->out, TRUE);
  g_string_free (output->err, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Output, output_clear)

/* Runs what has to succeed. Returns: (transfer full): its standard output */
static char *
run_well (PgmToolKind kind, const char *database, const char *const *args)
{
  g_auto(Output) output = { g_string_new (NULL), g_string_new (NULL), NULL, NULL };
  g_autoptr(GError) error = NULL;
  int status = run (kind, database, args, (PgmCommand){ .user_data = &output }, NULL, &error);

  g_assert_no_error (error);
  if (status != 0)
    g_error ("status %d: %s", status, output.err->str);
  return g_strdup (output.out->str);
}

#define RUN_WELL(kind, database, ...) \
  run_well ((kind), (database), (const char *const[]){ __VA_ARGS__, NULL })

static void
new_database (const char *name, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", name);

  g_free (pgm_test_server_psql (server, "postgres", create));
  if (sql != NULL)
    g_free (pgm_test_server_psql (server, name, sql));
}

static gboolean
are_sessions_gone_in_time (void)
{
  gint64 until_us = g_get_monotonic_time () + GONE_LIMIT_US;

  while (pgm_test_server_count_sessions (server, "real-tools") > 0)
    {
      if (g_get_monotonic_time () > until_us)
        return FALSE;
      g_usleep (50 * 1000);
    }
  return TRUE;
}

static void
test_list (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRunFolder) folder = pgm_run_folder_new (NULL, "test", &error);
  g_autofree char *archive = pgm_run_folder_dup_file (folder, "archive");
  g_autofree char *list_file = pgm_run_folder_dup_file (folder, "list");
  g_autofree char *listing = NULL;
  g_autofree char *text = NULL;
  g_autofree char *counts = NULL;
  g_autoptr(PgmArchiveList) list = NULL;
  g_autoptr(GPtrArray) data = NULL;
  g_autoptr(GPtrArray) schemas = NULL;

  new_database ("misleading", misleading_database);
  new_database ("restored", NULL);
  g_free (RUN_WELL (PGM_TOOL_PG_DUMP, "misleading", "-Fc", "-f", archive));
  listing = RUN_WELL (PGM_TOOL_PG_RESTORE, "misleading", "-l", archive);
  list = pgm_archive_list_parse (listing, &error);
  g_assert_no_error (error);

  schemas = pgm_archive_list_select (list, "TABLE");
  data = pgm_archive_list_select (list, "TABLE DATA");
  g_assert_cmpuint (schemas->len, ==, 3);
  g_assert_cmpuint (data->len, ==, 3);
  for (guint i = 0; i < data->len; i++)
    {
      PgmArchiveEntry *entry = data->pdata[i];

      entry->is_excluded = g_str_has_prefix (entry->rest, "DATA t ");
    }
  text = pgm_archive_list_to_text (list, PGM_ARCHIVE_PASS_ALL);
  g_assert_true (g_file_set_contents (list_file, text, -1, &error));
  g_free (
      RUN_WELL (PGM_TOOL_PG_RESTORE, "restored", "-e", "-d", "restored", "-L", list_file, archive));
  counts = pgm_test_server_psql (server, "restored",
                                 "SELECT (SELECT count(*) FROM \"DATA\".t) || ' ' ||"
                                 " (SELECT count(*) FROM \"x\n7; 0 0 TABLE DATA y\")");
  g_assert_cmpstr (counts, ==, "0 2");
}

static void
cancel_at_work_cb (gpointer user_data)
{
  Output *output = user_data;
  g_autofree char *n = pgm_test_server_psql (
      server, "postgres",
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'real-tools'"
      " AND state = 'active' AND query LIKE '%pg_sleep%'");

  if (atoi (n) > 0)
    g_cancellable_cancel (output->user_data);
}

static void
cancel_cb (const char *line, gpointer user_data)
{
  if (strstr (line, "go") != NULL)
    g_cancellable_cancel (user_data);
}

static const char sleeping_script[] = "\\echo go\nSELECT pg_sleep (600);\n";

/* Returns: microseconds from the start of psql until its session was gone */
static gint64
cancel_psql (Output *output, PgmTickFunc tick, GCancellable *cancellable)
{
  g_autoptr(GBytes) script = g_bytes_new_static (sleeping_script, sizeof sleeping_script - 1);
  g_autoptr(GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();
  PgmCommand command = {
    .input = script, .user_data = output, .tick = tick, .stop_signal = PGM_STOP_BY_INT
  };
  const char *const args[] = { "-X", "-w", "-v", "ON_ERROR_STOP=1", NULL };

  g_assert_cmpint (run (PGM_TOOL_PSQL, "postgres", args, command, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (are_sessions_gone_in_time ());
  return g_get_monotonic_time () - start_us;
}

/* psql ends its statement on the server on SIGINT. */
static void
test_psql_cancel (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(Output) output = { g_string_new (NULL), g_string_new (NULL), NULL, cancellable };

  g_test_message ("%.2f s", cancel_psql (&output, cancel_at_work_cb, cancellable) / 1e6);
  g_assert_nonnull (strstr (output.err->str, "canceling statement due to user request"));
}

/* At the very moment when it turns to the statement: the first SIGINT may find nothing to end. */
static void
test_psql_cancel_early (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(Output) output = { g_string_new (NULL), g_string_new (NULL), cancel_cb, cancellable };

  g_test_message ("%.2f s", cancel_psql (&output, NULL, cancellable) / 1e6);
}

static int
count_index_builds (void)
{
  g_autofree char *n = pgm_test_server_psql (
      server, "postgres",
      "SELECT count(*) FROM pg_stat_activity"
      " WHERE application_name = 'real-tools' AND query LIKE 'CREATE INDEX%'");

  return atoi (n);
}

/* Returns: the process number of our child pg_restore */
static int
find_pg_restore (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());
  g_autofree char *text = NULL;
  g_auto(GStrv) pids = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  pids = g_strsplit (text, " ", -1);
  for (char **pid = pids; *pid != NULL; pid++)
    {
      g_autofree char *comm_path = g_strdup_printf ("/proc/%s/comm", *pid);
      g_autofree char *comm = NULL;

      if (g_file_get_contents (comm_path, &comm, NULL, NULL) && g_str_equal (comm, "pg_restore\n"))
        return atoi (*pid);
    }
  g_assert_not_reached ();
}

/* Once both workers build an index: cancels, or without a cancellable kills the leader. */
static void
stop_cb (const char *line, gpointer user_data)
{
  if (strstr (line, "launching item") == NULL || strstr (line, "INDEX slow_b") == NULL)
    return;
  while (count_index_builds () < 2)
    g_usleep (20 * 1000);
  if (user_data != NULL)
    g_cancellable_cancel (user_data);
  else
    kill (find_pg_restore (), SIGKILL);
}

static void
restore_and_stop (const char *database, GCancellable *cancellable, GError **error)
{
  g_auto(Output) output = { g_string_new (NULL), g_string_new (NULL), stop_cb, cancellable };
  g_autoptr(PgmRunFolder) folder = pgm_run_folder_new (NULL, "test", NULL);
  g_autofree char *archive = pgm_run_folder_dup_file (folder, "archive");
  const char *const args[] = { "-v", "-e", "-w", "-j", "2", "-d", database, archive, NULL };
  PgmCommand command = { .user_data = &output };
  gint64 start_us = g_get_monotonic_time ();

  new_database (database, NULL);
  g_free (RUN_WELL (PGM_TOOL_PG_DUMP, "slow", "-Fc", "-f", archive));
  g_assert_cmpint (run (PGM_TOOL_PG_RESTORE, database, args, command, cancellable, error), ==, -1);
  g_assert_true (are_sessions_gone_in_time ());
  g_test_message ("%.2f s", (g_get_monotonic_time () - start_us) / 1e6);
}

/* No worker and no session of a stopped pg_restore stays, whoever stopped it. */
static void
test_restore_cancel (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  restore_and_stop ("cancelled", cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_restore_killed (void)
{
  g_autoptr(GError) error = NULL;

  restore_and_stop ("killed", NULL, &error);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
}

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = NULL;
  int status = 0;

  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  server = pgm_test_server_start ("tools", NULL);
  found = pgm_tools_find_sync (NULL, &error);
  tools = pgm_tools_choose (found, 0, 0, &error);
  g_assert_no_error (error);
  new_database ("slow", slow_database);
  g_test_add_func ("/real-tools/list", test_list);
  g_test_add_func ("/real-tools/psql-cancel", test_psql_cancel);
  g_test_add_func ("/real-tools/psql-cancel-early", test_psql_cancel_early);
#ifdef __linux__
  g_test_add_func ("/real-tools/restore-cancel", test_restore_cancel);
  g_test_add_func ("/real-tools/restore-killed", test_restore_killed);
#endif
  status = g_test_run ();
  pgm_tool_set_free (tools);
  pgm_test_server_free (server);
  return status;
}
