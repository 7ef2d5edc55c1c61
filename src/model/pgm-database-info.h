/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* One database of a server. Immutable. */
typedef struct
{
  char *name; /* raw bytes of the catalog */
  char *owner;
  char *encoding;
  gint64 size_bytes; /* -1 where the role may not ask */
} PgmDatabaseInfo;

PgmDatabaseInfo *pgm_database_info_new (const char *name,
                                        const char *owner,
                                        const char *encoding,
                                        gint64 size_bytes);
void pgm_database_info_free (PgmDatabaseInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmDatabaseInfo, pgm_database_info_free)

G_END_DECLS
