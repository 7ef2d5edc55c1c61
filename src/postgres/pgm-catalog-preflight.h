/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-options.h"

G_BEGIN_DECLS

/* What may stand in the way of a run, asked of a server in one query a topic. Each function that
 * returns PgmRows gives a row for each object: */
enum
{
  PGM_FACT_CODE, /* of the finding that the object belongs to */
  PGM_FACT_NAME, /* for people */
  PGM_FACT_CURE, /* (nullable): SQL for this object */
  PGM_FACT_WIDE, /* (nullable): SQL for this object and others, where there are many */
};

/* Sessions and locks that a server has left for us. */
typedef struct
{
  gint64 n_free; /* sessions that can be opened now */
  gint64 n_most; /* the same if nobody else were there */
  char *limit;   /* what sets the limit: "role", "database" or "server" */
  gint64 n_locks;
  gint64 max_locks_per_transaction;
  gboolean has_pooler; /* the server is not who we speak to */
} PgmServerRoom;

/* How much a dump is. */
typedef struct
{
  gint64 n_tables; /* that are locked at once */
  gint64 n_relations;
  guint64 n_bytes; /* of rows, as the statistics know them */
} PgmDumpWeight;

/* What the content of the source needs of its new server: each an array as SQL writes it, to be
 * handed back as a parameter. */
typedef struct
{
  char *roles;
  char *role_uses; /* beside @roles: what each is named in */
  char *extensions;
  char *extension_versions;
  char *collations; /* of the server itself */
  char *locales;    /* of collations that the user made */
  char *settings;   /* that functions make */
  char *setting_uses;
  char *owners; /* of objects in schemas of others */
  char *owner_schemas;
  char *owner_holders; /* beside @owner_schemas: whose those are */
} PgmNeeds;

gboolean
pgm_catalog_set_up_preflight_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
PgmRows *pgm_catalog_preflight_access_sync (PgmConn *source,
                                            const PgmOptions *options,
                                            GCancellable *cancellable,
                                            GError **error);
PgmRows *pgm_catalog_preflight_filters_sync (PgmConn *source,
                                             const PgmOptions *options,
                                             GCancellable *cancellable,
                                             GError **error);
PgmRows *pgm_catalog_preflight_locks_sync (PgmConn *source,
                                           const PgmOptions *options,
                                           GCancellable *cancellable,
                                           GError **error);
PgmRows *pgm_catalog_preflight_privileged_sync (PgmConn *source,
                                                const PgmOptions *options,
                                                GCancellable *cancellable,
                                                GError **error);
PgmRows *pgm_catalog_preflight_forced_security_sync (PgmConn *source,
                                                     const PgmOptions *options,
                                                     const char *target_role,
                                                     GCancellable *cancellable,
                                                     GError **error);
PgmRows *pgm_catalog_preflight_foreign_code_sync (PgmConn *source,
                                                  const PgmOptions *options,
                                                  GCancellable *cancellable,
                                                  GError **error);
gboolean pgm_catalog_read_needs_sync (PgmConn *source,
                                      const PgmOptions *options,
                                      PgmNeeds *ret_needs,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean pgm_catalog_read_weight_sync (PgmConn *source,
                                       const PgmOptions *options,
                                       PgmDumpWeight *ret_weight,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean pgm_catalog_read_room_sync (PgmConn *conn,
                                     const char *database,
                                     PgmServerRoom *ret_room,
                                     GCancellable *cancellable,
                                     GError **error);

PgmRows *pgm_catalog_preflight_missing_sync (PgmConn *target,
                                             const PgmNeeds *needs,
                                             const char *encoding,
                                             gboolean is_merge,
                                             GCancellable *cancellable,
                                             GError **error);
PgmRows *pgm_catalog_preflight_locale_sync (PgmConn *target,
                                            const char *const *locales,
                                            GCancellable *cancellable,
                                            GError **error);
PgmRows *pgm_catalog_preflight_use_sync (PgmConn *target,
                                         const char *database,
                                         gboolean keeps_it,
                                         GCancellable *cancellable,
                                         GError **error);
const char *pgm_catalog_preflight_get_setting_denied (PgmConn *target);
gboolean pgm_catalog_may_give_to_sync (PgmConn *target,
                                       const char *owner,
                                       gboolean *ret_may,
                                       GCancellable *cancellable,
                                       GError **error);
PgmRows *pgm_catalog_preflight_heritage_sync (PgmConn *source,
                                              PgmConn *target,
                                              const PgmOptions *options,
                                              GCancellable *cancellable,
                                              GError **error);
PgmRows *pgm_catalog_preflight_settings_sync (PgmConn *target,
                                              const char *database,
                                              GCancellable *cancellable,
                                              GError **error);

PgmRows *pgm_catalog_preflight_places_sync (PgmConn *source,
                                            PgmConn *target,
                                            const PgmOptions *options,
                                            GCancellable *cancellable,
                                            GError **error);
PgmRows *pgm_catalog_preflight_receivers_sync (PgmConn *source,
                                               PgmConn *target,
                                               const PgmOptions *options,
                                               GCancellable *cancellable,
                                               GError **error);
char *pgm_catalog_preflight_dup_roles_with (PgmConn *source, const PgmOptions *options);

void pgm_needs_clear (PgmNeeds *self);
void pgm_server_room_clear (PgmServerRoom *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmNeeds, pgm_needs_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmServerRoom, pgm_server_room_clear)

G_END_DECLS
