/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The Secret Service of the desktop, by libsecret. Every call runs libsecret's asynchronous
 * functions in a main context of its own, so that a keyring that does not answer is given up
 * after LIMIT_S. Only a person who is asked to unlock it may take longer. The service is looked
 * for anew each time: it may have been restarted. */

#include "config.h"

#include "pgm-keyring-private.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include <libsecret/secret.h>

#define LIMIT_S 10

/* One question to the service, in the thread that asks. */
typedef struct
{
  GMainContext *context;
  GCancellable *cancellable; /* the caller's or the limit's */
  GCancellable *outer;       /* (nullable), borrowed: the caller's */
  gulong outer_id;
  gboolean may_prompt;
  SecretService *service;
  GAsyncResult *result; /* of the call that is waited for */
} Session;

static const SecretSchema schema = {
  PGM_APP_ID,
  SECRET_SCHEMA_NONE,
  { { "host", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "port", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 } },
};

static GHashTable *
new_attributes (const PgmEndpoint *endpoint)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (attributes, (char *) "host",
                       pgm_endpoint_is_socket (endpoint) ? g_strdup (endpoint->host)
                                                         : g_ascii_strdown (endpoint->host, -1));
  g_hash_table_insert (attributes, (char *) "port", g_strdup_printf ("%u", endpoint->port));
  g_hash_table_insert (attributes, (char *) "user", g_strdup (endpoint->user));
  return attributes;
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
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Session *session = user_data;

  session->result = g_object_ref (result);
}

static GAsyncResult *
session_wait (Session *session)
{
  while (session->result == NULL)
    g_main_context_iteration (session->context, TRUE);
  return g_steal_pointer (&session->result);
}

static void
session_limit (Session *session)
{
  g_autoptr(GSource) timer = g_timeout_source_new_seconds (LIMIT_S);

  if (session->may_prompt)
    return;
  g_source_set_callback (timer, expired_cb, g_object_ref (session->cancellable), g_object_unref);
  g_source_attach (timer, session->context);
}

static gboolean
session_open (Session *session, GCancellable *outer, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  session->context = g_main_context_new ();
  session->cancellable = g_cancellable_new ();
  session->outer = outer;
  g_main_context_push_thread_default (session->context);
  if (outer != NULL)
    session->outer_id =
        g_cancellable_connect (outer, G_CALLBACK (cancel_other_cb), session->cancellable, NULL);
  session_limit (session);
  secret_service_open (SECRET_TYPE_SERVICE, NULL, SECRET_SERVICE_OPEN_SESSION, session->cancellable,
                       answered_cb, session);
  result = session_wait (session);
  session->service = secret_service_open_finish (result, error);
  return session->service != NULL;
}

static void
session_clear (Session *session)
{
  g_cancellable_disconnect (session->outer, session->outer_id);
  g_clear_object (&session->service);
  while (g_main_context_iteration (session->context, FALSE))
    ;
  g_main_context_pop_thread_default (session->context);
  g_main_context_unref (session->context);
  g_object_unref (session->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

static const char *
describe (const GError *error)
{
  if (error->domain == SECRET_ERROR && error->code == SECRET_ERROR_IS_LOCKED)
    return _("it is locked; unlock it, or log in to the desktop, and try again");
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
      (error->domain == SECRET_ERROR && error->code == SECRET_ERROR_NO_SUCH_OBJECT))
    return _("it is locked or was never set up; log in to the desktop and try again");
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    return _("no keyring program runs in this session");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return _("it does not answer");
  return error->message;
}

/* There is no desktop session below cron, ssh or systemd: the most common case by far. */
static gboolean
has_session_bus (GCancellable *cancellable)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL);

  return bus != NULL;
}

/* Takes @local. */
static void
set_error (GError **error, GCancellable *outer, GError *local)
{
  g_autoptr(GError) cause = local;

  if (g_cancellable_set_error_if_cancelled (outer, error))
    return;
  g_dbus_error_strip_remote_error (cause);
  g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
               _("could not use the keyring: %s"), has_session_bus (outer)
                                                        ? describe (cause)
                                                        : _("there is no desktop session here"));
}

static void
set_missing (GError **error, const PgmEndpoint *endpoint)
{
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);

  g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
               _("the keyring has no password for the role \"%s\" at %s"), endpoint->user,
                  address);
}

static PgmSecret *
get_secret (SecretItem *item)
{
  g_autoptr(SecretValue) value = secret_item_get_secret (item);
  gsize length = 0;
  const char *bytes = value != NULL ? secret_value_get (value, &length) : NULL;

  if (bytes == NULL)
    return NULL;
  return pgm_secret_new_take (g_strndup (bytes, length));
}

/* Returns: (transfer full) (nullable): NULL without @error where there is none to be seen */
static PgmSecret *
search (Session *session, const PgmEndpoint *endpoint, GError **error)
{
  g_autoptr(GHashTable) attributes = new_attributes (endpoint);
  g_autoptr(GAsyncResult) result = NULL;
  g_autolist(SecretItem) items = NULL;
  PgmSecret *secret = NULL;
  SecretSearchFlags flags = SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS;

  if (session->may_prompt)
    flags |= SECRET_SEARCH_UNLOCK;
  secret_service_search (session->service, &schema, attributes, flags, session->cancellable,
                         answered_cb, session);
  result = session_wait (session);
  items = secret_service_search_finish (session->service, result, error);
  for (GList *l = items; l != NULL && secret == NULL; l = l->next)
    secret = get_secret (l->data);
  return secret;
}

/* @ret_collection: (out) (transfer full) (nullable): untouched on an error */
static gboolean
find_collection (Session *session, SecretCollection **ret_collection, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) local = NULL;
  SecretCollection *collection = NULL;

  secret_collection_for_alias (session->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                               session->cancellable, answered_cb, session);
  result = session_wait (session);
  collection = secret_collection_for_alias_finish (result, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *ret_collection = collection;
  return TRUE;
}

static gboolean
unlock (Session *session, SecretCollection *collection, GError **error)
{
  g_autoptr(GList) objects = g_list_prepend (NULL, collection);
  g_autoptr(GAsyncResult) result = NULL;
  g_autolist(GDBusProxy) unlocked = NULL;

  if (session->may_prompt)
    {
      secret_service_unlock (session->service, objects, session->cancellable, answered_cb, session);
      result = session_wait (session);
      secret_service_unlock_finish (session->service, result, &unlocked, error);
    }
  if (unlocked != NULL)
    return TRUE;
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "");
  return FALSE;
}

/* A locked keyring does not show by their schema what it holds: nothing found says nothing
 * before it was unlocked. */
static PgmSecret *
lookup (Session *session, const PgmEndpoint *endpoint, GError **error)
{
  g_autoptr(SecretCollection) collection = NULL;
  PgmSecret *secret = search (session, endpoint, error);

  if (secret != NULL || *error != NULL || !find_collection (session, &collection, error) ||
      collection == NULL || !secret_collection_get_locked (collection))
    return secret;
  return unlock (session, collection, error) ? search (session, endpoint, error) : NULL;
}

PgmSecret *
pgm_keyring_read_sync (const PgmEndpoint *endpoint,
                       gboolean may_prompt,
                       GCancellable *cancellable,
                       GError **error)
{
  g_auto(Session) session = { .may_prompt = may_prompt };
  PgmSecret *secret = NULL;
  GError *local = NULL;

  if (session_open (&session, cancellable, &local))
    secret = lookup (&session, endpoint, &local);
  if (local != NULL)
    set_error (error, cancellable, local);
  else if (secret == NULL)
    set_missing (error, endpoint);
  return secret;
}

gboolean
pgm_keyring_write_sync (const PgmEndpoint *endpoint,
                        const PgmSecret *password,
                        gboolean may_prompt,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto(Session) session = { .may_prompt = may_prompt };
  g_autoptr(GHashTable) attributes = new_attributes (endpoint);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  g_autofree char *label = g_strdup_printf (_("PG Mirror: %s at %s"), endpoint->user, address);
  const char *text = pgm_secret_reveal (password);
  g_autoptr(SecretValue) value = secret_value_new (text, -1, "text/plain");
  g_autoptr(GAsyncResult) result = NULL;
  GError *local = NULL;

  if (session_open (&session, cancellable, &local))
    {
      secret_service_store (session.service, &schema, attributes, SECRET_COLLECTION_DEFAULT, label,
                            value, session.cancellable, answered_cb, &session);
      result = session_wait (&session);
      if (secret_service_store_finish (session.service, result, &local))
        return TRUE;
    }
  set_error (error, cancellable, local);
  return FALSE;
}

gboolean
pgm_keyring_erase_sync (const PgmEndpoint *endpoint,
                        gboolean may_prompt,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto(Session) session = { .may_prompt = may_prompt };
  g_autoptr(GHashTable) attributes = new_attributes (endpoint);
  g_autoptr(GAsyncResult) result = NULL;
  GError *local = NULL;

  if (session_open (&session, cancellable, &local))
    {
      secret_service_clear (session.service, &schema, attributes, session.cancellable, answered_cb,
                            &session);
      result = session_wait (&session);
      secret_service_clear_finish (session.service, result, &local);
      if (local == NULL)
        return TRUE;
    }
  set_error (error, cancellable, local);
  return FALSE;
}

/* A default collection has to be there, too: a service without one would ask to make it. */
gboolean
pgm_keyring_probe_sync (GCancellable *cancellable, GError **error)
{
  g_auto(Session) session = { 0 };
  g_autoptr(SecretCollection) collection = NULL;
  GError *local = NULL;

  if (session_open (&session, cancellable, &local) &&
      find_collection (&session, &collection, &local) && collection != NULL)
    return TRUE;
  if (local == NULL)
    local = g_error_new_literal (SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT, "");
  set_error (error, cancellable, local);
  return FALSE;
}
