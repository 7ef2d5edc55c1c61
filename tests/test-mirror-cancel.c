/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A run that is cancelled, at every step: it is back soon, the target is as it was, and nothing
 * of the run goes on anywhere. */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>
#include <string.h>

/* P6 */
#define CANCEL_LIMIT_US PGM_TEST_WITHIN_US (5)

static PgmTestServer *source;
static PgmTestServer *target;

#define SESSION(what)                                                                    \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'active' AND query LIKE '" what "')"

/* Waits for the end of a run that was told to stop at @since_us. */
static void
expect_cancelled (PgmTestRun *run, gint64 since_us, gint64 limit_us)
{
  pgm_test_run_wait (run);
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, limit_us);
  pgm_test_assert_code (run, "cancelled");
  pgm_test_assert_message (run, "the run was cancelled");
}

static void
cancel (PgmTestPair *pair, PgmTestRun *run, GCancellable *cancellable)
{
  gint64 since_us = g_get_monotonic_time ();

  g_assert_null (run->result);
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  pgm_test_pair_assert_old (pair, run);
}

static void
test_before (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "before", NULL);
  g_autoptr(PgmTestRun) run = NULL;

  g_cancellable_cancel (cancellable);
  run = pgm_test_pair_start (pair, cancellable);
  expect_cancelled (run, g_get_monotonic_time (), CANCEL_LIMIT_US);
  pgm_test_pair_assert_old (pair, run);
}

/* The other side takes the connection and says nothing. */
static void
test_connecting (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketListener) mute = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (mute, NULL, &error);
  g_autofree char *endpoint = g_strdup_printf (
      "\"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"u\", \"password\": \"p\"", port);
  g_autofree char *json = g_strdup_printf (
      "{ \"source\": { %s, \"database\": \"d\" }, \"target\": { %s } }", endpoint, endpoint);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  PgmTestRunOptions options = { .cancellable = cancellable };
  g_autoptr(PgmTestRun) run = NULL;
  gint64 since_us = 0;

  g_assert_no_error (error);
  run = pgm_test_run_start (json, &options);
  g_usleep (300 * 1000);
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, PGM_TEST_WITHIN_US (1));
}

typedef struct
{
  const char *name; /* of the database, too */
  const char *source_sql;
  gboolean on_source;    /* where @condition is looked for */
  const char *condition; /* what is so when the cancel comes */
} Case;

static const Case cases[] = {
  { "dump", PGM_TEST_LONG_DUMP, TRUE, SESSION ("COPY public.long_dump%") },
  { "copy", PGM_TEST_ENDLESS_COPY, FALSE, SESSION ("COPY public.t %") },
  { "index", PGM_TEST_ENDLESS_INDEX, FALSE, SESSION ("CREATE INDEX%") },
  /* an index whose expression is slow for ANALYZE alone */
  { "verify",
    "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN"
    " IF pg_catalog.current_query () LIKE 'ANALYZE%' THEN PERFORM pg_catalog.pg_sleep (600);"
    " END IF; RETURN i; END $$; CREATE TABLE t AS SELECT generate_series (1, 9) AS i;"
    "CREATE INDEX ON t (slow (i));",
    FALSE, SESSION ("ANALYZE%") },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, c->name, c->source_sql);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, cancellable);

  pgm_test_wait_until (c->on_source ? source : target, c->condition);
  cancel (pair, run, cancellable);
}

/* Before a database is dropped in place, the archive is read to its end. */
static void
test_archive_check (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "archive_check", NULL);
  g_autoptr(PgmTestRun) run = NULL;
  char *tools = pgm_test_fake_begin (
      "pg_restore", "case \"$*\" in *--file=*) sleep 60;; *) exec REAL \"$@\";; esac\n");

  pgm_test_pair_set_options (pair, ", \"replace\": \"in-place\"");
  run = pgm_test_pair_start (pair, cancellable);
  pgm_test_run_wait_logged (run, "backup done");
  g_usleep (300 * 1000);
  cancel (pair, run, cancellable);
  pgm_test_fake_end (tools);
}

/* A session that the role may not end keeps the old database from being renamed. */
static void
test_replace (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, "app", "replacing", NULL);
  g_autoptr(PgmConn) holder = pgm_test_hold (target, NULL, pair->database, "SELECT 1");
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, cancellable);

  pgm_test_wait_until (target, SESSION ("ALTER DATABASE%RENAME%"));
  cancel (pair, run, cancellable);
  g_assert_true (pgm_conn_is_alive (holder));
}

#define HELD_CONTENT PGM_TEST_ENDLESS_INDEX "GRANT SELECT ON t TO PUBLIC;"
#define STAGING_NAME "SELECT datname FROM pg_database WHERE datname LIKE 'held%\\_\\_pgm\\_%'"

/* A plain role may not end a superuser's session, and with it the staging database cannot go: that
 * is said in time. */
static void
test_held_staging (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, "app", "held", HELD_CONTENT);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, cancellable);
  g_autofree char *staging = NULL;
  g_autofree char *drop = NULL;
  PgmConn *holder = NULL;
  gint64 since_us = 0;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  staging = pgm_test_server_psql (target, "postgres", STAGING_NAME);
  holder = pgm_test_hold (target, NULL, staging, "SELECT 1");
  since_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  expect_cancelled (run, since_us, CANCEL_LIMIT_US);
  g_test_message ("cancelled after %.1f s",
                  (double) (g_get_monotonic_time () - since_us) / G_USEC_PER_SEC);
  g_assert_true (pgm_test_is_told (run->data->leftovers, "leftover-staging",
                                   "is in use by 1 session that this role may not end"));
  g_assert_true (pgm_conn_is_alive (holder));
  pgm_conn_free (holder);
  drop = g_strdup_printf ("DROP DATABASE %s", staging);
  pgm_test_do (target, "postgres", drop);
  pgm_test_pair_assert_old (pair, run);
}

/* One who leaves in time does not stop it. */
static void
test_held_shortly (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, "app", "held_shortly", HELD_CONTENT);
  g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, cancellable);
  g_autofree char *staging = NULL;
  PgmConn *holder = NULL;

  pgm_test_wait_until (target, SESSION ("CREATE INDEX%"));
  staging = pgm_test_server_psql (target, "postgres", STAGING_NAME);
  holder = pgm_test_hold (target, NULL, staging, "SELECT 1");
  g_cancellable_cancel (cancellable);
  pgm_test_run_wait_logged (run, "DROP DATABASE");
  g_usleep (G_USEC_PER_SEC / 2);
  pgm_conn_free (holder);
  expect_cancelled (run, g_get_monotonic_time (), CANCEL_LIMIT_US);
  pgm_test_pair_assert_old (pair, run);
}

static void
keep_cb (PgmQuestion *question, gpointer user_data)
{
  gboolean *was_asked = user_data;

  *was_asked = TRUE;
}

static void
test_question (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "question", NULL);
  g_autofree char *json = pgm_test_pair_dup_profile (pair);
  gboolean was_asked = FALSE;
  PgmTestRunOptions options = { .cancellable = cancellable,
                                .question = keep_cb,
                                .user_data = &was_asked };
  g_autoptr(PgmTestRun) run = pgm_test_run_start (json, &options);

  while (!was_asked)
    g_main_context_iteration (NULL, TRUE);
  cancel (pair, run, cancellable);
}

/* Once the databases have changed places it is too late, and the report says what happened. */
static void
test_too_late (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "too_late", NULL);
  g_autofree char *bar = g_build_filename (g_get_tmp_dir (), "bar", NULL);
  g_autofree char *script = g_strdup_printf ("test \"$1\" = --version && exec REAL \"$@\"\n"
                                             "script=$(cat)\n"
                                             "case \"$script\" in *'DROP DATABASE'*)\n"
                                             "while test -e '%s'; do sleep 0.1; done;; esac\n"
                                             "echo \"$script\" | REAL \"$@\"\n",
                                             bar);
  char *tools = pgm_test_fake_begin ("psql", script);
  g_autoptr(PgmTestRun) run = NULL;

  g_assert_true (g_file_set_contents (bar, "", 0, NULL));
  run = pgm_test_pair_start (pair, cancellable);
  pgm_test_run_wait_logged (run, "DROP DATABASE");
  g_assert_null (run->result);
  g_cancellable_cancel (cancellable);
  g_usleep (300 * 1000); /* whoever would heed it has heard of it */
  g_assert_cmpint (g_unlink (bar), ==, 0);
  pgm_test_run_wait (run);
  pgm_test_fake_end (tools);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
  pgm_test_pair_assert_new (pair);
}

/* At whatever moment the cancel comes, it is one or the other. */
static void
test_any_time (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, NULL, "any_time", NULL);

  for (guint i = 0; i < 12; i++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(PgmTestRun) run = pgm_test_pair_start (pair, cancellable);
      gint64 until_us = g_get_monotonic_time () + g_test_rand_int_range (0, 800) * 1000;

      while (g_get_monotonic_time () < until_us && run->result == NULL)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
        }
      g_cancellable_cancel (cancellable);
      pgm_test_run_wait (run);
      g_test_message ("%s after %s", run->data->code,
                      pgm_target_state_get_nick (run->data->target_state));
      if (run->data->target_state == PGM_TARGET_REPLACED)
        {
          pgm_test_assert_code (run, "ok");
          g_free (pair->old);
          pair->old = pgm_test_fingerprint (target, pair->database);
          pgm_test_pair_assert_new (pair);
          continue;
        }
      pgm_test_assert_code (run, "cancelled");
      pgm_test_pair_assert_old (pair, run);
    }
}

int
main (int argc, char **argv)
{
  static const char roles[] = "CREATE ROLE app LOGIN CREATEDB";
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_free (pgm_test_server_psql (source, "postgres", roles));
  g_free (pgm_test_server_psql (target, "postgres", roles));
  g_test_add_func ("/mirror-cancel/before", test_before);
  g_test_add_func ("/mirror-cancel/connecting", test_connecting);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-cancel/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/mirror-cancel/archive-check", test_archive_check);
  g_test_add_func ("/mirror-cancel/replace", test_replace);
  g_test_add_func ("/mirror-cancel/held-staging", test_held_staging);
  g_test_add_func ("/mirror-cancel/held-shortly", test_held_shortly);
  g_test_add_func ("/mirror-cancel/question", test_question);
  g_test_add_func ("/mirror-cancel/too-late", test_too_late);
  g_test_add_func ("/mirror-cancel/any-time", test_any_time);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
