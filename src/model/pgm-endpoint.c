/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-endpoint.h"

#include "pgm-text.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_PORT 5432

G_DEFINE_BOXED_TYPE (PgmEndpoint, pgm_endpoint, pgm_endpoint_ref, pgm_endpoint_unref)

static void
endpoint_clear (gpointer data)
{
  PgmEndpoint *self = data;

  g_free (self->host);
  g_free (self->database);
  g_free (self->user);
  g_clear_pointer (&self->password, pgm_secret_unref);
  g_free (self->password_ref);
  g_free (self->sslmode);
  g_free (self->sslrootcert);
  g_free (self->sslcert);
  g_free (self->sslkey);
}

/* Returns: (transfer full): the defaults; whoever builds it fills in host, database and user. */
PgmEndpoint *
pgm_endpoint_new (PgmSide side)
{
  PgmEndpoint *self = g_atomic_rc_box_new0 (PgmEndpoint);

  self->side = side;
  self->port = DEFAULT_PORT;
  self->password_from = PGM_PASSWORD_IN_PROFILE;
  return self;
}

PgmEndpoint *
pgm_endpoint_ref (PgmEndpoint *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_endpoint_unref (PgmEndpoint *self)
{
  g_atomic_rc_box_release_full (self, endpoint_clear);
}

/* libpq takes a host that begins with "/" for a folder, and with "@" for an abstract socket. */
gboolean
pgm_endpoint_is_socket (const PgmEndpoint *self)
{
  return self->host[0] == '/' || self->host[0] == '@';
}

/* Whether what is sent there stays on this machine, judged by the text alone: no name look-up. */
gboolean
pgm_endpoint_is_local (const PgmEndpoint *self)
{
  g_autoptr(GInetAddress) address = NULL;

  if (pgm_endpoint_is_socket (self) || g_ascii_strcasecmp (self->host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (self->host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

/* Returns: (transfer full): "db.example.org:5432", "[::1]:5432" or "/run/postgresql:5432"; for
 * people, control characters escaped. */
char *
pgm_endpoint_dup_address (const PgmEndpoint *self)
{
  g_autofree char *host = pgm_text_escape (self->host);
  gboolean is_ipv6 = !pgm_endpoint_is_socket (self) && strchr (host, ':') != NULL;

  return g_strdup_printf (is_ipv6 ? "[%s]:%u" : "%s:%u", host, self->port);
}

/* Returns: (transfer none): in the user's language */
const char *
pgm_side_get_name (PgmSide side)
{
  return side == PGM_SIDE_SOURCE ? _("source") : _("target");
}
