/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  PGM_ENGINE_ARCHIVE, /* pg_dump -Fc to a file, then pg_restore -j */
  PGM_ENGINE_STREAM,
  PGM_ENGINE_AUTO,
} PgmEngineKind;

typedef enum
{
  PGM_REPLACE_STAGED, /* restored beside the old database, then both renamed at once */
  PGM_REPLACE_IN_PLACE,
} PgmReplace;

typedef enum
{
  PGM_VERIFY_NONE,
  PGM_VERIFY_COUNTS,
  PGM_VERIFY_FULL,
} PgmVerify;

typedef enum
{
  PGM_ON_ERROR_STOP,
  PGM_ON_ERROR_REPORT,
} PgmOnError;

/* What a run shall do. Immutable once built: may cross threads. String arrays hold pg_dump
 * patterns (PostgreSQL manual, psql, "Patterns"); they are never NULL, but may be empty. */
typedef struct
{
  gboolean drop_existing;
  guint parallel_jobs; /* 1-64 */
  PgmEngineKind engine;
  char *compression; /* "auto", "none", "gzip[:N]", "lz4[:N]", "zstd[:N]" */
  PgmReplace replace;
  gboolean keep_previous;
  gboolean no_owner;
  gboolean no_acl;
  char **schemas;
  char **exclude_schemas;
  char **tables;
  char **exclude_tables;
  char **exclude_table_data;
  gboolean schema_only;
  gboolean data_only;
  PgmVerify verify;
  PgmOnError on_error;
  gboolean analyze;
  char **pre_sql;            /* paths, made absolute against the profile's folder when loaded */
  char **post_sql;           /* the same */
  char *temp_dir;            /* (nullable): the system's */
  guint lock_wait_timeout_s; /* 1-86400 */
  guint connect_timeout_s;   /* 1-3600 */
  guint stall_timeout_s;     /* 0: no watchdog */
} PgmOptions;

#define PGM_TYPE_OPTIONS (pgm_options_get_type ())
#define PGM_TYPE_ENGINE_KIND (pgm_engine_kind_get_type ())
#define PGM_TYPE_REPLACE (pgm_replace_get_type ())
#define PGM_TYPE_VERIFY (pgm_verify_get_type ())
#define PGM_TYPE_ON_ERROR (pgm_on_error_get_type ())

GType pgm_options_get_type (void);
GType pgm_engine_kind_get_type (void);
GType pgm_replace_get_type (void);
GType pgm_verify_get_type (void);
GType pgm_on_error_get_type (void);
PgmOptions *pgm_options_new (void);
PgmOptions *pgm_options_copy (const PgmOptions *self);
PgmOptions *pgm_options_ref (PgmOptions *self);
void pgm_options_unref (PgmOptions *self);
gboolean pgm_options_has_filters (const PgmOptions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmOptions, pgm_options_unref)

G_END_DECLS
