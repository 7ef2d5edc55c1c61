/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-options.h"

#define DEFAULT_PARALLEL_JOBS 4
#define DEFAULT_LOCK_WAIT_TIMEOUT_S 30
#define DEFAULT_CONNECT_TIMEOUT_S 10
#define DEFAULT_STALL_TIMEOUT_S 300

G_DEFINE_BOXED_TYPE (PgmOptions, pgm_options, pgm_options_ref, pgm_options_unref)

/* The nicks are the words of the config file. */
G_DEFINE_ENUM_TYPE (PgmEngineKind,
                    pgm_engine_kind,
                    G_DEFINE_ENUM_VALUE (PGM_ENGINE_ARCHIVE, "archive"),
                    G_DEFINE_ENUM_VALUE (PGM_ENGINE_STREAM, "stream"),
                    G_DEFINE_ENUM_VALUE (PGM_ENGINE_AUTO, "auto"))

G_DEFINE_ENUM_TYPE (PgmReplace,
                    pgm_replace,
                    G_DEFINE_ENUM_VALUE (PGM_REPLACE_STAGED, "staged"),
                    G_DEFINE_ENUM_VALUE (PGM_REPLACE_IN_PLACE, "in-place"))

G_DEFINE_ENUM_TYPE (PgmVerify,
                    pgm_verify,
                    G_DEFINE_ENUM_VALUE (PGM_VERIFY_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (PGM_VERIFY_COUNTS, "counts"),
                    G_DEFINE_ENUM_VALUE (PGM_VERIFY_FULL, "full"))

G_DEFINE_ENUM_TYPE (PgmOnError,
                    pgm_on_error,
                    G_DEFINE_ENUM_VALUE (PGM_ON_ERROR_STOP, "stop"),
                    G_DEFINE_ENUM_VALUE (PGM_ON_ERROR_REPORT, "report"))

static void
options_clear (gpointer data)
{
  PgmOptions *self = data;

  g_free (self->compression);
  g_strfreev (self->schemas);
  g_strfreev (self->exclude_schemas);
  g_strfreev (self->tables);
  g_strfreev (self->exclude_tables);
  g_strfreev (self->exclude_table_data);
  g_strfreev (self->pre_sql);
  g_strfreev (self->post_sql);
  g_free (self->temp_dir);
}

/* Returns: (transfer full): what a profile without "options" means */
PgmOptions *
pgm_options_new (void)
{
  PgmOptions *self = g_atomic_rc_box_new0 (PgmOptions);
  char ***lists[] = {
    &self->schemas,        &self->exclude_schemas,    &self->tables,
    &self->exclude_tables, &self->exclude_table_data, &self->pre_sql,
    &self->post_sql,
  };

  self->parallel_jobs = DEFAULT_PARALLEL_JOBS;
  self->compression = g_strdup ("auto");
  self->no_owner = TRUE;
  self->no_acl = TRUE;
  self->verify = PGM_VERIFY_COUNTS;
  self->analyze = TRUE;
  self->lock_wait_timeout_s = DEFAULT_LOCK_WAIT_TIMEOUT_S;
  self->connect_timeout_s = DEFAULT_CONNECT_TIMEOUT_S;
  self->stall_timeout_s = DEFAULT_STALL_TIMEOUT_S;
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    *lists[i] = g_new0 (char *, 1);
  return self;
}

/* Returns: (transfer full): to be changed as long as nobody else has it */
PgmOptions *
pgm_options_copy (const PgmOptions *self)
{
  PgmOptions *copy = g_atomic_rc_box_new (PgmOptions);

  *copy = *self;
  copy->compression = g_strdup (self->compression);
  copy->schemas = g_strdupv (self->schemas);
  copy->exclude_schemas = g_strdupv (self->exclude_schemas);
  copy->tables = g_strdupv (self->tables);
  copy->exclude_tables = g_strdupv (self->exclude_tables);
  copy->exclude_table_data = g_strdupv (self->exclude_table_data);
  copy->pre_sql = g_strdupv (self->pre_sql);
  copy->post_sql = g_strdupv (self->post_sql);
  copy->temp_dir = g_strdup (self->temp_dir);
  return copy;
}

PgmOptions *
pgm_options_ref (PgmOptions *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_options_unref (PgmOptions *self)
{
  g_atomic_rc_box_release_full (self, options_clear);
}

/* Whether only a part of the source's objects or rows is asked for by name. */
gboolean
pgm_options_has_filters (const PgmOptions *self)
{
  return self->schemas[0] != NULL || self->exclude_schemas[0] != NULL || self->tables[0] != NULL ||
         self->exclude_tables[0] != NULL || self->exclude_table_data[0] != NULL;
}
