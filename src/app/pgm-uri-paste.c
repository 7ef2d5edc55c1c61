/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-uri-paste.h"

#include "pgm-conninfo.h"

/* @value: (nullable) */
static void
fill (PgmProfileItem *item, PgmSide side, const char *name, const char *value)
{
  g_autofree char *key =
      g_strdup_printf ("%s.%s", side == PGM_SIDE_SOURCE ? "source" : "target", name);

  if (value != NULL)
    pgm_profile_item_set_text (item, key, value);
}

static void
fill_port (PgmProfileItem *item, PgmSide side, const char *port)
{
  const char *key = side == PGM_SIDE_SOURCE ? "source.port" : "target.port";
  guint64 number = 0;

  if (port != NULL && g_ascii_string_to_unsigned (port, 10, 1, 65535, &number, NULL))
    pgm_profile_item_set_integer (item, key, (gint64) number);
}

/* Puts what the connection string @text says into the profile; what it does not say stays. The
 * target's database is the source's, whatever @text says.
 *
 * @ret_password: (out) (transfer full) (nullable): where it is kept is for the caller to know */
gboolean
pgm_uri_paste_fill (
    PgmProfileItem *item, PgmSide side, const char *text, PgmSecret **ret_password, GError **error)
{
  g_autoptr(PgmConninfo) info = pgm_conninfo_parse (text, error);

  if (info == NULL)
    return FALSE;
  fill (item, side, "host", info->host);
  fill_port (item, side, info->port);
  if (side == PGM_SIDE_SOURCE)
    fill (item, side, "database", info->database);
  fill (item, side, "user", info->user);
  fill (item, side, "sslmode", info->sslmode);
  fill (item, side, "sslrootcert", info->sslrootcert);
  fill (item, side, "sslcert", info->sslcert);
  fill (item, side, "sslkey", info->sslkey);
  *ret_password = g_steal_pointer (&info->password);
  return TRUE;
}
