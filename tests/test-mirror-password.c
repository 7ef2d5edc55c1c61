/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Passwords of any kind, from any place, on servers that ask for them. */

#include "pgm-test-run.h"

#include "pgm-json-write.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;
static char *folder;
static char *passfile; /* PGPASSFILE as the user had it */

static void
set_password (const char *password)
{
  g_auto(GStrv) quotes = g_strsplit (password, "'", -1);
  g_autofree char *doubled = g_strjoinv ("''", quotes);
  g_auto(GStrv) slashes = g_strsplit (doubled, "\\", -1);
  g_autofree char *escaped = g_strjoinv ("\\\\", slashes);
  g_autofree char *sql = g_strdup_printf ("ALTER ROLE app PASSWORD E'%s'", escaped);

  pgm_test_do (source, "postgres", sql);
  pgm_test_do (target, "postgres", sql);
}

static void
add_server (JsonBuilder *builder, PgmTestServer *server, const char *key, const char *value)
{
  json_builder_set_member_name (builder, server == source ? "source" : "target");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "host");
  json_builder_add_string_value (builder, pgm_test_server_get_host (server));
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, pgm_test_server_get_port (server));
  json_builder_set_member_name (builder, "user");
  json_builder_add_string_value (builder, "app");
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
  if (server == source)
    {
      json_builder_set_member_name (builder, "database");
      json_builder_add_string_value (builder, "shop");
    }
  json_builder_end_object (builder);
}

/* @key: "password" or "password_from" */
static PgmTestRun *
mirror (const char *key, const char *value, const PgmTestRunOptions *how)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) options = json_from_string ("{ \"drop_existing\": true }", NULL);
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *json = NULL;

  json_builder_begin_object (builder);
  add_server (builder, source, key, value);
  add_server (builder, target, key, value);
  json_builder_set_member_name (builder, "options");
  json_builder_add_value (builder, g_steal_pointer (&options));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json = pgm_json_write (root);
  return pgm_test_run (json, how);
}

static const PgmTestRunOptions sure = { .flags = PGM_MIRROR_ASSUME_YES };

static void
assert_arrived (PgmTestRun *run)
{
  pgm_test_assert_code (run, "ok");
  g_assert_cmpuint (run->data->n_rows, ==, 3);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_hostile (void)
{
  static const char *const passwords[] = {
    "two words",
    " leading and trailing ",
    "it's \"quoted\"",
    "back\\slash\\",
    "a:b:c",
    "%s%n%x",
    "contraseña 密码 \360\237\224\221",
    "line\nbreak\n",
    "\ttab\t",
    "$(touch x) `y` ${HOME}",
    "host=evil password=x",
    "\033[31m",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;

      set_password (passwords[i]);
      run = mirror ("password", passwords[i], &sure);
      assert_arrived (run);
      g_assert_false (pgm_test_run_logged (run, passwords[i]));
    }
}

static void
test_long (void)
{
  g_autofree char *password = g_strnfill (60000, 'p');
  g_autoptr(PgmTestRun) run = NULL;

  if (pgm_test_is_slow ())
    {
      g_test_skip ("SCRAM reads it 4096 times, for longer than a connection may take");
      return;
    }
  set_password (password);
  run = mirror ("password", password, &sure);
  assert_arrived (run);
}

static void
test_environment (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) missing = NULL;

  set_password ("from the environment ");
  g_setenv ("PGM_TEST_PASSWORD", "from the environment ", TRUE);
  run = mirror ("password_from", "env:PGM_TEST_PASSWORD", &sure);
  g_unsetenv ("PGM_TEST_PASSWORD");
  assert_arrived (run);
  missing = mirror ("password_from", "env:PGM_TEST_PASSWORD", &sure);
  pgm_test_assert_code (missing, "config");
  pgm_test_assert_has (missing->data->message, "PGM_TEST_PASSWORD");
}

static void
test_file (void)
{
  static const char *const contents[] = { " in a file:\\ ", " in a file:\\ \n",
                                          " in a file:\\ \r\n" };
  g_autofree char *path = g_build_filename (folder, "password", NULL);
  g_autofree char *from = g_strconcat ("file:", path, NULL);
  g_autoptr(PgmTestRun) missing = NULL;

  set_password (" in a file:\\ ");
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;

      g_assert_true (g_file_set_contents (path, contents[i], -1, NULL));
      g_assert_cmpint (g_chmod (path, i == 0 ? 0644 : 0600), ==, 0);
      run = mirror ("password_from", from, &sure);
      assert_arrived (run);
      g_assert_cmpint (pgm_test_find (run->data->findings, "password-file-open") != NULL, ==,
                       i == 0);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
  missing = mirror ("password_from", from, &sure);
  pgm_test_assert_code (missing, "config");
  pgm_test_assert_has (missing->data->message, path);
}

/* Only a profile that says so reads the user's password file. */
static void
test_pgpass (void)
{
  g_autofree char *line =
      g_strdup_printf ("%s:%u:*:app:with\\:colon\\\\\n%s:%u:*:app:with\\:colon"
                       "\\\\\n",
                       pgm_test_server_get_host (source), pgm_test_server_get_port (source),
                       pgm_test_server_get_host (target), pgm_test_server_get_port (target));
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) without = NULL;
  g_autoptr(PgmTestRun) unlisted = NULL;

  set_password ("with:colon\\");
  g_assert_true (
      g_file_set_contents_full (passfile, line, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  run = mirror ("password_from", "pgpass", &sure);
  assert_arrived (run);
  without = mirror ("password", "", &sure);
  pgm_test_assert_code (without, "source-unreachable");
  g_assert_cmpint (g_remove (passfile), ==, 0);
  unlisted = mirror ("password_from", "pgpass", &sure);
  pgm_test_assert_code (unlisted, "source-unreachable");
  pgm_test_assert_has (unlisted->data->message, "the password file (PGPASSFILE, or ~/.pgpass)");
}

static void
answer (PgmQuestion *question, gpointer password)
{
  g_autoptr(PgmSecret) secret = password != NULL ? pgm_secret_new (password) : NULL;

  g_assert_cmpint (pgm_question_get_kind (question), ==, PGM_QUESTION_PASSWORD);
  pgm_question_answer_secret (question, secret);
}

static void
test_prompt (void)
{
  const PgmTestRunOptions answering = { .flags = PGM_MIRROR_ASSUME_YES,
                                        .question = answer,
                                        .user_data = (gpointer) "typed in" };
  const PgmTestRunOptions refusing = { .flags = PGM_MIRROR_ASSUME_YES, .question = answer };
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) refused = NULL;
  PgmQuestion *second = NULL;

  set_password ("typed in");
  run = mirror ("password_from", "prompt", &answering);
  assert_arrived (run);
  g_assert_cmpuint (run->questions->len, ==, 2);
  second = run->questions->pdata[1];
  g_assert_cmpint (pgm_question_get_endpoint (second)->side, ==, PGM_SIDE_TARGET);

  refused = mirror ("password_from", "prompt", &refusing);
  pgm_test_assert_code (refused, "refused");
  g_assert_cmpuint (refused->questions->len, ==, 1);
}

/* Has to come before the environment is forgotten; the system's own folder, as TMPDIR is not
 * the program's own yet. */
static void
set_passfile (void)
{
  folder = g_strdup ("/tmp/pgm-password-XXXXXX");
  if (g_mkdtemp (folder) == NULL)
    g_error ("could not create \"%s\": %s", folder, g_strerror (errno));
  passfile = g_build_filename (folder, "pass file", NULL);
  g_setenv ("PGPASSFILE", passfile, TRUE);
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions with_password = { .password = "superuser's", .listen_tcp = TRUE };
  int status;

  set_passfile ();
  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &with_password);
  target = pgm_test_server_start ("target", &with_password);
  pgm_test_do (source, "postgres", "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app");
  pgm_test_do (source, "shop",
               "CREATE TABLE t AS SELECT generate_series(1, 3); ALTER TABLE t OWNER TO app");
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB");

  g_test_add_func ("/mirror-password/hostile", test_hostile);
  g_test_add_func ("/mirror-password/long", test_long);
  g_test_add_func ("/mirror-password/environment", test_environment);
  g_test_add_func ("/mirror-password/file", test_file);
  g_test_add_func ("/mirror-password/pgpass", test_pgpass);
  g_test_add_func ("/mirror-password/prompt", test_prompt);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  g_remove (passfile);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (passfile);
  g_free (folder);
  pgm_test_run_end ();
  return status;
}
