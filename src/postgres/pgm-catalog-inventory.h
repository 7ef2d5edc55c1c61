/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"

G_BEGIN_DECLS

/* By what an object comes into an archive. */
typedef enum
{
  PGM_CARRIED_BY_ITSELF,  /* an entry of its own */
  PGM_CARRIED_BY_OWNER,   /* an entry of its own, or that of what it belongs to */
  PGM_CARRIED_AS_CONTENT, /* an entry with content, beside that of the object */
  PGM_CARRIED_AS_DEFAULT, /* an entry of its own, unless privileges stay */
  PGM_CARRIED_WITH_ALL,   /* an entry that names no object, of what is there before a restore */
  PGM_CARRIED_WITH_LARGE, /* the same, of large objects, of which one entry may hold many */
  PGM_CARRIED_BY_NOTHING, /* it stays */
  PGM_CARRIED_BY_HAND,    /* it has an entry that no run restores, and is told there */
} PgmCarriage;

typedef enum
{
  PGM_INVENTORY_OBJECTS = 1 << 0,
  PGM_INVENTORY_OWNERS = 1 << 1,
  PGM_INVENTORY_PRIVILEGES = 1 << 2,
  PGM_INVENTORY_ALL = PGM_INVENTORY_OBJECTS | PGM_INVENTORY_OWNERS | PGM_INVENTORY_PRIVILEGES,
} PgmInventoryParts;

/* An object as a database defines it. */
typedef struct
{
  const char *kind; /* "index", untranslated, static */
  PgmInventoryParts part;
  PgmCarriage carriage;
  guint32 class_oid; /* these two as an archive names them */
  guint32 oid;
  guint32 owner_class_oid; /* what it belongs to; 0: nothing */
  guint32 owner_oid;
  char *identity;   /* equal on both servers: "public.goods.id" */
  char *definition; /* a hash */
  char *words;      /* (nullable): a hash of what the server writes in words of its own */
} PgmInventoryItem;

/* A function that PUBLIC may not call, or may not any more. */
typedef struct
{
  guint32 oid;
  char *schema;
  char *name;
  char *arguments; /* as pg_get_function_identity_arguments() has them */
  gboolean is_definer;
  gboolean is_closed;
  gboolean is_of_server; /* its own, or of an extension: no archive has it */
} PgmClosedFunction;

/* pg_largeobject, of whichever server (pg_largeobject.h). */
#define PGM_LARGE_OBJECT_CLASS 2613

/* The oldest server whose catalogs the inventory knows. */
#define PGM_INVENTORY_MIN_VERSION 100000

GPtrArray *pgm_catalog_read_inventory_sync (PgmConn *conn,
                                            PgmInventoryParts parts,
                                            GCancellable *cancellable,
                                            GError **error);
GPtrArray *pgm_catalog_list_closed_functions_sync (PgmConn *conn,
                                                   gboolean with_definers,
                                                   GCancellable *cancellable,
                                                   GError **error);
void pgm_inventory_item_free (PgmInventoryItem *self);
void pgm_closed_function_free (PgmClosedFunction *self);

G_END_DECLS
