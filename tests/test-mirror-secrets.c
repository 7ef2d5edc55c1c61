/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* P8: canaries for passwords and for a row are looked for wherever a run leaves words: command
 * lines, log, events, report, files, the program's output. argv[1] is the program. */

#define _GNU_SOURCE /* memmem() */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#define CANARY "cnry71d3"
#define SOURCE_PASSWORD CANARY "-source 'x\\"
#define TARGET_PASSWORD CANARY "-target\"y"

static char *program;
static PgmTestServer *source;
static PgmTestServer *target;

/* Watches all processes and all folders of runs from a thread, as often as it can. */
typedef struct
{
  GThread *thread;
  int is_over;      /* atomic */
  char *command;    /* (nullable): of a process that shows a canary */
  char *open_file;  /* (nullable): that others may read */
  guint n_commands; /* looks at tools at work */
  guint n_files;
} Watcher;

static gboolean
has_canary (const char *bytes, gsize length)
{
  return memmem (bytes, length, CANARY, strlen (CANARY)) != NULL;
}

static void
look_at_command (Watcher *watcher, const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "cmdline", NULL);
  g_autofree char *bytes = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &bytes, &length, NULL))
    return;
  if (memmem (bytes, length, "--no-password", strlen ("--no-password")) != NULL)
    watcher->n_commands++;
  if (has_canary (bytes, length) && watcher->command == NULL)
    watcher->command = g_strdup (bytes);
}

static void
look_at_file (Watcher *watcher, const char *path)
{
  struct stat info = { 0 };

  if (lstat (path, &info) != 0)
    return;
  watcher->n_files++;
  if ((info.st_mode & 077) != 0 && watcher->open_file == NULL)
    watcher->open_file = g_strdup (path);
}

static void
look_at_folder (Watcher *watcher, const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry = NULL;

  look_at_file (watcher, folder);
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);

      look_at_file (watcher, path);
    }
}

static void
look_once (Watcher *watcher)
{
  g_autoptr(GDir) processes = g_dir_open ("/proc", 0, NULL);
  g_autoptr(GDir) files = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *entry = NULL;

  while ((entry = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (*entry))
      look_at_command (watcher, entry);
  while ((entry = g_dir_read_name (files)) != NULL)
    if (g_str_has_prefix (entry, "pg-mirror-"))
      {
        g_autofree char *path = g_build_filename (g_get_tmp_dir (), entry, NULL);

        look_at_folder (watcher, path);
      }
}

static gpointer
watch_thread (gpointer data)
{
  Watcher *watcher = data;

  while (!g_atomic_int_get (&watcher->is_over))
    {
      look_once (watcher);
      g_usleep (2000);
    }
  return NULL;
}

static void
watch_begin (Watcher *watcher)
{
  watcher->thread = g_thread_new ("watch", watch_thread, watcher);
}

static void
watch_end (Watcher *watcher)
{
  g_atomic_int_set (&watcher->is_over, 1);
  g_thread_join (watcher->thread);
  g_test_message ("looked at %u tools and %u files", watcher->n_commands, watcher->n_files);
  g_assert_cmpstr (watcher->command, ==, NULL);
  g_assert_cmpstr (watcher->open_file, ==, NULL);
  g_assert_cmpuint (watcher->n_commands, >, 0);
  g_assert_cmpuint (watcher->n_files, >, 0);
}

static void
assert_clean (const char *what, const char *text)
{
  if (has_canary (text, strlen (text)))
    g_error ("a canary is in the %s:\n%s", what, text);
}

static void
assert_run_clean (PgmTestRun *run)
{
  g_autofree char *all = pgm_test_run_describe (run);
  g_autofree char *summary = pgm_report_dup_summary (run->report);

  assert_clean ("log or the report", all);
  assert_clean ("summary", summary);
  for (guint i = 0; i < run->events->len; i++)
    {
      g_autoptr(JsonNode) node = pgm_event_to_json (run->events->pdata[i]);
      g_autofree char *json = json_to_string (node, FALSE);

      assert_clean ("event", json);
    }
}

/* Passwords that are part of the database itself, in its own objects. */
static const char with_mapping[] =
    "CREATE TABLE t AS SELECT i, repeat ('" CANARY "-row ', 20) FROM generate_series (1, 50000) i;"
    "CREATE FOREIGN DATA WRAPPER none; CREATE SERVER far FOREIGN DATA WRAPPER none;"
    "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (password '" CANARY "-mapping');"
    "CREATE SUBSCRIPTION feed CONNECTION 'dbname=x password=" CANARY "-feed' PUBLICATION p"
    " WITH (connect = false, slot_name = NONE);";

/* Each is refused at the target with a message that shows the row. */
static const struct
{
  const char *name;
  const char *source_sql;
} leaks[] = {
  { "leak_check", "CREATE TABLE later (i int); INSERT INTO later VALUES (1);"
                  "CREATE FUNCTION known (t text) RETURNS boolean LANGUAGE sql"
                  " AS 'SELECT EXISTS (SELECT 1 FROM public.later)';"
                  "CREATE TABLE early (t text CHECK (known (t)));"
                  "INSERT INTO early VALUES (E'" CANARY "-row\npg_restore: " CANARY "-line');" },
  { "leak_index",
    "CREATE TABLE t AS SELECT '" CANARY "-row' AS t FROM generate_series (1, 2);"
    "CREATE FUNCTION f (t text) RETURNS text IMMUTABLE LANGUAGE sql AS"
    " $$ SELECT CASE WHEN pg_catalog.current_setting ('test.unlike', true) IS NULL THEN t"
    "    ELSE pg_catalog.gen_random_uuid ()::text END $$;"
    "SET test.unlike = 1; CREATE UNIQUE INDEX ON t (f (t));" },
  /* in the first line of the message, whatever its SQLSTATE */
  { "leak_raise",
    "CREATE TABLE t AS SELECT '" CANARY "-row' AS t;"
    "CREATE FUNCTION f (t text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_setting ('test.quiet', true) IS NULL THEN"
    " RAISE NOTICE 'seen %', t; RAISE EXCEPTION 'bad row %', t USING ERRCODE = '42501';"
    " END IF; RETURN t; END $$; SET test.quiet = 1; CREATE INDEX ON t (f (t));" },
  { "leak_cast",
    "CREATE TABLE t AS SELECT '" CANARY "-row' AS t;"
    "CREATE FUNCTION f (t text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_setting ('test.quiet', true) IS NULL THEN RETURN t::int; END IF;"
    " RETURN 0; END $$; SET test.quiet = 1; CREATE INDEX ON t (f (t));" },
};

/* The same in a script of the user's, and in what our own session asks for. */
static const struct
{
  const char *name;
  const char *source_sql;
  const char *script; /* (nullable) */
  const char *code;
} own_leaks[] = {
  { "leak_script_raise", NULL,
    "DO $$ BEGIN RAISE NOTICE '" CANARY "-notice, an error'; RAISE EXCEPTION '%', '" CANARY
    "-row'; END $$;",
    "script-failed" },
  { "leak_script_cast", NULL, "SELECT ('" CANARY "' || '-row')::int;", "script-failed" },
  { "leak_script_unique", NULL,
    "CREATE TABLE k (t text PRIMARY KEY); INSERT INTO k SELECT '" CANARY
    "-row' FROM generate_series (1, 2);",
    "script-failed" },
  { "leak_analyze",
    "CREATE TABLE t AS SELECT '" CANARY "-row' AS t FROM generate_series (1, 9);"
    "CREATE FUNCTION f (t text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_query () LIKE 'ANALYZE%' THEN RAISE EXCEPTION 'bad row %', t;"
    " END IF; RETURN t; END $$; CREATE INDEX ON t (f (t));",
    NULL, "ok" },
};

/* An application's secret in a setting of the database, on either side. */
static void
add_setting (PgmTestPair *pair)
{
  g_autofree char *sql = g_strdup_printf (
      "ALTER DATABASE \"%s\" SET \"app.secret\" TO '" CANARY "-setting'", pair->database);

  pgm_test_do (source, "postgres", sql);
  pgm_test_do (target, "postgres", sql);
}

static void
assert_setting (PgmTestPair *pair)
{
  g_autofree char *got = pgm_test_server_psql (target, pair->database, "SHOW \"app.secret\"");

  g_assert_cmpstr (got, ==, CANARY "-setting");
}

static void
test_run (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "secrets", with_mapping);
  g_autoptr(PgmTestRun) run = NULL;
  Watcher watcher = { NULL };

  add_setting (pair);
  watch_begin (&watcher);
  run = pgm_test_pair_run (pair);
  watch_end (&watcher);
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "user-mapping"));
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "subscription"));
  assert_run_clean (run);
  assert_setting (pair);
  g_free (pgm_test_server_psql (source, pair->database, "DROP SUBSCRIPTION feed"));
}

static void
test_failing_row (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, NULL, leaks[i].name, leaks[i].source_sql);
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_pair_set_options (pair, ", \"parallel_jobs\": 1");
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "restore-failed");
  assert_run_clean (run);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_own_leak (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, own_leaks[i].name,
                                                    own_leaks[i].source_sql);
  g_autofree char *script = g_build_filename (g_get_tmp_dir (), "script.sql", NULL);
  g_autofree char *options = g_strdup_printf (", \"post_sql\": [ \"%s\" ]", script);
  g_autoptr(PgmTestRun) run = NULL;

  if (own_leaks[i].script != NULL)
    {
      g_assert_true (g_file_set_contents (script, own_leaks[i].script, -1, NULL));
      pgm_test_pair_set_options (pair, options);
    }
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, own_leaks[i].code);
  assert_run_clean (run);
  g_test_message ("%s", run->data->message);
  if (own_leaks[i].script != NULL)
    pgm_test_pair_assert_old (pair, run);
  else
    pgm_test_assert_has (pgm_test_find (run->data->findings, "analyze")->message,
                         "raise_exception (SQLSTATE P0001)");
  g_unlink (script);
}

static void
test_wrong_password (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "wrong", NULL);
  g_autofree char *json = g_strdup_printf (
      "{ \"source\": { \"host\": \"%s\", \"database\": \"wrong\", \"user\": \"postgres\","
      "  \"password\": \"" CANARY "-wrong\" }, \"target\": { \"host\": \"%s\","
      "  \"user\": \"nobody\", \"password\": \"" CANARY "\" } }",
      pgm_test_server_get_host (source), pgm_test_server_get_host (target));
  g_autoptr(PgmTestRun) run = pgm_test_run (json, NULL);

  pgm_test_assert_code (run, "source-unreachable");
  assert_run_clean (run);
  pgm_test_pair_assert_old (pair, run);
}

/* What a tool is given: what we built, whatever is set outside. */
static void
test_child (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "child", NULL);
  g_autofree char *seen = g_build_filename (g_get_tmp_dir (), "seen", NULL);
  g_autofree char *script =
      g_strdup_printf ("test \"$1\" = --version || { env; grep NoNewPrivs /proc/self/status; "
                       "ulimit -c; ulimit -Hc; umask; } > %s\nexec REAL \"$@\"\n",
                       seen);
  char *tools = pgm_test_fake_begin ("pg_dump", script);
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GString) names = g_string_new (NULL);

  pgm_test_fake_end (tools);
  pgm_test_assert_code (run, "ok");
  g_assert_true (g_file_get_contents (seen, &text, NULL, NULL));
  g_unlink (seen);
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "PG"))
      g_string_append_printf (names, "%.*s ", (int) strcspn (lines[i], "="), lines[i]);
  g_assert_cmpuint (strlen (names->str), ==, strlen ("PGAPPNAME PGOPTIONS PGPASSFILE PGPASSWORD "));
  g_assert_true (g_strv_contains ((const char *const *) lines, "PGPASSWORD=" SOURCE_PASSWORD));
  g_assert_true (g_strv_contains ((const char *const *) lines, "LC_ALL=C"));
  g_assert_null (strstr (text, "LANGUAGE"));
  g_assert_null (strstr (text, "nosuch"));
#ifdef __linux__
  g_assert_nonnull (strstr (text, "\nNoNewPrivs:\t1\n"));
#endif
  g_assert_true (g_str_has_suffix (text, "\n0\n0\n0077\n"));
}

/* A file, or a folder with all that is in it.
 *
 * Returns: how many files were looked at */
static guint
assert_files_clean (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  g_autofree char *text = NULL;
  gsize length = 0;
  struct stat info = { 0 };
  const char *name = NULL;
  guint n = 0;

  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 077, ==, 0);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      n += assert_files_clean (child);
    }
  if (dir != NULL)
    return n;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  if (has_canary (text, length))
    g_error ("a canary is in \"%s\"", path);
  return 1;
}

/* What somebody may have set for his own psql. */
static const char *const poison[][2] = {
  { "PGHOST", "192.0.2.1" },
  { "PGHOSTADDR", "192.0.2.1" },
  { "PGPORT", "1" },
  { "PGSERVICE", "nosuch" },
  { "PGSERVICEFILE", "/nosuch" },
  { "PGSYSCONFDIR", "/nosuch" },
  { "PGOPTIONS", "-c nosuch=1" },
  { "PGSSLMODE", "verify-full" },
  { "PGGSSENCMODE", "require" },
  { "PGCHANNELBINDING", "require" },
  { "PGTARGETSESSIONATTRS", "standby" },
  { "PGCONNECT_TIMEOUT", "nosuch" },
  { "PGDATABASE", "nosuch" },
  { "PGUSER", "nosuch" },
  { "PGPASSWORD", CANARY "-outside" },
  { "PGPASSFILE", "/nosuch" },
  { "PGAPPNAME", "nosuch" },
  { "PGTZ", "nosuch" },
  { "PGDATESTYLE", "nosuch" },
  { "PGCLIENTENCODING", "SJIS" },
  { "LANGUAGE", "fr" },
};

/* A folder that a person has: files of libpq's and psql's that lead elsewhere, and say so.
 *
 * Returns: (transfer full) */
static char *
make_home (void)
{
  static const struct
  {
    const char *name;
    const char *text;
  } files[] = {
    { ".psqlrc", "\\! touch \"$HOME/was-read\"\n\\set ON_ERROR_STOP 0\nCREATE TABLE evil ();\n" },
    { ".pg_service.conf", "[nosuch]\nhost=192.0.2.1\nport=1\n" },
    { ".pgpass", "*:*:*:*:" CANARY "-pgpass\n" },
  };
  char *home = g_build_filename (g_get_tmp_dir (), "home", NULL);

  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (home, files[i].name, NULL);

      g_assert_true (
          g_file_set_contents_full (path, files[i].text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
  return home;
}

static void
poison_launcher (GSubprocessLauncher *launcher, const char *home)
{
  g_autofree char *psqlrc = g_build_filename (home, ".psqlrc", NULL);
  g_autofree char *history = g_build_filename (home, "was-written", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (poison); i++)
    g_subprocess_launcher_setenv (launcher, poison[i][0], poison[i][1], TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", home, TRUE);
  g_subprocess_launcher_setenv (launcher, "PSQLRC", psqlrc, TRUE);
  g_subprocess_launcher_setenv (launcher, "PSQL_HISTORY", history, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "xx_YY.nosuch", TRUE);
}

/* Only what was there. */
static void
assert_home_untouched (const char *home)
{
  g_autofree char *read = g_build_filename (home, "was-read", NULL);
  g_autofree char *written = g_build_filename (home, "was-written", NULL);

  g_assert_false (g_file_test (read, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (written, G_FILE_TEST_EXISTS));
}

/* The program itself, with all it can say switched on, and an environment that would lead libpq
 * elsewhere. */
static void
test_program (gconstpointer data)
{
  const gboolean json = GPOINTER_TO_INT (data);
  const char *name = json ? "program_json" : "program";
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, name, with_mapping);
  g_autofree char *config = g_build_filename (g_get_tmp_dir (), "config.json", NULL);
  g_autofree char *log = g_build_filename (g_get_tmp_dir (), "log", NULL);
  g_autofree char *state = g_build_filename (g_get_tmp_dir (), "state", NULL);
  g_autofree char *profile = pgm_test_pair_dup_profile (pair);
  g_autofree char *home = make_home ();
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  Watcher watcher = { NULL };

  g_assert_true (
      g_file_set_contents_full (config, profile, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  poison_launcher (launcher, home);
  add_setting (pair);
  watch_begin (&watcher);
  process =
      g_subprocess_launcher_spawn (launcher, &error, program, "--verbose", "--log-file", log,
                                   "mirror", "--yes", "-c", config, json ? "--json" : NULL, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  watch_end (&watcher);
  assert_clean ("standard output", out);
  assert_clean ("standard error", err);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  assert_home_untouched (home);
  pgm_test_pair_assert_new (pair);
  pgm_test_remove_tree (home);
  g_assert_cmpuint (assert_files_clean (log), ==, 1);
  g_assert_cmpuint (assert_files_clean (state), >, 0);
  pgm_test_remove_tree (state);
  g_unlink (log);
  g_unlink (config);
  g_free (pgm_test_server_psql (source, pair->database, "DROP SUBSCRIPTION feed"));
}

/* It is forgotten before the first session. */
static void
poison_environment (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (poison); i++)
    g_setenv (poison[i][0], poison[i][1], TRUE);
}

static void
add_tests (void)
{
  g_test_add_func ("/mirror-secrets/run", test_run);
  for (guint i = 0; i < G_N_ELEMENTS (leaks); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-secrets/", leaks[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_failing_row);
    }
  for (guint i = 0; i < G_N_ELEMENTS (own_leaks); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-secrets/", own_leaks[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_own_leak);
    }
  g_test_add_func ("/mirror-secrets/wrong-password", test_wrong_password);
  g_test_add_func ("/mirror-secrets/child", test_child);
  g_test_add_data_func ("/mirror-secrets/program", GINT_TO_POINTER (FALSE), test_program);
  g_test_add_data_func ("/mirror-secrets/program-json", GINT_TO_POINTER (TRUE), test_program);
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions source_options = { .password = SOURCE_PASSWORD };
  const PgmTestServerOptions target_options = { .password = TARGET_PASSWORD };
  int status;

  g_assert_cmpint (argc, >=, 2);
  program = g_canonicalize_filename (argv[1], NULL);
  poison_environment ();
  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &source_options);
  target = pgm_test_server_start ("target", &target_options);
  add_tests ();
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  g_free (program);
  return status;
}
