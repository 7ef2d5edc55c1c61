/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_KINSHIP_NONE,
  PGM_KINSHIP_STANDBY, /* the one follows the other */
  PGM_KINSHIP_UNKNOWN, /* maybe: it was behind, or nobody may ask */
} PgmKinship;

PgmKinship
pgm_catalog_find_kinship_sync (PgmConn *source, PgmConn *target, GCancellable *cancellable);

G_END_DECLS
