/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the target's role may do in a database that it does not replace. */

#include "pgm-catalog-preflight.h"

#include "pgm-catalog-filter.h"

/* SQL is laid out by hand. */
/* clang-format off */

/* Schemas in which something is made, and whether something is made that is in none. An extension
 * takes CREATE on the database where it is trusted only, and a superuser otherwise. */
static const char source_places[] =
  "SELECT (SELECT array_agg(ns.nspname::text) FROM ns"
  "         WHERE ns.oid IN (SELECT relnamespace FROM rel"
  "                    UNION SELECT pronamespace FROM pg_proc"
  "                    UNION SELECT typnamespace FROM pg_type"
  "                    UNION SELECT collnamespace FROM pg_collation)),"
  "       (SELECT array_agg(ns.nspname::text) FROM ns),"
  "       (SELECT array_agg(x.extname::text) FROM pg_extension x WHERE ";

static const char target_places[] =
  "SELECT 'create-denied', format('DATABASE %I', d.datname),"
  "       format('GRANT CREATE ON DATABASE %I TO %I', d.datname, current_user), NULL"
  "  FROM pg_database d WHERE d.datname = current_database()"
  "   AND NOT has_database_privilege(d.oid, 'CREATE')"
  "   AND (EXISTS (SELECT FROM unnest($2::text[]) s(name)"
  "                 WHERE s.name NOT IN (SELECT nspname FROM pg_namespace))"
  "     OR EXISTS (SELECT FROM unnest($3::text[]) x(name)"
  "                 WHERE x.name NOT IN (SELECT extname FROM pg_extension)))"
  " UNION ALL "
  "SELECT 'create-denied', format('SCHEMA %I', n.nspname),"
  "       format('GRANT CREATE, USAGE ON SCHEMA %I TO %I', n.nspname, current_user), NULL"
  "  FROM pg_namespace n WHERE n.nspname = ANY ($1::text[])"
  "   AND NOT (has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'))"
  " ORDER BY 1, 2";

static const char source_columns[] =
  "SELECT array_agg(rel.nspname::text), array_agg(rel.relname::text),"
  "       array_agg(rel.relkind::text), array_agg(a.names)"
  "  FROM rel LEFT JOIN LATERAL"
  "       (SELECT string_agg(a.attname, chr(1)) AS names FROM pg_attribute a"
  "         WHERE a.attrelid = rel.oid AND rel.relkind = 'r' AND a.attnum > 0"
  "           AND NOT a.attisdropped) a ON true"
  " WHERE rel.has_data";

static const char target_columns[] =
  "WITH wanted AS ("
  "  SELECT w.nspname, w.relname, w.kind, w.names, n.oid AS schema, c.oid"
  "    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"
  "           w(nspname, relname, kind, names)"
  "    LEFT JOIN pg_namespace n ON n.nspname = w.nspname"
  "    LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.relname)"
  "SELECT 'target-lacks', format('%I.%I', nspname, relname), NULL, NULL"
  "  FROM wanted WHERE oid IS NULL"
  " UNION ALL "
  "SELECT 'target-lacks', format('%I.%I.%I', w.nspname, w.relname, a.name), NULL, NULL"
  "  FROM wanted w CROSS JOIN LATERAL unnest(string_to_array(w.names, chr(1))) a(name)"
  " WHERE w.oid IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute t"
  "        WHERE t.attrelid = w.oid AND t.attname = a.name AND NOT t.attisdropped)"
  " UNION ALL "
  "SELECT 'write-denied', format('SCHEMA %I', nspname),"
  "       format('GRANT USAGE ON SCHEMA %I TO %I', nspname, current_user), NULL"
  "  FROM wanted WHERE schema IS NOT NULL AND NOT has_schema_privilege(schema, 'USAGE')"
  " GROUP BY nspname"
  " UNION ALL "
  "SELECT 'write-denied', format('TABLE %I.%I', nspname, relname),"
  "       format('GRANT SELECT, INSERT ON TABLE %I.%I TO %I', nspname, relname, current_user),"
  "       format('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA %I TO %I', nspname, current_user)"
  "  FROM wanted WHERE kind = 'r' AND oid IS NOT NULL"
  "   AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT'))"
  " UNION ALL "
  "SELECT 'write-denied', format('SEQUENCE %I.%I', nspname, relname),"
  "       format('GRANT SELECT, UPDATE ON SEQUENCE %I.%I TO %I', nspname, relname, current_user),"
  "       format('GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA %I TO %I', nspname,"
  "              current_user)"
  "  FROM wanted WHERE kind = 'S' AND oid IS NOT NULL"
  "   AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'UPDATE'))"
  " ORDER BY 1, 2";
/* clang-format on */

#define MAX_PARAMS 4

/* Asks the source, and of what it answers the target.
 *
 * @source_sql: for one row of @n_arrays arrays, which are the parameters of @target_sql */
static PgmRows *
ask_both (PgmConn *source,
          const char *source_sql,
          guint n_arrays,
          PgmConn *target,
          const char *target_sql,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (source, source_sql, NULL, cancellable, error);
  const char *params[MAX_PARAMS + 1] = { NULL };

  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < n_arrays; i++)
    params[i] = pgm_rows_get (rows, 0, i) != NULL ? pgm_rows_get (rows, 0, i) : "{}";
  return pgm_conn_query_sync (target, target_sql, params, cancellable, error);
}

/* @target: on the database that is merged into */
PgmRows *
pgm_catalog_preflight_places_sync (PgmConn *source,
                                   PgmConn *target,
                                   const PgmOptions *options,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql =
      g_strconcat (with, source_places,
                   pgm_catalog_filter_takes_everything (options) ? "true)" : "false)", NULL);

  return ask_both (source, sql, 3, target, target_places, cancellable, error);
}

/* The same for data_only: whether rows and positions have where to go. */
PgmRows *
pgm_catalog_preflight_receivers_sync (PgmConn *source,
                                      PgmConn *target,
                                      const PgmOptions *options,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autofree char *with = pgm_catalog_filter_dup_with (source, options);
  g_autofree char *sql = g_strconcat (with, source_columns, NULL);

  return ask_both (source, sql, 4, target, target_columns, cancellable, error);
}
