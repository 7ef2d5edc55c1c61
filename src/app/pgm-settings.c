/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-settings.h"

GSettings *
pgm_settings_get (void)
{
  static GSettings *settings;

  if (settings == NULL)
    settings = g_settings_new (PGM_APP_ID);
  return settings;
}
