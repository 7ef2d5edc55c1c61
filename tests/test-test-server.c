/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server.h"

#include <json-glib/json-glib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

static void
test_psql (void)
{
  g_autofree char *rows = NULL;
  g_autofree char *failure = NULL;

  rows = pgm_test_server_psql (source, "postgres", "SELECT 1, 'é'; SELECT 2, 'b'");
  g_assert_cmpstr (rows, ==, "1|é\n2|b");
  g_assert_cmpint (
      pgm_test_server_psql_status (source, NULL, "postgres", "SELECT 1/0; SELECT 5", &failure), ==,
      3);
  g_assert_nonnull (strstr (failure, "division by zero"));
}

/* A name is only a name, even where libpq would read a connection string. */
static void
test_hostile_database (void)
{
  const char *name = "host=elsewhere \"q'";
  g_autofree char *found = NULL;

  g_free (pgm_test_server_psql (source, "postgres", "CREATE DATABASE \"host=elsewhere \"\"q'\""));
  found = pgm_test_server_psql (source, name, "SELECT current_database()");
  g_assert_cmpstr (found, ==, name);
}

static void
test_password (void)
{
  g_autofree char *method = pgm_test_server_psql (
      target, "postgres", "SELECT DISTINCT auth_method FROM pg_hba_file_rules");
  g_autofree char *ports = pgm_test_server_psql (target, "postgres", "SHOW listen_addresses");

  g_assert_cmpstr (method, ==, "scram-sha-256");
  g_assert_true (g_str_has_prefix (ports, "127.0.0.1"));
  g_assert_cmpint (pgm_test_server_psql_status (target, "nosuch", "postgres", "SELECT 1", NULL), ==,
                   2);
}

static void
test_options (void)
{
  g_autofree char *encoding = pgm_test_server_psql (target, "postgres", "SHOW server_encoding");
  g_autofree char *mem = pgm_test_server_psql (target, "postgres", "SHOW work_mem");

  g_assert_cmpstr (encoding, ==, "LATIN1");
  g_assert_cmpstr (mem, ==, "7MB");
}

static void
test_restart (void)
{
  g_autofree char *kept = NULL;
  g_autofree char *log = NULL;
  GPid before = pgm_test_server_get_pid (source);

  g_free (pgm_test_server_psql (source, "postgres", "CREATE TABLE kept AS SELECT 7 AS x"));
  pgm_test_server_stop (source);
  pgm_test_server_stop (source);
  g_assert_cmpint (pgm_test_server_psql_status (source, NULL, "postgres", "SELECT 1", NULL), ==, 2);
  pgm_test_server_restart (source);
  pgm_test_server_restart (source);
  g_assert_cmpint (pgm_test_server_get_pid (source), !=, before);
  kept = pgm_test_server_psql (source, "postgres", "SELECT x FROM kept");
  g_assert_cmpstr (kept, ==, "7");
  log = pgm_test_server_dup_log (source);
  g_assert_nonnull (strstr (log, "immediate shutdown"));
}

/* Who leaves without having read what it was given is heard all the same. */
static void
test_unread_input (void)
{
  g_autofree char *sql = g_strnfill (1024 * 1024, ' ');
  g_autofree char *said = NULL;

  pgm_test_server_stop (source);
  g_assert_cmpint (pgm_test_server_psql_status (source, NULL, "postgres", sql, &said), ==, 2);
  g_assert_nonnull (strstr (said, "No such file or directory"));
  pgm_test_server_restart (source);
}

static void
test_dump_schema (void)
{
  g_autofree char *text = NULL;

  g_free (pgm_test_server_psql (source, "postgres",
                                "CREATE DATABASE d; \\c d\n CREATE TABLE t (a int)"));
  text = pgm_test_server_dump_schema (source, "d");
  g_assert_nonnull (strstr (text, "CREATE TABLE public.t ("));
  g_assert_null (strstr (text, "\n--"));
  g_assert_null (strstr (text, "restrict"));
}

static void
test_sessions (void)
{
  gint64 deadline_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (pgm_test_server_count_sessions (source, "pgm-test%") > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (20 * 1000);
    }
  g_assert_cmpuint (pgm_test_server_count_sessions (source, "it's"), ==, 0);
}

static void
test_profile (void)
{
  g_autofree char *json =
      pgm_test_profile_json (source, target, "joe", "a\"b", "{ \"parallel_jobs\": 2 }");
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = json_from_string (json, &error);
  JsonObject *root;
  JsonObject *to;

  g_assert_no_error (error);
  root = json_node_get_object (node);
  to = json_object_get_object_member (root, "target");
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (root, "source"), "database"),
      ==, "a\"b");
  g_assert_cmpstr (json_object_get_string_member (to, "user"), ==, "joe");
  g_assert_cmpstr (json_object_get_string_member (to, "password"), ==, "s3cret");
  g_assert_cmpint (json_object_get_int_member (to, "port"), ==, pgm_test_server_get_port (target));
  g_assert_false (json_object_has_member (to, "database"));
}

int
main (int argc, char **argv)
{
  static const char *const latin1[] = { "--encoding=LATIN1", NULL };
  static const char *const settings[] = { "work_mem=7MB", NULL };
  const PgmTestServerOptions options = { "s3cret", TRUE, latin1, settings };
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", &options);
  folder = g_strdup (pgm_test_server_get_socket_dir (target));

  g_test_add_func ("/test-server/psql", test_psql);
  g_test_add_func ("/test-server/hostile-database", test_hostile_database);
  g_test_add_func ("/test-server/password", test_password);
  g_test_add_func ("/test-server/options", test_options);
  g_test_add_func ("/test-server/restart", test_restart);
  g_test_add_func ("/test-server/unread-input", test_unread_input);
  g_test_add_func ("/test-server/dump-schema", test_dump_schema);
  g_test_add_func ("/test-server/sessions", test_sessions);
  g_test_add_func ("/test-server/profile", test_profile);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  return status;
}
