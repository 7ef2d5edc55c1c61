/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-run.h"

#include "pgm-server.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A server forgets a session a moment after its client has left, and the kernel a process a moment
 * after it was killed. */
#define SETTLE_US (60 * G_USEC_PER_SEC)
#define POLL_US (20 * 1000)

static char *temp_dir;

static void
remove_temp_dir (void)
{
  g_rmdir (temp_dir);
}

/* To be called first in main, in place of g_test_init(). The program gets a TMPDIR of its own,
 * so that whatever is found there is its own, and loses what would speak to libpq behind the
 * profile's back. */
void
pgm_test_run_init (int *argc, char ***argv)
{
  const char *outer = g_getenv ("TMPDIR");

  signal (SIGPIPE, SIG_IGN);
  temp_dir = g_build_filename (outer != NULL ? outer : "/tmp", "pgm-XXXXXX", NULL);
  if (g_mkdtemp_full (temp_dir, 0755) == NULL || g_chmod (temp_dir, 0755) != 0)
    g_error ("could not create \"%s\": %s", temp_dir, g_strerror (errno));
  atexit (remove_temp_dir);
  g_setenv ("TMPDIR", temp_dir, TRUE);
  pgm_server_forget_environment ();
  g_test_init (argc, argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
}

/* To be called last in main, with the servers freed. */
void
pgm_test_run_end (void)
{
  if (g_rmdir (temp_dir) != 0)
    g_error ("something was left in \"%s\"", temp_dir);
}

static void
log_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  PgmTestRun *self = user_data;

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->lines, g_strconcat (pgm_log_level_get_name (level), " ", message, NULL));
  g_mutex_unlock (&self->mutex);
}

static void
event_cb (PgmMirror *mirror, PgmEvent *event, gpointer user_data)
{
  PgmTestRun *self = user_data;

  g_ptr_array_add (self->events, pgm_event_ref (event));
  if (self->options.event != NULL)
    self->options.event (mirror, event, self->options.user_data);
}

static void
question_cb (PgmMirror *mirror, PgmQuestion *question, gpointer user_data)
{
  PgmTestRun *self = user_data;

  g_ptr_array_add (self->questions, g_object_ref (question));
  if (self->options.question != NULL)
    self->options.question (question, self->options.user_data);
  else
    pgm_question_answer (question, FALSE);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PgmTestRun *self = user_data;

  self->result = g_object_ref (result);
}

/* @options: (nullable)
 *
 * Returns: a run at work; it goes on whenever pgm_test_run_wait() is called for any run */
PgmTestRun *
pgm_test_run_start (const char *profile_json, const PgmTestRunOptions *options)
{
  PgmTestRun *self = g_new0 (PgmTestRun, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = pgm_profile_parse (profile_json, -1, NULL, &error);

  g_assert_no_error (error);
  if (options != NULL)
    self->options = *options;
  g_mutex_init (&self->mutex);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_event_unref);
  self->questions = g_ptr_array_new_with_free_func (g_object_unref);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->logger = pgm_logger_new ();
  pgm_logger_add_sink (self->logger, PGM_LOG_DEBUG, log_cb, self, NULL);
  self->mirror = pgm_mirror_new (profile, self->logger, self->options.flags);
  g_signal_connect (self->mirror, "event", G_CALLBACK (event_cb), self);
  g_signal_connect (self->mirror, "question", G_CALLBACK (question_cb), self);
  pgm_mirror_run_async (self->mirror, self->options.cancellable, ended_cb, self);
  return self;
}

/* Turns the main context until the run has its report. */
void
pgm_test_run_wait (PgmTestRun *self)
{
  while (self->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (self->report != NULL)
    return;
  self->report = pgm_mirror_run_finish (self->mirror, self->result);
  self->data = pgm_report_get_data (self->report);
  g_assert_nonnull (self->data->code);
  g_assert_nonnull (self->data->message);
}

PgmTestRun *
pgm_test_run (const char *profile_json, const PgmTestRunOptions *options)
{
  PgmTestRun *self = pgm_test_run_start (profile_json, options);

  pgm_test_run_wait (self);
  return self;
}

/* A run that does not ask whether it may replace. */
PgmTestRun *
pgm_test_mirror (PgmTestServer *source,
                 PgmTestServer *target,
                 const char *role,
                 const char *database,
                 const char *options_json)
{
  g_autofree char *json = pgm_test_profile_json (source, target, role, database, options_json);
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };

  return pgm_test_run (json, &options);
}

/* The run has to have ended, and nobody else may still hold it. */
void
pgm_test_run_free (PgmTestRun *self)
{
  pgm_test_run_wait (self);
  g_clear_object (&self->result);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->events);
  g_assert_finalize_object (self->mirror);
  g_assert_finalize_object (self->report);
  g_assert_finalize_object (self->logger);
  g_ptr_array_unref (self->lines);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* As the superuser, for its effect. */
void
pgm_test_do (PgmTestServer *server, const char *database, const char *sql)
{
  g_free (pgm_test_server_psql (server, database, sql));
}

gboolean
pgm_test_run_logged (PgmTestRun *self, const char *part)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (strstr (self->lines->pdata[i], part) != NULL)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full): the report and the log, for a person */
char *
pgm_test_run_describe (PgmTestRun *self)
{
  g_autoptr(JsonNode) node = pgm_report_to_json (self->report);
  g_autofree char *report = json_to_string (node, TRUE);
  GString *text = g_string_new (report);

  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (text, "\n%s", (char *) self->lines->pdata[i]);
  return g_string_free (text, FALSE);
}

/* Returns: (transfer none) (nullable): the first of @findings with that code */
const PgmFinding *
pgm_test_find (GPtrArray *findings, const char *code)
{
  for (guint i = 0; i < findings->len; i++)
    if (g_str_equal (((PgmFinding *) findings->pdata[i])->code, code))
      return findings->pdata[i];
  return NULL;
}

/* Returns: whether one of @findings has that code, and @part in its message */
gboolean
pgm_test_is_told (GPtrArray *findings, const char *code, const char *part)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const PgmFinding *finding = findings->pdata[i];

      if (g_str_equal (finding->code, code) && strstr (finding->message, part) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full): one line for each table, sequence, large object and kind of object */
char *
pgm_test_dup_content (PgmTestServer *server, const char *database)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "build-aux", "compare.sql", NULL);
  g_autofree char *sql = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &sql, NULL, &error);
  g_assert_no_error (error);
  return pgm_test_server_psql (server, database, sql);
}

static void
assert_equal_lines (const char *source, const char *target)
{
  g_auto(GStrv) source_lines = g_strsplit (source, "\n", -1);
  g_auto(GStrv) target_lines = g_strsplit (target, "\n", -1);

  for (gsize i = 0; source_lines[i] != NULL && target_lines[i] != NULL; i++)
    g_assert_cmpstr (target_lines[i], ==, source_lines[i]);
  g_assert_cmpuint (g_strv_length (target_lines), ==, g_strv_length (source_lines));
}

/* Rows by an order-free hash, sequences, large objects, every definition, and what the database
 * itself was told; none of it asked in the way that a run asks. */
void
pgm_test_assert_equal (PgmTestServer *source, PgmTestServer *target, const char *database)
{
  g_autofree char *source_content = pgm_test_dup_content (source, database);
  g_autofree char *target_content = pgm_test_dup_content (target, database);
  g_autofree char *source_schema = pgm_test_server_dump_schema (source, database);
  g_autofree char *target_schema = pgm_test_server_dump_schema (target, database);

  assert_equal_lines (source_content, target_content);
  assert_equal_lines (source_schema, target_schema);
}

/* Whether process @pid was started by a run of this program: a child of ours with the name of a
 * tool, or one further down with our folder and a run's name in its environment. */
static gboolean
is_tool_of_ours (const char *pid)
{
  g_autofree char *status_path = g_build_filename ("/proc", pid, "status", NULL);
  g_autofree char *environ_path = g_build_filename ("/proc", pid, "environ", NULL);
  g_autofree char *parent = g_strdup_printf ("\nPPid:\t%d\n", (int) getpid ());
  g_autofree char *status = NULL;
  g_autofree char *variables = NULL;
  gsize length = 0;

  if (!g_file_get_contents (status_path, &status, NULL, NULL))
    return FALSE;
  if (strstr (status, parent) != NULL &&
      (g_str_has_prefix (status, "Name:\tpg_") || g_str_has_prefix (status, "Name:\tpsql")))
    return TRUE;
  if (!g_file_get_contents (environ_path, &variables, &length, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (variables[i] == '\0')
      variables[i] = '\n';
  return strstr (variables, "PGAPPNAME=pgmirror-") != NULL && strstr (variables, temp_dir) != NULL;
}

/* Returns: (transfer full) (nullable): the number of one of them */
static char *
find_process (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *entry = NULL;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*entry) && is_tool_of_ours (entry))
      return g_strdup (entry);
  return NULL;
}

static void
assert_no_process (void)
{
  gint64 deadline_us = g_get_monotonic_time () + SETTLE_US;

  for (;;)
    {
      g_autofree char *pid = find_process ();

      if (pid == NULL)
        return;
      if (g_get_monotonic_time () > deadline_us)
        g_error ("process %s was left behind", pid);
      g_usleep (POLL_US);
    }
}

static void
assert_no_session (PgmTestServer *server)
{
  gint64 deadline_us = g_get_monotonic_time () + SETTLE_US;

  while (pgm_test_server_count_sessions (server, "pgmirror%") > 0)
    {
      if (g_get_monotonic_time () > deadline_us)
        g_error ("a session of a run was left behind");
      g_usleep (POLL_US);
    }
}

static void
assert_no_database (PgmTestServer *server)
{
  g_autofree char *names = pgm_test_server_psql (
      server, "postgres",
      "SELECT datname FROM pg_database WHERE datname ~ '__(pgm|old)_[0-9a-f]{8}$'");

  g_assert_cmpstr (names, ==, "");
}

static void
assert_no_folder (void)
{
  g_autoptr(GDir) dir = g_dir_open (temp_dir, 0, NULL);
  const char *entry = NULL;

  while ((entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (entry, "pg-mirror-"))
      g_error ("folder \"%s\" was left behind", entry);
}

/* P5: after a run there is no process, no session, no folder and no database of it. */
void
pgm_test_assert_nothing_left (PgmTestServer *source, PgmTestServer *target)
{
  assert_no_process ();
  assert_no_session (source);
  assert_no_session (target);
  assert_no_database (source);
  assert_no_database (target);
  assert_no_folder ();
}
