/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* How a session is opened: the host name is resolved by GResolver, then libpq tries one numeric
 * address after the other, without ever blocking. libpq's own look-up can be neither cancelled
 * nor bounded, and its messages do not say that it was the name that failed. */

#include "pgm-conn-private.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#ifdef G_OS_WIN32
#include <winsock2.h>
#endif

#ifdef G_OS_WIN32

/* GLib's g_poll() takes handles there, not sockets; a cancel is looked for between short waits. */
#define SLICE_MS 50

static gboolean
poll_until (int fd, GIOCondition condition, gint64 deadline_us, GCancellable *cancellable)
{
  WSAPOLLFD poll = { .fd = (SOCKET) fd,
                     .events = (condition & G_IO_IN ? POLLRDNORM : 0) |
                               (condition & G_IO_OUT ? POLLWRNORM : 0) };

  while (!g_cancellable_is_cancelled (cancellable) && g_get_monotonic_time () < deadline_us)
    if (WSAPoll (&poll, 1, SLICE_MS) > 0)
      return TRUE;
  return FALSE;
}

#else

static gboolean
poll_until (int fd, GIOCondition condition, gint64 deadline_us, GCancellable *cancellable)
{
  GPollFD fds[2] = { { .fd = fd, .events = condition | G_IO_ERR | G_IO_HUP } };
  guint n_fds = g_cancellable_make_pollfd (cancellable, &fds[1]) ? 2 : 1;

  while (fds[0].revents == 0 && !g_cancellable_is_cancelled (cancellable))
    {
      gint64 left_us = deadline_us - g_get_monotonic_time ();

      if (left_us <= 0)
        break;
      g_poll (fds, n_fds, (int) MIN (left_us / 1000 + 1, G_MAXINT));
    }
  if (n_fds > 1)
    g_cancellable_release_fd (cancellable);
  return fds[0].revents != 0;
}

#endif

/* Waits until @fd is ready, but not beyond @deadline_us (monotonic).
 *
 * Returns: FALSE with G_IO_ERROR_TIMED_OUT or G_IO_ERROR_CANCELLED */
gboolean
pgm_socket_wait (
    int fd, GIOCondition condition, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  gboolean is_ready = poll_until (fd, condition, deadline_us, cancellable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!is_ready)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("no answer in time"));
  return is_ready;
}

typedef struct
{
  GMainContext *context;
  GList *addresses;
  GError *error;
  gboolean is_done;
} Lookup;

static void
looked_up_cb (GObject *resolver, GAsyncResult *result, gpointer user_data)
{
  Lookup *lookup = user_data;

  lookup->addresses =
      g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &lookup->error);
  lookup->is_done = TRUE;
}

static gboolean
expired_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancel_other_cb (GCancellable *cancellable, gpointer other)
{
  g_cancellable_cancel (other);
}

static void
look_up (Lookup *lookup, const char *host, gint64 deadline_us, GCancellable *cancellable)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GCancellable) either = g_cancellable_new ();
  g_autoptr(GSource) timer = g_timeout_source_new (
      (guint) (MAX (deadline_us - g_get_monotonic_time (), 0) / 1000));
  gulong id = 0;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (cancel_other_cb), either, NULL);
  g_source_set_callback (timer, expired_cb, either, NULL);
  g_source_attach (timer, lookup->context);
  g_resolver_lookup_by_name_async (resolver, host, either, looked_up_cb, lookup);
  while (!lookup->is_done)
    g_main_context_iteration (lookup->context, TRUE);
  g_source_destroy (timer);
  g_cancellable_disconnect (cancellable, id);
}

static char **
addresses_to_strv (GList *addresses)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (GList *l = addresses; l != NULL; l = l->next)
    {
      g_autofree char *text = g_inet_address_to_string (l->data);

      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

/* Returns: (transfer full): numeric addresses to try in turn; one empty string for a socket
 * folder, which needs none */
static char **
resolve (PgmServer *server, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  const char *host = pgm_server_get_endpoint (server)->host;
  const char *none[] = { "", NULL };
  Lookup lookup = { 0 };
  char **addresses = NULL;

  if (pgm_endpoint_is_socket (pgm_server_get_endpoint (server)))
    return g_strdupv ((char **) none);
  if (pgm_server_get_address (server) != NULL || g_hostname_is_ip_address (host))
    {
      const char *only[] = { pgm_server_get_address (server), NULL };

      only[0] = only[0] != NULL ? only[0] : host;
      return g_strdupv ((char **) only);
    }

  lookup.context = g_main_context_new ();
  g_main_context_push_thread_default (lookup.context);
  look_up (&lookup, host, deadline_us, cancellable);
  g_main_context_pop_thread_default (lookup.context);
  g_main_context_unref (lookup.context);

  if (lookup.addresses != NULL)
    addresses = addresses_to_strv (lookup.addresses);
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
                 _("the host name \"%s\" is not known: %s"), host,
                    pgm_error_is_cancelled (lookup.error) ? _("no answer from the name service")
                                                          : pgm_error_get_reason (lookup.error));
  g_resolver_free_addresses (lookup.addresses);
  g_clear_error (&lookup.error);
  return addresses;
}

static PGconn *
start (PgmServer *server, const char *database, const char *address)
{
  const PgmEndpoint *endpoint = pgm_server_get_endpoint (server);
  PgmSecret *password = pgm_server_get_password (server);
  g_autofree char *port = g_strdup_printf ("%u", endpoint->port);
  const struct
  {
    const char *keyword;
    const char *value;
  } all[] = {
    { "host", endpoint->host },
    { "hostaddr", *address != '\0' ? address : NULL },
    { "port", port },
    { "user", endpoint->user },
    { "dbname", database },
    { "password", password != NULL ? pgm_secret_reveal (password) : NULL },
    { "passfile", pgm_server_get_passfile (server) },
    { "sslmode", endpoint->sslmode },
    { "sslrootcert", endpoint->sslrootcert },
    { "sslcert", endpoint->sslcert },
    { "sslkey", endpoint->sslkey },
    { "application_name", pgm_server_get_application_name (server) },
    { "keepalives_idle", "30" },
    { "keepalives_interval", "10" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "60000" },
  };
  const char *keywords[G_N_ELEMENTS (all) + 1] = { NULL };
  const char *values[G_N_ELEMENTS (all) + 1] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      keywords[i] = all[i].keyword;
      values[i] = all[i].value; /* libpq takes NULL as not said */
    }
  return PQconnectStartParams (keywords, values, /* expand_dbname= */ 0);
}

/* Finds SQLSTATE and message in libpq's text, which has them as `FATAL:  28P01: …` when the
 * verbosity is verbose, whatever the language and whatever that is encoded in. */
static void
parse_failure (const char *text, char **ret_sqlstate, char **ret_message)
{
  g_autoptr(GRegex) regex = g_regex_new (":  ([0-9A-Z]{5}): ([^\n]*)", G_REGEX_RAW, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_auto(GStrv) lines = NULL;
  const char *after = strstr (text, " failed: ");

  if (g_regex_match (regex, text, 0, &match))
    {
      g_autofree char *message = g_match_info_fetch (match, 2);

      *ret_sqlstate = g_match_info_fetch (match, 1);
      *ret_message = pgm_text_escape (message);
      return;
    }
  lines = g_strsplit (after != NULL ? after + strlen (" failed: ") : text, "\n", 2);
  *ret_message = pgm_text_escape (g_strchomp (lines[0]));
}

void
pgm_connect_failure_clear (PgmConnectFailure *self)
{
  g_clear_pointer (&self->sqlstate, g_free);
  self->cause = PGM_CONNECT_OK;
}

/* @sqlstate: (nullable) */
static PgmConnectCause
cause_from_sqlstate (const char *sqlstate)
{
  static const struct
  {
    const char *prefix;
    PgmConnectCause cause;
  } causes[] = {
    { "28P01", PGM_CONNECT_WRONG_PASSWORD }, { "28", PGM_CONNECT_NOT_ALLOWED },
    { "3D000", PGM_CONNECT_NO_DATABASE },    { "42501", PGM_CONNECT_DENIED },
    { "53300", PGM_CONNECT_FULL },           { "57P03", PGM_CONNECT_STARTING },
  };

  for (gsize i = 0; sqlstate != NULL && i < G_N_ELEMENTS (causes); i++)
    if (g_str_has_prefix (sqlstate, causes[i].prefix))
      return causes[i].cause;
  return PGM_CONNECT_OTHER;
}

/* Something answered, and it is no PostgreSQL server. */
static gboolean
is_other_protocol (PgmServer *server,
                   PgmConnectFailure *failure,
                   const char *sqlstate,
                   GCancellable *cancellable)
{
  if (sqlstate != NULL || pgm_connect_probe_sync (server, cancellable) != PGM_CONNECT_NOT_POSTGRES)
    return FALSE;
  failure->cause = PGM_CONNECT_NOT_POSTGRES;
  return TRUE;
}

static void
set_failure (GError **error,
             PGconn *pg,
             PgmServer *server,
             const char *database,
             PgmConnectFailure *failure,
             GCancellable *cancellable)
{
  const PgmEndpoint *endpoint = pgm_server_get_endpoint (server);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  g_autofree char *sqlstate = NULL;
  g_autofree char *message = NULL;

  parse_failure (PQerrorMessage (pg), &sqlstate, &message);
  failure->cause =
      PQconnectionNeedsPassword (pg) ? PGM_CONNECT_NO_PASSWORD : cause_from_sqlstate (sqlstate);
  if (PQconnectionNeedsPassword (pg) && endpoint->password_from == PGM_PASSWORD_PGPASS)
    g_set_error (
        error, PGM_ERROR, PGM_ERROR_AUTH,
        _("%s wants a password for the role \"%s\", and the password file (PGPASSFILE, or "
                   "~/.pgpass) gives none"),
           address, endpoint->user);
  else if (PQconnectionNeedsPassword (pg))
    g_set_error (error, PGM_ERROR, PGM_ERROR_AUTH,
                 _("%s wants a password for the role \"%s\", and there is none"), address,
                    endpoint->user);
  else if (g_strcmp0 (sqlstate, "28P01") == 0)
    g_set_error (error, PGM_ERROR, PGM_ERROR_AUTH,
                 _("%s does not accept the role \"%s\" with this password"), address,
                    endpoint->user);
  else if (g_strcmp0 (sqlstate, "3D000") == 0)
    g_set_error (error, PGM_ERROR, PGM_ERROR_MISSING,
                 _("there is no database \"%s\" at %s"), database, address);
  else if (is_other_protocol (server, failure, sqlstate, cancellable))
    g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT, _("%s does not speak PostgreSQL"), address);
  else
    g_set_error (error, PGM_ERROR, pgm_error_from_sqlstate (sqlstate),
                 _("could not connect to %s: %s"), address, message);
  failure->sqlstate = g_steal_pointer (&sqlstate);
}

static gboolean
poll_until_ready (PGconn *pg, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;

  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING)
    {
      GIOCondition condition = status == PGRES_POLLING_READING ? G_IO_IN : G_IO_OUT;

      if (!pgm_socket_wait (PQsocket (pg), condition, deadline_us, cancellable, error))
        return FALSE;
      status = PQconnectPoll (pg);
    }
  return status == PGRES_POLLING_OK;
}

static PGconn *
connect_to (PgmServer *server,
            const char *database,
            const char *address,
            gint64 deadline_us,
            GCancellable *cancellable,
            PgmConnectFailure *failure,
            GError **error)
{
  g_autoptr(PGconn) pg = start (server, database, address);
  g_autoptr(GError) local = NULL;

  if (PQstatus (pg) != CONNECTION_BAD)
    {
      PQsetErrorVerbosity (pg, PQERRORS_VERBOSE);
      if (poll_until_ready (pg, deadline_us, cancellable, &local))
        return g_steal_pointer (&pg);
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_autofree char *shown = pgm_endpoint_dup_address (pgm_server_get_endpoint (server));

      failure->cause = PGM_CONNECT_SILENT;
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONNECT,
                   _("%s did not answer within %u s"), shown,
                      pgm_server_get_connect_timeout (server));
    }
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    set_failure (error, pg, server, database, failure, cancellable);
  return NULL;
}

/* Opens a session within the server's connect time-out, all addresses of a host together.
 *
 * @failure: (out caller-allocates): cleared here first; what is left in it belongs to the caller */
PGconn *
pgm_connect_sync (PgmServer *server,
                  const char *database,
                  GCancellable *cancellable,
                  PgmConnectFailure *failure,
                  GError **error)
{
  gint64 deadline_us =
      g_get_monotonic_time () + pgm_server_get_patience_ms (server) * G_TIME_SPAN_MILLISECOND;
  g_auto(GStrv) addresses = resolve (server, deadline_us, cancellable, error);
  guint n = addresses != NULL ? g_strv_length (addresses) : 0;

  pgm_connect_failure_clear (failure);
  if (n == 0)
    failure->cause = PGM_CONNECT_UNKNOWN_HOST;
  for (guint i = 0; i < n; i++)
    {
      gint64 now_us = g_get_monotonic_time ();
      gint64 share_us = now_us + (deadline_us - now_us) / (n - i);
      gboolean is_last = i + 1 == n;
      PGconn *pg =
          connect_to (server, database, addresses[i], share_us, cancellable, failure, error);

      if (pg != NULL && *addresses[i] != '\0')
        pgm_server_set_address (server, addresses[i]);
      if (pg != NULL || is_last || failure->sqlstate != NULL ||
          g_cancellable_is_cancelled (cancellable))
        return pg;
      g_clear_error (error);
    }
  return NULL;
}
