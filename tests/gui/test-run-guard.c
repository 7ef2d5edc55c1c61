/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-gui-stage.h"
#include "pgm-run-guard.h"
#include "pgm-settings.h"

static const char interface_xml[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "</interface></node>";

static GtkApplication *application;
static char *summary; /* of the last notification */

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
offer_notifications (void)
{
  GDBusConnection *connection = g_application_get_dbus_connection (G_APPLICATION (application));
  g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr(GError) error = NULL;

  g_dbus_connection_register_object (connection, "/org/freedesktop/Notifications",
                                     info->interfaces[0], &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (connection, "org.freedesktop.Notifications",
                                G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  pgm_gui_settle (200);
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

/* In a window that is not in front. */
static void
run_unseen (void)
{
  GtkWidget *window = gtk_application_window_new (application);
  g_autoptr(PgmRunGuard) guard = pgm_run_guard_new (GTK_WINDOW (window));
  g_autoptr(PgmRunner) runner = new_failing_runner ();

  g_clear_pointer (&summary, g_free);
  pgm_run_guard_add (guard, runner);
  pgm_runner_start (runner);
  pgm_gui_wait_until (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED, 20);
  pgm_gui_settle (500);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_notification (void)
{
  run_unseen ();
  g_assert_cmpstr (summary, ==, "“Nightly” was not mirrored");
}

static void
test_no_notification (void)
{
  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE);
  run_unseen ();
  g_assert_null (summary);
}

static void
add_tests (void)
{
  g_autoptr(GError) error = NULL;

  g_setenv ("GNOTIFICATION_BACKEND", "freedesktop", TRUE);
  application =
      gtk_application_new ("io.github.pgmirror.PgMirror.Test", G_APPLICATION_DEFAULT_FLAGS);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  offer_notifications ();
  g_test_add_func ("/run-guard/notification", test_notification);
  g_test_add_func ("/run-guard/no-notification", test_no_notification);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_stage_run_tests (argc, argv, add_tests);

  g_clear_object (&application);
  g_free (summary);
  return status;
}
