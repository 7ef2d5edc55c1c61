/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-secret.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a connection string says; each NULL where it says nothing. */
typedef struct
{
  char *host;
  char *port;
  char *database;
  char *user;
  PgmSecret *password;
  char *sslmode;
  char *sslrootcert;
  char *sslcert;
  char *sslkey;
} PgmConninfo;

gboolean pgm_conninfo_looks_like_one (const char *text);
PgmConninfo *pgm_conninfo_parse (const char *text, GError **error);
void pgm_conninfo_free (PgmConninfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmConninfo, pgm_conninfo_free)

G_END_DECLS
