/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-catalog.h"

/* Whatever is made after initdb has an oid from this one on (FirstNormalObjectId, transam.h). */
#define FIRST_NORMAL_OID "16384"

/* The catalogs of a database in which everything that somebody made stands with its own oid, or
 * something that it belongs to does. */
static const char *const catalogs[] = {
  "pg_am",
  "pg_cast",
  "pg_collation",
  "pg_conversion",
  "pg_default_acl",
  "pg_event_trigger",
  "pg_extension",
  "pg_foreign_data_wrapper",
  "pg_foreign_server",
  "pg_language",
  "pg_opclass",
  "pg_operator",
  "pg_opfamily",
  "pg_proc",
  "pg_publication",
  "pg_transform",
  "pg_ts_config",
  "pg_ts_dict",
  "pg_ts_parser",
  "pg_ts_template",
};

/* Their users choose the oids. */
static const char has_large_objects[] = "EXISTS (SELECT FROM pg_largeobject_metadata)";

/* Schemas of temporary tables outlive their session, and so do their empty selves. */
static const char in_schemas[] =
    "EXISTS (SELECT FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast_)?temp_'"
    "  AND (n.oid >= " FIRST_NORMAL_OID "   OR EXISTS (SELECT FROM pg_class c"
    "               WHERE c.relnamespace = n.oid AND c.oid >= " FIRST_NORMAL_OID ")"
    "   OR EXISTS (SELECT FROM pg_type t"
    "               WHERE t.typnamespace = n.oid AND t.oid >= " FIRST_NORMAL_OID ")))";

static const char is_subscribed[] =
    "EXISTS (SELECT FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
    "         WHERE d.datname = current_database())";

/* What was done to the one schema that every new database has. */
static const char is_public_changed[] =
    "NOT EXISTS (SELECT FROM pg_namespace n"
    "              LEFT JOIN pg_init_privs i ON i.objoid = n.oid AND i.objsubid = 0"
    "               AND i.classoid = 'pg_namespace'::regclass"
    "             WHERE n.nspname = 'public' AND n.nspacl IS NOT DISTINCT FROM i.initprivs"
    "               AND obj_description(n.oid, 'pg_namespace') = 'standard public schema')";

/* Whether nobody has made or changed anything in the database that the session is on, so that
 * nothing is lost with it. Where in doubt it says FALSE: of what template1 added to it, say.
 *
 * @ret_is_pristine: (out) */
gboolean
pgm_catalog_is_pristine_sync (PgmConn *conn,
                              gboolean *ret_is_pristine,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr(GString) sql = g_string_new ("SELECT ");
  g_autoptr(PgmRows) rows = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (catalogs); i++)
    g_string_append_printf (sql, "EXISTS (SELECT FROM %s WHERE oid >= " FIRST_NORMAL_OID ") OR ",
                            catalogs[i]);
  g_string_append_printf (sql, "%s OR %s OR %s OR %s", has_large_objects, in_schemas, is_subscribed,
                          is_public_changed);
  rows = pgm_conn_query_sync (conn, sql->str, NULL, cancellable, error);
  if (rows == NULL)
    return FALSE;
  *ret_is_pristine = !pgm_rows_get_bool (rows, 0, 0);
  return TRUE;
}
