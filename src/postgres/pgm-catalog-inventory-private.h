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
  int since; /* major version of the server; 0: all */
} PgmInventoryQuery;

/* What the object belongs to, if to nothing. */
#define PGM_SQL_NOTHING "0::oid, 0::oid"

#define PGM_SQL_NAMED(alias, name) "format('%I.%I', n.nspname, " alias "." name ")"

/* Objects without a schema that came with the server have oids below this one. */
#define PGM_SQL_OWN_OID(alias) alias ".oid >= 16384"

/* Not as a join, which would be planned for the one row that the planner expects. */
#define PGM_SQL_NOT_MEMBER(catalog, alias) \
  alias ".oid NOT IN (SELECT m.oid FROM member m WHERE m.class = '" catalog "'::regclass)"

/* Those that tell a routine from others of its name. Of a procedure 14 and later say "IN", too. */
#define PGM_SQL_ARGUMENTS(alias) \
  " regexp_replace(pg_get_function_identity_arguments(" alias ".oid), '(^|, )IN ', '\\1', 'g')"

/* A collation other than the type's own (which "name" has since 12), by its name, as
 * "regcollation" of 13 writes it. */
#define PGM_SQL_COLLATION(oid, own)                        \
  " {13:nullif(" oid ", " own ")::regcollation;"           \
  "   (SELECT CASE s.nspname"                              \
  "       WHEN 'pg_catalog' THEN quote_ident(l.collname)"  \
  "       ELSE format('%I.%I', s.nspname, l.collname) END" \
  "     FROM pg_collation l"                               \
  "     JOIN pg_namespace s ON s.oid = l.collnamespace"    \
  "     WHERE l.oid = " oid " AND l.oid <> " own ")}"

/* The options of something foreign: pg_dump writes them in the order of their names. */
#define PGM_SQL_OPTIONS(options) \
  " (SELECT string_agg(quote_literal(v), ',' ORDER BY v) FROM unnest(" options ") v)"

/* Each table ends with a NULL kind. */
extern const PgmInventoryQuery pgm_inventory_relations[];
extern const PgmInventoryQuery pgm_inventory_types[];
extern const PgmInventoryQuery pgm_inventory_others[];
extern const PgmInventoryQuery pgm_inventory_rights[];
