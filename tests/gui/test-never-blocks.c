/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The main loop is never away for long, whatever a server or a tool does. */

#include <gio/gio.h>
#include <string.h>

#include "pgm-gui-stage.h"
#include "pgm-log-model.h"
#include "pgm-log-view.h"
#include "pgm-run-guard.h"
#include "pgm-run-page.h"
#include "pgm-table-rows.h"
#include "pgm-table-view.h"
#include "pgm-test-server.h"

#define MAX_TRIES 3
#define LINES_PER_S 20000
#define N_TABLES 10000

static PgmTestServer *source;
static PgmTestServer *target;

/* What blocks, blocks every time; a neighbour of the processor's cache does not.
 *
 * Returns: whether it has to be looked at once more */
static gboolean
has_gap (const char *what)
{
  static guint n_tries;
  double gap_ms = pgm_gui_gap_end ();

  g_test_message ("%s: longest gap %.1f ms", what, gap_ms);
  n_tries = gap_ms < pgm_gui_gap_get_limit () ? 0 : n_tries + 1;
  g_assert_cmpuint (n_tries, <, MAX_TRIES);
  return n_tries > 0;
}

/* Takes connections and never says a word. */
static GSocketListener *
new_mute_server (guint16 *port)
{
  g_autoptr(GError) error = NULL;
  GSocketListener *listener = g_socket_listener_new ();

  *port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_assert_no_error (error);
  return listener;
}

static PgmProfile *
new_mute_profile (guint16 port)
{
  g_autofree char *json =
      g_strdup_printf ("{ \"source\": { \"host\": \"127.0.0.1\", \"port\": %u, \"database\": \"d\","
                       " \"user\": \"u\", \"password\": \"p\" },"
                       " \"target\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"u\","
                       " \"password\": \"p\" }, \"options\": { \"connect_timeout\": 30 } }",
                       port, port);
  g_autoptr(GError) error = NULL;
  PgmProfile *profile = pgm_profile_parse (json, -1, "/profiles/mute.json", &error);

  g_assert_no_error (error);
  return profile;
}

static gboolean
look_at_mute_server (void)
{
  guint16 port = 0;
  g_autoptr(GSocketListener) listener = new_mute_server (&port);
  g_autoptr(PgmProfile) profile = new_mute_profile (port);
  g_autoptr(PgmRunner) runner = pgm_runner_new (profile, PGM_MIRROR_FLAGS_NONE);
  GtkWidget *page = pgm_run_page_new (runner);
  GtkWindow *window = pgm_gui_stage_new (page, 800, 760);
  gint64 since_us = 0;
  gboolean is_away = FALSE;

  g_assert_nonnull (listener);
  pgm_gui_settle (500);
  pgm_gui_gap_begin ();
  pgm_runner_start (runner);
  pgm_gui_settle (2000);
  g_assert_true (pgm_runner_is_running (runner));
  since_us = g_get_monotonic_time ();
  pgm_runner_stop (runner);
  pgm_gui_wait_until (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED, 5);
  is_away = has_gap ("silent server");
  g_test_message ("stopped in %d ms", (int) ((g_get_monotonic_time () - since_us) / 1000));
  gtk_window_destroy (window);
  return is_away;
}

static void
test_mute_server (void)
{
  while (look_at_mute_server ())
    ;
}

typedef struct
{
  PgmLogger *logger;
  gint is_over; /* atomic: before, to wait for the thread would keep the main loop */
} Flood;

static gpointer
flood_thread (gpointer user_data)
{
  Flood *flood = user_data;
  gint64 start_us = g_get_monotonic_time ();

  for (guint i = 0; i < 4 * LINES_PER_S; i++)
    {
      pgm_info (flood->logger,
                "pg_restore: line %u of a tool that has much to say, "
                "with as many characters as such a line usually has",
                i);
      while (i * (gint64) G_USEC_PER_SEC / LINES_PER_S > g_get_monotonic_time () - start_us)
        g_usleep (500);
    }
  g_atomic_int_set (&flood->is_over, TRUE);
  return NULL;
}

static gboolean
look_at_flood (void)
{
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmLogModel) model = pgm_log_model_new ();
  GtkWidget *view = pgm_log_view_new ();
  GtkWindow *window = pgm_gui_stage_new (view, 800, 600);
  GtkWidget *search = pgm_gui_find (view, GTK_TYPE_SEARCH_ENTRY, NULL);
  GThread *thread = NULL;
  gboolean is_away = FALSE;
  Flood flood = { logger, FALSE };

  pgm_log_model_listen (model, logger);
  pgm_log_view_set_model (PGM_LOG_VIEW (view), G_LIST_MODEL (model));
  pgm_gui_settle (500);
  pgm_gui_gap_begin ();
  thread = g_thread_new ("flood", flood_thread, &flood);
  pgm_gui_settle (2000);
  gtk_editable_set_text (GTK_EDITABLE (search), "99");
  pgm_gui_settle (2500);
  pgm_gui_wait_until (g_atomic_int_get (&flood.is_over), 60);
  g_thread_join (thread);
  pgm_gui_settle (300);
  is_away = has_gap ("20 000 lines a second");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, PGM_LOG_MODEL_SIZE);
  g_assert_cmpuint (pgm_log_model_get_n_dropped (model), ==, 4 * LINES_PER_S - PGM_LOG_MODEL_SIZE);
  gtk_window_destroy (window);
  return is_away;
}

static void
test_flood (void)
{
  while (look_at_flood ())
    ;
}

static GPtrArray *
new_tables (void)
{
  GPtrArray *tables = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_unref);

  for (guint i = 0; i < N_TABLES; i++)
    {
      g_autofree char *name = g_strdup_printf ("table_number_%u", i);

      g_ptr_array_add (tables, pgm_table_new (16384 + i, "public", name, 8192));
    }
  return tables;
}

static void
tell (PgmTableRows *rows, PgmEventKind kind, PgmPhase phase, PgmTable *table)
{
  PgmProgress progress = { .phase = phase };
  g_autoptr(PgmEvent) event = pgm_event_new (kind, &progress, table, NULL);

  pgm_table_rows_take_event (rows, event);
}

/* As fast as a server with empty tables lets pg_dump be, and scrolled all the way. */
static gboolean
look_at_tables (void)
{
  g_autoptr(GPtrArray) tables = new_tables ();
  g_autoptr(PgmTableRows) rows = pgm_table_rows_new ();
  PgmProgress progress = { .phase = PGM_PHASE_BACKUP };
  g_autoptr(PgmEvent) listed = pgm_event_new_tables (&progress, tables);
  GtkWidget *view = pgm_table_view_new ();
  GtkWindow *window = pgm_gui_stage_new (view, 800, 600);
  GtkWidget *list = NULL;
  gboolean is_away = FALSE;

  pgm_table_view_set_model (PGM_TABLE_VIEW (view), G_LIST_MODEL (rows));
  pgm_gui_settle (500);
  pgm_gui_gap_begin ();
  pgm_table_rows_take_event (rows, listed);
  pgm_gui_settle (200);
  list = pgm_gui_find (view, GTK_TYPE_LIST_VIEW, NULL);
  for (guint i = 0; i < N_TABLES; i++)
    {
      tell (rows, PGM_EVENT_TABLE_BEGUN, PGM_PHASE_BACKUP, tables->pdata[i]);
      tell (rows, PGM_EVENT_TABLE, PGM_PHASE_BACKUP, tables->pdata[i]);
      if (i % 200 == 0)
        {
          gtk_widget_activate_action (list, "list.scroll-to-item", "u", i);
          pgm_gui_settle (20);
        }
    }
  gtk_editable_set_text (GTK_EDITABLE (pgm_gui_find (view, GTK_TYPE_SEARCH_ENTRY, NULL)), "_77");
  pgm_gui_settle (500);
  is_away = has_gap ("10 000 tables");
  gtk_window_destroy (window);
  return is_away;
}

static void
test_tables (void)
{
  while (look_at_tables ())
    ;
}

static void
make_thousand_tables (const char *database)
{
  static const char sql[] = "DO $$ BEGIN FOR i IN 1..1000 LOOP"
                            " EXECUTE format ('CREATE TABLE t%s (i int)', i); END LOOP; END $$";
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", database);

  g_free (pgm_test_server_psql (source, "postgres", create));
  g_free (pgm_test_server_psql (source, database, sql));
}

/* From the first click to the result, with everything on the page. */
static gboolean
look_at_run (void)
{
  g_autofree char *json =
      pgm_test_profile_json (source, target, NULL, "many", "{ \"drop_existing\": true }");
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, "/profiles/many.json", NULL);
  g_autoptr(PgmRunner) runner = pgm_runner_new (profile, PGM_MIRROR_ASSUME_YES);
  GtkWidget *page = pgm_run_page_new (runner);
  GtkWindow *window = pgm_gui_stage_new (page, 800, 760);
  gboolean is_away = FALSE;

  pgm_gui_settle (500);
  pgm_gui_gap_begin ();
  pgm_runner_start (runner);
  pgm_gui_wait_until (pgm_runner_get_state (runner) == PGM_RUNNER_FINISHED, 120);
  pgm_gui_settle (500);
  is_away = has_gap ("a run over 1000 tables");
  g_assert_cmpstr (pgm_report_get_data (pgm_runner_get_report (runner))->code, ==, "ok");
  g_assert_cmpuint (g_list_model_get_n_items (pgm_runner_get_tables (runner)), ==, 1000);
  gtk_window_destroy (window);
  return is_away;
}

static void
test_run (void)
{
  while (look_at_run ())
    ;
}

static void
add_tests (void)
{
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  make_thousand_tables ("many");
  g_test_add_func ("/never-blocks/mute-server", test_mute_server);
  g_test_add_func ("/never-blocks/flood", test_flood);
  g_test_add_func ("/never-blocks/tables", test_tables);
  g_test_add_func ("/never-blocks/run", test_run);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_stage_run_tests (argc, argv, add_tests);

  g_clear_pointer (&source, pgm_test_server_free);
  g_clear_pointer (&target, pgm_test_server_free);
  return status;
}
