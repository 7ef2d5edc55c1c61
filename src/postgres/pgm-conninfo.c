/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-conninfo.h"

#include <glib/gi18n-lib.h>
#include <libpq-fe.h>
#include <string.h>

#include "pgm-error.h"

/* Whether @text is meant as "postgresql://…" or "host=… user=…". Cheap: for each paste. */
gboolean
pgm_conninfo_looks_like_one (const char *text)
{
  static const char *const words[] = { "host=", "hostaddr=", "user=", "dbname=", "port=" };
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (g_str_has_prefix (trimmed, "postgresql://") || g_str_has_prefix (trimmed, "postgres://"))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (trimmed, words[i]))
      return TRUE;
  return FALSE;
}

static void
take_option (PgmConninfo *self, const PQconninfoOption *option)
{
  const struct
  {
    const char *keyword;
    char **field;
  } fields[] = {
    { "hostaddr", &self->host },
    { "host", &self->host },
    { "port", &self->port },
    { "dbname", &self->database },
    { "user", &self->user },
    { "sslmode", &self->sslmode },
    { "sslrootcert", &self->sslrootcert },
    { "sslcert", &self->sslcert },
    { "sslkey", &self->sslkey },
  };

  if (option->val == NULL || option->val[0] == '\0')
    return;
  if (g_str_equal (option->keyword, "password"))
    self->password = pgm_secret_new (option->val);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_str_equal (option->keyword, fields[i].keyword))
      {
        g_free (*fields[i].field);
        *fields[i].field = g_strdup (option->val);
      }
}

/* libpq does the reading. What it says of a string that it cannot read is kept back: it quotes
 * the string, which may have a password in it.
 *
 * Returns: (transfer full): or NULL with a PGM_ERROR_CONFIG */
PgmConninfo *
pgm_conninfo_parse (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *message = NULL;
  PQconninfoOption *options = PQconninfoParse (trimmed, &message);
  PgmConninfo *self = NULL;

  if (message != NULL)
    PQfreemem (message);
  pgm_secret_wipe (trimmed, strlen (trimmed));
  if (options == NULL)
    {
      g_set_error_literal (error, PGM_ERROR, PGM_ERROR_CONFIG,
                           _("this is not a connection string that libpq understands"));
      return NULL;
    }
  self = g_new0 (PgmConninfo, 1);
  for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
    take_option (self, option);
  PQconninfoFree (options);
  return self;
}

void
pgm_conninfo_free (PgmConninfo *self)
{
  g_free (self->host);
  g_free (self->port);
  g_free (self->database);
  g_free (self->user);
  g_clear_pointer (&self->password, pgm_secret_unref);
  g_free (self->sslmode);
  g_free (self->sslrootcert);
  g_free (self->sslcert);
  g_free (self->sslkey);
  g_free (self);
}
