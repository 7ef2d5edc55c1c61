/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the desktop sees of a run: that the session is to stay awake, and a notification. */

#include "pgm-gui-session.h"
#include "pgm-gui-stage.h"
#include "pgm-run-guard.h"
#include "pgm-settings.h"
#include "pgm-test-server.h"

static const char interface_xml[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "</interface></node>";

static GtkApplication *application;
static PgmTestServer *server;
static char *summary; /* of the last notification */
static char *shown;   /* what the program was told to show */

/* The desktop's part. */
static void
call_cb (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  if (!g_str_equal (method, "Notify"))
    {
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(as)", NULL));
      return;
    }
  g_free (summary);
  g_variant_get_child (parameters, 3, "s", &summary);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 1));
}

static const GDBusInterfaceVTable vtable = { .method_call = call_cb };

static void
acquired_cb (GDBusConnection *connection, const char *name, gpointer is_ours)
{
  *(gboolean *) is_ours = TRUE;
}

static void
offer_notifications (void)
{
  static gboolean is_ours;
  GDBusConnection *connection = g_application_get_dbus_connection (G_APPLICATION (application));
  g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr(GError) error = NULL;

  g_dbus_connection_register_object (connection, "/org/freedesktop/Notifications",
                                     info->interfaces[0], &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (connection, "org.freedesktop.Notifications",
                                G_BUS_NAME_OWNER_FLAGS_NONE, acquired_cb, NULL, &is_ours, NULL);
  pgm_gui_wait_until (is_ours, 20);
}

/* A person clicks on the notification. */
static void
click_notification (void)
{
  g_autoptr(GError) error = NULL;

  g_dbus_connection_emit_signal (g_application_get_dbus_connection (G_APPLICATION (application)),
                                 NULL, "/org/freedesktop/Notifications",
                                 "org.freedesktop.Notifications", "ActionInvoked",
                                 g_variant_new ("(us)", 1, "default"), &error);
  g_assert_no_error (error);
}

static void
show_run_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_free (shown);
  shown = g_variant_dup_string (parameter, NULL);
}

static PgmRunner *
new_runner (guint port)
{
  g_autofree char *json =
      g_strdup_printf ("{ \"source\": { \"host\": \"127.0.0.1\", \"port\": %u,"
                       " \"database\": \"d\", \"user\": \"u\", \"password\": \"p\" },"
                       " \"target\": { \"host\": \"127.0.0.1\", \"port\": 1,"
                       " \"user\": \"u\", \"password\": \"p\" } }",
                       port);
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, NULL, NULL);

  return pgm_runner_new (profile, PGM_MIRROR_FLAGS_NONE);
}

static PgmRunner *
new_failing_runner (void)
{
  static const char json[] = "{ \"name\": \"Nightly\","
                             " \"source\": { \"host\": \"127.0.0.1\", \"port\": 1,"
                             " \"database\": \"d\", \"user\": \"u\", \"password\": \"p\" },"
                             " \"target\": { \"host\": \"127.0.0.1\", \"port\": 1,"
                             " \"user\": \"u\", \"password\": \"p\" } }";
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, NULL, NULL);

  return pgm_runner_new (profile, PGM_MIRROR_FLAGS_NONE);
}

/* In a window that is not in front.
 *
 * @is_told: whether there will be a notification */
static PgmRunner *
run_unseen (gboolean is_told)
{
  GtkWidget *window = gtk_application_window_new (application);
  g_autoptr(PgmRunGuard) guard = pgm_run_guard_new (GTK_WINDOW (window));
  PgmRunner *runner = new_failing_runner ();

  g_clear_pointer (&summary, g_free);
  pgm_run_guard_add (guard, runner);
  pgm_runner_start (runner);
  pgm_gui_wait_until (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED, 20);
  if (is_told)
    pgm_gui_wait_until (summary != NULL, 20);
  else
    pgm_gui_settle (1000);
  gtk_window_destroy (GTK_WINDOW (window));
  return runner;
}

static void
test_notification (void)
{
  g_autoptr(PgmRunner) runner = run_unseen (TRUE);

  g_assert_nonnull (runner);
  g_assert_cmpstr (summary, ==, "“Nightly” was not mirrored");
}

/* It leads to the result of that run. */
static void
test_notification_clicked (void)
{
  static const GActionEntry entries[] = { { "show-run", show_run_cb, "s" } };
  g_autoptr(PgmRunner) runner = NULL;

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, 1, NULL);
  runner = run_unseen (TRUE);
  click_notification ();
  pgm_gui_wait_until (shown != NULL, 10);
  g_assert_nonnull (pgm_runner_get_id (runner));
  g_assert_cmpstr (shown, ==, pgm_runner_get_id (runner));
}

static void
test_no_notification (void)
{
  g_autoptr(PgmRunner) runner = NULL;

  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE);
  runner = run_unseen (FALSE);
  g_assert_null (summary);
}

static guint
get_n_held (void)
{
  g_auto(PgmGuiAwake) awake = { 0 };

  pgm_gui_session_get (&awake);
  return awake.n_held;
}

static guint
get_n_taken (void)
{
  g_auto(PgmGuiAwake) awake = { 0 };

  pgm_gui_session_get (&awake);
  return awake.n_taken;
}

/* Returns: whether it was held when the run was on */
static gboolean
run_awake (PgmRunner *runner, gboolean stop)
{
  GtkWidget *window = gtk_application_window_new (application);
  g_autoptr(PgmRunGuard) guard = pgm_run_guard_new (GTK_WINDOW (window));
  guint n_taken = get_n_taken ();
  gboolean was_held = FALSE;

  gtk_window_present (GTK_WINDOW (window));
  g_assert_cmpuint (get_n_held (), ==, 0);
  pgm_run_guard_add (guard, runner);
  pgm_runner_start (runner);
  was_held = get_n_held () == 1;
  if (stop)
    {
      pgm_gui_settle (500);
      g_assert_cmpuint (get_n_held (), ==, 1);
      pgm_runner_stop (runner);
    }
  pgm_gui_wait_until (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED, 60);
  pgm_gui_wait_until (get_n_held () == 0, 10);
  g_assert_cmpuint (get_n_taken (), ==, n_taken + 1);
  gtk_window_destroy (GTK_WINDOW (window));
  return was_held;
}

static const char *
get_code (PgmRunner *runner)
{
  return pgm_report_get_data (pgm_runner_get_report (runner))->code;
}

/* Awake as long as the run is on, and for a reason that a person can read. */
static void
test_awake (void)
{
  g_autofree char *json =
      pgm_test_profile_json (server, server, NULL, "awake", "{\"parallel_jobs\": 1}");
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, NULL, NULL);
  g_autoptr(PgmRunner) runner = pgm_runner_new (profile, PGM_MIRROR_CHECK_ONLY);
  g_auto(PgmGuiAwake) awake = { 0 };

  g_assert_true (run_awake (runner, FALSE));
  pgm_gui_session_get (&awake);
  g_assert_cmpstr (awake.reason, ==, "A database is being mirrored");
  g_assert_cmpuint (awake.flags, ==,
                    GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND);
}

static void
test_awake_failed (void)
{
  g_autoptr(PgmRunner) runner = new_failing_runner ();

  g_assert_true (run_awake (runner, FALSE));
  g_assert_cmpstr (get_code (runner), ==, "source-unreachable");
}

/* Its server takes the connection and never says a word. */
static void
test_awake_stopped (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autoptr(PgmRunner) runner = new_runner (port);

  g_assert_true (run_awake (runner, TRUE));
  g_assert_cmpstr (get_code (runner), ==, "cancelled");
}

/* Two at once are one reason, which goes with the second. */
static void
test_awake_twice (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  GtkWidget *window = gtk_application_window_new (application);
  g_autoptr(PgmRunGuard) guard = pgm_run_guard_new (GTK_WINDOW (window));
  g_autoptr(PgmRunner) first = new_runner (port);
  g_autoptr(PgmRunner) second = new_runner (port);

  pgm_run_guard_add (guard, first);
  pgm_runner_start (first);
  pgm_run_guard_add (guard, second);
  pgm_runner_start (second);
  g_assert_cmpuint (get_n_held (), ==, 1);
  pgm_runner_stop (first);
  pgm_gui_wait_until (pgm_runner_get_state (first) == PGM_RUNNER_FINISHED, 30);
  pgm_gui_settle (200);
  g_assert_cmpuint (get_n_held (), ==, 1);
  pgm_runner_stop (second);
  pgm_gui_wait_until (pgm_runner_get_state (second) == PGM_RUNNER_FINISHED, 30);
  pgm_gui_wait_until (get_n_held () == 0, 10);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
add_tests (void)
{
  g_autoptr(GError) error = NULL;

  server = pgm_test_server_start ("server", NULL);
  g_free (pgm_test_server_psql (server, "postgres", "CREATE DATABASE awake"));
  pgm_gui_session_start ();
  g_setenv ("GNOTIFICATION_BACKEND", "freedesktop", TRUE);
  application =
      gtk_application_new ("io.github.pgmirror.PgMirror.Test", G_APPLICATION_DEFAULT_FLAGS);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  offer_notifications ();
  g_test_add_func ("/run-guard/notification", test_notification);
  g_test_add_func ("/run-guard/notification-clicked", test_notification_clicked);
  g_test_add_func ("/run-guard/no-notification", test_no_notification);
  g_test_add_func ("/run-guard/awake", test_awake);
  g_test_add_func ("/run-guard/awake-failed", test_awake_failed);
  g_test_add_func ("/run-guard/awake-stopped", test_awake_stopped);
  g_test_add_func ("/run-guard/awake-twice", test_awake_twice);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_stage_run_tests (argc, argv, add_tests);

  g_clear_object (&application);
  g_clear_pointer (&server, pgm_test_server_free);
  g_free (summary);
  g_free (shown);
  return status;
}
