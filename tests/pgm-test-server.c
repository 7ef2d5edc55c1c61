/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define READY_LIMIT_US (120 * G_USEC_PER_SEC)
#define POLL_US (20 * 1000)
#define START_ATTEMPTS 5

/* Below Linux's range of ephemeral ports: a client that tries a closed port of that range can
 * be given the very same port as its own and so connect to itself. */
#define FIRST_PORT 20000
#define LAST_PORT 32000

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

static void add_arg (GPtrArray *argv, const char *format, ...) G_GNUC_PRINTF (2, 3);

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
  self->envp = g_environ_setenv (self->envp, "LC_ALL", self->locale, TRUE);
  if (g_getenv ("LOCPATH") != NULL)
    self->envp = g_environ_setenv (self->envp, "LOCPATH", g_getenv ("LOCPATH"), TRUE);
  self->envp = g_environ_setenv (self->envp, "HOME", self->folder, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGHOST", self->folder, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGPORT", port, TRUE);
  self->envp = g_environ_setenv (self->envp, "PGUSER", PGM_TEST_SUPERUSER, TRUE);
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
  g_ptr_array_add (argv, pgm_test_server_dup_program (self, "initdb"));
  add_arg (argv, "--pgdata=%s", self->data);
  add_arg (argv, "--username=" PGM_TEST_SUPERUSER);
  add_arg (argv, "--auth=%s", self->password != NULL ? "scram-sha-256" : "trust");
  add_arg (argv, "--encoding=UTF8");
  add_arg (argv, "--locale=C");
  add_arg (argv, "--no-sync");
  if (self->password != NULL)
    add_password_file (self, argv);
  for (gsize i = 0; extra != NULL && extra[i] != NULL; i++)
    add_arg (argv, "%s", extra[i]);
  g_ptr_array_add (argv, NULL);
  if (pgm_test_server_run_program (self, (const char *const *) argv->pdata, NULL, NULL, NULL,
                                   &output) != 0)
    g_error ("initdb of the %s server failed:\n%s", self->name, output);
}

static void
copy_data (PgmTestServer *self, PgmTestServer *base, gboolean follows)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;

  add_launcher (argv);
  g_ptr_array_add (argv, pgm_test_server_dup_program (self, "pg_basebackup"));
  add_arg (argv, "--pgdata=%s", self->data);
  add_arg (argv, "--host=%s", base->folder);
  add_arg (argv, "--port=%u", base->port);
  add_arg (argv, "--checkpoint=fast");
  add_arg (argv, "--no-sync");
  if (follows)
    add_arg (argv, "--write-recovery-conf");
  g_ptr_array_add (argv, NULL);
  if (pgm_test_server_run_program (self, (const char *const *) argv->pdata, NULL, NULL, NULL,
                                   &output) != 0)
    g_error ("pg_basebackup of the %s server failed:\n%s", base->name, output);
}

static GPtrArray *
build_postmaster_argv (PgmTestServer *self)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  const char *addresses = !self->listen_tcp ? "" : self->has_ipv6 ? "127.0.0.1,::1" : "127.0.0.1";

  add_launcher (argv);
  g_ptr_array_add (argv, pgm_test_server_dup_program (self, "postgres"));
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
  g_autofree char *pg_isready = pgm_test_server_dup_program (self, "pg_isready");
  const char *argv[] = { pg_isready, "-q", NULL };

  return pgm_test_server_run_program (self, argv, NULL, NULL, NULL, NULL) == 0;
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
        g_error ("the %s server is not ready after 120 s:\n%s", self->name,
                 pgm_test_server_dup_log (self));
      g_usleep (POLL_US);
    }
  g_clear_object (&self->postmaster);
  return FALSE;
}

static gboolean
launch (PgmTestServer *self)
{
  g_autoptr(GSubprocessLauncher) launcher =
                 pgm_test_server_new_launcher (self, G_SUBPROCESS_FLAGS_STDERR_MERGE);
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
  self->bindir = g_strdup (options->bindir);
  if (self->bindir == NULL)
    self->bindir = pgm_test_find_bindir_or_skip ();
  self->name = g_strdup (name);
  self->locale = g_strdup (options->locale != NULL ? options->locale : "C.UTF-8");
  self->password = g_strdup (options->password);
  self->settings = g_strdupv ((char **) options->settings);
  self->listen_tcp = options->listen_tcp;
  make_folder (self);
  choose_port (self);
  set_environment (self);
  if (options->base != NULL)
    copy_data (self, options->base, options->follows);
  else
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

static void
stop (PgmTestServer *self, int signal_number)
{
  if (self->postmaster == NULL)
    return;
  g_subprocess_send_signal (self->postmaster, signal_number);
  g_subprocess_wait (self->postmaster, NULL, NULL);
  g_clear_object (&self->postmaster);
}

/* As a crash: sessions break off and nothing is written. The data stay; stopping twice is fine. */
void
pgm_test_server_stop (PgmTestServer *self)
{
  stop (self, SIGQUIT);
}

/* As an administrator does it: sessions are told and ended ("fast"). */
void
pgm_test_server_shut_down (PgmTestServer *self)
{
  stop (self, SIGINT);
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
  g_free (self->locale);
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
  return PGM_TEST_SUPERUSER;
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
