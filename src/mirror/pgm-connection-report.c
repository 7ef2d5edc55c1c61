/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-connection-test-private.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  PgmConnectCause cause;
  const char *title;
  const char *hint; /* (nullable) */
} Advice;

static const Advice advices[] = {
  { PGM_CONNECT_UNKNOWN_HOST, N_("Unknown host"),
                                  N_("Check the host name for typing errors, and that this computer is on the network or VPN "
       "where the name is known.") },
    { PGM_CONNECT_REFUSED, N_("Nothing answers there"),
                               N_("Check the host and port, that PostgreSQL is running there, and that it listens to other "
       "computers (listen_addresses).") },
      { PGM_CONNECT_SILENT, N_("No answer"),
                                N_("A firewall may be in between, or the address is wrong. The connect time-out is among the "
       "options.") },
        { PGM_CONNECT_NOT_POSTGRES,
          N_("Not a PostgreSQL server"),
              N_("Another program listens on this port. PostgreSQL's own is usually 5432.") },
          { PGM_CONNECT_NO_PASSWORD,
            N_("A password is needed"), N_("Fill in the password of this user.") },
            { PGM_CONNECT_WRONG_PASSWORD,
              N_("Wrong user or password"),
                  N_("Type both again. A server does not say which of the two is wrong.") },
              { PGM_CONNECT_NOT_ALLOWED, N_("Not allowed to log in"),
                                             N_("Check the user name, and ask the administrator of the server for a line in its "
       "pg_hba.conf that lets this user in from here.") },
                { PGM_CONNECT_TLS,
                  N_("No secure connection"),
                      N_("Check the SSL mode and the certificate files. The server may not offer encryption, or its "
       "certificate is for another name or of an unknown authority.") },
                  { PGM_CONNECT_NO_DATABASE,
                    N_("No such database"), N_("Choose one that the server has.") },
                    { PGM_CONNECT_DENIED, N_("No right to connect"),
                                              N_("Let the database's owner run GRANT CONNECT ON DATABASE for this user.") },
                      { PGM_CONNECT_FULL, N_("The server is full"),
                                              N_("All of its connections are taken. Try again later, or raise max_connections.") },
                        { PGM_CONNECT_STARTING,
                          N_("The server is not ready"),
                              N_("It is starting or shutting down. Try again in a moment.") },
                          { PGM_CONNECT_PASSWORD_STORE,
                            N_("The password could not be read"),
                                N_("Type the password, or choose another place to keep it.") },
                            { PGM_CONNECT_OTHER, N_("Could not connect"), NULL },
                           };

PgmConnectionReport *
pgm_connection_report_new (void)
{
  PgmConnectionReport *self = g_new0 (PgmConnectionReport, 1);

  self->databases = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_database_info_free);
  self->database_bytes = -1;
  self->database_n_tables = -1;
  self->database_n_sessions = -1;
  return self;
}

void
pgm_connection_report_free (PgmConnectionReport *self)
{
  g_free (self->title);
  g_free (self->message);
  g_free (self->hint);
  g_free (self->server_version);
  g_free (self->tls_version);
  g_ptr_array_unref (self->databases);
  g_free (self);
}

/* @message: as an error has it */
void
pgm_connection_report_fail (PgmConnectionReport *self, PgmConnectCause cause, const char *message)
{
  const Advice *advice = &advices[G_N_ELEMENTS (advices) - 1];

  for (gsize i = 0; i < G_N_ELEMENTS (advices); i++)
    if (advices[i].cause == cause)
      advice = &advices[i];
  g_free (self->title);
  g_free (self->message);
  g_free (self->hint);
  self->cause = cause;
  self->title = g_strdup (_(advice->title));
  self->message = g_strdup (message);
  self->hint = g_strdup (advice->hint != NULL ? _(advice->hint) : NULL);
}

/* Names the database that was probably meant. */
void
pgm_connection_report_suggest (PgmConnectionReport *self, const char *database)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  const char *nearest = NULL;
  g_autofree char *shown = NULL;

  for (guint i = 0; i < self->databases->len; i++)
    g_ptr_array_add (names, ((PgmDatabaseInfo *) self->databases->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  nearest = pgm_text_find_nearest (database, (const char *const *) names->pdata);
  if (nearest == NULL)
    return;
  shown = pgm_text_escape (nearest);
  g_free (self->hint);
  self->hint = g_strdup_printf (_("The server has a database “%s”."), shown);
}

static char *
dup_latency (gint64 latency_us)
{
  double ms = (double) latency_us / G_TIME_SPAN_MILLISECOND;

  if (ms < 1)
    return g_strdup (_("less than 1 ms away"));
  return g_strdup_printf (_("%.0f ms away"), ms);
}

/* Returns: (transfer full): one line for a label: what was found, or what is wrong */
char *
pgm_connection_report_dup_summary (const PgmConnectionReport *self)
{
  g_autofree char *latency = NULL;
  g_autofree char *safety = NULL;
  guint n = self->databases->len;

  if (self->cause != PGM_CONNECT_OK)
    return g_strdup (self->title);
  latency = dup_latency (self->latency_us);
  safety = self->tls_version != NULL ? g_strdup_printf (_("encrypted (%s)"), self->tls_version)
                                     : g_strdup (_("not encrypted"));
  /* Translators: server version, encryption, distance; a second sentence follows it */
  return g_strdup_printf (
      ngettext ("PostgreSQL %s, %s, %s, %u database", "PostgreSQL %s, %s, %s, %u databases", n),
      self->server_version, safety, latency, n);
}
