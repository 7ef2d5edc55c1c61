/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Why libpq could not connect, where no server said it. libpq's own words are in the user's
 * language, so they are not looked at: the port is knocked at once more, and asked for
 * encryption (PostgreSQL manual, "Message Formats", SSLRequest). */

#include "pgm-conn-private.h"

#ifdef G_OS_UNIX
#include <gio/gunixsocketaddress.h>
#endif

#define LIMIT_S 3

static const guint8 ssl_request[] = { 0, 0, 0, 8, 4, 210, 22, 47 };

static GSocketConnectable *
new_address (const PgmEndpoint *endpoint, const char *numeric)
{
#ifdef G_OS_UNIX
  if (pgm_endpoint_is_socket (endpoint))
    {
      g_autofree char *path = g_strdup_printf ("%s/.s.PGSQL.%u", endpoint->host, endpoint->port);

      return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (path));
    }
#endif
  return g_network_address_new (numeric != NULL ? numeric : endpoint->host,
                                (guint16) endpoint->port);
}

/* Returns: the byte that the server answers with; 0 for none */
static char
ask_for_tls (GSocketConnection *connection, GCancellable *cancellable)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char answer = 0;

  if (!g_output_stream_write_all (out, ssl_request, sizeof ssl_request, NULL, cancellable, NULL) ||
      g_input_stream_read (in, &answer, 1, cancellable, NULL) != 1)
    return 0;
  return answer;
}

static PgmConnectCause
cause_of (const PgmEndpoint *endpoint, char answer)
{
  if (answer == 0)
    return PGM_CONNECT_OTHER;
  if (answer != 'S' && answer != 'N' && answer != 'E')
    return PGM_CONNECT_NOT_POSTGRES;
  /* PostgreSQL, and yet no session: what is between the two are encryption and certificates. */
  if (pgm_endpoint_is_socket (endpoint) || g_strcmp0 (endpoint->sslmode, "disable") == 0)
    return PGM_CONNECT_OTHER;
  return PGM_CONNECT_TLS;
}

PgmConnectCause
pgm_connect_probe_sync (PgmServer *server, GCancellable *cancellable)
{
  const PgmEndpoint *endpoint = pgm_server_get_endpoint (server);
  guint timeout_s = MIN (pgm_server_get_connect_timeout (server), LIMIT_S);
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnectable) address = new_address (endpoint, pgm_server_get_address (server));
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, timeout_s); /* of each call on the socket, too */
  connection = g_socket_client_connect (client, address, cancellable, &error);
  if (connection != NULL)
    return cause_of (endpoint, ask_for_tls (connection, cancellable));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return PGM_CONNECT_SILENT;
  return PGM_CONNECT_REFUSED;
}
