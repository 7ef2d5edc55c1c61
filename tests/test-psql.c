/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Scripts for psql: values are never syntax, and what failed is known by line and code. */

#include "pgm-test-pair.h"

#include "pgm-conn.h"
#include "pgm-error.h"
#include "pgm-psql.h"
#include "pgm-tools.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static PgmTestServer *server;
static PgmServer *session;
static PgmLogger *logger;
static char *psql_path;

static PgmPsql *
psql_new (const char *database)
{
  return pgm_psql_new (psql_path, session, database, logger, NULL);
}

/* Runs the one statement, which prints one line. */
static char *
ask (const char *database, PgmScript *script)
{
  g_autoptr(PgmPsql) psql = psql_new (database);
  g_auto(PgmScriptResult) result = { 0 };
  g_autoptr(GError) error = NULL;

  pgm_psql_run_sync (psql, NULL, script, &result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.lines->len, ==, 1);
  return g_strdup (result.lines->pdata[0]);
}

static void
assert_text (const char *database, const char *text)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);
  g_autofree char *got = NULL;

  pgm_script_add (script, "SELECT md5(%L)", text);
  got = ask (database, script);
  g_assert_cmpstr (got, ==, expected);
}

static void
assert_name (const char *database, const char *name)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_MD5, name, -1);
  g_autofree char *got = NULL;

  pgm_script_add (script, "CREATE TABLE public.%I (%I int)", name, name);
  pgm_script_add (script,
                  "SELECT md5(attname::text) FROM pg_attribute WHERE attrelid ="
                  " (SELECT oid FROM pg_class WHERE relname = %L) AND attnum = 1",
                  name);
  pgm_script_add (script, "DROP TABLE public.%I", name);
  got = ask (database, script);
  g_assert_cmpstr (got, ==, expected);
}

/* @width: bytes of one character */
static void
assert_all_bytes (const char *database, guint width)
{
  g_autoptr(GString) all = g_string_new (NULL);

  for (guint c = 1; c <= 255; c++)
    if (width == 1)
      g_string_append_c (all, (char) c);
    else
      g_string_append_unichar (all, c);
  assert_text (database, all->str);
  for (gsize i = 0; i < all->len;)
    {
      g_autofree char *name = NULL;
      gsize n = MIN (60, all->len - i);

      while (width > 1 && i + n < all->len && ((guchar) all->str[i + n] & 0xC0) == 0x80)
        n++;
      name = g_strndup (all->str + i, n);
      assert_name (database, name);
      i += n;
    }
}

static void
test_every_byte (void)
{
  assert_all_bytes ("postgres", 2);
  assert_all_bytes ("raw", 1);
}

/* More than the system lets a single argument be (MAX_ARG_STRLEN of Linux: 128 KiB). */
static void
test_long_value (void)
{
  g_autofree char *text = g_strnfill (1024 * 1024, '\'');

  assert_text ("postgres", text);
}

static void
test_hostile_values (void)
{
  static const char *const values[] = {
    "",
    "'",
    "''",
    "\\",
    "\\'",
    "\"",
    ":v1",
    ":'v1'",
    ":\"v1\"",
    "$$",
    "\\g",
    "\\! touch x",
    "a\nb",
    "a\n\\q\nb",
    ";",
    "--",
    "/*",
    "`ls`",
    "%I%",
    "E'\\0'",
    "\\.\nSELECT 1",
    "\r\n",
    "' OR 1=1; DROP TABLE t; --",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      assert_text ("postgres", values[i]);
      if (*values[i] != '\0')
        assert_name ("postgres", values[i]);
    }
}

static void
test_list (void)
{
  static const char *const names[] = { "a, b", "\"q\"", "it's", "", NULL };
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autofree char *got = NULL;
  g_autofree char *shown = NULL;

  pgm_script_add (script, "SET search_path TO %A", names);
  pgm_script_add (script, "SELECT current_setting('search_path') || %d || %L%K", 7, "x", "");
  got = ask ("postgres", script);
  g_assert_cmpstr (got, ==, "\"a, b\", \"\"\"q\"\"\", \"it's\", \"\"7x");
  shown = pgm_script_dup_line (script, 1);
  g_assert_cmpstr (shown, ==, "SET search_path TO …");
}

/* A newline in a value does not shift the count of the lines. */
static void
test_failed_line (void)
{
  g_autoptr(PgmPsql) psql = psql_new ("postgres");
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_auto(PgmScriptResult) result = { 0 };
  g_auto(PgmScriptResult) rest = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) later = NULL;

  pgm_script_add (script, "SELECT %L", "two\nlines\n");
  pgm_script_add (script, "SELECT 2");
  pgm_script_add (script, "CREATE TABLE pg_catalog.%I (x int)", "no\nway");
  pgm_script_add (script, "SELECT 4");
  pgm_script_add (script, "SELECT * FROM %I", "gone\n");
  pgm_script_add (script, "SELECT 6");

  g_assert_false (pgm_psql_run_sync (psql, NULL, script, &result, NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_DENIED);
  g_assert_cmpuint (result.failed_line, ==, 3);
  g_assert_cmpstr (result.sqlstate, ==, "42501");
  g_assert_cmpstr (result.lines->pdata[result.lines->len - 1], ==, "2");

  g_assert_false (pgm_psql_run_from_sync (psql, NULL, script, 4, &rest, NULL, &later));
  g_assert_error (later, PGM_ERROR, PGM_ERROR_MISSING);
  g_assert_cmpuint (rest.failed_line, ==, 5);
  g_assert_cmpstr (rest.sqlstate, ==, "42P01");
  g_assert_null (strchr (later->message, '\n'));
}

/* What follows the first line of an error may be anybody's data. */
static void
test_no_row_data (void)
{
  g_autoptr(PgmPsql) psql = psql_new ("postgres");
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autoptr(GError) error = NULL;

  pgm_script_add (script, "CREATE TEMPORARY TABLE u (x text PRIMARY KEY)");
  pgm_script_add (script, "INSERT INTO u VALUES ('canary'), ('canary')");
  g_assert_false (pgm_psql_run_sync (psql, NULL, script, NULL, NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_SQL);
  g_assert_null (strstr (error->message, "canary"));
}

static void
test_no_such_database (void)
{
  g_autoptr(PgmPsql) psql = psql_new ("nosuch");
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_auto(PgmScriptResult) result = { 0 };
  g_autoptr(GError) error = NULL;

  pgm_script_add (script, "SELECT 1");
  g_assert_false (pgm_psql_run_sync (psql, NULL, script, &result, NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
  g_assert_cmpuint (result.failed_line, ==, 0);
  pgm_test_assert_has (error->message, "nosuch");
}

static void
test_file (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "it's a \"script\" %s", NULL);
  g_autoptr(PgmPsql) psql = psql_new ("postgres");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) missing = NULL;

  g_assert_true (
      g_file_set_contents (path, "CREATE TABLE by_file (x int);\nSELECT 1;\n", -1, NULL));
  pgm_psql_run_file_sync (psql, "raw", path, NULL, &error);
  g_assert_no_error (error);
  g_free (pgm_test_server_psql (server, "raw", "DROP TABLE by_file"));

  g_assert_true (g_file_set_contents (path, "SELECT 1;\nSELECT 1/0;\nSELECT 2;", -1, NULL));
  g_assert_false (pgm_psql_run_file_sync (psql, "raw", path, NULL, &error));
  pgm_test_assert_has (error->message, "line 2: division_by_zero");
  g_assert_cmpint (g_remove (path), ==, 0);

  g_assert_false (pgm_psql_run_file_sync (psql, "raw", path, NULL, &missing));
  pgm_test_assert_has (missing->message, "No such file");
}

/* psql ends well after whatever it got, also after nothing. */
static void
test_cut_script (void)
{
  static const char *const cuts[] = {
    "exec REAL \"$@\" < /dev/null\n",
    "head -n 1 | REAL \"$@\"\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      char *folder = pgm_test_fake_begin ("psql", cuts[i]);
      g_autofree char *path = g_build_filename (folder, "psql", NULL);
      g_autoptr(PgmPsql) psql = pgm_psql_new (path, session, "postgres", logger, NULL);
      g_autoptr(PgmScript) script = pgm_script_new ();
      g_autoptr(GError) error = NULL;

      pgm_script_add (script, "SELECT 1");
      pgm_script_add (script, "SELECT %L", "text of some length");
      g_assert_false (pgm_psql_run_sync (psql, NULL, script, NULL, NULL, &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOL);
      pgm_test_assert_has (error->message, "did not get all");
      pgm_test_fake_end (folder);
    }
}

static gboolean
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (G_USEC_PER_SEC / 2);
  cancel_cb (cancellable);
  return NULL;
}

static void
count_tick (gpointer n)
{
  ++*(guint *) n;
}

/* The statement ends on the server, too. */
static void
test_cancel (void)
{
  g_autoptr(PgmPsql) psql = psql_new ("postgres");
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  gint64 begun_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);
  guint n_ticks = 0;

  pgm_psql_set_tick (psql, count_tick, &n_ticks);
  pgm_script_add (script, "SELECT pg_sleep(100)");
  g_assert_false (pgm_psql_run_sync (psql, NULL, script, NULL, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (4));
  g_assert_cmpuint (n_ticks, >=, 1);
  pgm_test_assert_nothing_left (server, server);
}

static void
set_up_session (void)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (PGM_SIDE_TARGET);
  g_autoptr(GPtrArray) tools = NULL;
  g_autoptr(PgmToolSet) chosen = NULL;
  g_autoptr(PgmConn) conn = NULL;
  g_autoptr(GError) error = NULL;

  endpoint->host = g_strdup (pgm_test_server_get_socket_dir (server));
  endpoint->user = g_strdup ("app");
  endpoint->database = g_strdup ("raw");
  session = pgm_server_new (endpoint, NULL, "pgmirror-test", 5);
  conn = pgm_conn_open_maintenance_sync (session, NULL, &error); /* tells the server's version */
  g_assert_no_error (error);
  tools = pgm_tools_find_sync (NULL, NULL);
  chosen = pgm_tools_choose (tools, pgm_server_get_major (session), pgm_server_get_major (session),
                             &error);
  g_assert_no_error (error);
  psql_path = g_strdup (pgm_tool_set_get_path (chosen, PGM_TOOL_PSQL));
  logger = pgm_logger_new ();
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  server = pgm_test_server_start ("psql", NULL);
  pgm_test_do (server, "postgres",
               "CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app;"
               "CREATE DATABASE raw OWNER app TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  set_up_session ();

  g_test_add_func ("/psql/every-byte", test_every_byte);
  g_test_add_func ("/psql/long-value", test_long_value);
  g_test_add_func ("/psql/hostile-values", test_hostile_values);
  g_test_add_func ("/psql/list", test_list);
  g_test_add_func ("/psql/failed-line", test_failed_line);
  g_test_add_func ("/psql/no-row-data", test_no_row_data);
  g_test_add_func ("/psql/no-such-database", test_no_such_database);
  g_test_add_func ("/psql/file", test_file);
  g_test_add_func ("/psql/cut-script", test_cut_script);
  g_test_add_func ("/psql/cancel", test_cancel);
  status = g_test_run ();

  pgm_server_unref (session);
  g_object_unref (logger);
  g_free (psql_path);
  pgm_test_server_free (server);
  pgm_test_run_end ();
  return status;
}
