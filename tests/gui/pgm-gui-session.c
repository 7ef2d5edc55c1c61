/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-gui-session.h"

#define NAME "org.gnome.SessionManager"

static const char interface_xml[] = "<node><interface name='" NAME "'>"
                                    "<method name='Inhibit'><arg type='s' direction='in'/>"
                                    "<arg type='u' direction='in'/><arg type='s' direction='in'/>"
                                    "<arg type='u' direction='in'/>"
                                    "<arg type='u' direction='out'/></method>"
                                    "<method name='Uninhibit'><arg type='u' direction='in'/>"
                                    "</method></interface></node>";

static GMutex mutex;
static GCond cond;
static gboolean is_ready;
static PgmGuiAwake awake;

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
  GVariant *answer = NULL;

  g_mutex_lock (&mutex);
  if (g_str_equal (method, "Inhibit"))
    {
      g_free (awake.reason);
      g_variant_get (parameters, "(&su&su)", NULL, NULL, &awake.reason, &awake.flags);
      awake.reason = g_strdup (awake.reason);
      awake.n_held++;
      answer = g_variant_new ("(u)", ++awake.n_taken);
    }
  else
    awake.n_held--;
  g_mutex_unlock (&mutex);
  g_dbus_method_invocation_return_value (invocation, answer);
}

static const GDBusInterfaceVTable vtable = { .method_call = call_cb };

static void
offer (GDBusConnection *connection)
{
  g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  g_dbus_connection_register_object (connection, "/org/gnome/SessionManager", info->interfaces[0],
                                     &vtable, NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus", "RequestName",
                                        g_variant_new ("(su)", NAME, 0), NULL, 0, -1, NULL, &error);
  g_assert_no_error (error);
}

static GDBusConnection *
new_connection (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  GDBusConnection *connection = NULL;

  g_assert_no_error (error);
  connection =
      g_dbus_connection_new_for_address_sync (address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static gpointer
serve_thread (gpointer user_data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GDBusConnection) connection = NULL;

  g_main_context_push_thread_default (context);
  connection = new_connection ();
  offer (connection);
  g_mutex_lock (&mutex);
  is_ready = TRUE;
  g_cond_signal (&cond);
  g_mutex_unlock (&mutex);
  for (;;)
    g_main_context_iteration (context, TRUE);
  return NULL;
}

void
pgm_gui_session_start (void)
{
  g_thread_unref (g_thread_new ("session-manager", serve_thread, NULL));
  g_mutex_lock (&mutex);
  while (!is_ready)
    g_cond_wait (&cond, &mutex);
  g_mutex_unlock (&mutex);
}

/* @ret_awake: (out) */
void
pgm_gui_session_get (PgmGuiAwake *ret_awake)
{
  g_mutex_lock (&mutex);
  *ret_awake = awake;
  ret_awake->reason = g_strdup (awake.reason);
  g_mutex_unlock (&mutex);
}

void
pgm_gui_awake_clear (PgmGuiAwake *self)
{
  g_clear_pointer (&self->reason, g_free);
}
