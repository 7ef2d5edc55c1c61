/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Which databases of a server runs have made or marked, and whether those runs live. The server
 * only narrows down; whose a database is, the parsed marker says. Names may be in any encoding, so
 * that the server cannot look into them (22021).
 *
 * Between CREATE DATABASE and COMMENT, which cannot be one transaction, a staging database has
 * its name and no comment. */

#include "pgm-catalog-leftovers.h"

#include <string.h>

#define STAGING_MIDDLE "__pgm_"

enum
{
  COLUMN_NAME,
  COLUMN_COMMENT,
  COLUMN_OWNER,
  COLUMN_MAY_DROP,
  COLUMN_MAY_RENAME,
  COLUMN_IS_OWN,
  COLUMN_IS_INVALID,
  COLUMN_IS_PLAIN,
  COLUMN_SIZE,
  COLUMN_OID,
};

/* Who looked into a database a moment ago, be it the one who asks now, is on it until the server
 * has seen that he left. */
static const char databases_sql[] =
    "SELECT d.datname, s.description, pg_get_userbyid(d.datdba), p.is_owner,"
    "       p.is_owner AND (me.rolcreatedb OR me.rolsuper), d.datdba = me.oid,"
    "       d.datconnlimit = -2,"
    "       d.datallowconn AND NOT d.datistemplate AND NOT EXISTS ("
    "         SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid AND a.usesysid IS NOT NULL"
    "          AND a.application_name <> current_setting('application_name')),"
    "       CASE WHEN s.description LIKE '{%' AND d.datconnlimit <> -2"
    "             AND has_database_privilege(d.oid, 'CONNECT')"
    "            THEN pg_database_size(d.oid) ELSE -1 END, d.oid"
    "  FROM pg_database d CROSS JOIN (SELECT oid, rolsuper, rolcreatedb FROM pg_roles"
    "                                  WHERE rolname = current_user) me"
    " CROSS JOIN LATERAL (SELECT pg_has_role(d.datdba, 'USAGE') AS is_owner) p"
    "  LEFT JOIN pg_shdescription s"
    "    ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass"
    " WHERE s.description LIKE '{%' OR s.description IS NULL"
    " ORDER BY d.datname";

void
pgm_found_database_free (PgmFoundDatabase *self)
{
  g_free (self->name);
  g_free (self->owner);
  g_clear_pointer (&self->marker, pgm_marker_free);
  g_free (self->of);
  g_free (self->run);
  g_free (self);
}

/* `shop__pgm_7f3a91c2` of the run 7f3a91c2; the name of the database may have been cut. */
static gboolean
take_from_name (PgmFoundDatabase *self)
{
  const gsize end = strlen (STAGING_MIDDLE) + PGM_RUN_ID_LENGTH;
  gsize length = strlen (self->name);
  const char *middle = length > end ? self->name + length - end : "";

  if (!g_str_has_prefix (middle, STAGING_MIDDLE) ||
      !pgm_marker_is_run_id (middle + strlen (STAGING_MIDDLE)))
    return FALSE;
  self->run = g_strdup (middle + strlen (STAGING_MIDDLE));
  self->of = g_strndup (self->name, length - end);
  return TRUE;
}

static gboolean
take_from_marker (PgmFoundDatabase *self)
{
  self->run = g_strdup (self->marker->run);
  self->place = pgm_marker_find_place (self->marker, self->name, &self->of);
  return TRUE;
}

/* Returns: (transfer full) (nullable): NULL for a database that has nothing to do with a run */
static PgmFoundDatabase *
read_row (const PgmRows *rows, guint row)
{
  g_autoptr(PgmFoundDatabase) self = g_new0 (PgmFoundDatabase, 1);
  const char *comment = pgm_rows_get (rows, row, COLUMN_COMMENT);

  self->name = g_strdup (pgm_rows_get (rows, row, COLUMN_NAME));
  self->oid = (guint32) pgm_rows_get_int (rows, row, COLUMN_OID);
  self->owner = g_strdup (pgm_rows_get (rows, row, COLUMN_OWNER));
  self->marker = pgm_marker_parse (comment);
  if (self->marker != NULL ? !take_from_marker (self) : comment != NULL || !take_from_name (self))
    return NULL;
  self->may_drop = pgm_rows_get_bool (rows, row, COLUMN_MAY_DROP);
  self->may_rename = pgm_rows_get_bool (rows, row, COLUMN_MAY_RENAME);
  self->is_own = pgm_rows_get_bool (rows, row, COLUMN_IS_OWN);
  self->is_invalid = pgm_rows_get_bool (rows, row, COLUMN_IS_INVALID);
  self->is_plain = pgm_rows_get_bool (rows, row, COLUMN_IS_PLAIN);
  self->size_bytes = pgm_rows_get_int (rows, row, COLUMN_SIZE);
  return g_steal_pointer (&self);
}

/* The run's own sessions, and those of its tools, are called after it.
 *
 * Returns: (transfer full) (nullable): a set of their names */
static GHashTable *
find_living (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows =
                 pgm_conn_query_sync (conn,
                                      "SELECT DISTINCT application_name FROM pg_stat_activity"
                                      " WHERE application_name LIKE 'pgmirror-%'",
                                      NULL, cancellable, error);
  GHashTable *living = NULL;

  if (rows == NULL)
    return NULL;
  living = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_hash_table_add (living, g_strdup (pgm_rows_get (rows, i, 0)));
  return living;
}

/* Compared here, byte by byte: as a parameter the server would refuse a name that is not in its
 * encoding.
 *
 * Returns: (transfer full) (nullable): the name of each database → whether it is invalid */
static GHashTable *
list_names (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn, "SELECT datname, datconnlimit = -2 FROM pg_database", NULL, cancellable, error);
  GHashTable *names = NULL;

  if (rows == NULL)
    return NULL;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_hash_table_insert (names, g_strdup (pgm_rows_get (rows, i, 0)),
                         GINT_TO_POINTER (pgm_rows_get_bool (rows, i, 1)));
  return names;
}

static void
look_for_heir (PgmFoundDatabase *self, GHashTable *names)
{
  gpointer is_invalid = NULL;

  if (self->of == NULL || g_str_equal (self->of, self->name))
    return;
  self->has_heir = g_hash_table_lookup_extended (names, self->of, NULL, &is_invalid);
  self->has_invalid_heir = GPOINTER_TO_INT (is_invalid) != 0;
}

static gboolean
is_living (const char *run, GHashTable *living)
{
  g_autofree char *application_name = g_strconcat ("pgmirror-", run, NULL);

  return g_hash_table_contains (living, application_name);
}

static GPtrArray *
list_databases (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(GHashTable) names = list_names (conn, cancellable, error);
  g_autoptr(PgmRows) rows =
                 names != NULL ? pgm_conn_query_sync (conn, databases_sql, NULL, cancellable, error)
                               : NULL;
  g_autoptr(GPtrArray) found =
                 g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_found_database_free);

  for (guint i = 0; rows != NULL && i < pgm_rows_get_n (rows); i++)
    {
      PgmFoundDatabase *self = read_row (rows, i);

      if (self == NULL)
        continue;
      look_for_heir (self, names);
      g_ptr_array_add (found, self);
    }
  return rows != NULL ? g_steal_pointer (&found) : NULL;
}

/* Runs begin and end meanwhile, so the living are looked for before and after.
 *
 * Returns: (transfer full) (element-type PgmFoundDatabase): those of living runs as well */
GPtrArray *
pgm_catalog_find_leftovers_sync (PgmConn *maintenance, GCancellable *cancellable, GError **error)
{
  g_autoptr(GHashTable) before = find_living (maintenance, cancellable, error);
  g_autoptr(GPtrArray) found =
                 before != NULL ? list_databases (maintenance, cancellable, error) : NULL;
  g_autoptr(GHashTable) after =
                 found != NULL ? find_living (maintenance, cancellable, error) : NULL;

  for (guint i = 0; after != NULL && i < found->len; i++)
    {
      PgmFoundDatabase *self = found->pdata[i];

      self->is_alive = is_living (self->run, before) || is_living (self->run, after);
    }
  return after != NULL ? g_steal_pointer (&found) : NULL;
}

void
pgm_found_schema_free (PgmFoundSchema *self)
{
  g_free (self->name);
  g_clear_pointer (&self->marker, pgm_marker_free);
  g_free (self);
}

/* A database that was copied has the markers of its original: those are nobody's.
 *
 * Returns: (transfer full) (nullable): NULL for what is no run's */
static PgmFoundSchema *
read_schema (PgmConn *conn, const PgmRows *rows, guint row)
{
  g_autoptr(PgmMarker) marker = pgm_marker_parse (pgm_rows_get (rows, row, 2));
  g_autofree char *database = g_utf8_make_valid (pgm_conn_get_database (conn), -1);
  PgmFoundSchema *self = NULL;

  if (marker == NULL || !g_str_equal (marker->state, "schema") ||
      g_strcmp0 (marker->of, database) != 0)
    return NULL;
  self = g_new (PgmFoundSchema, 1);
  *self = (PgmFoundSchema){ .oid = (guint32) pgm_rows_get_int (rows, row, 0),
                            .name = g_strdup (pgm_rows_get (rows, row, 1)),
                            .marker = g_steal_pointer (&marker),
                            .is_own = pgm_rows_get_bool (rows, row, 3),
                            .is_empty = pgm_rows_get_bool (rows, row, 4) };
  return self;
}

/* Looks in the database of @conn.
 *
 * Returns: (transfer full) (element-type PgmFoundSchema): those of living runs as well */
GPtrArray *
pgm_catalog_find_schemas_sync (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT n.oid, n.nspname, d.description, pg_has_role(n.nspowner, 'USAGE'),"
      "       NOT EXISTS (SELECT 1 FROM pg_depend p"
      "                    WHERE p.refclassid = 'pg_namespace'::regclass AND p.refobjid = n.oid)"
      "  FROM pg_namespace n JOIN pg_description d ON d.objoid = n.oid"
      "                                          AND d.classoid = 'pg_namespace'::regclass"
      " WHERE d.description LIKE '{%' ORDER BY n.nspname",
      NULL, cancellable, error);
  g_autoptr(GHashTable) living = rows != NULL ? find_living (conn, cancellable, error) : NULL;
  GPtrArray *found = NULL;

  if (living == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_found_schema_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmFoundSchema *self = read_schema (conn, rows, i);

      if (self == NULL)
        continue;
      self->is_alive = is_living (self->marker->run, living);
      g_ptr_array_add (found, self);
    }
  return found;
}

/* @drops: the schema goes, which the server refuses where it is not empty; otherwise its marker */
gboolean
pgm_catalog_give_up_schema_sync (
    PgmConn *conn, const char *name, gboolean drops, GCancellable *cancellable, GError **error)
{
  g_autofree char *quoted = pgm_conn_quote_name (conn, name);
  g_autofree char *sql = drops ? g_strconcat ("DROP SCHEMA ", quoted, NULL)
                               : g_strconcat ("COMMENT ON SCHEMA ", quoted, " IS NULL", NULL);

  return pgm_conn_exec_sync (conn, sql, cancellable, error);
}
