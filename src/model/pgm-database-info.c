/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-database-info.h"

PgmDatabaseInfo *
pgm_database_info_new (const char *name, const char *owner, const char *encoding, gint64 size_bytes)
{
  PgmDatabaseInfo *self = g_new (PgmDatabaseInfo, 1);

  *self = (PgmDatabaseInfo){ g_strdup (name), g_strdup (owner), g_strdup (encoding), size_bytes };
  return self;
}

void
pgm_database_info_free (PgmDatabaseInfo *self)
{
  g_free (self->name);
  g_free (self->owner);
  g_free (self->encoding);
  g_free (self);
}
