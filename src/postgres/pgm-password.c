/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-password.h"

#include "pgm-error.h"
#include "pgm-keyring.h"
#include "pgm-server.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* A password file is a line, not a document. */
#define MAX_FILE_BYTES (64 * 1024 + 2)

static PgmSecret *
from_environment (const PgmEndpoint *endpoint, GError **error)
{
  const char *value = pgm_server_get_variable (endpoint->password_ref);

  if (value == NULL)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
                   _("the %s's password is to come from the environment variable \"%s\", "
                     "which is not set"),
                      pgm_side_get_name (endpoint->side), endpoint->password_ref);
      return NULL;
    }
  return pgm_secret_new (value);
}

static gboolean
is_open_to_others (const char *path)
{
#ifdef G_OS_UNIX
  GStatBuf status;

  return g_stat (path, &status) == 0 && (status.st_mode & 077) != 0;
#else
  return FALSE;
#endif
}

/* Reads the first line. One newline (or CR LF) at its end is the file's, not the password's. */
static PgmSecret *
from_file (const PgmEndpoint *endpoint, char **ret_warning, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(GFile) file = g_file_new_for_path (endpoint->password_ref);
  g_autoptr(GFileInputStream) stream = NULL;
  g_autofree char *buffer = g_malloc0 (MAX_FILE_BYTES + 1);
  gsize length = 0;
  PgmSecret *secret = NULL;

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL) == G_FILE_TYPE_SPECIAL)
    g_set_error_literal (&local, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("not a file"));
  else
    stream = g_file_read (file, NULL, &local);
  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), buffer, MAX_FILE_BYTES,
                                                  &length, NULL, &local))
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
                   _("could not read the %s's password from \"%s\": %s"),
                      pgm_side_get_name (endpoint->side), endpoint->password_ref,
                      pgm_error_get_reason (local));
      return NULL;
    }
  if (is_open_to_others (endpoint->password_ref))
    *ret_warning = g_strdup_printf (_("the password file \"%s\" can be read by other users; "
                                      "chmod 600 closes it"),
                                       endpoint->password_ref);
  if (length > 0 && buffer[length - 1] == '\n')
    buffer[--length] = '\0';
  if (length > 0 && buffer[length - 1] == '\r')
    buffer[--length] = '\0';
  secret = pgm_secret_new (buffer);
  pgm_secret_wipe (buffer, MAX_FILE_BYTES);
  return secret;
}

static PgmSecret *
from_keyring (const PgmEndpoint *endpoint, GCancellable *cancellable, GError **error)
{
  PgmSecret *secret = pgm_keyring_lookup_sync (endpoint, cancellable, error);

  if (secret == NULL && !g_cancellable_is_cancelled (cancellable))
    g_prefix_error (error, _("the %s's password: "), pgm_side_get_name (endpoint->side));
  return secret;
}

/* Finds the password where the profile says it is. A prompt is not answered here, nor is
 * libpq's own file read: for both, and for a profile without a password, *@ret_password is
 * NULL.
 *
 * @ret_password: (out) (transfer full) (nullable)
 * @ret_warning: (out) (transfer full) (nullable): a sentence for the user */
gboolean
pgm_password_resolve_sync (PgmEndpoint *endpoint,
                           PgmSecret **ret_password,
                           char **ret_warning,
                           GCancellable *cancellable,
                           GError **error)
{
  *ret_password = NULL;
  *ret_warning = NULL;

  switch (endpoint->password_from)
    {
    case PGM_PASSWORD_IN_PROFILE:
      if (!pgm_secret_is_empty (endpoint->password))
        *ret_password = pgm_secret_ref (endpoint->password);
      return TRUE;
    case PGM_PASSWORD_ENV:
      *ret_password = from_environment (endpoint, error);
      return *ret_password != NULL;
    case PGM_PASSWORD_FILE:
      *ret_password = from_file (endpoint, ret_warning, error);
      return *ret_password != NULL;
    case PGM_PASSWORD_PROMPT:
    case PGM_PASSWORD_PGPASS:
      return TRUE;
    case PGM_PASSWORD_KEYRING:
    default:
      *ret_password = from_keyring (endpoint, cancellable, error);
      return *ret_password != NULL;
    }
}
