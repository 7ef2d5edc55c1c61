/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-database.h"
#include "pgm-recover.h"

G_BEGIN_DECLS

/* What a thread that finds or clears works with. */
typedef struct
{
  /* owned */
  PgmProfile *profile; /* (nullable): none for folders of this machine alone */
  PgmSecret *password; /* (nullable) */
  GPtrArray *leftovers;
  PgmLogger *logger;
  PgmServer *server; /* (nullable): before it is needed */
  PgmConn *conn;     /* (nullable): the same; on the maintenance database */
  PgmPsql *psql;     /* (nullable): the same */

  PgmRecoverFlags flags;
} PgmRecoverRequest;

PgmRecoverRequest *pgm_recover_request_new (PgmProfile *profile, PgmSecret *password);
void pgm_recover_request_free (gpointer data);
const char *pgm_recover_request_get_temp_dir (PgmRecoverRequest *self);
gboolean pgm_recover_request_reach_target_sync (PgmRecoverRequest *self,
                                                GCancellable *cancellable,
                                                GError **error);
void pgm_recover_request_disconnect (PgmRecoverRequest *self);

G_END_DECLS
