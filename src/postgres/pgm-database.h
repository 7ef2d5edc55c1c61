/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-database-traits.h"
#include "pgm-psql.h"

G_BEGIN_DECLS

char *pgm_database_dup_name (const char *database, const char *suffix, const char *tag);
gboolean pgm_database_exists_sync (PgmPsql *psql,
                                   const char *name,
                                   gboolean *ret_exists,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean pgm_database_drop_sync (PgmPsql *psql,
                                 PgmConn *maintenance,
                                 const char *name,
                                 guint32 oid,
                                 GCancellable *hurry,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean pgm_database_drop_unused_sync (
    PgmPsql *psql, const char *name, guint32 oid, GCancellable *cancellable, GError **error);
gboolean pgm_database_give_back_sync (PgmPsql *psql,
                                      const char *old_name,
                                      const char *name,
                                      const char *comment,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean pgm_database_find_oid_sync (PgmConn *maintenance,
                                     const char *name,
                                     guint32 *ret_oid,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean pgm_database_find_name_sync (
    PgmConn *maintenance, guint32 oid, char **ret_name, GCancellable *cancellable, GError **error);
gboolean pgm_database_check_oid_sync (
    PgmConn *maintenance, const char *name, guint32 oid, GCancellable *cancellable, GError **error);
gboolean pgm_database_end_sessions_sync (PgmConn *maintenance,
                                         const char *name,
                                         guint *ret_n_left,
                                         GCancellable *cancellable,
                                         GError **error);

/* What changes place, all in one transaction. */
typedef struct
{
  const char *name;     /* that the users know */
  const char *staging;  /* becomes @name */
  const char *old_name; /* (nullable): what the present @name becomes; NULL when there is none */
  guint32 old_oid;      /* of the present @name: another one is left alone */
  gboolean is_closed;   /* the old one allows no connections, so the new one shall not */
  const char *comment;  /* (nullable): of the new @name */
  const char *marker;   /* (nullable): comment that the old one gets; NULL keeps its own */
} PgmSwap;

gboolean pgm_database_swap_sync (PgmPsql *psql,
                                 PgmConn *maintenance,
                                 const PgmSwap *swap,
                                 GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
