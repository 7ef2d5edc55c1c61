/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-server.h"

#include "pgm-text.h"

#include <string.h>

/* A server setting that every session of ours gets, our own and the tools'. Keepalives on the
 * server's side end a session whose client vanished; time-outs that a role may carry would
 * end ours in mid-work. A server refuses a connection that names a setting it does not have,
 * hence @since. */
typedef struct
{
  int since; /* server_version_num */
  const char *name;
  const char *value;
} Setting;

static const Setting settings[] = {
  { 0, "tcp_keepalives_idle", "30" },
  { 0, "tcp_keepalives_interval", "10" },
  { 0, "tcp_keepalives_count", "3" },
  { 120000, "tcp_user_timeout", "60000" },
  { 140000, "client_connection_check_interval", "1000" },
  { 0, "statement_timeout", "0" },
  { 0, "lock_timeout", "0" },
  { 90600, "idle_in_transaction_session_timeout", "0" },
  { 140000, "idle_session_timeout", "0" },
  { 170000, "transaction_timeout", "0" },
};

/* Variables of ours that a tool needs and that no server connection is decided by. */
static const char *const kept_variables[] = {
  "PATH",        "HOME",        "TMPDIR",     "TEMP",    "TMP",         "KRB5CCNAME",
  "KRB5_CONFIG", "USERPROFILE", "SystemRoot", "APPDATA", "SystemDrive",
};

/* A password file that cannot exist. Of /dev/null itself libpq complains on our stderr. */
#ifdef G_OS_WIN32
#define NO_FILE "NUL"
#else
#define NO_FILE "/dev/null/none"
#endif

struct _PgmServer
{
  /* owned */
  PgmEndpoint *endpoint;
  PgmSecret *password; /* (nullable) */
  char *application_name;
  char *address;      /* (nullable): the numeric address that answered */
  GCancellable *kill; /* (nullable) */

  PgmLookout *lookout;

  guint connect_timeout_s;
  guint patience_ms;     /* for one session to open; the connect time-out unless told */
  guint stall_timeout_s; /* atomic; 0: waits are not watched */
  int version;           /* server_version_num, 0 until the first session */
};

static GHashTable *forgotten; /* (nullable): name → value of the user's PG* variables */

/* Drops every PG* variable from our own environment. libpq would take PGHOSTADDR, PGSERVICE,
 * PGOPTIONS … for whatever a connection does not say, and an empty value does not stop it.
 * For main(), before any thread is started. Our own PG_MIRROR_* variables stay. */
void
pgm_server_forget_environment (void)
{
  g_auto(GStrv) names = g_listenv ();

  if (forgotten == NULL)
    forgotten = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], "PG") && !g_str_has_prefix (names[i], "PG_MIRROR"))
      {
        g_hash_table_insert (forgotten, g_strdup (names[i]), g_strdup (g_getenv (names[i])));
        g_unsetenv (names[i]);
      }
}

/* Returns: (nullable): what the user's environment says, forgotten or not, for what a profile
 * asks for by name */
const char *
pgm_server_get_variable (const char *name)
{
  const char *value = forgotten != NULL ? g_hash_table_lookup (forgotten, name) : NULL;

  return value != NULL ? value : g_getenv (name);
}

/* @password: (nullable): none for trust, peer and certificates, or where libpq's password file
 * is to be asked
 * @application_name: how the sessions of the run are known on the server */
PgmServer *
pgm_server_new (PgmEndpoint *endpoint,
                PgmSecret *password,
                const char *application_name,
                guint connect_timeout_s)
{
  PgmServer *self = g_atomic_rc_box_new0 (PgmServer);

  self->endpoint = pgm_endpoint_ref (endpoint);
  self->password = password != NULL ? pgm_secret_ref (password) : NULL;
  self->application_name = g_strdup (application_name);
  self->connect_timeout_s = connect_timeout_s;
  self->patience_ms = connect_timeout_s * 1000;
  self->lookout = pgm_lookout_new (self);
  return self;
}

static void
server_clear (gpointer data)
{
  PgmServer *self = data;

  pgm_lookout_free (self->lookout);
  pgm_endpoint_unref (self->endpoint);
  g_clear_pointer (&self->password, pgm_secret_unref);
  g_free (self->application_name);
  g_free (self->address);
  g_clear_object (&self->kill);
}

PgmServer *
pgm_server_ref (PgmServer *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_server_unref (PgmServer *self)
{
  g_atomic_rc_box_release_full (self, server_clear);
}

PgmEndpoint *
pgm_server_get_endpoint (PgmServer *self)
{
  return self->endpoint;
}

/* Returns: (transfer none) (nullable) */
PgmSecret *
pgm_server_get_password (PgmServer *self)
{
  return self->password;
}

/* For the password that libpq found in its file: the tools get the same one. */
void
pgm_server_set_password (PgmServer *self, PgmSecret *password)
{
  g_clear_pointer (&self->password, pgm_secret_unref);
  self->password = pgm_secret_ref (password);
}

const char *
pgm_server_get_application_name (PgmServer *self)
{
  return self->application_name;
}

guint
pgm_server_get_connect_timeout (PgmServer *self)
{
  return self->connect_timeout_s;
}

/* For who has less time than the connect time-out. In the thread that opens sessions. */
void
pgm_server_set_patience_ms (PgmServer *self, guint limit_ms)
{
  self->patience_ms = limit_ms;
}

guint
pgm_server_get_patience_ms (PgmServer *self)
{
  return self->patience_ms;
}

/* How long nothing may move while the server is not at work for us, in seconds; 0: for ever. */
void
pgm_server_set_stall_timeout (PgmServer *self, guint seconds)
{
  g_atomic_int_set ((int *) &self->stall_timeout_s, (int) seconds);
}

guint
pgm_server_get_stall_timeout (PgmServer *self)
{
  return (guint) g_atomic_int_get ((int *) &self->stall_timeout_s);
}

/* Returns: (transfer none) */
PgmLookout *
pgm_server_get_lookout (PgmServer *self)
{
  return self->lookout;
}

/* Returns: (nullable): the password file that libpq shall read; NULL for its default. Unless
 * the profile asks for the file, none is read: what a run uses is what the profile says. */
const char *
pgm_server_get_passfile (PgmServer *self)
{
  if (self->endpoint->password_from != PGM_PASSWORD_PGPASS)
    return NO_FILE;
  return pgm_server_get_variable ("PGPASSFILE");
}

/* Pins the run to the address that answered first: a host name may resolve to another server
 * the next time, and what was checked on one must not be done on the other. */
void
pgm_server_set_address (PgmServer *self, const char *address)
{
  if (self->address == NULL)
    self->address = g_strdup (address);
}

const char *
pgm_server_get_address (PgmServer *self)
{
  return self->address;
}

/* @kill: ends every wait for the server at once, also that for the end of a cancelled query. Set
 * before the first session is opened. */
void
pgm_server_set_kill (PgmServer *self, GCancellable *kill)
{
  g_set_object (&self->kill, kill);
}

/* Returns: (transfer none) (nullable) */
GCancellable *
pgm_server_get_kill (PgmServer *self)
{
  return self->kill;
}

void
pgm_server_set_version (PgmServer *self, int version)
{
  g_atomic_int_set (&self->version, version);
}

int
pgm_server_get_version (PgmServer *self)
{
  return g_atomic_int_get (&self->version);
}

guint
pgm_server_get_major (PgmServer *self)
{
  return (guint) pgm_server_get_version (self) / 10000;
}

static void
append_setting (GString *out,
                const char *name,
                const char *value,
                const char *before,
                const char *between,
                const char *after)
{
  g_string_append (out, before);
  g_string_append (out, name);
  g_string_append (out, between);
  g_string_append (out, value);
  g_string_append (out, after);
}

/* Writes each setting as @before NAME @between VALUE @after: "-c ", "=", " " for PGOPTIONS;
 * "SET ", " = ", "; " for a session.
 *
 * Returns: (transfer full): the settings of every session, for the server's version */
char *
pgm_server_dup_settings (PgmServer *self,
                         const char *before,
                         const char *between,
                         const char *after)
{
  gboolean is_source = self->endpoint->side == PGM_SIDE_SOURCE;
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (pgm_server_get_version (self) >= settings[i].since)
      append_setting (out, settings[i].name, settings[i].value, before, between, after);
  append_setting (out, "default_transaction_read_only", is_source ? "on" : "off", before, between,
                  after);
  return g_string_free (out, FALSE);
}

static void
append_keyword (GString *out, const char *keyword, const char *value)
{
  g_autofree char *quoted = NULL;

  if (value == NULL)
    return;
  quoted = pgm_text_quote_conninfo (value);
  g_string_append_printf (out, "%s%s=%s", out->len > 0 ? " " : "", keyword, quoted);
}

/* Returns: (transfer full): what follows `-d`: a connection string in which every value is
 * quoted, so that a database called "host=evil" is only a name. It holds no password: it is
 * seen by everyone who may list processes. */
char *
pgm_server_dup_conninfo (PgmServer *self, const char *database)
{
  const PgmEndpoint *endpoint = self->endpoint;
  g_autofree char *port = g_strdup_printf ("%u", endpoint->port);
  g_autofree char *timeout = g_strdup_printf ("%u", self->connect_timeout_s);
  GString *out = g_string_new (NULL);

  append_keyword (out, "host", endpoint->host);
  append_keyword (out, "hostaddr", self->address);
  append_keyword (out, "port", port);
  append_keyword (out, "user", endpoint->user);
  append_keyword (out, "dbname", database);
  append_keyword (out, "sslmode", endpoint->sslmode);
  append_keyword (out, "sslrootcert", endpoint->sslrootcert);
  append_keyword (out, "sslcert", endpoint->sslcert);
  append_keyword (out, "sslkey", endpoint->sslkey);
  append_keyword (out, "connect_timeout", timeout);
  append_keyword (out, "keepalives_idle", "30");
  append_keyword (out, "keepalives_interval", "10");
  append_keyword (out, "keepalives_count", "3");
  append_keyword (out, "tcp_user_timeout", "60000");
  return g_string_free (out, FALSE);
}

/* Builds a tool's environment from nothing: no PG* variable and no language setting of ours
 * reaches it.
 *
 * @extra_options: (nullable): further "-c NAME=VALUE" settings, each followed by a blank
 *
 * Returns: (transfer full): wipe the copy of the password in it with pgm_environ_free() */
char **
pgm_server_dup_environ (PgmServer *self, const char *extra_options)
{
  char **envp = NULL;
  g_autofree char *options = pgm_server_dup_settings (self, "-c ", "=", " ");
  g_autofree char *all_options = g_strconcat (options, extra_options, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kept_variables); i++)
    if (g_getenv (kept_variables[i]) != NULL)
      envp = g_environ_setenv (envp, kept_variables[i], g_getenv (kept_variables[i]), TRUE);
  envp = g_environ_setenv (envp, "LC_ALL", "C", TRUE);
  envp = g_environ_setenv (envp, "PGAPPNAME", self->application_name, TRUE);
  envp = g_environ_setenv (envp, "PGOPTIONS", g_strchomp (all_options), TRUE);
  envp = g_environ_setenv (envp, "PGPASSFILE", NO_FILE, TRUE);
  if (!pgm_secret_is_empty (self->password))
    envp = g_environ_setenv (envp, "PGPASSWORD", pgm_secret_reveal (self->password), TRUE);
  return envp;
}

/* @envp: (nullable) (transfer full): wiped, then freed */
void
pgm_environ_free (char **envp)
{
  for (gsize i = 0; envp != NULL && envp[i] != NULL; i++)
    pgm_secret_wipe (envp[i], strlen (envp[i]));
  g_strfreev (envp);
}
