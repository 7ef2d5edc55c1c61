/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The window against two real servers: connection test, choice of a database and of tables, and
 * one whole run. */

#include "pgm-gui-test.h"

#include <string.h>

#include "../pgm-test-server.h"
#include "pgm-connection-row.h"
#include "pgm-database-menu.h"
#include "pgm-endpoint-form.h"
#include "pgm-profile-row.h"
#include "pgm-run-page.h"
#include "pgm-table-choice.h"
#include "pgm-table-chooser.h"

static PgmTestServer *source;
static PgmTestServer *target;
static GtkWindow *window; /* borrowed */

static void
open_profile (const char *database)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, database,
                                                 "{\"parallel_jobs\": 2, \"drop_existing\": true}");

  pgm_gui_profile_remove_all ();
  pgm_gui_profile_write ("test", json);
  window = pgm_gui_app_open ();
}

static GtkWidget *
find_form (guint index)
{
  GtkWidget *form = pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL);

  g_assert_nonnull (form);
  return index == 0 ? form : gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (form));
}

static const char *
get_title (guint index)
{
  GtkWidget *row = pgm_gui_find_mapped (find_form (index), PGM_TYPE_CONNECTION_ROW, NULL);

  return adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
}

static void
test_connection (guint index, const char *expected)
{
  pgm_endpoint_form_test (PGM_ENDPOINT_FORM (find_form (index)));
  g_assert_cmpstr (get_title (index), ==, "Connecting…");
  pgm_gui_wait_until (!g_str_equal (get_title (index), "Connecting…"), 20);
  g_assert_cmpstr (get_title (index), ==, expected);
}

static void
make_database (PgmTestServer *server, const char *name, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE \"%s\"", name);

  g_free (pgm_test_server_psql (server, "postgres", create));
  g_free (pgm_test_server_psql (server, name, sql));
}

static void
test_connected (void)
{
  GtkWidget *row = NULL;
  const char *subtitle = NULL;

  open_profile ("forms");
  test_connection (0, "Connected");
  row = pgm_gui_find_mapped (find_form (0), PGM_TYPE_CONNECTION_ROW, NULL);
  subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (row));
  g_test_message ("%s", subtitle);
  g_assert_true (g_str_has_prefix (subtitle, "PostgreSQL "));
  test_connection (1, "Connected");
  g_assert_nonnull (
      pgm_gui_find_mapped (find_form (1), GTK_TYPE_LABEL, "Does not exist there yet"));
  pgm_gui_shot (GTK_WIDGET (window), "connected");
  pgm_gui_app_close (window);
}

static void
test_not_connected (void)
{
  GtkWidget *port = NULL;

  open_profile ("forms");
  port = pgm_gui_find_mapped (find_form (0), ADW_TYPE_ENTRY_ROW, "P_ort");
  gtk_editable_set_text (GTK_EDITABLE (port), "1");
  pgm_endpoint_form_test (PGM_ENDPOINT_FORM (find_form (0)));
  pgm_gui_wait_until (!g_str_equal (get_title (0), "Connecting…"), 20);
  g_test_message ("%s", get_title (0));
  g_assert_cmpstr (get_title (0), !=, "Connected");
  pgm_gui_shot (GTK_WIDGET (window), "not-connected");

  /* What was found is of no use for another server. */
  gtk_editable_set_text (GTK_EDITABLE (port), "2");
  g_assert_cmpstr (get_title (0), ==, "Connection");
  pgm_gui_app_close (window);
}

static void
test_choose_database (void)
{
  GtkWidget *database = NULL;
  GtkWidget *button = NULL;
  GtkPopover *menu = NULL;
  GtkWidget *row = NULL;

  open_profile ("");
  database = pgm_gui_find_mapped (find_form (0), ADW_TYPE_ENTRY_ROW, "_Database");
  button = pgm_gui_find_mapped (database, GTK_TYPE_MENU_BUTTON, NULL);
  menu = gtk_menu_button_get_popover (GTK_MENU_BUTTON (button));
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  pgm_gui_wait_until (pgm_database_menu_get_n_databases (PGM_DATABASE_MENU (menu)) > 0, 20);
  pgm_gui_shot (GTK_WIDGET (window), "databases");
  row = pgm_gui_find_mapped (menu, GTK_TYPE_LABEL, "forms");
  g_assert_nonnull (row);
  row = gtk_widget_get_ancestor (row, GTK_TYPE_LIST_BOX_ROW);
  g_assert_true (gtk_widget_activate (row));
  pgm_gui_wait_until (g_str_equal (gtk_editable_get_text (GTK_EDITABLE (database)), "forms"), 10);
  pgm_gui_wait_until (g_str_equal (get_title (0), "Connected"), 20);
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "\"database\": \"forms\""), 10);
  pgm_gui_app_close (window);
}

static PgmTableChoice *
find_choice (GListModel *choices, const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(PgmTableChoice) choice = g_list_model_get_item (choices, i);

      if (g_strcmp0 (pgm_table_choice_get_name (choice), name) == 0)
        return choice;
    }
  g_assert_not_reached ();
}

static void
test_choose_tables (void)
{
  GtkWidget *row = NULL;
  GtkWindow *chooser = NULL;
  GListModel *choices = NULL;

  open_profile ("forms");
  row = pgm_gui_find_mapped (window, ADW_TYPE_ACTION_ROW, "_Tables");
  g_signal_emit_by_name (row, "activated");
  pgm_gui_wait_until ((chooser = pgm_gui_find_window (PGM_TYPE_TABLE_CHOOSER)) != NULL, 10);
  choices = pgm_table_chooser_get_choices (PGM_TABLE_CHOOSER (chooser));
  pgm_gui_wait_until (g_list_model_get_n_items (choices) > 0, 20);
  pgm_table_choice_set_included (find_choice (choices, "Big one"), FALSE);
  pgm_table_choice_set_empty (find_choice (choices, "log"), TRUE);
  pgm_gui_shot (GTK_WIDGET (chooser), "tables");
  g_assert_true (gtk_widget_activate (pgm_gui_find_mapped (chooser, GTK_TYPE_BUTTON, "_Apply")));
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "public.\\\"Big one\\\""), 10);
  g_assert_true (pgm_gui_profile_has ("test", "exclude_table_data"));
  g_assert_true (pgm_gui_profile_has ("test", "public.log"));
  g_assert_nonnull (pgm_gui_find_mapped (window, GTK_TYPE_LABEL, "1 left out, 1 without rows"));
  pgm_gui_app_close (window);
}

static gboolean
is_finished (void)
{
  GtkWidget *page = pgm_gui_find_mapped (window, PGM_TYPE_RUN_PAGE, NULL);

  return page != NULL && pgm_runner_get_state (pgm_run_page_get_runner (PGM_RUN_PAGE (page))) ==
                             PGM_RUNNER_FINISHED;
}

static char *
dup_outcome (void)
{
  GtkWidget *row = pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL);
  char *outcome = NULL;

  g_object_get (pgm_profile_row_get_item (PGM_PROFILE_ROW (row)), "outcome", &outcome, NULL);
  return outcome != NULL ? outcome : g_strdup ("");
}

static gboolean
has_outcome (const char *start)
{
  g_autofree char *outcome = dup_outcome ();

  return g_str_has_prefix (outcome, start);
}

static void
test_mirror (void)
{
  g_autofree char *rows = NULL;

  open_profile ("forms");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.mirror", NULL));
  pgm_gui_wait_until (has_outcome ("Running"), 10);
  pgm_gui_shot (GTK_WIDGET (window), "running");
  pgm_gui_wait_until (is_finished (), 120);
  rows = pgm_test_server_psql (target, "forms", "SELECT count(*) FROM \"Big one\"");
  g_assert_cmpstr (g_strstrip (rows), ==, "1000");
  pgm_gui_wait_until (has_outcome ("Just now, took"), 10);
  pgm_gui_shot (GTK_WIDGET (window), "done");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.back", NULL));
  pgm_gui_settle (200);
  g_assert_nonnull (pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL));
  test_connection (1, "Connected");
  pgm_gui_shot (GTK_WIDGET (window), "exists");
  pgm_gui_app_close (window);
}

static void
add_tests (void)
{
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  make_database (source, "forms",
                 "CREATE TABLE \"Big one\" AS SELECT i FROM generate_series (1, 1000) i;"
                 "CREATE TABLE log (t text); INSERT INTO log VALUES ('x');"
                 "CREATE SCHEMA other; CREATE TABLE other.t (i int);");
  g_test_add_func ("/forms/connected", test_connected);
  g_test_add_func ("/forms/not-connected", test_not_connected);
  g_test_add_func ("/forms/choose-database", test_choose_database);
  g_test_add_func ("/forms/choose-tables", test_choose_tables);
  g_test_add_func ("/forms/mirror", test_mirror);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_app_run_tests (argc, argv, add_tests);

  g_clear_pointer (&source, pgm_test_server_free);
  g_clear_pointer (&target, pgm_test_server_free);
  return status;
}
