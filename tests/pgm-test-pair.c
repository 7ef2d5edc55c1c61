/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-pair.h"

#include "pgm-test-server-private.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_LIMIT_US (120 * G_USEC_PER_SEC)
#define POLL_US (10 * 1000)

static const char old_content[] =
    "CREATE TABLE old_rows AS SELECT i, md5 (i::text) AS t FROM generate_series (1, 500) i;"
    "CREATE INDEX ON old_rows (t);";

static const char default_content[] =
    "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO PUBLIC";

/* Returns: (transfer full): a hash of every relation's name and of all rows, the comment and the
 * settings included */
char *
pgm_test_fingerprint (PgmTestServer *server, const char *database)
{
  return pgm_test_server_psql (
      server, database,
      "SELECT md5 (string_agg (x, '' ORDER BY x)) FROM ("
      " SELECT concat (c.relkind, c.oid::regclass, CASE WHEN c.relkind IN ('r', 'm', 'S') THEN"
      "        query_to_xml (format ('SELECT count(*), sum (hashtextextended (t::text, 0)::numeric)"
      "                               FROM %s t', c.oid::regclass), true, false, '')::text"
      "        END) AS x"
      "   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      "  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
      " UNION ALL SELECT coalesce (shobj_description (oid, 'pg_database'), '-')"
      "   FROM pg_database WHERE datname = current_database ()"
      " UNION ALL SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database d"
      "     ON d.oid = setdatabase WHERE datname = current_database ()) s");
}

static void
create_database (PgmTestPair *self, PgmTestServer *server, const char *content)
{
  g_autofree char *sql = g_strdup_printf (
      "CREATE DATABASE \"%s\" TEMPLATE template0 OWNER \"%s\"; COMMENT ON DATABASE \"%s\" IS 'old'",
      self->database, self->role != NULL ? self->role : pgm_test_server_get_user (server),
      self->database);

  g_free (pgm_test_server_psql (server, "postgres", sql));
  g_free (pgm_test_server_psql (server, self->database, content));
}

/* @role: (nullable): exists on both servers
 * @database: of letters, figures and underscores
 * @source_sql: (nullable): what the superuser puts into the source's database */
PgmTestPair *
pgm_test_pair_new (PgmTestServer *source,
                   PgmTestServer *target,
                   const char *role,
                   const char *database,
                   const char *source_sql)
{
  PgmTestPair *self = g_new0 (PgmTestPair, 1);

  self->source = source;
  self->target = target;
  self->role = role;
  self->database = g_strdup (database);
  create_database (self, source, source_sql != NULL ? source_sql : default_content);
  create_database (self, target, old_content);
  self->old = pgm_test_fingerprint (target, database);
  pgm_test_pair_set_options (self, "");
  return self;
}

/* Asserts that the case left nothing on either server. */
void
pgm_test_pair_free (PgmTestPair *self)
{
  pgm_test_assert_nothing_left (self->source, self->target);
  g_free (self->database);
  g_free (self->old);
  g_free (self->options);
  g_free (self);
}

/* @members: of the profile's options, each after a comma */
void
pgm_test_pair_set_options (PgmTestPair *self, const char *members)
{
  g_free (self->options);
  self->options = g_strdup_printf ("{ \"drop_existing\": true, \"parallel_jobs\": 2 %s }", members);
}

char *
pgm_test_pair_dup_profile (PgmTestPair *self)
{
  return pgm_test_profile_json (self->source, self->target, self->role, self->database,
                                self->options);
}

PgmTestRun *
pgm_test_pair_start (PgmTestPair *self, GCancellable *cancellable)
{
  PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES, .cancellable = cancellable };
  g_autofree char *json = pgm_test_pair_dup_profile (self);

  return pgm_test_run_start (json, &options);
}

PgmTestRun *
pgm_test_pair_run (PgmTestPair *self)
{
  PgmTestRun *run = pgm_test_pair_start (self, NULL);

  pgm_test_run_wait (run);
  return run;
}

/* P2: the name holds what it held before, and the report says so. */
void
pgm_test_pair_assert_old (PgmTestPair *self, PgmTestRun *run)
{
  g_autofree char *now = pgm_test_fingerprint (self->target, self->database);

  g_assert_cmpstr (now, ==, self->old);
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
}

/* Rows and relations are the source's; comment and settings stay the target's own, and both
 * have the same ones here. */
void
pgm_test_pair_assert_new (PgmTestPair *self)
{
  g_autofree char *there = pgm_test_fingerprint (self->source, self->database);
  g_autofree char *here = pgm_test_fingerprint (self->target, self->database);

  g_assert_cmpstr (here, ==, there);
}

/* Returns: (transfer full): a session of some other user that has run @sql
 * @role: (nullable): the superuser */
PgmConn *
pgm_test_hold (PgmTestServer *server, const char *role, const char *database, const char *sql)
{
  g_autofree char *json = pgm_test_profile_json (server, server, role, database, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, NULL, &error);
  g_autoptr(PgmServer) as_target = NULL;
  PgmConn *conn = NULL;

  g_assert_no_error (error);
  as_target = pgm_server_new (pgm_profile_get_target (profile),
                              pgm_profile_get_target (profile)->password, "bystander", 10);
  conn = pgm_conn_open_sync (as_target, database, NULL, &error);
  g_assert_no_error (error);
  pgm_conn_exec_sync (conn, sql, NULL, &error);
  g_assert_no_error (error);
  return conn;
}

/* Lets go on what waits at the gate, now and later.
 *
 * Returns: (transfer full): for pgm_test_close_gate() */
PgmConn *
pgm_test_open_gate (PgmTestServer *server)
{
  return pgm_test_hold (server, NULL, "postgres", "SELECT pg_advisory_lock (" PGM_TEST_GATE ")");
}

/* @gate: (transfer full). Its session may live a moment longer, and must not let the next one in.
 */
void
pgm_test_close_gate (PgmConn *gate)
{
  g_autoptr(GError) error = NULL;

  pgm_conn_exec_sync (gate, "SELECT pg_advisory_unlock (" PGM_TEST_GATE ")", NULL, &error);
  g_assert_no_error (error);
  pgm_conn_free (gate);
}

/* Returns: (transfer full): the processes that the postmaster has forked */
static char **
list_children (GPid postmaster)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", postmaster, postmaster);
  g_autofree char *children = NULL;

  g_assert_true (g_file_get_contents (path, &children, NULL, NULL));
  return g_strsplit (g_strstrip (children), " ", -1);
}

/* A signal takes a moment to arrive. Who was about to leave may do so, too. */
static void
wait_until_stopped (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  gint64 deadline_us = g_get_monotonic_time () + WAIT_LIMIT_US;

  for (;;)
    {
      g_autofree char *stat = NULL;
      const char *state = NULL;

      if (!g_file_get_contents (path, &stat, NULL, NULL))
        return;
      state = strrchr (stat, ')');
      g_assert_nonnull (state);
      if (strchr ("TtZX", state[2]) != NULL)
        return;
      if (g_get_monotonic_time () > deadline_us)
        g_error ("process %d does not stop", pid);
      g_usleep (1000);
    }
}

/* The server keeps its connections and says nothing any more. The postmaster is stopped first, so
 * that nobody is forked whom nobody stops. */
void
pgm_test_freeze (PgmTestServer *server)
{
  GPid postmaster = pgm_test_server_get_pid (server);
  g_auto(GStrv) pids = NULL;

  g_assert_cmpint (kill (postmaster, SIGSTOP), ==, 0);
  wait_until_stopped (postmaster);
  pids = list_children (postmaster);
  for (gsize i = 0; pids[i] != NULL; i++)
    if (*pids[i] != '\0' && kill (atoi (pids[i]), SIGSTOP) == 0)
      wait_until_stopped (atoi (pids[i]));
}

void
pgm_test_thaw (PgmTestServer *server)
{
  GPid postmaster = pgm_test_server_get_pid (server);
  g_auto(GStrv) pids = list_children (postmaster);

  g_assert_cmpint (kill (postmaster, SIGCONT), ==, 0);
  for (gsize i = 0; pids[i] != NULL; i++)
    if (*pids[i] != '\0')
      kill (atoi (pids[i]), SIGCONT);
}

/* Turns the main context, in which runs are observed, while it waits.
 *
 * @condition: SQL; pg_stat_activity tells of the run's sessions */
void
pgm_test_wait_until (PgmTestServer *server, const char *condition)
{
  g_autofree char *sql = g_strdup_printf ("SELECT %s", condition);
  gint64 deadline_us = g_get_monotonic_time () + WAIT_LIMIT_US;

  for (;;)
    {
      g_autofree char *answer = pgm_test_server_psql (server, "postgres", sql);

      if (g_str_equal (answer, "t"))
        return;
      if (g_get_monotonic_time () > deadline_us)
        g_error ("it never came true: %s", condition);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (POLL_US);
    }
}

static gboolean
has_logged (PgmTestRun *run, const char *part)
{
  gboolean found = FALSE;

  g_mutex_lock (&run->mutex);
  for (guint i = 0; i < run->lines->len && !found; i++)
    found = strstr (run->lines->pdata[i], part) != NULL;
  g_mutex_unlock (&run->mutex);
  return found;
}

/* Waits until the run has logged @part, or has ended. */
void
pgm_test_run_wait_logged (PgmTestRun *run, const char *part)
{
  gint64 deadline_us = g_get_monotonic_time () + WAIT_LIMIT_US;

  while (!has_logged (run, part) && run->result == NULL)
    {
      if (g_get_monotonic_time () > deadline_us)
        g_error ("the run never said: %s", part);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (POLL_US);
    }
}

static void
add_tool (const char *folder, const char *name, const char *script)
{
  g_autofree char *bindir = pgm_test_find_bindir_or_skip ();
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *real = g_build_filename (bindir, name, NULL);
  g_autoptr(GString) text = g_string_new ("#!/bin/sh\n");
  g_autoptr(GError) error = NULL;

  g_string_append (text, script);
  g_string_replace (text, "REAL", real, 0);
  g_file_set_contents_full (path, text->str, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
}

static const char *const tool_names[] = { "pg_dump", "pg_restore", "psql" };

/* From now on runs find tools of ours, of which @name is a script and the others are real.
 *
 * @script: REAL stands for the path of the tool itself
 *
 * Returns: (transfer full): their folder, for pgm_test_fake_end() */
char *
pgm_test_fake_begin (const char *name, const char *script)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("tools-XXXXXX", &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (tool_names); i++)
    add_tool (folder, tool_names[i],
              g_str_equal (tool_names[i], name) ? script : "exec REAL \"$@\"\n");
  g_setenv ("PG_MIRROR_BINDIR", folder, TRUE);
  return folder;
}

/* @folder: (transfer full) */
void
pgm_test_fake_end (char *folder)
{
  g_unsetenv ("PG_MIRROR_BINDIR");
  for (gsize i = 0; i < G_N_ELEMENTS (tool_names); i++)
    {
      g_autofree char *path = g_build_filename (folder, tool_names[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

/* Of a folder of the test's own. */
void
pgm_test_remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      pgm_test_remove_tree (child);
    }
  g_remove (path);
}
