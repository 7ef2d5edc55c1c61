/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog-look.h"

/* The user's own tables: not the server's, not temporary, not an extension's. */
#define FROM_TABLES                                                                                \
  "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"                                \
  " WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'"                                \
  "   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(catalog|toast|temp)'"           \
  "   AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass" \
  "                      AND e.objid = c.oid AND e.deptype = 'e')"

void
pgm_table_look_free (PgmTableLook *self)
{
  g_free (self->schema);
  g_free (self->name);
  g_free (self);
}

/* Lists the tables by schema and name. Takes no lock, so that a locked table does not hold up
 * the list: sizes are the statistics' own.
 *
 * Returns: (transfer full) (element-type PgmTableLook) */
GPtrArray *
pgm_catalog_look_tables_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT n.nspname, c.relname, c.relkind,"
      "       (c.relpages::bigint + coalesce((SELECT t.relpages FROM pg_class t"
      "                                        WHERE t.oid = c.reltoastrelid), 0))"
      "         * current_setting('block_size')::bigint,"
      "       CASE WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0"
      "                                     AND current_setting('server_version_num')::int < "
      "140000)"
      "            THEN -1 ELSE c.reltuples::bigint END" FROM_TABLES " ORDER BY 1, 2",
      NULL, cancellable, error);
  GPtrArray *tables = NULL;

  if (rows == NULL)
    return NULL;
  tables = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_look_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmTableLook *table = g_new (PgmTableLook, 1);

      *table =
          (PgmTableLook){ g_strdup (pgm_rows_get (rows, i, 0)),
                          g_strdup (pgm_rows_get (rows, i, 1)), *pgm_rows_get (rows, i, 2),
                          (guint64) pgm_rows_get_int (rows, i, 3), pgm_rows_get_int (rows, i, 4) };
      g_ptr_array_add (tables, table);
    }
  return tables;
}

/* Returns: how many tables with rows of their own there are; -1 with @error */
int
pgm_catalog_look_n_tables_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn, "SELECT count(*)" FROM_TABLES " AND c.relkind = 'r'", NULL, cancellable, error);

  return rows != NULL ? (int) pgm_rows_get_int (rows, 0, 0) : -1;
}
