/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-secret.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_SIDE_SOURCE,
  PGM_SIDE_TARGET,
} PgmSide;

typedef enum
{
  PGM_PASSWORD_IN_PROFILE,
  PGM_PASSWORD_KEYRING,
  PGM_PASSWORD_PROMPT,
  PGM_PASSWORD_PGPASS, /* libpq's own password file */
  PGM_PASSWORD_ENV,
  PGM_PASSWORD_FILE,
} PgmPasswordFrom;

/* One server of a profile, as the user wrote it. Immutable once built: may cross threads. */
typedef struct
{
  PgmSide side;
  char *host;     /* name, address, or directory of a Unix socket; never NULL or empty */
  guint port;     /* 1-65535 */
  char *database; /* the source's; the target has the same by design. Never NULL */
  char *user;
  PgmPasswordFrom password_from;
  PgmSecret *password; /* (nullable): only with PGM_PASSWORD_IN_PROFILE */
  char *password_ref;  /* (nullable): the variable's name or the file's path */
  char *sslmode;       /* (nullable): libpq's default */
  char *sslrootcert;   /* (nullable), as the next two */
  char *sslcert;
  char *sslkey;
  gboolean is_protected; /* no run may ever write there */
} PgmEndpoint;

#define PGM_TYPE_ENDPOINT (pgm_endpoint_get_type ())

GType pgm_endpoint_get_type (void);
PgmEndpoint *pgm_endpoint_new (PgmSide side);
PgmEndpoint *pgm_endpoint_ref (PgmEndpoint *self);
void pgm_endpoint_unref (PgmEndpoint *self);
gboolean pgm_endpoint_is_socket (const PgmEndpoint *self);
gboolean pgm_endpoint_is_local (const PgmEndpoint *self);
char *pgm_endpoint_dup_address (const PgmEndpoint *self);
const char *pgm_side_get_name (PgmSide side);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmEndpoint, pgm_endpoint_unref)

G_END_DECLS
