/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the profile's filters do that nobody may have meant. Nothing here takes a lock on a table,
 * which pg_partition_tree() would. */

#include "pgm-catalog-filter.h"
#include "pgm-catalog-preflight.h"

static const char relations[] = " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND ";

/* A parent brings no rows of its own, and pg_dump takes no partition along with it. */
static const char left_out_partitions[] =
    "SELECT DISTINCT 'partition-left-out', format('%I.%I', n.nspname, c.relname), NULL, NULL"
    "  FROM rel p CROSS JOIN LATERAL"
    "       (WITH RECURSIVE tree (oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = p.oid"
    "         UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
    "        SELECT oid FROM tree) t"
    "  JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE p.relkind = 'p' AND c.oid NOT IN (SELECT oid FROM rel) AND NOT ";

static void
append_unmatched (GString *sql, PgmConn *conn, const char *code, char **patterns, gboolean is_table)
{
  for (gsize i = 0; patterns[i] != NULL; i++)
    {
      g_autofree char *quoted = pgm_conn_quote_text (conn, patterns[i]);

      g_string_append_printf (sql,
                              " UNION ALL SELECT '%s', %s, NULL, NULL"
                              " WHERE NOT EXISTS (SELECT 1%s",
                              code, quoted, is_table ? relations : " FROM pg_namespace n WHERE ");
      pgm_catalog_filter_append_pattern (sql, conn, patterns[i], is_table);
      g_string_append_c (sql, ')');
    }
}

/* Partitions that do not travel though their parent does, and patterns that match nothing: pg_dump
 * refuses those that include (--strict-names) and passes over those that exclude. */
PgmRows *
pgm_catalog_preflight_filters_sync (PgmConn *source,
                                    const PgmOptions *options,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autoptr(GString) sql = g_string_new (with);

  g_string_append (sql, left_out_partitions);
  pgm_catalog_filter_append_any (sql, source, options->exclude_tables, TRUE, "false");
  append_unmatched (sql, source, "include-unmatched", options->schemas, FALSE);
  append_unmatched (sql, source, "include-unmatched", options->tables, TRUE);
  append_unmatched (sql, source, "exclude-unmatched", options->exclude_schemas, FALSE);
  append_unmatched (sql, source, "exclude-unmatched", options->exclude_tables, TRUE);
  append_unmatched (sql, source, "exclude-unmatched", options->exclude_table_data, TRUE);
  g_string_append (sql, " ORDER BY 1, 2");
  return pgm_conn_query_sync (source, sql->str, NULL, cancellable, error);
}
