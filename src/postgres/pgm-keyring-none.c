/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Instead of pgm-keyring-service.c where there is no libsecret. */

#include "pgm-keyring-private.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_CONFIG,
                       _("this PG Mirror was built without the keyring"));
  return FALSE;
}

PgmSecret *
pgm_keyring_read_sync (const PgmEndpoint *endpoint,
                       gboolean may_prompt,
                       GCancellable *cancellable,
                       GError **error)
{
  refuse (error);
  return NULL;
}

gboolean
pgm_keyring_write_sync (const PgmEndpoint *endpoint,
                        const PgmSecret *password,
                        gboolean may_prompt,
                        GCancellable *cancellable,
                        GError **error)
{
  return refuse (error);
}

gboolean
pgm_keyring_erase_sync (const PgmEndpoint *endpoint,
                        gboolean may_prompt,
                        GCancellable *cancellable,
                        GError **error)
{
  return refuse (error);
}

gboolean
pgm_keyring_probe_sync (GCancellable *cancellable, GError **error)
{
  return refuse (error);
}
