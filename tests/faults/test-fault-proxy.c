/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The fault proxy does what it says: a test that relies on it has to be able to. */

#include "pgm-fault-proxy.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#define WAIT_LIMIT_S 20
#define SILENCE_US (300 * 1000)

/* A connection through the proxy, with both of its ends. */
typedef struct
{
  GSocket *listener;
  PgmFaultProxy *proxy;
  GSocket *client;
  GSocket *server;
  char *folder; /* (nullable): of the listener's Unix socket */
} Fixture;

static GSocket *
listen_at (GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;
  GSocket *socket =
      g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, 0, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  return socket;
}

static guint16
get_port (GSocket *socket)
{
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static gboolean
try_connect (GSocket *socket, guint16 port, GError **error)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  g_socket_set_timeout (socket, WAIT_LIMIT_S);
  return g_socket_connect (socket, address, NULL, error);
}

static GSocket *
new_socket (void)
{
  g_autoptr(GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, &error);

  g_assert_no_error (error);
  return socket;
}

static void
open_connection (Fixture *fx, GSocket **ret_client, GSocket **ret_server)
{
  g_autoptr(GError) error = NULL;

  *ret_client = new_socket ();
  try_connect (*ret_client, pgm_fault_proxy_get_port (fx->proxy), &error);
  g_assert_no_error (error);
  *ret_server = g_socket_accept (fx->listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (*ret_server, WAIT_LIMIT_S);
}

static void
set_up (Fixture *fx, gconstpointer data)
{
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);

  fx->listener = listen_at (any);
  fx->proxy = pgm_fault_proxy_new ("127.0.0.1", get_port (fx->listener));
  open_connection (fx, &fx->client, &fx->server);
}

static void
set_up_local (Fixture *fx, gconstpointer data)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autofree char *path = NULL;

  fx->folder = g_dir_make_tmp ("fp-XXXXXX", NULL);
  path = g_build_filename (fx->folder, ".s.PGSQL.7", NULL);
  address = g_unix_socket_address_new (path);
  fx->listener = listen_at (address);
  fx->proxy = pgm_fault_proxy_new (fx->folder, 7);
  open_connection (fx, &fx->client, &fx->server);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (fx->folder), ==, 0);
}

static void
tear_down (Fixture *fx, gconstpointer data)
{
  pgm_fault_proxy_free (fx->proxy);
  g_object_unref (fx->client);
  g_object_unref (fx->server);
  g_object_unref (fx->listener);
  g_free (fx->folder);
}

static void
say (GSocket *socket, const char *text)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_socket_send (socket, text, strlen (text), NULL, &error), ==, strlen (text));
  g_assert_no_error (error);
}

static void
expect (GSocket *socket, const char *text)
{
  gsize length = strlen (text);
  g_autofree char *heard = g_malloc0 (length + 1);
  gsize n = 0;

  while (n < length)
    {
      g_autoptr(GError) error = NULL;
      gssize more = g_socket_receive (socket, heard + n, length - n, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (more, >, 0);
      n += (gsize) more;
    }
  g_assert_cmpstr (heard, ==, text);
}

static void
expect_end (GSocket *socket)
{
  g_autoptr(GError) error = NULL;
  char byte = 0;

  g_assert_cmpint (g_socket_receive (socket, &byte, 1, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

static void
expect_reset (GSocket *socket)
{
  g_autoptr(GError) error = NULL;
  char byte = 0;

  g_assert_cmpint (g_socket_receive (socket, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
expect_silence (GSocket *socket)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (g_socket_condition_timed_wait (socket, G_IO_IN, SILENCE_US, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
set_fault (Fixture *fx, PgmFaultKind kind, PgmFaultWays ways, guint64 amount, guint connection)
{
  const PgmFault fault = { kind, ways, amount, connection };

  pgm_fault_proxy_set (fx->proxy, &fault);
}

static void
test_forward (Fixture *fx, gconstpointer data)
{
  say (fx->client, "question");
  expect (fx->server, "question");
  say (fx->server, "answer");
  expect (fx->client, "answer");
  g_assert_cmpuint (pgm_fault_proxy_get_bytes (fx->proxy, PGM_FAULT_UP), ==, 8);
  g_assert_cmpuint (pgm_fault_proxy_get_bytes (fx->proxy, PGM_FAULT_DOWN), ==, 6);
  g_assert_cmpuint (pgm_fault_proxy_get_bytes (fx->proxy, PGM_FAULT_BOTH), ==, 14);
  g_assert_cmpuint (pgm_fault_proxy_get_n_connections (fx->proxy), ==, 1);
}

/* One way may end before the other. */
static void
test_end (Fixture *fx, gconstpointer data)
{
  say (fx->client, "last");
  g_socket_shutdown (fx->client, FALSE, TRUE, NULL);
  expect (fx->server, "last");
  expect_end (fx->server);
  say (fx->server, "words");
  g_socket_close (fx->server, NULL);
  expect (fx->client, "words");
  expect_end (fx->client);
}

static void
test_cut (Fixture *fx, gconstpointer data)
{
  set_fault (fx, PGM_FAULT_CUT, PGM_FAULT_DOWN, 3, 0);
  say (fx->client, "goes through");
  expect (fx->server, "goes through");
  say (fx->server, "answer");
  expect (fx->client, "ans");
  expect_reset (fx->client);
  expect_reset (fx->server);
}

/* Nobody has to say anything for that. */
static void
test_cut_now (Fixture *fx, gconstpointer data)
{
  set_fault (fx, PGM_FAULT_CUT, PGM_FAULT_BOTH, 0, 0);
  expect_reset (fx->client);
  expect_reset (fx->server);
}

static void
test_fin (Fixture *fx, gconstpointer data)
{
  set_fault (fx, PGM_FAULT_FIN, PGM_FAULT_UP, 3, 0);
  say (fx->client, "que");
  expect (fx->server, "que");
  expect_end (fx->server);
  expect_end (fx->client);
}

static void
test_hole (Fixture *fx, gconstpointer data)
{
  set_fault (fx, PGM_FAULT_HOLE, PGM_FAULT_UP, 3, 0);
  say (fx->client, "question");
  expect (fx->server, "que");
  expect_silence (fx->server);
  say (fx->server, "answer");
  expect_silence (fx->client);
  set_fault (fx, PGM_FAULT_NONE, PGM_FAULT_BOTH, 0, 0);
  expect (fx->server, "stion");
  expect (fx->client, "answer");
}

static void
test_flip (Fixture *fx, gconstpointer data)
{
  set_fault (fx, PGM_FAULT_FLIP, PGM_FAULT_DOWN, 2, 0);
  say (fx->client, "000000");
  expect (fx->server, "000000");
  say (fx->server, "000");
  expect (fx->client, "001");
  say (fx->server, "000");
  expect (fx->client, "000");
}

static void
test_rate (Fixture *fx, gconstpointer data)
{
  g_autofree char *text = g_strnfill (20 * 1000, 'x');
  gint64 begun_us = g_get_monotonic_time ();

  set_fault (fx, PGM_FAULT_RATE, PGM_FAULT_UP, 40 * 1000, 0);
  say (fx->client, text);
  say (fx->server, "at once");
  expect (fx->client, "at once");
  expect (fx->server, text);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >, 400 * 1000);
}

static void
test_one_connection (Fixture *fx, gconstpointer data)
{
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocket) server = NULL;

  set_fault (fx, PGM_FAULT_CUT, PGM_FAULT_UP, 3, 2);
  open_connection (fx, &client, &server);
  say (client, "que");
  expect_reset (client);
  say (fx->client, "question");
  expect (fx->server, "question");
}

/* The client may hear of it before it knows that it is connected. */
static void
test_nobody_there (void)
{
  g_autoptr(PgmFaultProxy) proxy = pgm_fault_proxy_new ("/nonexistent", 5432);
  g_autoptr(GSocket) client = new_socket ();
  g_autoptr(GError) error = NULL;

  if (try_connect (client, pgm_fault_proxy_get_port (proxy), &error))
    expect_reset (client);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

#define ADD(name, func) g_test_add ("/fault-proxy/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("forward", test_forward);
  g_test_add ("/fault-proxy/forward-local", Fixture, NULL, set_up_local, test_forward, tear_down);
  ADD ("end", test_end);
  ADD ("cut", test_cut);
  ADD ("cut-now", test_cut_now);
  ADD ("fin", test_fin);
  ADD ("hole", test_hole);
  ADD ("flip", test_flip);
  ADD ("rate", test_rate);
  ADD ("one-connection", test_one_connection);
  g_test_add_func ("/fault-proxy/nobody-there", test_nobody_there);
  return g_test_run ();
}
