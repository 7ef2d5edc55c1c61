/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-table.h"

G_BEGIN_DECLS

/* Every query that is put to a server stands behind a function here, in pgm-database*.c or in
 * pgm-conn.c; nothing else speaks SQL. */

/* What the role may do on a server, and what the server is. */
typedef struct
{
  gboolean is_superuser;
  gboolean may_create_databases;
  gboolean sees_all_rows; /* whatever row-level security says */
  gboolean is_in_recovery;
  guint64 maintenance_work_mem; /* bytes, as the role has it */
} PgmServerFacts;

/* Who is on a database. */
typedef struct
{
  guint n_sessions;
  char *last_activity; /* (nullable): ISO 8601 */
} PgmDatabaseUse;

/* A sequence's position. */
typedef struct
{
  guint32 oid;
  char *schema;
  char *name;
  gint64 last_value;
  gboolean is_called;
} PgmSequence;

/* An object that restoring would create. */
typedef struct
{
  guint32 class_oid;
  guint32 oid;
  char *key; /* kind, schema and name in one text that is equal on both servers */
  gboolean is_table;
} PgmObjectKey;

gboolean pgm_catalog_read_server_facts_sync (PgmConn *conn,
                                             PgmServerFacts *ret_facts,
                                             GCancellable *cancellable,
                                             GError **error);
char *pgm_catalog_get_database_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_read_use_sync (PgmConn *conn,
                                    const char *database,
                                    PgmDatabaseUse *ret_use,
                                    GCancellable *cancellable,
                                    GError **error);
GPtrArray *pgm_catalog_list_tables_sync (PgmConn *conn,
                                         guint lock_wait_timeout_s,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean pgm_catalog_count_rows_sync (PgmConn *conn,
                                      GPtrArray *tables,
                                      GArray *ret_counts,
                                      GCancellable *cancellable,
                                      GError **error);
GPtrArray *
pgm_catalog_list_sequences_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gint64
pgm_catalog_count_large_objects_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
GPtrArray *pgm_catalog_list_objects_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_is_pristine_sync (PgmConn *conn,
                                       gboolean *ret_is_pristine,
                                       GCancellable *cancellable,
                                       GError **error);
GPtrArray *pgm_catalog_list_schemas_of_sync (PgmConn *conn,
                                             GArray *relation_oids,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean pgm_catalog_find_public_schema_sync (PgmConn *conn,
                                              guint32 *ret_oid,
                                              gboolean *ret_is_open,
                                              GCancellable *cancellable,
                                              GError **error);
guint64 pgm_catalog_get_copied_bytes_sync (PgmConn *conn,
                                           const char *application_name,
                                           GCancellable *cancellable);
char *pgm_catalog_export_snapshot_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_import_snapshot_sync (PgmConn *conn,
                                           const char *snapshot,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean pgm_catalog_end_snapshot_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_analyze_sync (PgmConn *conn, GCancellable *cancellable, GError **error);
gboolean pgm_catalog_set_lock_timeout_sync (PgmConn *conn,
                                            guint seconds,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean pgm_catalog_take_run_lock_sync (PgmConn *maintenance,
                                         const char *database,
                                         gboolean *ret_taken,
                                         GCancellable *cancellable,
                                         GError **error);
void pgm_catalog_release_run_lock_sync (PgmConn *maintenance,
                                        const char *database,
                                        GCancellable *cancellable);
gboolean pgm_catalog_is_same_server_sync (
    PgmConn *one, PgmConn *other, gboolean *ret_same, GCancellable *cancellable, GError **error);
guint pgm_catalog_end_run_sessions_sync (PgmConn *conn,
                                         const char *application_name,
                                         GCancellable *cancellable);
gboolean pgm_catalog_await_run_sessions_sync (PgmConn *conn,
                                              const char *application_name,
                                              GCancellable *cancellable);
GPtrArray *
pgm_catalog_list_databases_sync (PgmConn *conn, GCancellable *cancellable, GError **error);

void pgm_database_use_clear (PgmDatabaseUse *self);
void pgm_sequence_free (PgmSequence *self);
void pgm_object_key_free (PgmObjectKey *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmDatabaseUse, pgm_database_use_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmSequence, pgm_sequence_free)

G_END_DECLS
