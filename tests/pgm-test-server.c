/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUPERUSER "postgres"
#define READY_LIMIT_US (30 * G_USEC_PER_SEC)
#define POLL_US (20 * 1000)
#define START_ATTEMPTS 5

/* Below Linux's range of ephemeral ports: a client that tries a closed port of that range can
 * be given the very same port as its own and so connect to itself. */
#define FIRST_PORT 20000
#define LAST_PORT 32000

struct _PgmTestServer
{
  /* owned */
  char *name;
  char *bindir;
  char *folder; /* the socket's, too */
  char *data;
  char *log_path;
  char *password; /* (nullable) */
  char **settings;
  char **envp;
  GSubprocess *postmaster; /* (nullable): NULL while stopped */

  guint16 port;
  gboolean listen_tcp;
  gboolean has_ipv6;
};

/* The newest of the versioned folders of Debian and of the RPMs. */
static char *
find_newest_bindir (void)
{
  static const char *const patterns[][2] = { { "/usr/lib/postgresql", "" }, { "/usr", "pgsql-" } };
  g_autofree char *best = NULL;
  double best_version = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr(GDir) dir = g_dir_open (patterns[i][0], 0, NULL);
      const char *entry;

      while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
        {
          const char *prefix = patterns[i][1];
          double version =
              g_str_has_prefix (entry, prefix) ? g_ascii_strtod (entry + strlen (prefix), NULL) : 0;
          g_autofree char *bindir = g_build_filename (patterns[i][0], entry, "bin", NULL);
          g_autofree char *initdb = g_build_filename (bindir, "initdb", NULL);

          if (version <= best_version || !g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE))
            continue;
          g_free (best);
          best = g_steal_pointer (&bindir);
          best_version = version;
        }
    }
  return g_steal_pointer (&best);
}

/* Returns: (transfer full) (nullable) */
static char *
find_bindir (void)
{
  const char *chosen = g_getenv ("TEST_PG_BINDIR");
  g_autofree char *initdb = NULL;
  char *bindir;

  if (chosen != NULL && *chosen != '\0')
    {
      initdb = g_build_filename (chosen, "initdb", NULL);
      return g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE) ? g_strdup (chosen) : NULL;
    }
  bindir = find_newest_bindir ();
  if (bindir != NULL)
    return bindir;
  initdb = g_find_program_in_path ("initdb");
  return initdb != NULL ? g_path_get_dirname (initdb) : NULL;
}

static char *
find_bindir_or_skip (void)
{
  char *bindir = find_bindir ();

  if (bindir != NULL)
    return bindir;
  if (g_strcmp0 (g_getenv ("PGM_REQUIRE_SERVERS"), "1") == 0)
    g_error ("no PostgreSQL server binaries found (set TEST_PG_BINDIR)");
  /* The plan of a TAP stream in which everything is skipped; its exit status has to be 0. */
  g_print ("1..0 # SKIP no PostgreSQL server binaries found (set TEST_PG_BINDIR)\n");
  exit (0);
}

/* The server's programs refuse to run as root. */
static void
add_user_switch (GPtrArray *argv)
{
  static const char *const as_nobody[] = { "--reuid=nobody", "--regid=nogroup", "--clear-groups" };

  for (gsize i = 0; geteuid () == 0 && i < G_N_ELEMENTS (as_nobody); i++)
    g_ptr_array_add (argv, g_strdup (as_nobody[i]));
}

/* The kernel sends the signal when the thread that started the server ends. */
static void
add_launcher (GPtrArray *argv)
{
  g_autofree char *setpriv = g_find_program_in_path ("setpriv");

  if (setpriv == NULL)
    return;
  g_ptr_array_add (argv, g_steal_pointer (&setpriv));
  g_ptr_array_add (argv, g_strdup ("--pdeathsig=QUIT"));
  add_user_switch (argv);
}

static void
add_arg (GPtrArray *argv, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (argv, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_setting (GPtrArray *argv, const char *setting)
{
  add_arg (argv, "-c");
  add_arg (argv, "%s", setting);
}

static char *
dup_program (PgmTestServer *self, const char *name)
{
  return g_build_filename (self->bindir, name, NULL);
}

static GSubprocessLauncher *
new_launcher (PgmTestServer *self, GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_environ (launcher, self->envp);
  g_subprocess_launcher_set_cwd (launcher, self->folder);
  return launcher;
}

/* Runs a program to its end.
 * @role, @database, @input: (nullable)
 * @output: (out) (optional): its stdout and stderr
 *
 * Returns: its exit status, or 128 plus the signal */
static int
run (PgmTestServer *self,
     const char *const *argv,
     const char *role,
     const char *database,
     const char *input,
     char **output)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (
      self, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GBytes) in = g_bytes_new (input != NULL ? input : "", input ? strlen (input) : 0);
  g_autoptr(GBytes) out = NULL;
  g_autoptr(GError) error = NULL;

  if (role != NULL)
    g_subprocess_launcher_setenv (launcher, "PGUSER", role, TRUE);
  if (database != NULL)
    g_subprocess_launcher_setenv (launcher, "PGDATABASE", database, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, in, NULL, &out, NULL, &error);
  g_clear_error (&error); /* a program that never read its input: its status says enough */
  g_subprocess_wait (process, NULL, NULL);
  if (output != NULL && out != NULL)
    *output = g_strndup (g_bytes_get_size (out) > 0 ? g_bytes_get_data (out, NULL) : "",
                         g_bytes_get_size (out));
  else if (output != NULL)
    *output = g_strdup ("");
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                              : 128 + g_subprocess_get_term_sig (process);
}

static void
make_folder (PgmTestServer *self)
{
  g_autofree char *pattern = g_strdup_printf ("pgt-%.12s-XXXXXX", self->name);

  self->folder = g_build_filename (g_get_tmp_dir (), pattern, NULL);
  if (g_mkdtemp_full (self->folder, 0755) == NULL)
    g_error ("could not create \"%s\": %s", self->folder, g_strerror (errno));
  g_assert_cmpint (g_chmod (self->folder, 0755), ==, 0);
  if (geteuid () == 0)
    {
      struct passwd *nobody = getpwnam ("nobody");

      g_assert_nonnull (nobody);
      g_assert_cmpint (chown (self->folder, nobody->pw_uid, nobody->pw_gid), ==, 0);
    }
  self->data = g_build_filename (self->folder, "data", NULL);
  self->log_path = g_build_filename (self->folder, "log", NULL);
}

/* Returns: whether nobody listens on @port of @address */
static gboolean
is_port_free (const char *address, guint16 port)
{
  g_autoptr(GSocketAddress) name = g_inet_socket_address_new_from_string (address, port);
  g_autoptr(GSocket) socket = g_socket_new (g_socket_address_get_family (name),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  return socket != NULL && g_socket_bind (socket, name, TRUE, NULL);
}

static void
choose_port (PgmTestServer *self)
{
  self->port = 5432;
  if (!self->listen_tcp)
    return;
  self->has_ipv6 = is_port_free ("::1", 0);
  do
    self->port = g_random_int_range (FIRST_PORT, LAST_PORT);
  while (!is_port_free ("127.0.0.1", self->port) ||
         (self->has_ipv6 && !is_port_free ("::1", self->port)));
}

/* The whole environment of every program: nothing of the tester's own PG… variables. */
static void
set_environment (PgmTestServer *self)
{
  g_autofree char *port = g_strdup_printf ("%u", self->port);

  g_clear_pointer (&self->envp, g_strfreev);
  self->envp = g_environ_setenv (NULL, "PATH", "/usr/bin:/bin", TRUE);
  self->envp = g_environ_setenv (self->envp, "LC_ALL", "C.UTF-8", TRUE);
  self->envp = g_environ_setenv (self->envp, "HOME", self->folder, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGHOST", self->folder, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGPORT", port, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGUSER", SUPERUSER, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGDATABASE", "postgres", TRUE);
  self->envp = g_environ_setenv (self->envp, "PGAPPNAME", "pgm-test", TRUE);
  if (self->password != NULL)
    self->envp = g_environ_setenv (self->envp, "PGPASSWORD", self->password, TRUE);
}

static void
add_password_file (PgmTestServer *self, GPtrArray *argv)
{
  g_autofree char *path = g_build_filename (self->folder, "password", NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, self->password, -1, &error);
  g_assert_no_error (error);
  add_arg (argv, "--pwfile=%s", path);
}

static void
init_data (PgmTestServer *self, const char *const *extra)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;

  add_launcher (argv);
  g_ptr_array_add (argv, dup_program (self, "initdb"));
  add_arg (argv, "--pgdata=%s", self->data);
  add_arg (argv, "--username=" SUPERUSER);
  add_arg (argv, "--auth=%s", self->password != NULL ? "scram-sha-256" : "trust");
  add_arg (argv, "--encoding=UTF8");
  add_arg (argv, "--locale=C");
  add_arg (argv, "--no-sync");
  add_arg (argv, "--no-instructions");
  if (self->password != NULL)
    add_password_file (self, argv);
  for (gsize i = 0; extra != NULL && extra[i] != NULL; i++)
    add_arg (argv, "%s", extra[i]);
  g_ptr_array_add (argv, NULL);
  if (run (self, (const char *const *) argv->pdata, NULL, NULL, NULL, &output) != 0)
    g_error ("initdb of the %s server failed:\n%s", self->name, output);
}

static GPtrArray *
build_postmaster_argv (PgmTestServer *self)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  const char *addresses = !self->listen_tcp ? "" : self->has_ipv6 ? "127.0.0.1,::1" : "127.0.0.1";

  add_launcher (argv);
  g_ptr_array_add (argv, dup_program (self, "postgres"));
  add_arg (argv, "-D");
  add_arg (argv, "%s", self->data);
  add_arg (argv, "-k");
  add_arg (argv, "%s", self->folder);
  add_arg (argv, "-p");
  add_arg (argv, "%u", self->port);
  add_arg (argv, "-c");
  add_arg (argv, "listen_addresses=%s", addresses);
  add_setting (argv, "fsync=off");
  add_setting (argv, "full_page_writes=off");
  add_setting (argv, "shared_buffers=32MB");
  add_setting (argv, "max_connections=60");
  for (gsize i = 0; self->settings != NULL && self->settings[i] != NULL; i++)
    add_setting (argv, self->settings[i]);
  g_ptr_array_add (argv, NULL);
  return argv;
}

static gboolean
is_ready (PgmTestServer *self)
{
  g_autofree char *pg_isready = dup_program (self, "pg_isready");
  const char *argv[] = { pg_isready, "-q", NULL };

  return run (self, argv, NULL, NULL, NULL, NULL) == 0;
}

/* Returns: FALSE when the server left instead; the identifier of a reaped process is NULL */
static gboolean
wait_until_ready (PgmTestServer *self)
{
  gint64 deadline_us = g_get_monotonic_time () + READY_LIMIT_US;

  while (g_subprocess_get_identifier (self->postmaster) != NULL)
    {
      if (is_ready (self))
        return TRUE;
      if (g_get_monotonic_time () > deadline_us)
        g_error ("the %s server is not ready after 30 s:\n%s", self->name,
                 pgm_test_server_dup_log (self));
      g_usleep (POLL_US);
    }
  g_clear_object (&self->postmaster);
  return FALSE;
}

static gboolean
launch (PgmTestServer *self)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr(GPtrArray) argv = build_postmaster_argv (self);
  g_autoptr(GError) error = NULL;
  int log = g_open (self->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

  g_assert_cmpint (log, >=, 0);
  g_subprocess_launcher_take_stdout_fd (launcher, log);
  self->postmaster =
      g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return wait_until_ready (self);
}

PgmTestServer *
pgm_test_server_start (const char *name, const PgmTestServerOptions *options)
{
  static const PgmTestServerOptions defaults = { NULL };
  PgmTestServer *self = g_new0 (PgmTestServer, 1);
  guint attempt = 0;

  options = options != NULL ? options : &defaults;
  self->bindir = find_bindir_or_skip ();
  self->name = g_strdup (name);
  self->password = g_strdup (options->password);
  self->settings = g_strdupv ((char **) options->settings);
  self->listen_tcp = options->listen_tcp;
  make_folder (self);
  choose_port (self);
  set_environment (self);
  init_data (self, options->initdb_args);
  while (!launch (self)) /* another program may have taken the port in between */
    {
      if (++attempt == START_ATTEMPTS)
        g_error ("could not start the %s server:\n%s", name, pgm_test_server_dup_log (self));
      choose_port (self);
      set_environment (self);
    }
  return self;
}

/* As a crash: sessions break off and nothing is written. The data stay; stopping twice is fine. */
void
pgm_test_server_stop (PgmTestServer *self)
{
  if (self->postmaster == NULL)
    return;
  g_subprocess_send_signal (self->postmaster, SIGQUIT);
  g_subprocess_wait (self->postmaster, NULL, NULL);
  g_clear_object (&self->postmaster);
}

/* In the same place and on the same port, stopped before or not. */
void
pgm_test_server_restart (PgmTestServer *self)
{
  pgm_test_server_stop (self);
  if (!launch (self))
    g_error ("could not restart the %s server:\n%s", self->name, pgm_test_server_dup_log (self));
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = NULL;
  const char *entry;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, entry, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
pgm_test_server_free (PgmTestServer *self)
{
  pgm_test_server_stop (self);
  remove_tree (self->folder);
  g_free (self->name);
  g_free (self->bindir);
  g_free (self->folder);
  g_free (self->data);
  g_free (self->log_path);
  g_free (self->password);
  g_strfreev (self->settings);
  g_strfreev (self->envp);
  g_free (self);
}

const char *
pgm_test_server_get_socket_dir (PgmTestServer *self)
{
  return self->folder;
}

/* What a profile writes: the address of a server that listens, otherwise its socket folder. */
const char *
pgm_test_server_get_host (PgmTestServer *self)
{
  return self->listen_tcp ? "127.0.0.1" : self->folder;
}

guint16
pgm_test_server_get_port (PgmTestServer *self)
{
  return self->port;
}

const char *
pgm_test_server_get_user (PgmTestServer *self)
{
  return SUPERUSER;
}

/* Returns: (nullable) */
const char *
pgm_test_server_get_password (PgmTestServer *self)
{
  return self->password;
}

const char *
pgm_test_server_get_log_path (PgmTestServer *self)
{
  return self->log_path;
}

/* Returns: the postmaster's, which must be running */
GPid
pgm_test_server_get_pid (PgmTestServer *self)
{
  g_assert_nonnull (self->postmaster);
  return atoi (g_subprocess_get_identifier (self->postmaster));
}

gboolean
pgm_test_server_has_ipv6 (PgmTestServer *self)
{
  return self->has_ipv6;
}

char *
pgm_test_server_dup_log (PgmTestServer *self)
{
  char *text = NULL;

  g_file_get_contents (self->log_path, &text, NULL, NULL);
  return text != NULL ? text : g_strdup ("(no log)");
}

/* Runs psql; @sql comes from its standard input, so that each statement is its own transaction.
 * @role: (nullable): the superuser; any other role needs the server's own password
 * @output: (out) (optional): stdout and stderr, without the last newline */
int
pgm_test_server_psql_status (
    PgmTestServer *self, const char *role, const char *database, const char *sql, char **output)
{
  g_autofree char *psql = dup_program (self, "psql");
  const char *argv[] = { psql, "-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", NULL };
  g_autofree char *text = NULL;
  int status = run (self, argv, role, database, sql, &text);

  if (g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  if (output != NULL)
    *output = g_steal_pointer (&text);
  return status;
}

/* Returns: (transfer full): what psql printed: one line a row, fields separated by | */
char *
pgm_test_server_psql (PgmTestServer *self, const char *database, const char *sql)
{
  char *output = NULL;
  int status = pgm_test_server_psql_status (self, NULL, database, sql, &output);

  if (status != 0)
    g_error ("psql left with %d on the %s server: %s\n%s", status, self->name, sql, output);
  return output;
}

void
pgm_test_server_run_file (PgmTestServer *self,
                          const char *role,
                          const char *database,
                          const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *psql = dup_program (self, "psql");
  const char *argv[] = { psql, "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-f", absolute, NULL };
  g_autofree char *output = NULL;

  if (run (self, argv, role, database, NULL, &output) != 0)
    g_error ("\"%s\" does not load on the %s server:\n%s", path, self->name, output);
}

/* Lines that differ between two dumps of equal databases: comments with versions, and the
 * random key of \restrict (in pg_dump since August 2025). */
static gboolean
is_noise (const char *line)
{
  return *line == '\0' || g_str_has_prefix (line, "--") || g_str_has_prefix (line, "\\restrict ") ||
         g_str_has_prefix (line, "\\unrestrict ");
}

char *
pgm_test_server_dump_schema (PgmTestServer *self, const char *database)
{
  g_autofree char *pg_dump = dup_program (self, "pg_dump");
  const char *argv[] = { pg_dump, "-w", "-s", "--no-owner", "--no-acl", NULL };
  g_autofree char *output = NULL;
  g_auto(GStrv) lines = NULL;
  GString *kept = g_string_new (NULL);

  if (run (self, argv, NULL, database, NULL, &output) != 0)
    g_error ("pg_dump of \"%s\" on the %s server failed:\n%s", database, self->name, output);
  lines = g_strsplit (output, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (!is_noise (lines[i]))
      g_string_append_printf (kept, "%s\n", lines[i]);
  return g_string_free (kept, FALSE);
}

/* @application_like: a LIKE pattern of application_name: "pg-mirror%" */
guint
pgm_test_server_count_sessions (PgmTestServer *self, const char *application_like)
{
  g_auto(GStrv) parts = g_strsplit (application_like, "'", -1);
  g_autofree char *quoted = g_strjoinv ("''", parts);
  g_autofree char *sql =
      g_strdup_printf ("SELECT count(*) FROM pg_catalog.pg_stat_activity"
                       " WHERE application_name LIKE '%s' AND pid <> pg_backend_pid()",
                       quoted);
  g_autofree char *count = pgm_test_server_psql (self, "postgres", sql);

  return atoi (count);
}

static void
add_endpoint (JsonBuilder *builder, const char *key, PgmTestServer *server, const char *role)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "host");
  json_builder_add_string_value (builder, pgm_test_server_get_host (server));
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, server->port);
  json_builder_set_member_name (builder, "user");
  json_builder_add_string_value (builder, role != NULL ? role : SUPERUSER);
  json_builder_set_member_name (builder, "password");
  json_builder_add_string_value (builder, server->password != NULL ? server->password : "trusted");
}

/* @role: (nullable): the superuser, on both servers
 * @options_json: (nullable): the value of "options"
 *
 * Returns: (transfer full): a profile as the user would write it */
char *
pgm_test_profile_json (PgmTestServer *source,
                       PgmTestServer *target,
                       const char *role,
                       const char *database,
                       const char *options_json)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) error = NULL;

  json_builder_begin_object (builder);
  add_endpoint (builder, "source", source, role);
  json_builder_set_member_name (builder, "database");
  json_builder_add_string_value (builder, database);
  json_builder_end_object (builder);
  add_endpoint (builder, "target", target, role);
  json_builder_end_object (builder);
  if (options_json != NULL)
    {
      json_builder_set_member_name (builder, "options");
      json_builder_add_value (builder, json_from_string (options_json, &error));
      g_assert_no_error (error);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}
