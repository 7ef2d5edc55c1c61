/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Sessions: what they may do, what they say of a failure, and that none of them waits for ever. */

#include "pgm-test-run.h"

#include "pgm-conn.h"
#include "pgm-error.h"

#include <stdlib.h>
#include <string.h>

static PgmTestServer *server;

static PgmServer *
server_new (PgmSide side, const char *host, const char *role, const char *database)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (side);

  endpoint->host = g_strdup (host != NULL ? host : pgm_test_server_get_socket_dir (server));
  endpoint->port = pgm_test_server_get_port (server);
  endpoint->user = g_strdup (role);
  endpoint->database = g_strdup (database);
  return pgm_server_new (endpoint, NULL, "pgmirror-test", 5);
}

static PgmConn *
open_as (PgmSide side, const char *role, const char *database)
{
  g_autoptr(PgmServer) session = server_new (side, NULL, role, database);
  g_autoptr(GError) error = NULL;
  PgmConn *conn = pgm_conn_open_sync (session, database, NULL, &error);

  g_assert_no_error (error);
  return conn;
}

static char *
ask (PgmConn *conn, const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, sql, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (pgm_rows_get_n (rows), ==, 1);
  return g_strdup (pgm_rows_get (rows, 0, 0));
}

static void
assert_answer (PgmConn *conn, const char *sql, const char *expected)
{
  g_autofree char *got = ask (conn, sql);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_rows (void)
{
  g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
  const char *params[] = { "it's $1 \\ \"é\"", "42", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn, "SELECT $1::text, $2::int + 1, true, NULL UNION ALL SELECT 'b', -7, false, 'x'", params,
      NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (pgm_rows_get_n (rows), ==, 2);
  g_assert_cmpstr (pgm_rows_get (rows, 0, 0), ==, params[0]);
  g_assert_cmpint (pgm_rows_get_int (rows, 0, 1), ==, 43);
  g_assert_true (pgm_rows_get_bool (rows, 0, 2));
  g_assert_null (pgm_rows_get (rows, 0, 3));
  g_assert_cmpint (pgm_rows_get_int (rows, 0, 3), ==, 0);
  g_assert_cmpint (pgm_rows_get_int (rows, 1, 1), ==, -7);
  g_assert_false (pgm_rows_get_bool (rows, 1, 2));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *sql;
    PgmError code;
    const char *sqlstate;
  } cases[] = {
    { "SELECT * FROM nosuch", PGM_ERROR_MISSING, "42P01" },
    { "SELECT * FROM pg_authid", PGM_ERROR_DENIED, "42501" },
    { "SELECT 1/0", PGM_ERROR_SQL, "22012" },
    { "SELECT 'open", PGM_ERROR_SQL, "42601" },
    { "SELECT 1; SELECT 1/0; SELECT 2", PGM_ERROR_SQL, "22012" },
    { "COPY (SELECT 1) TO STDOUT", PGM_ERROR_CONNECT, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
      g_autoptr(GError) error = NULL;

      g_assert_false (pgm_conn_exec_sync (conn, cases[i].sql, NULL, &error));
      g_assert_error (error, PGM_ERROR, (int) cases[i].code);
      g_assert_cmpstr (pgm_conn_get_sqlstate (conn), ==, cases[i].sqlstate);
      g_assert_null (strchr (error->message, '\n'));
      g_assert_cmpint (pgm_conn_is_alive (conn), ==, cases[i].sqlstate != NULL);
      if (cases[i].sqlstate != NULL)
        assert_answer (conn, "SELECT 5", "5");
    }
}

/* P1: whatever is asked of a source, nothing is written there. */
static void
test_source_is_only_read (void)
{
  g_autoptr(PgmConn) source = open_as (PGM_SIDE_SOURCE, "app", "postgres");
  g_autoptr(PgmConn) target = open_as (PGM_SIDE_TARGET, "app", "postgres");
  g_autoptr(GError) error = NULL;

  g_assert_false (pgm_conn_exec_sync (source, "CREATE TABLE public.x ()", NULL, &error));
  g_assert_cmpstr (pgm_conn_get_sqlstate (source), ==, "25006");
  g_clear_error (&error);
  pgm_conn_exec_sync (target, "CREATE TABLE public.x (); DROP TABLE public.x", NULL, &error);
  g_assert_no_error (error);
}

/* Neither the role's own settings nor a function in the way of pg_catalog's reach a session. */
static void
test_settings (void)
{
  static const char *const sides[] = { "on", "off" };

  pgm_test_do (server, "postgres",
               "ALTER ROLE odd SET statement_timeout = '900ms';"
               "ALTER ROLE odd SET search_path = evil, pg_catalog;"
               "ALTER ROLE odd SET datestyle = 'German';"
               "ALTER ROLE odd SET default_transaction_read_only = on;"
               "ALTER ROLE odd SET idle_session_timeout = '900ms';"
               "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO odd;"
               "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'evil' $$");
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autoptr(PgmConn) conn = open_as ((PgmSide) i, "odd", "postgres");

      g_usleep (G_USEC_PER_SEC);
      assert_answer (conn, "SELECT lower('A') || current_date::text ~ '^a\\d{4}-'", "t");
      assert_answer (conn, "SHOW statement_timeout", "0");
      assert_answer (conn, "SHOW search_path", "pg_catalog");
      assert_answer (conn, "SHOW default_transaction_read_only", sides[i]);
      assert_answer (conn, "SHOW row_security", "off");
      assert_answer (conn, "SHOW application_name", "pgmirror-test");
    }
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (G_USEC_PER_SEC / 4);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) at_once = NULL;
  gint64 begun_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  g_assert_false (pgm_conn_exec_sync (conn, "SELECT pg_sleep(100)", cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (2));
  g_assert_true (pgm_conn_is_alive (conn));
  assert_answer (conn, "SELECT 6", "6");
  g_assert_false (pgm_conn_exec_sync (conn, "SELECT 1", cancellable, &at_once));
  g_assert_error (at_once, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* statement_timeout ends a statement with the SQLSTATE of a cancel; nobody cancelled it. */
static void
test_timeout_is_no_cancel (void)
{
  g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
  g_autoptr(GError) error = NULL;

  g_assert_false (pgm_conn_exec_sync (conn, "SET statement_timeout = '20ms'; SELECT pg_sleep(100)",
                                      NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_SQL);
  g_assert_cmpstr (pgm_conn_get_sqlstate (conn), ==, "57014");
}

static void
test_lost (void)
{
  g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
  g_autofree char *end =
      g_strdup_printf ("SELECT pg_terminate_backend(%d, 5000)", pgm_conn_get_pid (conn));
  g_autoptr(GError) error = NULL;

  pgm_test_do (server, "postgres", end);
  g_assert_false (pgm_conn_exec_sync (conn, "SELECT 1", NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONNECT);
  g_assert_false (pgm_conn_is_alive (conn));
  g_clear_error (&error);
  g_assert_null (pgm_conn_query_sync (conn, "SELECT 1", NULL, NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONNECT);
}

static void
test_maintenance (void)
{
  static const char *const cases[][2] = { { "shop", "postgres" }, { "postgres", "template1" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmServer) session = server_new (PGM_SIDE_TARGET, NULL, "app", cases[i][0]);
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmConn) conn = pgm_conn_open_maintenance_sync (session, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (pgm_conn_get_database (conn), ==, cases[i][1]);
      assert_answer (conn, "SELECT current_database()", cases[i][1]);
      g_assert_cmpint (pgm_conn_get_version (conn), ==, pgm_server_get_version (session));
    }
}

/* A name is only a name, here too. */
static void
test_database_names (void)
{
  static const char *const names[] = { "dbname=postgres", "postgresql:///postgres", "x' OR '1'='1",
                                       "host=elsewhere", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(PgmServer) session = server_new (PGM_SIDE_TARGET, NULL, "app", "shop");
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmConn) conn = pgm_conn_open_sync (session, names[i], NULL, &error);

      g_assert_null (conn);
      g_assert_error (error, PGM_ERROR, PGM_ERROR_MISSING);
    }
}

static void
test_quoting (void)
{
  g_autoptr(PgmConn) conn = open_as (PGM_SIDE_TARGET, "app", "postgres");
  g_autoptr(PgmConn) raw = open_as (PGM_SIDE_TARGET, "app", "raw");
  PgmConn *conns[] = { conn, raw };

  for (gsize i = 0; i < G_N_ELEMENTS (conns); i++)
    for (guint c = 1; c <= 255; c++)
      {
        char letter[8] = { (char) c };
        g_autofree char *text = NULL;
        g_autofree char *name = NULL;
        g_autofree char *sql = NULL;

        if (i == 0)
          letter[g_unichar_to_utf8 (c, letter)] = '\0';
        text = pgm_conn_quote_text (conns[i], letter);
        name = pgm_conn_quote_name (conns[i], letter);
        sql = g_strdup_printf ("SELECT %s.%s FROM (SELECT %s AS %s) AS %s", name, name, text, name,
                               name);
        assert_answer (conns[i], sql, letter);
      }
}

/* Texts come in UTF-8 from wherever they can, and as they are from where there is no encoding. */
static void
test_encodings (void)
{
  g_autoptr(PgmConn) latin1 = open_as (PGM_SIDE_TARGET, "app", "latin1");
  g_autoptr(PgmConn) raw = open_as (PGM_SIDE_TARGET, "app", "raw");

  assert_answer (latin1, "SELECT chr(233)", "é");
  assert_answer (latin1, "SELECT ascii('é')::text", "233");
  assert_answer (raw, "SELECT '\xe9\xff'", "\xe9\xff");
}

/* The address that answered first is the one that all later sessions go to. */
static void
test_address (void)
{
  g_autoptr(PgmServer) session = server_new (PGM_SIDE_TARGET, "localhost", "app", "shop");
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmConn) conn = pgm_conn_open_maintenance_sync (session, NULL, &error);
  g_autofree char *address = NULL;
  g_autofree char *conninfo = pgm_server_dup_conninfo (session, "a'b");

  g_assert_no_error (error);
  address = ask (conn, "SELECT host(inet_server_addr())");
  g_assert_cmpstr (address, ==, pgm_server_get_address (session));
  pgm_test_assert_has (conninfo, "dbname='a\\'b'");
  pgm_test_assert_has (conninfo, "hostaddr=");
  g_assert_false (pgm_conn_uses_tls (conn));
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions listening = { .listen_tcp = TRUE };
  int status;

  pgm_test_run_init (&argc, &argv);
  server = pgm_test_server_start ("conn", &listening);
  pgm_test_do (server, "postgres",
               "CREATE ROLE app LOGIN; CREATE ROLE odd LOGIN;"
               "GRANT CREATE ON SCHEMA public TO app;"
               "CREATE DATABASE raw TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C';"
               "CREATE DATABASE latin1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");

  g_test_add_func ("/conn/rows", test_rows);
  g_test_add_func ("/conn/errors", test_errors);
  g_test_add_func ("/conn/source-is-only-read", test_source_is_only_read);
  g_test_add_func ("/conn/settings", test_settings);
  g_test_add_func ("/conn/cancel", test_cancel);
  g_test_add_func ("/conn/timeout-is-no-cancel", test_timeout_is_no_cancel);
  g_test_add_func ("/conn/lost", test_lost);
  g_test_add_func ("/conn/maintenance", test_maintenance);
  g_test_add_func ("/conn/database-names", test_database_names);
  g_test_add_func ("/conn/quoting", test_quoting);
  g_test_add_func ("/conn/encodings", test_encodings);
  g_test_add_func ("/conn/address", test_address);
  status = g_test_run ();

  pgm_test_server_free (server);
  pgm_test_run_end ();
  return status;
}
