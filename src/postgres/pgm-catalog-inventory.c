/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What a database is made of, in one statement for all kinds. Definitions are hashed by the
 * server, so that only names and hashes travel. Members of extensions are left out: their
 * extension makes them, in whatever version the server has. */

#include "pgm-catalog-inventory-private.h"

#include <string.h>

/* SQL is laid out by hand. */
/* clang-format off */

/* A view that is restored from its own text does not always read the same: the server moves the
 * casts of a list of strings. Both forms are brought to one. */
#define LITERAL "''(?:[^'']|'''')*''::character varying"
#define ONE_FORM \
  " CASE WHEN words LIKE '%::character varying%'" \
  "   THEN regexp_replace(" \
  "     regexp_replace(words, '\\((" LITERAL ")\\)::text', '\\1', 'g')," \
  "     '\\(ARRAY\\[(" LITERAL "(?:, " LITERAL ")*)\\]\\)::text\\[\\]', 'ARRAY[\\1]', 'g')" \
  "   ELSE words END"

#define OWN_SCHEMAS \
  " n AS {12:MATERIALIZED;} (" \
  "   SELECT oid, nspname" \
  "   FROM pg_namespace" \
  "   WHERE nspname <> 'information_schema'" \
  "     AND nspname !~ '^pg_(catalog|toast|temp)')"

/* Also what a range type makes for itself. */
#define MEMBERS \
  " member AS {12:MATERIALIZED;} (" \
  "   SELECT classid AS class, objid AS oid" \
  "   FROM pg_depend" \
  "   WHERE deptype = 'e'" \
  "     OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass)))"

#define OWN_RELATIONS \
  " rel AS {12:MATERIALIZED;} (" \
  "   SELECT {12:;c.oid,} c.*, format('%I.%I', n.nspname, c.relname) AS title" \
  "   FROM pg_class c" \
  "   JOIN n ON n.oid = c.relnamespace" \
  "   WHERE c.relpersistence <> 't'" \
  "     AND c.oid NOT IN (SELECT m.oid FROM member m WHERE m.class = 'pg_class'::regclass))"

#define OBJECTS_START \
  " WITH" OWN_SCHEMAS "," MEMBERS "," OWN_RELATIONS "," \
  " object (kind, class, oid, owner_class, owner_oid, identity, definition, words) AS ("

#define OBJECTS_END \
  " )" \
  " SELECT kind, class::oid, oid, owner_class::oid, owner_oid, identity," \
  "   md5(definition)," \
  "   md5(" ONE_FORM ")" \
  " FROM object"

#define PUBLIC_MAY_CALL(acl) \
  "EXISTS (SELECT FROM aclexplode(" acl ") a" \
  "       WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')"

#define IS_OF_SERVER \
  "(p.oid < 16384 OR ('pg_proc'::regclass, p.oid) IN (SELECT class, oid FROM member))"

/* Who may not use the schema "public" reaches nothing in it. No other one is open by itself. */
#define IS_BEHIND_SCHEMA \
  "(p.prosecdef AND NOT " IS_OF_SERVER " AND s.nspname = 'public'" \
  "   AND NOT has_schema_privilege('public', s.oid, 'USAGE'))"

/* Of the server's own functions and those of extensions only what somebody closed later on. */
#define CLOSED_FUNCTIONS \
  " WITH" OWN_SCHEMAS "," MEMBERS \
  " SELECT f.* FROM (" \
  "   SELECT p.oid, s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)," \
  "     p.prosecdef, r.rolsuper," \
  "     (p.proacl IS NOT NULL AND NOT " PUBLIC_MAY_CALL ("p.proacl") \
  "       AND " PUBLIC_MAY_CALL ("coalesce(i.initprivs, acldefault('f', p.proowner))") ")" \
  "       OR " IS_BEHIND_SCHEMA " AS is_closed," \
  "     " IS_OF_SERVER " AS is_of_server" \
  "   FROM pg_proc p" \
  "   JOIN pg_roles r ON r.oid = p.proowner" \
  "   JOIN pg_namespace s ON s.oid = p.pronamespace" \
  "   LEFT JOIN pg_init_privs i ON i.objoid = p.oid AND i.classoid = 'pg_proc'::regclass" \
  "     AND i.objsubid = 0" \
  "   WHERE s.oid IN (SELECT n.oid FROM n) OR p.proacl IS NOT NULL) f" \
  " WHERE f.is_closed OR ($1::bool AND f.prosecdef AND NOT f.rolsuper AND NOT f.is_of_server)" \
  " ORDER BY 2, 3, 4"
/* clang-format on */

void
pgm_inventory_item_free (PgmInventoryItem *self)
{
  g_free (self->identity);
  g_free (self->definition);
  g_free (self->words);
  g_free (self);
}

void
pgm_closed_function_free (PgmClosedFunction *self)
{
  g_free (self->schema);
  g_free (self->name);
  g_free (self->arguments);
  g_free (self);
}

/* Columns that came with a later version are NULL before it, "{15:x.indnullsnotdistinct}", or
 * what is given for it, "{12:a.attgenerated;''}". */
static void
append_for_version (GString *sql, const char *text, int version)
{
  for (; *text != '\0'; text++)
    {
      const char *end = *text == '{' ? strchr (text, '}') : NULL;
      char *rest = NULL;
      guint64 since = end != NULL ? g_ascii_strtoull (text + 1, &rest, 10) : 0;
      const char *before = NULL;

      if (since == 0 || *rest != ':')
        {
          g_string_append_c (sql, *text);
          continue;
        }
      before = memchr (rest, ';', end - rest);
      if (version >= (int) since * 10000)
        g_string_append_len (sql, rest + 1, (before != NULL ? before : end) - rest - 1);
      else if (before != NULL)
        g_string_append_len (sql, before + 1, end - before - 1);
      else
        g_string_append (sql, "NULL");
      text = end;
    }
}

static void
add_queries (GPtrArray *all, const PgmInventoryQuery *queries, PgmInventoryParts parts, int version)
{
  for (; queries->kind != NULL; queries++)
    if ((queries->part & parts) != 0 && version >= queries->since * 10000)
      g_ptr_array_add (all, (gpointer) queries);
}

static GPtrArray *
list_queries (PgmInventoryParts parts, int version)
{
  GPtrArray *queries = g_ptr_array_new ();

  add_queries (queries, pgm_inventory_relations, parts, version);
  add_queries (queries, pgm_inventory_types, parts, version);
  add_queries (queries, pgm_inventory_others, parts, version);
  add_queries (queries, pgm_inventory_rights, parts, version);
  return queries;
}

static char *
dup_sql (GPtrArray *queries, int version)
{
  GString *sql = g_string_new (NULL);

  append_for_version (sql, OBJECTS_START, version);
  for (guint i = 0; i < queries->len; i++)
    {
      const PgmInventoryQuery *query = queries->pdata[i];

      g_string_append_printf (sql, "%sSELECT %u, q%u.* FROM (", i > 0 ? " UNION ALL " : "", i, i);
      append_for_version (sql, query->sql, version);
      g_string_append_printf (sql, ") q%u", i);
    }
  g_string_append (sql, OBJECTS_END);
  return g_string_free (sql, FALSE);
}

static PgmInventoryItem *
new_item (const PgmRows *rows, guint row, GPtrArray *queries)
{
  const PgmInventoryQuery *query = queries->pdata[pgm_rows_get_int (rows, row, 0)];
  PgmInventoryItem *item = g_new (PgmInventoryItem, 1);

  *item = (PgmInventoryItem){
    .kind = query->kind,
    .part = query->part,
    .carriage = query->carriage,
    .class_oid = (guint32) pgm_rows_get_int (rows, row, 1),
    .oid = (guint32) pgm_rows_get_int (rows, row, 2),
    .owner_class_oid = (guint32) pgm_rows_get_int (rows, row, 3),
    .owner_oid = (guint32) pgm_rows_get_int (rows, row, 4),
    .identity = g_strdup (pgm_rows_get (rows, row, 5)),
    .definition = g_strdup (pgm_rows_get (rows, row, 6)),
    .words = g_strdup (pgm_rows_get (rows, row, 7)),
  };
  return item;
}

/* By kind as the tables have them, then by name: also what is missing together stands together. */
static int
compare_items (gconstpointer a, gconstpointer b)
{
  const PgmInventoryItem *first = *(PgmInventoryItem *const *) a;
  const PgmInventoryItem *second = *(PgmInventoryItem *const *) b;
  int order = strcmp (first->kind, second->kind);

  return order != 0 ? order : strcmp (first->identity, second->identity);
}

/* What decides how the server writes a definition down. Compiling the one large statement would
 * take longer than running it. */
static gboolean
set_up (PgmConn *conn, GCancellable *cancellable, GError **error)
{
  static const char sql[] = "SET quote_all_identifiers = off;"
                            "SET standard_conforming_strings = on";

  return (pgm_conn_get_version (conn) < 110000 ||
          pgm_conn_exec_sync (conn, "SET jit = off", cancellable, error)) &&
         pgm_conn_exec_sync (conn, sql, cancellable, error);
}

/* @conn: of a server that is at least PGM_INVENTORY_MIN_VERSION
 *
 * Returns: (transfer full) (element-type PgmInventoryItem): sorted */
GPtrArray *
pgm_catalog_read_inventory_sync (PgmConn *conn,
                                 PgmInventoryParts parts,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr(GPtrArray) queries = list_queries (parts, pgm_conn_get_version (conn));
  g_autofree char *sql = dup_sql (queries, pgm_conn_get_version (conn));
  g_autoptr(PgmRows) rows = NULL;
  GPtrArray *items = NULL;

  if (!set_up (conn, cancellable, error))
    return NULL;
  rows = pgm_conn_query_sync (conn, sql, NULL, cancellable, error);
  if (rows == NULL)
    return NULL;
  items = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_inventory_item_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    g_ptr_array_add (items, new_item (rows, i, queries));
  g_ptr_array_sort (items, compare_items);
  return items;
}

/* @with_definers: also those that run with the rights of an owner who is no superuser
 *
 * Returns: (transfer full) (element-type PgmClosedFunction) */
GPtrArray *
pgm_catalog_list_closed_functions_sync (PgmConn *conn,
                                        gboolean with_definers,
                                        GCancellable *cancellable,
                                        GError **error)
{
  const char *params[] = { with_definers ? "t" : "f", NULL };
  g_autoptr(GString) sql = g_string_new (NULL);
  g_autoptr(PgmRows) rows = NULL;
  GPtrArray *functions = NULL;

  append_for_version (sql, CLOSED_FUNCTIONS, pgm_conn_get_version (conn));
  rows = pgm_conn_query_sync (conn, sql->str, params, cancellable, error);
  if (rows == NULL)
    return NULL;
  functions = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_closed_function_free);
  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      PgmClosedFunction *function = g_new (PgmClosedFunction, 1);

      *function = (PgmClosedFunction){
        (guint32) pgm_rows_get_int (rows, i, 0), g_strdup (pgm_rows_get (rows, i, 1)),
        g_strdup (pgm_rows_get (rows, i, 2)),    g_strdup (pgm_rows_get (rows, i, 3)),
        pgm_rows_get_bool (rows, i, 4),          pgm_rows_get_bool (rows, i, 6),
        pgm_rows_get_bool (rows, i, 7)
      };
      g_ptr_array_add (functions, function);
    }
  return functions;
}
