/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-script.h"

G_BEGIN_DECLS

/* One line of pg_db_role_setting. */
typedef struct
{
  char *role; /* (nullable): NULL for the database's own setting */
  char *name;
  char **values; /* more than one for settings that hold a list, such as search_path */
} PgmDatabaseSetting;

/* One privilege on the database. */
typedef struct
{
  char *grantee;         /* (nullable): NULL for PUBLIC */
  const char *privilege; /* an SQL keyword */
  gboolean is_grantable;
} PgmDatabaseGrant;

/* What a database is besides its content. It stays with the old database when two change
 * places, so it has to be carried over. Names are the raw bytes of the catalog. */
typedef struct
{
  guint32 oid;
  char *name;
  char *owner;
  char *encoding;
  char provider; /* 'c' libc, 'i' ICU, 'b' builtin; 'c' before 15 */
  char *collate;
  char *ctype;
  char *locale;    /* (nullable): of ICU or builtin */
  char *icu_rules; /* (nullable) */
  char *tablespace;
  int connection_limit; /* -1: none; -2: the database is invalid (PostgreSQL 15.4 and later) */
  gboolean is_template;
  gboolean allows_connections;
  gboolean is_owned;      /* by the role, or by one whose rights it has as a member */
  gboolean has_acl;       /* FALSE: the built-in default privileges */
  char *comment;          /* (nullable): never a marker of ours */
  gboolean is_incomplete; /* a run that replaced it in place did not end */
  guint64 size_bytes;
  GPtrArray *settings; /* PgmDatabaseSetting */
  GPtrArray *grants;   /* PgmDatabaseGrant */
} PgmDatabaseTraits;

gboolean pgm_database_traits_read_sync (PgmConn *conn,
                                        const char *database,
                                        PgmDatabaseTraits **ret_traits,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean pgm_database_traits_read_own_sync (PgmConn *conn,
                                            PgmDatabaseTraits **ret_traits,
                                            GCancellable *cancellable,
                                            GError **error);
void pgm_database_traits_free (PgmDatabaseTraits *self);
void pgm_database_traits_add_create (const PgmDatabaseTraits *self,
                                     PgmScript *script,
                                     const char *name,
                                     const char *tablespace,
                                     guint target_major);
void pgm_database_traits_add_settings (const PgmDatabaseTraits *self,
                                       PgmScript *script,
                                       const char *name,
                                       gboolean with_roles);
void pgm_database_traits_add_grants (const PgmDatabaseTraits *self,
                                     PgmScript *script,
                                     const char *name,
                                     const char *owner);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmDatabaseTraits, pgm_database_traits_free)

G_END_DECLS
