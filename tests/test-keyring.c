/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A session bus and a keyring belong to the environment that a process is born with: every case
 * is a child of this program, under a bus and with folders of its own. */

#include "pgm-error.h"
#include "pgm-keyring.h"
#include "pgm-password.h"
#include "pgm-test-server.h"

#include <glib/gstdio.h>
#include <string.h>

/* Unlocks a keyring with the password $1, or makes one. */
#define UNLOCK                                                                                    \
  "unlock () { printf %s \"$1\" | gnome-keyring-daemon --daemonize --unlock --components=secrets" \
  " > \"$HOME/daemon\" 2>&1; gdbus wait --session --timeout 60 org.freedesktop.secrets; }; "      \
  "pid () { gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus"                \
  " -m org.freedesktop.DBus.GetConnectionUnixProcessID org.freedesktop.secrets"                   \
  " | tr -dc '0-9 ' | awk '{ print $2 }'; }; "

static const char *program;

static PgmEndpoint *
new_endpoint (const char *host, const char *user)
{
  PgmEndpoint *endpoint = pgm_endpoint_new (PGM_SIDE_SOURCE);

  endpoint->host = g_strdup (host);
  endpoint->user = g_strdup (user);
  endpoint->password_from = PGM_PASSWORD_KEYRING;
  return endpoint;
}

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
store (PgmEndpoint *endpoint, const char *text, GError **error)
{
  g_autoptr(PgmSecret) secret = pgm_secret_new (text);
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  pgm_keyring_store_async (endpoint, secret, NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  pgm_keyring_store_finish (result, error);
}

static void
forget (PgmEndpoint *endpoint)
{
  g_autoptr(GError) error = NULL;
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  pgm_keyring_forget_async (endpoint, NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  g_assert_true (pgm_keyring_forget_finish (result, &error));
  g_assert_no_error (error);
}

static void
assert_found (PgmEndpoint *endpoint, const char *text)
{
  g_autoptr(GError) error = NULL;
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(PgmSecret) secret = NULL;

  pgm_keyring_lookup_async (endpoint, NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  secret = pgm_keyring_lookup_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pgm_secret_reveal (secret), ==, text);
}

/* The way that a run takes. */
static void
assert_refused (PgmEndpoint *endpoint, const char *part)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmSecret) secret = NULL;
  g_autofree char *warning = NULL;

  g_assert_false (pgm_password_resolve_sync (endpoint, &secret, &warning, NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_null (strchr (error->message, '\n'));
  if (strstr (error->message, part) == NULL)
    g_error ("\"%s\" has no \"%s\"", error->message, part);
}

static gboolean
probe (GError **error)
{
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  pgm_keyring_probe_async (NULL, store_result_cb, &pending);
  result = wait_for (&pending);
  return pgm_keyring_probe_finish (result, error);
}

static void
child_round_trip (void)
{
  g_autoptr(PgmEndpoint) one = new_endpoint ("DB.example.org", "ana");
  g_autoptr(PgmEndpoint) same = new_endpoint ("db.example.org", "ana");
  g_autoptr(PgmEndpoint) other_user = new_endpoint ("db.example.org", "rui");
  g_autoptr(PgmEndpoint) other_port = new_endpoint ("db.example.org", "ana");
  g_autoptr(GError) error = NULL;

  other_port->port = 5433;
  g_assert_true (probe (&error));
  g_assert_no_error (error);
  assert_refused (one, "no password for the role \"ana\" at DB.example.org");
  store (one, "s3cret-ção \"'\\ $x", &error);
  g_assert_no_error (error);
  assert_found (same, "s3cret-ção \"'\\ $x");
  assert_refused (other_user, "no password");
  assert_refused (other_port, "no password");
  store (same, "second", &error);
  g_assert_no_error (error);
  assert_found (one, "second");
  forget (same);
  assert_refused (one, "no password");
  forget (same);
}

static void
child_keep (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint ("db.example.org", "ana");
  g_autoptr(GError) error = NULL;

  store (endpoint, "kept", &error);
  g_assert_no_error (error);
}

static void
child_refused (const char *part)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint ("db.example.org", "ana");
  g_autoptr(GError) error = NULL;

  assert_refused (endpoint, part);
  store (endpoint, "x", &error);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_nonnull (strstr (error->message, "could not use the keyring"));
  g_printerr ("store: %s\n", error->message);
}

static gboolean
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
child_cancel (void)
{
  g_autoptr(PgmEndpoint) endpoint = new_endpoint ("db.example.org", "ana");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GAsyncResult *pending = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  gint64 start_us = g_get_monotonic_time ();

  g_timeout_add (200, cancel_cb, cancellable);
  pgm_keyring_lookup_async (endpoint, cancellable, store_result_cb, &pending);
  result = wait_for (&pending);
  g_assert_null (pgm_keyring_lookup_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <,
                   9 * G_TIME_SPAN_SECOND); /* without a cancel it gives up after 10 */
}

static int
run_child (const char *name, const char *argument)
{
  if (g_str_equal (name, "round-trip"))
    child_round_trip ();
  else if (g_str_equal (name, "keep"))
    child_keep ();
  else if (g_str_equal (name, "cancel"))
    child_cancel ();
  else
    child_refused (argument);
  return 0;
}

/* Runs @script with $1 as this program, under a new bus unless @bus is NULL, with no display. */
static void
run_script (const char *const *bus, const char *script)
{
  g_autofree char *home = g_dir_make_tmp ("pgk-XXXXXX", NULL);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDERR_MERGE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  for (; bus != NULL && *bus != NULL; bus++)
    g_ptr_array_add (argv, (char *) *bus);
  g_ptr_array_add (argv, (char *) "/bin/sh");
  g_ptr_array_add (argv, (char *) "-ec");
  g_ptr_array_add (argv, (char *) script);
  g_ptr_array_add (argv, (char *) "sh");
  g_ptr_array_add (argv, (char *) program);
  g_ptr_array_add (argv, NULL);
  for (const char *const *name = (const char *const[]){ "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME",
                                                        "XDG_CONFIG_HOME", "XDG_CACHE_HOME", NULL };
       *name != NULL; name++)
    g_subprocess_launcher_setenv (launcher, *name, home, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "DBUS_SESSION_BUS_ADDRESS");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", output);
  if (!g_subprocess_get_successful (process))
    g_test_fail_printf ("%s: %s", script, output);
}

static const char *const session_bus[] = { "dbus-run-session", "--", NULL };

static void
test_round_trip (void)
{
  run_script (session_bus, UNLOCK "unlock right; \"$1\" child round-trip");
}

/* libsecret 0.20 loses what it was answered when a prompt came to nothing, which is no matter for
 * LeakSanitizer here. */
#define REFUSED "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" \"$1\" child refused "

/* The program that keeps the keyring is told apart from the keyring: it is there, and locked. */
static void
test_locked (void)
{
  run_script (session_bus, UNLOCK "unlock right; \"$1\" child keep; kill $(pid); "
                                  "while [ -n \"$(pid 2> /dev/null)\" ]; do sleep 0.1; done; "
                                  "unlock wrong; " REFUSED "locked");
}

/* The bus starts the daemon by itself; nobody has logged in. */
static void
test_never_unlocked (void)
{
  run_script (session_bus, REFUSED "keyring");
}

static void
test_no_service (void)
{
  g_autofree char *config = NULL;
  g_autofree char *option = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp ("pgk-XXXXXX.conf", &config, &error);
  const char *bus[] = { "dbus-run-session", NULL, "--", NULL };

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (config,
                       "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
                       "<policy context='default'><allow send_destination='*' eavesdrop='true'/>"
                       "<allow eavesdrop='true'/>"
                       "<allow own='*'/></policy></busconfig>",
                       -1, &error);
  g_assert_no_error (error);
  option = g_strconcat ("--config-file=", config, NULL);
  bus[1] = option;
  run_script (bus, "\"$1\" child refused 'no keyring program'");
  g_unlink (config);
}

static void
test_no_session (void)
{
  run_script (NULL, "\"$1\" child refused 'no desktop session'");
}

static void
test_silent (void)
{
  run_script (session_bus, UNLOCK "unlock right; kill -STOP $(pid); "
                                  "\"$1\" child refused 'does not answer'; kill -KILL $(pid)");
}

static void
test_cancel (void)
{
  run_script (session_bus,
              UNLOCK "unlock right; p=$(pid); kill -STOP $p; \"$1\" child cancel; kill -KILL $p");
}

static gboolean
can_run (void)
{
  const char *const needed[] = { "dbus-run-session", "gnome-keyring-daemon", "gdbus" };

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *path = g_find_program_in_path (needed[i]);

      if (path == NULL)
        return FALSE;
    }
  return pgm_keyring_is_built_in ();
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc >= 3 && g_str_equal (argv[1], "child"))
    return run_child (argv[2], argv[3]);
  g_test_init (&argc, &argv, NULL);
  if (!can_run ())
    {
      g_print ("1..0 # SKIP needs libsecret, dbus-run-session and gnome-keyring-daemon\n");
      return 0;
    }
  g_test_add_func ("/keyring/round-trip", test_round_trip);
  g_test_add_func ("/keyring/locked", test_locked);
  g_test_add_func ("/keyring/never-unlocked", test_never_unlocked);
  g_test_add_func ("/keyring/no-service", test_no_service);
  g_test_add_func ("/keyring/no-session", test_no_session);
  g_test_add_func ("/keyring/cancel", test_cancel);
  if (pgm_test_runs_all ()) /* takes twenty seconds */
    g_test_add_func ("/keyring/silent", test_silent);
  return g_test_run ();
}
