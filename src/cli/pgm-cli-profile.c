/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-cli.h"

#include "pgm-profile-store.h"

/* @config: (nullable): a path; @name: (nullable): a saved profile's. With neither the file
 * config.json here.
 *
 * Returns: (transfer full): on failure NULL, the message has one fault a line */
PgmProfile *
pgm_cli_load_profile (PgmCli *self, const char *config, const char *name, GError **error)
{
  PgmProfile *profile =
      name != NULL ? pgm_profile_store_load (name, error)
                   : pgm_profile_load (config != NULL ? config : PGM_DEFAULT_CONFIG, error);
  const char *const *warnings = profile != NULL ? pgm_profile_get_warnings (profile) : NULL;

  for (gsize i = 0; warnings != NULL && warnings[i] != NULL; i++)
    pgm_warning (self->logger, "%s", warnings[i]);
  return profile;
}
