/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-marker.h"

G_BEGIN_DECLS

/* A database that a run made or marked, as the server has it. Names are raw bytes. */
typedef struct
{
  guint32 oid;
  char *name;
  char *owner;
  PgmMarker *marker;         /* (nullable): NULL: it is only named like a staging database */
  PgmMarkerPlace place;      /* of the marker */
  char *of;                  /* (nullable): the name that users know */
  char *run;                 /* eight hexadecimal digits */
  gboolean is_alive;         /* a session of the run is on the server */
  gboolean has_heir;         /* there is a database @of beside it … */
  gboolean has_invalid_heir; /* … which nobody can use */
  gboolean may_drop;
  gboolean may_rename;
  gboolean is_own;     /* made by this very role */
  gboolean is_invalid; /* by a DROP DATABASE that did not end: nobody can use it */
  gboolean is_plain;   /* open to connections, no template, nobody on it */
  gint64 size_bytes;   /* -1 where the role may not ask */
} PgmFoundDatabase;

/* A schema that a run made in a database that stays, ahead of the tables that belong there. */
typedef struct
{
  guint32 oid;
  char *name;
  PgmMarker *marker;
  gboolean is_empty;
  gboolean is_own;   /* the role may drop it */
  gboolean is_alive; /* a session of the run is on the server */
} PgmFoundSchema;

GPtrArray *
pgm_catalog_find_leftovers_sync (PgmConn *maintenance, GCancellable *cancellable, GError **error);
void pgm_found_database_free (PgmFoundDatabase *self);

GPtrArray *pgm_catalog_find_schemas_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_give_up_schema_sync (
    PgmConn *conn, const char *name, gboolean drops, GCancellable *cancellable, GError **error);
void pgm_found_schema_free (PgmFoundSchema *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmFoundDatabase, pgm_found_database_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmFoundSchema, pgm_found_schema_free)

G_END_DECLS
