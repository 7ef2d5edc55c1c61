/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Every answer of the connection test, from real servers and from ports that are none. */

#include "pgm-connection-test.h"
#include "pgm-database-info.h"
#include "pgm-table-list.h"
#include "pgm-test-server.h"

#include <string.h>

#define TIMEOUT_S (pgm_test_is_slow () ? 20 : 3)
#define SLACK_S 20 /* a machine that is busy with other tests */

static PgmTestServer *server; /* with passwords, on TCP */

static PgmEndpoint *
new_endpoint (PgmSide side, const char *user, const char *database)
{
  PgmEndpoint *endpoint = pgm_endpoint_new (side);

  endpoint->host = g_strdup (pgm_test_server_get_host (server));
  endpoint->port = pgm_test_server_get_port (server);
  endpoint->user = g_strdup (user != NULL ? user : pgm_test_server_get_user (server));
  g_free (endpoint->database);
  endpoint->database = g_strdup (database);
  return endpoint;
}

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static PgmConnectionReport *
ask (PgmEndpoint *endpoint, const char *password)
{
  g_autoptr(PgmSecret) secret = password != NULL ? pgm_secret_new (password) : NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *summary = NULL;
  gint64 start_us = g_get_monotonic_time ();
  PgmConnectionReport *report = NULL;

  pgm_connection_test_async (endpoint, secret, TIMEOUT_S, NULL, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  report = pgm_connection_test_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <,
                   (TIMEOUT_S + SLACK_S) * G_TIME_SPAN_SECOND);
  summary = pgm_connection_report_dup_summary (report);
  g_test_message ("%s | %s | %s", summary, report->message, report->hint);
  if (report->cause != PGM_CONNECT_OK)
    {
      g_assert_nonnull (report->title);
      g_assert_nonnull (report->message);
      g_assert_null (strchr (report->message, '\n'));
      g_assert_true (report->cause == PGM_CONNECT_OTHER || report->hint != NULL);
    }
  return report;
}

static void
assert_cause (PgmEndpoint *endpoint, const char *password, PgmConnectCause cause)
{
  g_autoptr(PgmConnectionReport) report = ask (endpoint, password);

  g_assert_cmpint (report->cause, ==, cause);
}

static void
test_source (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmConnectionReport) report = ask (endpoint, pgm_test_server_get_password (server));

  g_assert_cmpint (report->cause, ==, PGM_CONNECT_OK);
  g_assert_true (g_ascii_isdigit (*report->server_version));
  g_assert_null (strchr (report->server_version, ' '));
  g_assert_cmpstr (report->tls_version, ==, "TLSv1.3");
  g_assert_cmpint (report->latency_us, >, 0);
  g_assert_true (report->is_superuser);
  g_assert_cmpuint (report->databases->len, ==, 3);
  g_assert_true (report->database_exists);
  g_assert_cmpint (report->database_n_tables, ==, 3);
  g_assert_cmpint (report->database_bytes, >, 1000000);
  g_assert_cmpint (report->database_n_sessions, ==, 0);
}

static void
test_target (void)
{
  g_autoptr(PgmEndpoint) there = new_endpoint (PGM_SIDE_TARGET, NULL, "shop");
  g_autoptr(PgmEndpoint) absent = new_endpoint (PGM_SIDE_TARGET, NULL, "nothing");
  g_autoptr(PgmEndpoint) open = new_endpoint (PGM_SIDE_TARGET, NULL, "");
  g_autoptr(PgmConnectionReport) found = ask (there, pgm_test_server_get_password (server));
  g_autoptr(PgmConnectionReport) missing = ask (absent, pgm_test_server_get_password (server));
  g_autoptr(PgmConnectionReport) unnamed = ask (open, pgm_test_server_get_password (server));

  g_assert_cmpint (found->cause, ==, PGM_CONNECT_OK);
  g_assert_true (found->database_exists);
  g_assert_cmpint (found->database_n_tables, ==, 3);
  g_assert_cmpint (missing->cause, ==, PGM_CONNECT_OK);
  g_assert_false (missing->database_exists);
  g_assert_cmpint (missing->database_n_tables, ==, -1);
  g_assert_cmpint (unnamed->cause, ==, PGM_CONNECT_OK);
  g_assert_cmpuint (unnamed->databases->len, ==, 3);
}

static void
test_limited_role (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_TARGET, "limited", "closed");
  g_autoptr(PgmConnectionReport) report = ask (endpoint, "limited");

  g_assert_cmpint (report->cause, ==, PGM_CONNECT_OK);
  g_assert_true (report->database_exists);
  g_assert_cmpint (report->database_bytes, ==, -1);
  g_assert_cmpint (report->database_n_tables, ==, -1);
  g_assert_false (report->may_create_databases);
}

static void
test_rejected (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmEndpoint) stranger = new_endpoint (PGM_SIDE_SOURCE, "nobody_knows", "shop");
  g_autoptr(PgmEndpoint) limited = new_endpoint (PGM_SIDE_SOURCE, "limited", "closed");
  g_autoptr(PgmEndpoint) banned = new_endpoint (PGM_SIDE_SOURCE, "banned", "shop");

  assert_cause (endpoint, "wrong", PGM_CONNECT_WRONG_PASSWORD);
  assert_cause (stranger, "x", PGM_CONNECT_WRONG_PASSWORD);
  assert_cause (endpoint, NULL, PGM_CONNECT_NO_PASSWORD);
  assert_cause (limited, "limited", PGM_CONNECT_DENIED);
  assert_cause (banned, "banned", PGM_CONNECT_NOT_ALLOWED);
}

static void
test_no_database (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shpo");
  g_autoptr(PgmConnectionReport) report = ask (endpoint, pgm_test_server_get_password (server));

  g_assert_cmpint (report->cause, ==, PGM_CONNECT_NO_DATABASE);
  g_assert_cmpuint (report->databases->len, ==, 3);
  g_assert_nonnull (strstr (report->hint, "shop"));
}

static void
test_password_store (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");

  endpoint->password_from = PGM_PASSWORD_FILE;
  endpoint->password_ref = g_strdup ("/nowhere/at/all");
  assert_cause (endpoint, NULL, PGM_CONNECT_PASSWORD_STORE);
}

static void
test_unreachable (void)
{
  g_autoptr(PgmEndpoint) unknown = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmEndpoint) closed = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmEndpoint) folder = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");

  g_free (unknown->host);
  unknown->host = g_strdup ("no-such-host.invalid");
  assert_cause (unknown, "x", PGM_CONNECT_UNKNOWN_HOST);
  closed->port = 1;
  assert_cause (closed, "x", PGM_CONNECT_REFUSED);
  g_free (folder->host);
  folder->host = g_strdup ("/nowhere");
  assert_cause (folder, "x", PGM_CONNECT_REFUSED);
}

static void
test_certificate (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmEndpoint) plain = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmConnectionReport) report = NULL;

  endpoint->sslmode = g_strdup ("verify-full");
  endpoint->sslrootcert = g_strdup ("/nowhere/root.crt");
  assert_cause (endpoint, pgm_test_server_get_password (server), PGM_CONNECT_TLS);
  plain->sslmode = g_strdup ("disable");
  report = ask (plain, pgm_test_server_get_password (server));
  g_assert_cmpint (report->cause, ==, PGM_CONNECT_OK);
  g_assert_null (report->tls_version);
}

typedef enum
{
  STAND_IN_SILENT,
  STAND_IN_HTTP,
  STAND_IN_MUTE_AFTER_LOGIN,
} StandInKind;

/* What a server says to let somebody in, and to be ready. */
static const char welcome[] = "R\0\0\0\010\0\0\0\0Z\0\0\0\005I";

static gboolean
serve_cb (GThreadedSocketService *service,
          GSocketConnection *connection,
          GObject *source,
          gpointer user_data)
{
  StandInKind kind = GPOINTER_TO_INT (user_data);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  char buffer[1024];

  if (kind != STAND_IN_SILENT && g_input_stream_read (in, buffer, sizeof buffer, NULL, NULL) > 0)
    {
      if (kind == STAND_IN_HTTP)
        g_output_stream_write_all (out, "HTTP/1.0 400 Bad\r\n\r\n", 20, NULL, NULL, NULL);
      else
        g_output_stream_write_all (out, welcome, sizeof welcome - 1, NULL, NULL, NULL);
    }
  if (kind != STAND_IN_HTTP)
    while (g_input_stream_read (in, buffer, sizeof buffer, NULL, NULL) > 0)
      ;
  return TRUE;
}

static void
assert_stand_in (StandInKind kind, PgmConnectCause cause)
{
  g_autoptr(GSocketService) service = g_threaded_socket_service_new (-1);
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");

  g_free (endpoint->host);
  endpoint->host = g_strdup ("127.0.0.1");
  endpoint->sslmode = g_strdup ("disable");
  endpoint->port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (service, "run", G_CALLBACK (serve_cb), GINT_TO_POINTER (kind));
  g_socket_service_start (service);
  assert_cause (endpoint, "x", cause);
  g_socket_service_stop (service);
}

static void
test_stand_ins (void)
{
  assert_stand_in (STAND_IN_SILENT, PGM_CONNECT_SILENT);
  assert_stand_in (STAND_IN_HTTP, PGM_CONNECT_NOT_POSTGRES);
  assert_stand_in (STAND_IN_MUTE_AFTER_LOGIN, PGM_CONNECT_SILENT);
}

static void
test_cancel (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  pgm_connection_test_async (endpoint, NULL, TIMEOUT_S, cancellable, store_result_cb, &result);
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (pgm_connection_test_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_tables (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint (PGM_SIDE_SOURCE, NULL, "shop");
  g_autoptr(PgmSecret) secret = pgm_secret_new (pgm_test_server_get_password (server));
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) tables = NULL;
  g_autoptr(GError) error = NULL;
  const PgmTableInfo *table = NULL;

  pgm_table_list_async (endpoint, secret, TIMEOUT_S, NULL, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  tables = pgm_table_list_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tables->len, ==, 4);
  table = tables->pdata[0];
  g_assert_cmpstr (table->schema, ==, "Big One");
  g_assert_cmpstr (table->name, ==, "rows");
  g_assert_cmpint (table->n_rows, ==, 1000);
  g_assert_cmpuint (table->size_bytes, >=, 8192);
  table = tables->pdata[1];
  g_assert_cmpstr (table->name, ==, "never");
  g_assert_cmpint (table->n_rows, ==, -1);
  table = tables->pdata[2];
  g_assert_true (table->is_partitioned);
}

/* @condition: SQL; each time it is a new session that looks */
static void
wait_until (const char *condition)
{
  g_autofree char *sql = g_strdup_printf ("SELECT %s", condition);
  gint64 deadline_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  for (;;)
    {
      g_autofree char *answer = pgm_test_server_psql (server, "postgres", sql);

      if (g_str_equal (answer, "t"))
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (20 * 1000);
    }
}

static void
set_up_server (void)
{
  g_free (pgm_test_server_psql (
      server, "postgres",
      "CREATE DATABASE shop; CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC;"
      "CREATE ROLE limited LOGIN PASSWORD 'limited'; CREATE ROLE banned NOLOGIN PASSWORD "
      "'banned';"));
  g_free (pgm_test_server_psql (
      server, "shop",
      "CREATE SCHEMA \"Big One\";"
      "CREATE TABLE \"Big One\".rows AS SELECT generate_series(1, 1000); ANALYZE \"Big One\".rows;"
      "CREATE TABLE never (i int); CREATE TABLE parted (i int) PARTITION BY LIST (i);"
      "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);"));
  g_free (
      pgm_test_server_psql (server, "postgres",
                            "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; umask 077;"
                            " openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2"
                            " -keyout server.key -out server.crt 2> /dev/null';"
                            "ALTER SYSTEM SET ssl = on;"));
  g_free (pgm_test_server_psql (server, "postgres", "SELECT pg_reload_conf()"));
  wait_until ("current_setting ('ssl') = 'on'");
  wait_until ("NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = 'shop')");
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions options = { .password = "s3cret", .listen_tcp = TRUE };
  int status;

  g_test_init (&argc, &argv, NULL);
  server = pgm_test_server_start ("connection", &options);
  set_up_server ();
  g_test_add_func ("/connection/source", test_source);
  g_test_add_func ("/connection/target", test_target);
  g_test_add_func ("/connection/limited-role", test_limited_role);
  g_test_add_func ("/connection/rejected", test_rejected);
  g_test_add_func ("/connection/no-database", test_no_database);
  g_test_add_func ("/connection/password-store", test_password_store);
  g_test_add_func ("/connection/unreachable", test_unreachable);
  g_test_add_func ("/connection/certificate", test_certificate);
  g_test_add_func ("/connection/stand-ins", test_stand_ins);
  g_test_add_func ("/connection/cancel", test_cancel);
  g_test_add_func ("/connection/tables", test_tables);
  status = g_test_run ();
  pgm_test_server_free (server);
  return status;
}
