/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-gui-stage.h"
#include "pgm-history-page.h"
#include "pgm-log-row.h"
#include "pgm-replace-dialog.h"
#include "pgm-run-guard.h"
#include "pgm-run-page.h"
#include "pgm-test-run.h"

static PgmTestServer *source;
static PgmTestServer *target;

/* One run, its page in a window, and who looks after it. */
typedef struct
{
  PgmRunner *runner;
  PgmRunGuard *guard;
  GtkWidget *page;
  GtkWindow *window; /* weak */
} Scene;

static PgmProfile *
new_profile (const char *database, const char *options)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, database, options);
  g_autoptr(GError) error = NULL;
  PgmProfile *profile = pgm_profile_parse (json, -1, "/profiles/test.json", &error);

  g_assert_no_error (error);
  return profile;
}

static void
open_scene (Scene *scene, const char *database, const char *options, PgmMirrorFlags flags)
{
  g_autoptr(PgmProfile) profile = new_profile (database, options);

  scene->runner = pgm_runner_new (profile, flags);
  scene->page = pgm_run_page_new (scene->runner);
  scene->window = pgm_gui_stage_new (scene->page, 800, 760);
  g_object_add_weak_pointer (G_OBJECT (scene->window), (gpointer *) &scene->window);
  scene->guard = pgm_run_guard_new (scene->window);
  pgm_run_guard_add (scene->guard, scene->runner);
  pgm_runner_start (scene->runner);
}

static void
close_scene (Scene *scene)
{
  if (scene->window != NULL)
    gtk_window_destroy (scene->window);
  pgm_gui_settle (50);
  g_assert_finalize_object (scene->guard);
  g_clear_object (&scene->runner);
}

static void
await_end (Scene *scene, const char *code)
{
  const PgmReportData *data = NULL;

  pgm_gui_wait_until (pgm_runner_get_state (scene->runner) == PGM_RUNNER_FINISHED, 60);
  data = pgm_report_get_data (pgm_runner_get_report (scene->runner));
  if (g_strcmp0 (data->code, code) != 0)
    g_error ("expected \"%s\", got \"%s\": %s", code, data->code, data->message);
}

static void
press (GtkWidget *root, const char *label)
{
  GtkWidget *button = pgm_gui_find (root, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_activate (button));
}

static void
new_database (PgmTestServer *server, const char *name, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE \"%s\" TEMPLATE template0", name);

  g_free (pgm_test_server_psql (server, "postgres", create));
  g_free (pgm_test_server_psql (server, name, sql));
}

#define SOME_TABLES                                                                    \
  "CREATE TABLE a AS SELECT g, repeat ('x', 200) t FROM generate_series (1, 40000) g;" \
  "CREATE TABLE \"B \"\"odd\"\" name\" AS SELECT 1 AS i; CREATE TABLE empty (i int);"

static void
test_mirror (void)
{
  Scene scene = { 0 };
  guint n = 0;

  new_database (source, "shop", SOME_TABLES);
  open_scene (&scene, "shop", NULL, PGM_MIRROR_FLAGS_NONE);
  g_assert_cmpuint (pgm_run_guard_get_n_running (scene.guard), ==, 1);
  pgm_gui_wait_until (g_list_model_get_n_items (pgm_runner_get_tables (scene.runner)) > 0, 30);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-backup");
  await_end (&scene, "ok");
  n = g_list_model_get_n_items (pgm_runner_get_tables (scene.runner));
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpfloat (pgm_runner_get_fraction (scene.runner), ==, 1.0);
  g_assert_nonnull (pgm_gui_find (scene.page, GTK_TYPE_LABEL, "Mirrored and Verified"));
  g_assert_cmpuint (pgm_run_guard_get_n_running (scene.guard), ==, 0);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-result");
  close_scene (&scene);
}

static void
count_cb (GtkWidget *page, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_check (void)
{
  Scene scene = { 0 };
  guint n_mirror = 0;
  guint n_again = 0;

  new_database (source, "looked_at", SOME_TABLES);
  open_scene (&scene, "looked_at", NULL, PGM_MIRROR_DRY_RUN);
  g_assert_null (pgm_gui_find (scene.page, GTK_TYPE_STACK_SWITCHER, NULL)); /* only the log */
  g_signal_connect (scene.page, "mirror", G_CALLBACK (count_cb), &n_mirror);
  g_signal_connect (scene.page, "again", G_CALLBACK (count_cb), &n_again);
  await_end (&scene, "ok");
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-check");
  press (scene.page, "_Mirror");
  press (scene.page, "Check _Again");
  pgm_gui_wait_until (n_mirror == 1 && n_again == 1, 5);
  close_scene (&scene);
}

static void
answer_replace (const char *typed, const char *response)
{
  GtkWindow *dialog = NULL;
  GtkWidget *name = NULL;

  pgm_gui_wait_until ((dialog = pgm_gui_find_window (PGM_TYPE_REPLACE_DIALOG)) != NULL, 30);
  pgm_gui_shot (GTK_WIDGET (dialog), "run-replace");
  name = pgm_gui_find (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, NULL);
  gtk_editable_set_text (GTK_EDITABLE (name), typed);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
}

static void
test_replace (void)
{
  Scene scene = { 0 };
  g_autofree char *tables = NULL;

  new_database (source, "twice", SOME_TABLES);
  new_database (target, "twice", "CREATE TABLE old (i int)");
  open_scene (&scene, "twice", "{ \"drop_existing\": true }", PGM_MIRROR_FLAGS_NONE);
  answer_replace ("twice", "cancel");
  await_end (&scene, "refused");
  g_assert_nonnull (pgm_gui_find (scene.page, GTK_TYPE_LABEL, "Not Mirrored"));
  close_scene (&scene);

  open_scene (&scene, "twice", "{ \"drop_existing\": true }", PGM_MIRROR_FLAGS_NONE);
  answer_replace ("twice", "replace");
  await_end (&scene, "ok");
  tables = pgm_test_server_psql (
      target, "twice", "SELECT count(*) FROM pg_class WHERE relname IN ('a', 'empty', 'old')");
  g_assert_cmpstr (tables, ==, "2");
  close_scene (&scene);
}

#define ENDLESS                                                                     \
  "SET test.fast = 1;"                                                              \
  "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN" \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"                 \
  " PERFORM pg_catalog.pg_sleep (600); END IF; RETURN i; END $$;"                   \
  "CREATE TABLE t AS SELECT 1 AS i; CREATE INDEX slow_t ON t (slow (i));"

static void
await_phase (Scene *scene, PgmPhase phase)
{
  pgm_gui_wait_until (pgm_runner_get_progress (scene->runner)->phase == phase, 60);
}

/* Stop asks once, and is over within five seconds. */
static void
test_stop (void)
{
  Scene scene = { 0 };
  GtkWindow *dialog = NULL;
  gint64 since_us = 0;
  g_autofree char *left = NULL;

  new_database (source, "endless", ENDLESS);
  open_scene (&scene, "endless", NULL, PGM_MIRROR_FLAGS_NONE);
  await_phase (&scene, PGM_PHASE_RESTORE);
  pgm_gui_settle (500);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-restore");
  press (scene.page, "_Stop");
  pgm_gui_wait_until ((dialog = pgm_gui_find_window (ADW_TYPE_MESSAGE_DIALOG)) != NULL, 5);
  pgm_gui_shot (GTK_WIDGET (dialog), "run-stop");
  since_us = g_get_monotonic_time ();
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "stop");
  g_assert_cmpint (pgm_runner_get_state (scene.runner), ==, PGM_RUNNER_STOPPING);
  await_end (&scene, "cancelled");
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, PGM_TEST_WITHIN_US (5));
  g_assert_nonnull (pgm_gui_find (scene.page, GTK_TYPE_LABEL, "Stopped"));
  left = pgm_test_server_psql (target, "postgres",
                               "SELECT count(*) FROM pg_database WHERE datname LIKE '%endless%'");
  g_assert_cmpstr (left, ==, "0");
  close_scene (&scene);
}

#define LONG_NAMES                                                                \
  ENDLESS "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format ('CREATE TABLE"         \
          " \"%s_a name that is as long as a name of a table may be, éàü\" AS" \
          " SELECT g FROM generate_series (1, %s) g', i, i * 100); END LOOP; END $$;"

/* Names of 63 bytes and a long way between the servers, in the narrowest window. */
static void
test_long_names (void)
{
  Scene scene = { 0 };
  GtkWidget *stack = NULL;

  new_database (source, "a database with a name that is as long as it may be_0123456789",
                LONG_NAMES);
  open_scene (&scene, "a database with a name that is as long as it may be_0123456789", NULL,
              PGM_MIRROR_FLAGS_NONE);
  await_phase (&scene, PGM_PHASE_RESTORE);
  for (guint i = 0; i < 100; i++)
    pgm_rate_series_add (pgm_runner_get_rates (scene.runner), i * G_USEC_PER_SEC / 4,
                         2e7 + (i * 7919 % 97) * 3e5);
  gtk_window_set_default_size (scene.window, 360, 640);
  pgm_gui_settle (1000);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (scene.window)), <=, 360);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-long");
  stack = pgm_gui_find (scene.page, GTK_TYPE_STACK_SWITCHER, NULL);
  gtk_stack_set_visible_child_name (gtk_stack_switcher_get_stack (GTK_STACK_SWITCHER (stack)),
                                    "log");
  pgm_gui_settle (300);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (scene.window)), <=, 360);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-long-log");
  pgm_runner_stop (scene.runner);
  await_end (&scene, "cancelled");
  pgm_gui_settle (200);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (scene.window)), <=, 360);
  pgm_gui_shot (GTK_WIDGET (scene.window), "run-long-result");
  close_scene (&scene);
}

static void
test_close (void)
{
  Scene scene = { 0 };
  GtkWindow *dialog = NULL;

  open_scene (&scene, "endless", NULL, PGM_MIRROR_FLAGS_NONE);
  await_phase (&scene, PGM_PHASE_RESTORE);
  gtk_window_close (scene.window);
  pgm_gui_wait_until ((dialog = pgm_gui_find_window (ADW_TYPE_MESSAGE_DIALOG)) != NULL, 5);
  pgm_gui_shot (GTK_WIDGET (dialog), "run-close");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  pgm_gui_settle (100);
  g_assert_true (pgm_runner_is_running (scene.runner));

  gtk_window_close (scene.window);
  pgm_gui_wait_until ((dialog = pgm_gui_find_window (ADW_TYPE_MESSAGE_DIALOG)) != NULL, 5);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "stop");
  pgm_gui_wait_until (scene.window == NULL, 10);
  g_assert_false (pgm_runner_is_running (scene.runner));
  close_scene (&scene);
}

static guint
count_entries (GtkWidget *list)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (list))));
}

/* What the runs above have left. */
static void
test_history (void)
{
  GtkWidget *page = pgm_history_page_new ();
  GtkWindow *window = pgm_gui_stage_new (page, 640, 760);
  GtkWidget *list = NULL;

  pgm_gui_wait_until ((list = pgm_gui_find (page, GTK_TYPE_LIST_VIEW, NULL)) != NULL, 5);
  pgm_gui_wait_until (count_entries (list) >= 6, 20);
  pgm_gui_settle (300);
  pgm_gui_shot (GTK_WIDGET (window), "history");
  g_assert_cmpuint (count_entries (list), ==, 6);
  gtk_widget_activate_action (list, "list.activate-item", "u", 0);
  pgm_gui_wait_until (pgm_gui_find (page, GTK_TYPE_LABEL, "Stopped") != NULL, 5);
  pgm_gui_wait_until (
      pgm_gui_find (page, PGM_TYPE_LOG_ROW, "Warning: the run was cancelled") != NULL, 5);
  pgm_gui_shot (GTK_WIDGET (window), "history-entry");
  gtk_widget_activate_action (page, "history.remove", NULL);
  pgm_gui_wait_until (count_entries (list) == 5, 5);
  gtk_window_destroy (window);
}

static void
add_tests (void)
{
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  g_test_add_func ("/run-page/mirror", test_mirror);
  g_test_add_func ("/run-page/check", test_check);
  g_test_add_func ("/run-page/replace", test_replace);
  g_test_add_func ("/run-page/stop", test_stop);
  g_test_add_func ("/run-page/long-names", test_long_names);
  g_test_add_func ("/run-page/close", test_close);
  g_test_add_func ("/run-page/history", test_history);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_stage_run_tests (argc, argv, add_tests);

  g_clear_pointer (&source, pgm_test_server_free);
  g_clear_pointer (&target, pgm_test_server_free);
  return status;
}
