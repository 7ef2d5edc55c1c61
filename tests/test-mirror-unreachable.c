/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* No session on one of the two servers: said at once, in one line, for each reason. */

#include "pgm-test-pair.h"

#include <string.h>

#define DATABASE "shop"
#define TIMEOUT_S 10 /* more than it takes on a busy machine */
#define LIMIT_US PGM_TEST_WITHIN_US (TIMEOUT_S + 5)

static PgmTestServer *source;
static PgmTestServer *target;
static char *before; /* fingerprint of the target's database */

/* Who answers where a server should be. */
typedef enum
{
  THE_SERVER,
  NOBODY, /* a port that is taken and not listened to */
  A_MUTE, /* takes the connection and says nothing */
  A_WEB_SERVER,
} Answers;

typedef struct
{
  const char *name;
  Answers answers;
  const char *host; /* (nullable): as the test server's, like the next four */
  const char *user;
  const char *password;
  const char *database; /* of the source */
  const char *more;     /* further keys of the endpoint, each after a comma */
  const char *code;     /* (nullable): "source-unreachable" and "target-unreachable" */
  const char *message;  /* a part of it */
  guint timeout_s;      /* of a connection; 0: TIMEOUT_S */
} Case;

static const Case cases[] = {
  { .name = "wrong-password", .password = "wrong", .message = "does not accept the role" },
  { .name = "unknown-role", .user = "nobody_here", .message = "does not accept the role" },
  { .name = "no-password", .password = "", .message = "wants a password for the role" },
  { .name = "unknown-host",
    .host = "no-such-host.invalid",
    .message = "the host name \"no-such-host.invalid\" is not known" },
  { .name = "closed-port", .answers = NOBODY, .message = "Connection refused" },
  { .name = "missing-socket", .host = "/nonexistent", .message = "No such file or directory" },
  { .name = "mute", .answers = A_MUTE, .timeout_s = 3, .message = "did not answer within 3 s" },
  { .name = "web-server", .answers = A_WEB_SERVER, .message = "does not speak PostgreSQL" },
  { .name = "web-server-without-tls",
    .answers = A_WEB_SERVER,
    .more = ", \"sslmode\": \"disable\"",
    .message = "does not speak PostgreSQL" },
  { .name = "tls-required",
    .more = ", \"sslmode\": \"require\"",
    .message = "server does not support SSL" },
};

static const Case source_cases[] = {
  { .name = "missing-database",
    .database = "nosuch",
    .code = "preflight",
    .message = "source: there is no database \"nosuch\" at " },
  { .name = "no-connect",
    .user = "lim",
    .code = "preflight",
    .message = "permission denied for database \"" DATABASE "\"" },
};

static gboolean
greet_cb (GSocketService *service, GSocketConnection *connection, GObject *object, gpointer data)
{
  static const char words[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  GIOStream *stream = G_IO_STREAM (connection);
  char buffer[64];

  g_input_stream_read (g_io_stream_get_input_stream (stream), buffer, sizeof buffer, NULL, NULL);
  g_output_stream_write (g_io_stream_get_output_stream (stream), words, strlen (words), NULL, NULL);
  return TRUE;
}

/* Returns: (transfer full): holds a port of 127.0.0.1 */
static GSocket *
take_port (guint16 *ret_port)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) address = NULL;
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, any, FALSE, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  *ret_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return socket;
}

/* Puts something in the place of a server.
 *
 * Returns: (transfer full): to be released when it is no longer wanted */
static GObject *
answer (Answers who, guint16 *ret_port)
{
  g_autoptr(GSocket) socket = take_port (ret_port);
  g_autoptr(GError) error = NULL;
  GSocketService *service = NULL;

  if (who == NOBODY)
    return G_OBJECT (g_steal_pointer (&socket));
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  if (who == A_MUTE)
    return G_OBJECT (g_steal_pointer (&socket));
  /* With a limit it stops and starts itself from its threads, which crashes at times (GLib 2.74).
   */
  service = g_threaded_socket_service_new (-1);
  g_signal_connect (service, "run", G_CALLBACK (greet_cb), NULL);
  g_socket_listener_add_socket (G_SOCKET_LISTENER (service), socket, NULL, &error);
  g_assert_no_error (error);
  return G_OBJECT (service);
}

static char *
endpoint_json (PgmTestServer *server, const Case *c, guint16 port)
{
  return g_strdup_printf (
      "\"host\": \"%s\", \"port\": %u, \"user\": \"%s\", \"password\": \"%s\"%s",
      c->host != NULL ? c->host : pgm_test_server_get_host (server),
      port != 0 ? port : pgm_test_server_get_port (server),
      c->user != NULL ? c->user : pgm_test_server_get_user (server),
      c->password != NULL ? c->password : pgm_test_server_get_password (server),
      c->more != NULL ? c->more : "");
}

static void
run_case (const Case *c, PgmSide side)
{
  static const Case good = { NULL };
  gboolean is_source = side == PGM_SIDE_SOURCE;
  guint16 port = 0;
  g_autoptr(GObject) answering = c->answers != THE_SERVER ? answer (c->answers, &port) : NULL;
  g_autofree char *source_json =
      endpoint_json (source, is_source ? c : &good, is_source ? port : 0);
  g_autofree char *target_json =
      endpoint_json (target, is_source ? &good : c, is_source ? 0 : port);
  g_autofree char *json =
      g_strdup_printf ("{ \"source\": { %s, \"database\": \"%s\" }, \"target\": { %s },"
                       "  \"options\": { \"drop_existing\": true, \"connect_timeout\": %u } }",
                       source_json, c->database != NULL ? c->database : DATABASE, target_json,
                       c->timeout_s > 0 ? c->timeout_s : TIMEOUT_S);
  const char *code = is_source ? "source-unreachable" : "target-unreachable";
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr(PgmTestRun) run = pgm_test_run (json, NULL);
  g_autofree char *after = pgm_test_fingerprint (target, DATABASE);

  g_clear_object (&answering);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, LIMIT_US);
  pgm_test_assert_code (run, c->code != NULL ? c->code : code);
  pgm_test_assert_message (run, c->message);
  g_assert_true (g_str_has_prefix (run->data->message, is_source ? "source: " : "target: "));
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  g_assert_cmpstr (after, ==, before);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_source (gconstpointer data)
{
  run_case (data, PGM_SIDE_SOURCE);
}

static void
test_target (gconstpointer data)
{
  run_case (data, PGM_SIDE_TARGET);
}

static void
add_test (const char *side, const Case *c, GTestDataFunc func)
{
  g_autofree char *path = g_strconcat ("/mirror-unreachable/", side, "/", c->name, NULL);

  g_test_add_data_func (path, c, func);
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions options = { .password = "s3cret", .listen_tcp = TRUE };
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  g_free (pgm_test_server_psql (source, "postgres",
                                "CREATE DATABASE " DATABASE ";"
                                "REVOKE CONNECT ON DATABASE " DATABASE " FROM PUBLIC;"
                                "CREATE ROLE lim LOGIN PASSWORD 's3cret'"));
  g_free (pgm_test_server_psql (target, "postgres", "CREATE DATABASE " DATABASE));
  g_free (pgm_test_server_psql (target, DATABASE, "CREATE TABLE old_rows AS SELECT 1 AS i"));
  before = pgm_test_fingerprint (target, DATABASE);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      add_test ("source", &cases[i], test_source);
      add_test ("target", &cases[i], test_target);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (source_cases); i++)
    add_test ("source", &source_cases[i], test_source);
  status = g_test_run ();
  g_free (before);
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
