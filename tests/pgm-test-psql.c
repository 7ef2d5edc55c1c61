/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-server-private.h"

#include "pgm-json-write.h"

#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* Runs psql; @sql comes from its standard input, so that each statement is its own transaction.
 * @role: (nullable): the superuser; any other role needs the server's own password
 * @output: (out) (optional): stdout and stderr, without the last newline */
int
pgm_test_server_psql_status (
    PgmTestServer *self, const char *role, const char *database, const char *sql, char **output)
{
  g_autofree char *psql = pgm_test_server_dup_program (self, "psql");
  const char *argv[] = { psql, "-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", NULL };
  g_autofree char *text = NULL;
  int status = pgm_test_server_run_program (self, argv, role, database, sql, &text);

  if (g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  if (output != NULL)
    *output = g_steal_pointer (&text);
  return status;
}

/* Returns: (transfer full): what psql printed: one line a row, fields separated by | */
char *
pgm_test_server_psql (PgmTestServer *self, const char *database, const char *sql)
{
  char *output = NULL;
  int status = pgm_test_server_psql_status (self, NULL, database, sql, &output);

  if (status != 0)
    g_error ("psql left with %d on the %s server: %s\n%s", status, self->name, sql, output);
  return output;
}

void
pgm_test_server_run_file (PgmTestServer *self,
                          const char *role,
                          const char *database,
                          const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *psql = pgm_test_server_dup_program (self, "psql");
  const char *argv[] = { psql, "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-f", absolute, NULL };
  g_autofree char *output = NULL;

  if (pgm_test_server_run_program (self, argv, role, database, NULL, &output) != 0)
    g_error ("\"%s\" does not load on the %s server:\n%s", path, self->name, output);
}

/* Lines that differ between two dumps of equal databases: comments with versions, and the
 * random key of \restrict (in pg_dump since August 2025). */
static gboolean
is_noise (const char *line)
{
  return *line == '\0' || g_str_has_prefix (line, "--") || g_str_has_prefix (line, "\\restrict ") ||
         g_str_has_prefix (line, "\\unrestrict ");
}

char *
pgm_test_server_dump_schema (PgmTestServer *self, const char *database)
{
  g_autofree char *pg_dump = pgm_test_server_dup_program (self, "pg_dump");
  const char *argv[] = { pg_dump, "-w", "-s", "--no-owner", "--no-acl", NULL };
  g_autofree char *output = NULL;
  g_auto(GStrv) lines = NULL;
  GString *kept = g_string_new (NULL);

  if (pgm_test_server_run_program (self, argv, NULL, database, NULL, &output) != 0)
    g_error ("pg_dump of \"%s\" on the %s server failed:\n%s", database, self->name, output);
  lines = g_strsplit (output, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (!is_noise (lines[i]))
      g_string_append_printf (kept, "%s\n", lines[i]);
  return g_string_free (kept, FALSE);
}

/* @application_like: a LIKE pattern of application_name: "pg-mirror%"
 *
 * A session stays for a moment after its client has left: where 0 is expected, poll. */
guint
pgm_test_server_count_sessions (PgmTestServer *self, const char *application_like)
{
  g_auto(GStrv) parts = g_strsplit (application_like, "'", -1);
  g_autofree char *quoted = g_strjoinv ("''", parts);
  g_autofree char *sql =
      g_strdup_printf ("SELECT count(*) FROM pg_catalog.pg_stat_activity"
                       " WHERE application_name LIKE '%s' AND pid <> pg_backend_pid()",
                       quoted);
  g_autofree char *count = pgm_test_server_psql (self, "postgres", sql);

  return atoi (count);
}

static void
add_endpoint (JsonBuilder *builder, const char *key, PgmTestServer *server, const char *role)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "host");
  json_builder_add_string_value (builder, pgm_test_server_get_host (server));
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, server->port);
  json_builder_set_member_name (builder, "user");
  json_builder_add_string_value (builder, role != NULL ? role : PGM_TEST_SUPERUSER);
  json_builder_set_member_name (builder, "password");
  json_builder_add_string_value (builder, server->password != NULL ? server->password : "trusted");
}

/* @role: (nullable): the superuser, on both servers
 * @options_json: (nullable): the value of "options"
 *
 * Returns: (transfer full): a profile as the user would write it */
char *
pgm_test_profile_json (PgmTestServer *source,
                       PgmTestServer *target,
                       const char *role,
                       const char *database,
                       const char *options_json)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) error = NULL;

  json_builder_begin_object (builder);
  add_endpoint (builder, "source", source, role);
  json_builder_set_member_name (builder, "database");
  json_builder_add_string_value (builder, database);
  json_builder_end_object (builder);
  add_endpoint (builder, "target", target, role);
  json_builder_end_object (builder);
  if (options_json != NULL)
    {
      json_builder_set_member_name (builder, "options");
      json_builder_add_value (builder, json_from_string (options_json, &error));
      g_assert_no_error (error);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return pgm_json_write (root);
}
