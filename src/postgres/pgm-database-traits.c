/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-database-traits.h"

#include "pgm-catalog.h"
#include "pgm-marker.h"

#include <string.h>

/* Settings that hold a list of names, stored with their quotes; each name must be a text of its
 * own again, or the list would become one odd name (PostgreSQL's GUC_LIST_QUOTE). */
static const char *const list_settings[] = {
  "local_preload_libraries",  "search_path",      "session_preload_libraries",
  "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
};

static const char *const privileges[] = { "CREATE", "TEMPORARY", "CONNECT" };

static void
setting_free (gpointer data)
{
  PgmDatabaseSetting *self = data;

  g_free (self->role);
  g_free (self->name);
  g_strfreev (self->values);
  g_free (self);
}

static void
grant_free (gpointer data)
{
  PgmDatabaseGrant *self = data;

  g_free (self->grantee);
  g_free (self);
}

void
pgm_database_traits_free (PgmDatabaseTraits *self)
{
  g_free (self->name);
  g_free (self->owner);
  g_free (self->encoding);
  g_free (self->collate);
  g_free (self->ctype);
  g_free (self->locale);
  g_free (self->icu_rules);
  g_free (self->tablespace);
  g_free (self->comment);
  g_ptr_array_unref (self->settings);
  g_ptr_array_unref (self->grants);
  g_free (self);
}

/* The columns of pg_database that hold the locale have moved twice (15, 17). */
static const char *
locale_columns (int version)
{
  if (version >= 170000)
    return "d.datlocprovider, d.datlocale, d.daticurules";
  if (version >= 160000)
    return "d.datlocprovider, d.daticulocale, d.daticurules";
  if (version >= 150000)
    return "d.datlocprovider, d.daticulocale, NULL";
  return "'c', NULL, NULL";
}

/* The marker of a run is no comment that anybody made, and must not become that of a new database:
 * it would be taken for what the marker says. */
static void
fill_comment (PgmDatabaseTraits *self, const char *comment)
{
  g_autoptr(PgmMarker) marker = pgm_marker_parse (comment);

  self->comment = g_strdup (marker != NULL ? marker->comment : comment);
  self->is_incomplete = marker != NULL && g_str_equal (marker->state, "staging");
}

static void
fill (PgmDatabaseTraits *self, const PgmRows *rows)
{
  const char *provider = pgm_rows_get (rows, 0, 3);

  self->oid = (guint32) pgm_rows_get_int (rows, 0, 0);
  self->owner = g_strdup (pgm_rows_get (rows, 0, 1));
  self->encoding = g_strdup (pgm_rows_get (rows, 0, 2));
  self->provider = provider != NULL ? *provider : 'c';
  self->locale = g_strdup (pgm_rows_get (rows, 0, 4));
  self->icu_rules = g_strdup (pgm_rows_get (rows, 0, 5));
  self->collate = g_strdup (pgm_rows_get (rows, 0, 6));
  self->ctype = g_strdup (pgm_rows_get (rows, 0, 7));
  self->tablespace = g_strdup (pgm_rows_get (rows, 0, 8));
  self->connection_limit = (int) pgm_rows_get_int (rows, 0, 9);
  self->is_template = pgm_rows_get_bool (rows, 0, 10);
  self->allows_connections = pgm_rows_get_bool (rows, 0, 11);
  self->has_acl = pgm_rows_get_bool (rows, 0, 12);
  fill_comment (self, pgm_rows_get (rows, 0, 13));
  self->size_bytes = (guint64) pgm_rows_get_int (rows, 0, 14);
  self->is_owned = pgm_rows_get_bool (rows, 0, 15);
}

/* Splits `"$user", public` into its names, as SplitGUCList() in the server does. */
static char **
split_names (const char *text)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  GString *name = g_string_new (NULL);
  gboolean in_quotes = FALSE;

  for (; *text != '\0'; text++)
    {
      if (*text == '"' && in_quotes && text[1] == '"')
        g_string_append_c (name, *text++);
      else if (*text == '"')
        in_quotes = !in_quotes;
      else if (*text == ',' && !in_quotes)
        {
          g_strv_builder_add (builder, name->str);
          g_string_truncate (name, 0);
        }
      else if (in_quotes || !g_ascii_isspace (*text))
        g_string_append_c (name, *text);
    }
  g_strv_builder_add (builder, name->str);
  g_string_free (name, TRUE);
  return g_strv_builder_end (builder);
}

static gboolean
is_list_setting (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (list_settings); i++)
    if (g_ascii_strcasecmp (name, list_settings[i]) == 0)
      return TRUE;
  return FALSE;
}

static PgmDatabaseSetting *
setting_new (const char *role, const char *name, const char *value)
{
  const char *whole[] = { value, NULL };
  PgmDatabaseSetting *self = g_new (PgmDatabaseSetting, 1);

  self->role = g_strdup (role);
  self->name = g_strdup (name);
  self->values = is_list_setting (name) ? split_names (value) : g_strdupv ((char **) whole);
  return self;
}

static gboolean
read_settings (PgmDatabaseTraits *self,
               PgmConn *conn,
               const char *const *params,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
      "  FROM pg_db_role_setting s"
      "  JOIN pg_database d ON d.oid = s.setdatabase"
      "  LEFT JOIN pg_roles r ON r.oid = s.setrole"
      " CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS u(c, n)"
      " WHERE d.datname = $1 ORDER BY s.setrole, n",
      params, cancellable, error);

  for (guint i = 0; rows != NULL && i < pgm_rows_get_n (rows); i++)
    g_ptr_array_add (self->settings,
                     setting_new (pgm_rows_get (rows, i, 0), pgm_rows_get (rows, i, 1),
                                  pgm_rows_get (rows, i, 2)));
  return rows != NULL;
}

static const char *
find_privilege (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (privileges); i++)
    if (g_str_equal (name, privileges[i]))
      return privileges[i];
  return NULL;
}

static gboolean
read_grants (PgmDatabaseTraits *self,
             PgmConn *conn,
             const char *const *params,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (
      conn,
      "SELECT r.rolname, a.privilege_type, a.is_grantable"
      "  FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a"
      "  LEFT JOIN pg_roles r ON r.oid = a.grantee"
      " WHERE d.datname = $1 AND (a.grantee = 0 OR r.oid IS NOT NULL)"
      " ORDER BY a.grantee, a.privilege_type",
      params, cancellable, error);

  for (guint i = 0; rows != NULL && i < pgm_rows_get_n (rows); i++)
    {
      const char *privilege = find_privilege (pgm_rows_get (rows, i, 1));
      PgmDatabaseGrant *grant = NULL;

      if (privilege == NULL)
        continue;
      grant = g_new (PgmDatabaseGrant, 1);
      *grant = (PgmDatabaseGrant){ g_strdup (pgm_rows_get (rows, i, 0)), privilege,
                                   pgm_rows_get_bool (rows, i, 2) };
      g_ptr_array_add (self->grants, grant);
    }
  return rows != NULL;
}

/* @ret_traits: (out) (transfer full) (nullable): NULL where there is no such database */
gboolean
pgm_database_traits_read_sync (PgmConn *conn,
                               const char *database,
                               PgmDatabaseTraits **ret_traits,
                               GCancellable *cancellable,
                               GError **error)
{
  const char *params[] = { database, NULL };
  g_autofree char *sql = g_strdup_printf (
      "SELECT d.oid, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), %s,"
      "       d.datcollate, d.datctype, t.spcname, d.datconnlimit, d.datistemplate,"
      "       d.datallowconn, d.datacl IS NOT NULL, shobj_description(d.oid, 'pg_database'),"
      "       CASE WHEN has_database_privilege(d.oid, 'CONNECT') AND d.datconnlimit <> -2"
      "            THEN pg_database_size(d.oid) END,"
      "       pg_has_role(d.datdba, 'USAGE')"
      "  FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace"
      " WHERE d.datname = $1",
      locale_columns (pgm_conn_get_version (conn)));
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, sql, params, cancellable, error);
  g_autoptr(PgmDatabaseTraits) self = NULL;

  *ret_traits = NULL;
  if (rows == NULL || pgm_rows_get_n (rows) == 0)
    return rows != NULL;
  self = g_new0 (PgmDatabaseTraits, 1);
  self->name = g_strdup (database);
  self->settings = g_ptr_array_new_with_free_func (setting_free);
  self->grants = g_ptr_array_new_with_free_func (grant_free);
  fill (self, rows);
  if (!read_settings (self, conn, params, cancellable, error) ||
      !read_grants (self, conn, params, cancellable, error))
    return FALSE;
  *ret_traits = g_steal_pointer (&self);
  return TRUE;
}

/* Reads the database that the session is on. */
static gboolean
read_own (PgmConn *conn, PgmDatabaseTraits **ret_traits, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = pgm_catalog_get_database_sync (conn, cancellable, error);

  return name != NULL && pgm_database_traits_read_sync (conn, name, ret_traits, cancellable, error);
}

static gboolean
set_client_encoding (PgmConn *conn, const char *encoding, GCancellable *cancellable, GError **error)
{
  g_autofree char *quoted = pgm_conn_quote_text (conn, encoding);
  g_autofree char *sql = g_strconcat ("SET client_encoding = ", quoted, NULL);

  return pgm_conn_exec_sync (conn, sql, cancellable, error);
}

static gboolean
is_text (const char *text)
{
  return text == NULL || g_utf8_validate (text, -1, NULL);
}

static gboolean
is_all_text (const PgmDatabaseTraits *self)
{
  gboolean is_valid = is_text (self->comment) && is_text (self->owner);

  for (guint i = 0; i < self->settings->len; i++)
    {
      const PgmDatabaseSetting *setting = self->settings->pdata[i];

      is_valid = is_valid && is_text (setting->role) && is_text (setting->name);
      for (gsize k = 0; setting->values[k] != NULL; k++)
        is_valid = is_valid && is_text (setting->values[k]);
    }
  return is_valid;
}

/* Reads the database that the session is on. What is said about databases is in no encoding of
 * its own: most of it was written from another database, in UTF-8. It stays the bytes that it
 * is; where those are no UTF-8 it was written in the encoding of the database itself.
 *
 * @ret_traits: (out) (transfer full) */
gboolean
pgm_database_traits_read_own_sync (PgmConn *conn,
                                   PgmDatabaseTraits **ret_traits,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autofree char *encoding = g_strdup (pgm_conn_get_parameter (conn, "client_encoding"));
  g_autoptr(PgmDatabaseTraits) raw = NULL;

  if (!set_client_encoding (conn, "SQL_ASCII", cancellable, error) ||
      !read_own (conn, &raw, cancellable, error) ||
      !set_client_encoding (conn, encoding, cancellable, error))
    return FALSE;
  if (!is_all_text (raw))
    return read_own (conn, ret_traits, cancellable, error);
  *ret_traits = g_steal_pointer (&raw);
  return TRUE;
}

static void
add_create_with_locale (const PgmDatabaseTraits *self, PgmScript *script, const char *name)
{
  if (self->provider == 'b')
    pgm_script_add (script,
                    "CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE %L",
                    name, self->encoding, self->collate, self->ctype, self->locale);
  else if (self->icu_rules != NULL)
    pgm_script_add (script,
                    "CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L "
                    "LOCALE_PROVIDER icu ICU_LOCALE %L ICU_RULES %L",
                    name, self->encoding, self->collate, self->ctype, self->locale,
                    self->icu_rules);
  else
    pgm_script_add (script,
                    "CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L "
                    "LOCALE_PROVIDER icu ICU_LOCALE %L",
                    name, self->encoding, self->collate, self->ctype, self->locale);
}

/* Adds the creation of an empty database called @name with the encoding and locale of @self.
 * From template0: what someone put into template1 would leak into the copy, and only template0
 * takes another encoding.
 *
 * @tablespace: (nullable): the server's choice */
void
pgm_database_traits_add_create (const PgmDatabaseTraits *self,
                                PgmScript *script,
                                const char *name,
                                const char *tablespace,
                                guint target_major)
{
  if (self->provider != 'c')
    add_create_with_locale (self, script, name);
  else
    pgm_script_add (script,
                    "CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L%K",
                    name, self->encoding, self->collate, self->ctype,
                    target_major >= 15 ? " LOCALE_PROVIDER LIBC" : "");
  if (tablespace != NULL)
    pgm_script_add (script, "ALTER DATABASE %I SET TABLESPACE %I", name, tablespace);
}

/* Adds what `ALTER DATABASE … SET` was told, the comment and the connection limit.
 *
 * @with_roles: also what was set for single roles in this database */
void
pgm_database_traits_add_settings (const PgmDatabaseTraits *self,
                                  PgmScript *script,
                                  const char *name,
                                  gboolean with_roles)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      const PgmDatabaseSetting *setting = self->settings->pdata[i];

      if (setting->role == NULL)
        pgm_script_add (script, "ALTER DATABASE %I SET %I TO %A", name, setting->name,
                        setting->values);
      else if (with_roles)
        pgm_script_add (script, "ALTER ROLE %I IN DATABASE %I SET %I TO %A", setting->role, name,
                        setting->name, setting->values);
    }
  if (self->connection_limit >= 0)
    pgm_script_add (script, "ALTER DATABASE %I CONNECTION LIMIT %d", name, self->connection_limit);
}

/* Adds the privileges on the database; nothing where they are the built-in ones.
 *
 * @owner: who owns it already */
void
pgm_database_traits_add_grants (const PgmDatabaseTraits *self,
                                PgmScript *script,
                                const char *name,
                                const char *owner)
{
  if (!self->has_acl)
    return;
  pgm_script_add (script, "REVOKE ALL ON DATABASE %I FROM PUBLIC", name);
  pgm_script_add (script, "REVOKE ALL ON DATABASE %I FROM %I", name, owner);
  for (guint i = 0; i < self->grants->len; i++)
    {
      const PgmDatabaseGrant *grant = self->grants->pdata[i];
      const char *option = grant->is_grantable ? " WITH GRANT OPTION" : "";

      if (grant->grantee == NULL)
        pgm_script_add (script, "GRANT %K ON DATABASE %I TO PUBLIC%K", grant->privilege, name,
                        option);
      else
        pgm_script_add (script, "GRANT %K ON DATABASE %I TO %I%K", grant->privilege, name,
                        grant->grantee, option);
    }
}
