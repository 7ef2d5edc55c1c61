/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A table's hash is the sum of its rows' hashes, and a row's is that of its columns in the order
 * of their names: neither the order of rows nor that of columns matters. Rows are hashed as the
 * text that COPY would write, for which the output settings of pgm-conn.c are fixed. */

#include "pgm-catalog-content.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>

/* A large object is hashed in pieces, because a value cannot be larger than a gigabyte. */
#define PIECE "16777216"

/* From this version on a float is written with as few digits as tell it from all others. */
#define FIRST_WITH_SHORT_FLOATS 120000

/* The first 64 bits of an MD5 sum: 10 has no hash of a text in so many. */
#define HASH_AS_UTF8 \
  "sum(('x' || left(md5(convert_to(ROW(%s)::text, 'UTF8')), 16))::bit(64)::bigint::numeric)::text"

/* @source_version, @target_version: server_version_num
 *
 * Returns: how the content of both sides gets the same hash where it is the same */
PgmMeasure
pgm_catalog_choose_hash (int source_version, int target_version, gboolean has_same_encoding)
{
  if (MIN (source_version, target_version) < FIRST_WITH_SHORT_FLOATS)
    return PGM_MEASURE_HASH_AS_OLD;
  return has_same_encoding ? PGM_MEASURE_HASH : PGM_MEASURE_HASH_AS_UTF8;
}

/* The settings that change how a value is written and that are not the same in every session of
 * ours: the database may have its own. With 15 digits every version writes a float alike. */
gboolean
pgm_catalog_set_up_content_sync (PgmConn *conn,
                                 PgmMeasure how,
                                 GCancellable *cancellable,
                                 GError **error)
{
  return pgm_conn_exec_sync (
             conn, "SET lc_monetary = 'C'; SET quote_all_identifiers = off; SET xmlbinary = base64",
             cancellable, error) &&
         (how != PGM_MEASURE_HASH_AS_OLD ||
          pgm_conn_exec_sync (conn, "SET extra_float_digits = 0", cancellable, error));
}

static char *
relation_sql (PgmConn *conn, const PgmTable *table)
{
  g_autofree char *schema = pgm_conn_quote_name (conn, table->schema);
  g_autofree char *name = pgm_conn_quote_name (conn, table->name);

  return g_strconcat (schema, ".", name, NULL);
}

/* What those 15 digits do not show of a float that is a column of its own is in its bytes, of
 * which there is more than one way to be no number. */
#define FLOAT_COLUMN(size)         \
  " WHEN 'float" size "'::regtype" \
  "   THEN format('CASE WHEN t.%1$I <> ''NaN'' THEN float" size "send(t.%1$I) END, ', a.attname)"

/* SQL is laid out by hand. */
/* clang-format off */
#define SELECT_COLUMNS \
  "SELECT w.i, string_agg(%s || 't.' || quote_ident(a.attname), ', '" \
  "    ORDER BY a.attname::text COLLATE \"C\") FROM (VALUES "
#define EXACT_FLOATS \
  "CASE a.atttypid" FLOAT_COLUMN ("4") FLOAT_COLUMN ("8") " ELSE '' END"
/* clang-format on */

static char *
columns_sql (PgmConn *conn, PgmTable *const *tables, guint n_tables, PgmMeasure how)
{
  GString *sql = g_string_new (NULL);

  g_string_append_printf (sql, SELECT_COLUMNS,
                          how == PGM_MEASURE_HASH_AS_OLD ? EXACT_FLOATS : "''");

  for (guint i = 0; i < n_tables; i++)
    {
      g_autofree char *schema = pgm_conn_quote_text (conn, tables[i]->schema);
      g_autofree char *name = pgm_conn_quote_text (conn, tables[i]->name);

      g_string_append_printf (sql, "%s(%u, %s::name, %s::name)", i > 0 ? ", " : "", i, schema,
                              name);
    }
  g_string_append (sql, ") w (i, schema, name) JOIN pg_namespace n ON n.nspname = w.schema"
                        " JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name"
                        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
                        "  AND NOT a.attisdropped GROUP BY w.i");
  return g_string_free (sql, FALSE);
}

/* Returns: (transfer full): for each of @tables the list of its columns as SQL; NULL for a table
 * without columns */
static GPtrArray *
read_columns (PgmConn *conn,
              PgmTable *const *tables,
              guint n_tables,
              PgmMeasure how,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *sql = columns_sql (conn, tables, n_tables, how);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, sql, NULL, cancellable, error);
  GPtrArray *columns = NULL;

  if (rows == NULL)
    return NULL;
  columns = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (columns, (int) n_tables);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    columns->pdata[pgm_rows_get_int (rows, i, 0)] = g_strdup (pgm_rows_get (rows, i, 1));
  return columns;
}

/* @columns: (nullable) */
static void
append_measure (PgmConn *conn,
                GString *sql,
                guint i,
                const PgmTable *table,
                const char *columns,
                PgmMeasure how)
{
  g_autofree char *relation = relation_sql (conn, table);

  g_string_append_printf (sql, "%sSELECT %u, count(*), ", i > 0 ? " UNION ALL " : "", i);
  if (how == PGM_MEASURE_COUNT || columns == NULL)
    g_string_append (sql, "NULL");
  else if (how == PGM_MEASURE_HASH)
    g_string_append_printf (
        sql, "sum(hashtextextended(ROW(%s)::text COLLATE \"C\", 0)::numeric)::text", columns);
  else
    g_string_append_printf (sql, HASH_AS_UTF8, columns);
  g_string_append_printf (sql, " FROM ONLY %s t", relation);
}

/* Measures @tables by their names; partitions and children for themselves.
 *
 * @ret_contents: (out) (array length=n_tables) */
gboolean
pgm_catalog_measure_tables_sync (PgmConn *conn,
                                 PgmTable *const *tables,
                                 guint n_tables,
                                 PgmMeasure how,
                                 PgmTableContent *ret_contents,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr(GString) sql = g_string_new (NULL);
  g_autoptr(GPtrArray) columns = NULL;
  g_autoptr(PgmRows) rows = NULL;

  if (how != PGM_MEASURE_COUNT)
    {
      columns = read_columns (conn, tables, n_tables, how, cancellable, error);
      if (columns == NULL)
        return FALSE;
    }
  for (guint i = 0; i < n_tables; i++)
    append_measure (conn, sql, i, tables[i], columns != NULL ? columns->pdata[i] : NULL, how);
  rows = pgm_conn_query_sync (conn, sql->str, NULL, cancellable, error);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmTableContent *content = &ret_contents[pgm_rows_get_int (rows, i, 0)];

      content->n_rows = pgm_rows_get_int (rows, i, 1);
      content->hash = g_strdup (pgm_rows_get (rows, i, 2));
    }
  return TRUE;
}

static PgmRows *
query_large_objects (PgmConn *conn, PgmMeasure how, GCancellable *cancellable, GError **error)
{
  if (how == PGM_MEASURE_COUNT)
    return pgm_conn_query_sync (conn, "SELECT oid, '' FROM pg_largeobject_metadata", NULL,
                                cancellable, error);
  /* Opened only for its length, and closed in the same expression. */
  return pgm_conn_query_sync (
      conn,
      "SELECT m.oid, md5(string_agg(md5(lo_get(m.oid, p, " PIECE ")), '' ORDER BY p))"
      "  FROM pg_largeobject_metadata m,"
      "       LATERAL (SELECT ARRAY[lo_lseek64(fd, 0, 2), lo_close(fd)] AS length"
      "                  FROM lo_open(m.oid, 262144) fd) l,"
      "       LATERAL generate_series(0, greatest(length[1] - 1, 0), " PIECE ") p"
      " GROUP BY m.oid",
      NULL, cancellable, error);
}

/* Returns: (transfer full): oid → hash of the content, or "" where only counted */
GHashTable *
pgm_catalog_measure_large_objects_sync (PgmConn *conn,
                                        PgmMeasure how,
                                        GCancellable *cancellable,
                                        GError **error)
{
  g_autoptr(PgmRows) rows = query_large_objects (conn, how, cancellable, error);
  GHashTable *objects = NULL;

  if (rows == NULL)
    return NULL;
  objects = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_hash_table_insert (objects, GUINT_TO_POINTER (pgm_rows_get_int (rows, i, 0)),
                         g_strdup (pgm_rows_get (rows, i, 1)));
  return objects;
}

/* Each table's file as the snapshot has it beside that of now; none where it was dropped, and
 * another table may have its name. */
static const char rewritten_sql[] =
    "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND c.relfilenode <> 0"
    "   AND pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode"
    "   AND to_regclass(format('%I.%I', n.nspname, c.relname)) IS NOT NULL";

/* Tables that are not as the snapshot shows them: emptied, written anew or made anew since
 * (PostgreSQL manual, "Caveats" of concurrency control), so that it may show no rows. VACUUM FULL
 * and CLUSTER write them anew as well, and leave the rows to be seen. It waits for nobody's lock.
 *
 * @conn: a new session that has imported the snapshot: an older one may remember what was
 *
 * Returns: (transfer full): guint32 oids */
GArray *
pgm_catalog_list_rewritten_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, rewritten_sql, NULL, cancellable, error);
  GArray *oids = NULL;

  if (rows == NULL)
    return NULL;
  oids = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      guint32 oid = (guint32) pgm_rows_get_int (rows, i, 0);

      g_array_append_val (oids, oid);
    }
  return oids;
}

/* Whether the session's snapshot shows rows of @table. */
gboolean
pgm_catalog_has_rows_sync (PgmConn *conn,
                           const PgmTable *table,
                           gboolean *ret_has_rows,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *relation = relation_sql (conn, table);
  g_autofree char *sql = g_strdup_printf ("SELECT EXISTS (SELECT FROM ONLY %s)", relation);
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, sql, NULL, cancellable, error);

  if (rows == NULL)
    return FALSE;
  *ret_has_rows = pgm_rows_get_bool (rows, 0, 0);
  return TRUE;
}
