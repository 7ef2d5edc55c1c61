/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-catalog-inventory.h"

/* One kind of object. The query has seven columns: catalog and oid of the object, catalog and oid
 * of what it belongs to, its identity, its definition, and its definition in words that the
 * server makes (which may change from one major version to the next). It may use the tables
 * "n", the user's own schemas, "rel", the user's own relations, and "member", what belongs to
 * extensions. */
typedef struct
{
  const char *kind;
  PgmInventoryParts part;
  PgmCarriage carriage;
  const char *sql;
} PgmInventoryQuery;

/* Each table ends with a NULL kind. */
extern const PgmInventoryQuery pgm_inventory_relations[];
extern const PgmInventoryQuery pgm_inventory_others[];
extern const PgmInventoryQuery pgm_inventory_rights[];
