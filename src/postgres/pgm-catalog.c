/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>

/* Relations whose rows are counted in one query. */
#define BATCH 50

/* Schemas that belong to the server itself. */
#define NOT_SYSTEM_SCHEMA \
  "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(catalog|toast|temp)'"

/* The object "o" is no member of an extension, whose script makes those. */
#define NOT_OF_EXTENSION                  \
  "NOT EXISTS (SELECT 1 FROM pg_depend e" \
  "             WHERE e.classid = o.tableoid AND e.objid = o.oid AND e.deptype = 'e')"

void
pgm_database_use_clear (PgmDatabaseUse *self)
{
  g_clear_pointer (&self->last_activity, g_free);
}

void
pgm_sequence_free (PgmSequence *self)
{
  g_free (self->schema);
  g_free (self->name);
  g_free (self);
}

void
pgm_object_key_free (PgmObjectKey *self)
{
  g_free (self->key);
  g_free (self);
}

gboolean
pgm_catalog_read_server_facts_sync (PgmConn *conn,
                                    PgmServerFacts *ret_facts,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT rolsuper, rolcreatedb OR rolsuper, pg_is_in_recovery(),"
      "       pg_size_bytes(current_setting('maintenance_work_mem')), rolbypassrls OR rolsuper"
      "  FROM pg_roles WHERE rolname = current_user",
      NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  ret_facts->is_superuser = pgm_rows_get_bool (rows, 0, 0);
  ret_facts->may_create_databases = pgm_rows_get_bool (rows, 0, 1);
  ret_facts->is_in_recovery = pgm_rows_get_bool (rows, 0, 2);
  ret_facts->maintenance_work_mem = (guint64) pgm_rows_get_int (rows, 0, 3);
  ret_facts->sees_all_rows = pgm_rows_get_bool (rows, 0, 4);
  return TRUE;
}

/* Sessions on @database other than ours; one that we just closed may still be seen. A plain role
 * is not told what kind of session another role's is. */
gboolean
pgm_catalog_read_use_sync (PgmConn *conn,
                           const char *database,
                           PgmDatabaseUse *ret_use,
                           GCancellable *cancellable,
                           GError **error)
{
  const char *params[] = { database, NULL };
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT count(*), to_char(max(state_change) AT TIME ZONE 'UTC',"
      "                         'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
      "  FROM pg_stat_activity"
      " WHERE datname = $1 AND usesysid IS NOT NULL"
      "   AND coalesce(backend_type, 'client backend') = 'client backend'"
      "   AND application_name <> current_setting('application_name')",
      params, cancellable, error);

  if (rows == NULL)
    return FALSE;
  ret_use->n_sessions = (guint) pgm_rows_get_int (rows, 0, 0);
  ret_use->last_activity = g_strdup (pgm_rows_get (rows, 0, 1));
  return TRUE;
}

/* The size of a locked table is not worth a wait. */
#define SIZE_LOCK_TIMEOUT_S 1

static PgmRows *
query_tables (PgmConn *conn, const char *size, GCancellable *cancellable, GError **error)
{
  g_autofree char *sql =
      g_strconcat ("SELECT c.oid, n.nspname, c.relname, ", size,
                   "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                   " WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND " NOT_SYSTEM_SCHEMA
                   " ORDER BY 4 DESC, 2, 3",
                   NULL);

  return pgm_conn_query_sync (conn, sql, NULL, cancellable, error);
}

/* A failure must not take the transaction along that holds a snapshot. */
static PgmRows *
query_tables_at_savepoint (PgmConn *conn,
                           const char *size,
                           GCancellable *cancellable,
                           GError **error)
{
  PgmRows *rows = NULL;

  if (!pgm_conn_is_in_transaction (conn))
    return query_tables (conn, size, cancellable, error);
  if (!pgm_conn_exec_sync (conn, "SAVEPOINT sizes", cancellable, error))
    return NULL;
  rows = query_tables (conn, size, cancellable, error);
  if (rows == NULL)
    pgm_conn_exec_sync (conn, "ROLLBACK TO SAVEPOINT sizes", cancellable, NULL);
  else if (!pgm_conn_exec_sync (conn, "RELEASE SAVEPOINT sizes", cancellable, error))
    g_clear_pointer (&rows, pgm_rows_free);
  return rows;
}

/* Lists the ordinary tables and leaf partitions, the largest first. The size of a table that is
 * locked is the last one that the statistics know.
 *
 * Returns: (transfer full) (element-type PgmTable) */
GPtrArray *
pgm_catalog_list_tables_sync (PgmConn *conn,
                              guint lock_wait_timeout_s,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(PgmRows) rows = NULL;
  GPtrArray *tables = NULL;

  if (!pgm_catalog_set_lock_timeout_sync (conn, SIZE_LOCK_TIMEOUT_S, cancellable, error))
    return NULL;
  rows = query_tables_at_savepoint (conn, "pg_table_size(c.oid)", cancellable, &local);
  if (rows == NULL && g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE))
    {
      g_clear_error (&local);
      rows = query_tables (conn, "c.relpages::bigint * current_setting('block_size')::bigint",
                           cancellable, &local);
    }
  if (rows == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!pgm_catalog_set_lock_timeout_sync (conn, lock_wait_timeout_s, cancellable, error))
    return NULL;
  tables = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_unref);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_ptr_array_add (tables, pgm_table_new ((guint32) pgm_rows_get_int (rows, i, 0),
                                            pgm_rows_get (rows, i, 1), pgm_rows_get (rows, i, 2),
                                            (guint64) pgm_rows_get_int (rows, i, 3)));
  return tables;
}

static char *
relation_sql (PgmConn *conn, const char *schema, const char *name)
{
  g_autofree char *quoted_schema = pgm_conn_quote_name (conn, schema);
  g_autofree char *quoted_name = pgm_conn_quote_name (conn, name);

  return g_strconcat (quoted_schema, ".", quoted_name, NULL);
}

/* Counts the rows of each of @tables (PgmTable) by its name; partitions and children count for
 * themselves.
 *
 * @ret_counts: gint64 are appended, in the order of @tables */
gboolean
pgm_catalog_count_rows_sync (
    PgmConn *conn, GPtrArray *tables, GArray *ret_counts, GCancellable *cancellable, GError **error)
{
  for (guint first = 0; first < tables->len; first += BATCH)
    {
      g_autoptr(GString) sql = g_string_new (NULL);
      g_autoptr(PgmRows) rows = NULL;

      for (guint i = first; i < MIN (first + BATCH, tables->len); i++)
        {
          const PgmTable *table = tables->pdata[i];
          g_autofree char *relation = relation_sql (conn, table->schema, table->name);

          g_string_append_printf (sql, "%sSELECT %u, count(*) FROM ONLY %s",
                                  sql->len > 0 ? " UNION ALL " : "", i, relation);
        }
      g_string_append (sql, " ORDER BY 1");
      rows = pgm_conn_query_sync (conn, sql->str, NULL, cancellable, error);
      if (rows == NULL)
        return FALSE;
      for (guint i = 0; i < pgm_rows_get_n (rows); i++)
        {
          gint64 count = pgm_rows_get_int (rows, i, 1);

          g_array_append_val (ret_counts, count);
        }
    }
  return TRUE;
}

static gboolean
read_positions (
    PgmConn *conn, GPtrArray *sequences, guint first, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) sql = g_string_new (NULL);
  g_autoptr(PgmRows) rows = NULL;

  for (guint i = first; i < MIN (first + BATCH, sequences->len); i++)
    {
      const PgmSequence *sequence = sequences->pdata[i];
      g_autofree char *relation = relation_sql (conn, sequence->schema, sequence->name);

      g_string_append_printf (sql, "%sSELECT %u, last_value, is_called FROM %s",
                              sql->len > 0 ? " UNION ALL " : "", i, relation);
    }
  rows = pgm_conn_query_sync (conn, sql->str, NULL, cancellable, error);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmSequence *sequence = sequences->pdata[pgm_rows_get_int (rows, i, 0)];

      sequence->last_value = pgm_rows_get_int (rows, i, 1);
      sequence->is_called = pgm_rows_get_bool (rows, i, 2);
    }
  return TRUE;
}

/* Lists the sequences that the role may read, with their positions.
 *
 * Returns: (transfer full) (element-type PgmSequence) */
GPtrArray *
pgm_catalog_list_sequences_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT c.oid, n.nspname, c.relname"
      "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND " NOT_SYSTEM_SCHEMA
      "   AND has_schema_privilege(n.oid, 'USAGE')"
      "   AND has_table_privilege(c.oid, 'SELECT')"
      " ORDER BY 2, 3",
      NULL, cancellable, error);
  g_autoptr(GPtrArray) sequences = NULL;

  if (rows == NULL)
    return NULL;
  sequences = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_sequence_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmSequence *sequence = g_new0 (PgmSequence, 1);

      sequence->oid = (guint32) pgm_rows_get_int (rows, i, 0);
      sequence->schema = g_strdup (pgm_rows_get (rows, i, 1));
      sequence->name = g_strdup (pgm_rows_get (rows, i, 2));
      g_ptr_array_add (sequences, sequence);
    }
  for (guint first = 0; first < sequences->len; first += BATCH)
    if (!read_positions (conn, sequences, first, cancellable, error))
      return NULL;
  return g_steal_pointer (&sequences);
}

/* Returns: -1 with @error */
gint64
pgm_catalog_count_large_objects_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn, "SELECT count(*) FROM pg_largeobject_metadata", NULL, cancellable, error);

  return rows != NULL ? pgm_rows_get_int (rows, 0, 0) : -1;
}

/* class, oid, key, is it a table */
static const char objects_sql[] =
    "SELECT o.tableoid, o.oid, format('relation %I.%I', n.nspname, o.relname),"
    "       o.relkind IN ('r', 'p')"
    "  FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace"
    " WHERE o.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND o.relpersistence <> 't'"
    "   AND " NOT_SYSTEM_SCHEMA " AND " NOT_OF_EXTENSION " UNION ALL "
    "SELECT o.tableoid, o.oid, format('type %I.%I', n.nspname, o.typname), false"
    "  FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace"
    " WHERE o.typtype <> 'p' AND o.typelem = 0"
    "   AND (o.typrelid = 0 OR EXISTS (SELECT 1 FROM pg_class c"
    "                                   WHERE c.oid = o.typrelid AND c.relkind = 'c'))"
    "   AND " NOT_SYSTEM_SCHEMA " AND " NOT_OF_EXTENSION " UNION ALL "
    "SELECT o.tableoid, o.oid, format('function %I.%I(%s)', n.nspname, o.proname,"
    "                                 oidvectortypes(o.proargtypes)), false"
    "  FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace"
    " WHERE " NOT_SYSTEM_SCHEMA " AND " NOT_OF_EXTENSION " UNION ALL "
    "SELECT o.tableoid, o.oid, format('schema %I', o.nspname), false"
    "  FROM pg_namespace o JOIN pg_namespace n ON n.oid = o.oid"
    " WHERE n.nspname <> 'public' AND " NOT_SYSTEM_SCHEMA " AND " NOT_OF_EXTENSION;

/* Lists the user's schemas, relations, types and functions; those of extensions are not among
 * them. An empty list is an empty database.
 *
 * Returns: (transfer full) (element-type PgmObjectKey) */
GPtrArray *
pgm_catalog_list_objects_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, objects_sql, NULL, cancellable, error);
  GPtrArray *objects = NULL;

  if (rows == NULL)
    return NULL;
  objects = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_object_key_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmObjectKey *object = g_new (PgmObjectKey, 1);

      *object =
          (PgmObjectKey){ (guint32) pgm_rows_get_int (rows, i, 0),
                          (guint32) pgm_rows_get_int (rows, i, 1),
                          g_strdup (pgm_rows_get (rows, i, 2)), pgm_rows_get_bool (rows, i, 3) };
      g_ptr_array_add (objects, object);
    }
  return objects;
}

/* @relation_oids: guint32
 *
 * Returns: (transfer full) (element-type utf8): the schemas of the relations, without "public" */
GPtrArray *
pgm_catalog_list_schemas_of_sync (PgmConn *conn,
                                  GArray *relation_oids,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr(GString) array = g_string_new ("{");
  const char *params[] = { NULL, NULL };
  g_autoptr(PgmRows) rows = NULL;
  GPtrArray *schemas = NULL;

  for (guint i = 0; i < relation_oids->len; i++)
    g_string_append_printf (array, "%s%u", i > 0 ? "," : "",
                            g_array_index (relation_oids, guint32, i));
  g_string_append_c (array, '}');
  params[0] = array->str;
  rows = pgm_conn_query_sync (conn,
                              "SELECT DISTINCT n.nspname FROM pg_class c"
                              "  JOIN pg_namespace n ON n.oid = c.relnamespace"
                              " WHERE c.oid = ANY ($1::oid[]) AND n.nspname <> 'public'",
                              params, cancellable, error);
  if (rows == NULL)
    return NULL;
  schemas = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_ptr_array_add (schemas, g_strdup (pgm_rows_get (rows, i, 0)));
  return schemas;
}

/* @ret_oid: (out): of the schema "public"; 0 where it was dropped
 * @ret_is_open: (out): whether everybody may create in it */
gboolean
pgm_catalog_find_public_schema_sync (PgmConn *conn,
                                     guint32 *ret_oid,
                                     gboolean *ret_is_open,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT s.oid::oid, has_schema_privilege('public', s.oid, 'CREATE')"
      " FROM to_regnamespace('public') AS s (oid)",
      NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_oid = (guint32) pgm_rows_get_int (rows, 0, 0);
  *ret_is_open = pgm_rows_get_bool (rows, 0, 1);
  return TRUE;
}
