/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Where the notification of a run leads, in the real application. */

#include "pgm-gui-test.h"

#include "pgm-profile-row.h"
#include "pgm-result-page.h"
#include "pgm-run-page.h"
#include "pgm-settings.h"

#define PROFILE(name)                                                                   \
  "{\"name\": \"" name "\", \"source\": {\"host\": \"127.0.0.1\", \"port\": 1, "        \
  "\"database\": \"d\", \"user\": \"u\", \"password\": \"p\"}, \"target\": {\"host\": " \
  "\"127.0.0.1\", \"port\": 1, \"user\": \"u\", \"password\": \"p\"}}"

static GtkWidget *window; /* borrowed */

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (window, action, NULL));
}

static PgmRunPage *
find_page (void)
{
  return PGM_RUN_PAGE (pgm_gui_find_mapped (window, PGM_TYPE_RUN_PAGE, NULL));
}

static gboolean
has_ended (void)
{
  return find_page () != NULL &&
         pgm_runner_get_state (pgm_run_page_get_runner (find_page ())) == PGM_RUNNER_FINISHED;
}

/* Returns: (transfer full): the run's id */
static char *
run_and_look_elsewhere (void)
{
  GtkWidget *row = NULL;
  char *id = NULL;

  pgm_gui_wait_until ((row = pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL)) != NULL, 20);
  act ("win.mirror");
  pgm_gui_wait_until (has_ended (), 30);
  id = g_strdup (pgm_runner_get_id (pgm_run_page_get_runner (find_page ())));
  gtk_list_box_select_row (GTK_LIST_BOX (gtk_widget_get_parent (row)),
                           GTK_LIST_BOX_ROW (gtk_widget_get_next_sibling (row)));
  pgm_gui_wait_until (find_page () == NULL, 5);
  return id;
}

static void
click (const char *id)
{
  g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "show-run",
                                  g_variant_new_string (id));
  pgm_gui_settle (200);
}

static gboolean
has_title (const char *title)
{
  return pgm_gui_find_mapped (window, ADW_TYPE_WINDOW_TITLE, title) != NULL;
}

static void
test_other_in_view (void)
{
  g_autofree char *id = NULL;

  pgm_gui_profile_remove_all ();
  pgm_gui_profile_write ("1", PROFILE ("First"));
  pgm_gui_profile_write ("2", PROFILE ("Second"));
  window = GTK_WIDGET (pgm_gui_app_open ());
  id = run_and_look_elsewhere ();
  g_assert_true (has_title ("Second"));
  click (id);
  pgm_gui_wait_until (has_ended (), 20);
  g_assert_true (has_title ("First"));

  /* Also from the history, and when the page of the result was left. */
  act ("win.back");
  act ("win.history");
  click (id);
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_RESULT_PAGE, NULL) != NULL, 20);
  g_assert_true (has_title ("History"));
  g_assert_nonnull (pgm_gui_find_mapped (window, GTK_TYPE_LABEL, "Not Mirrored"));
  click ("no-such-run");
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_RESULT_PAGE, NULL) == NULL, 20);
  g_assert_true (has_title ("History"));
  pgm_gui_app_close (GTK_WINDOW (window));

  /* The desktop starts the program for it: there is no window yet. */
  click (id);
  window = GTK_WIDGET (pgm_gui_find_window (g_type_from_name ("PgmWindow")));
  g_assert_nonnull (window);
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_RESULT_PAGE, NULL) != NULL, 20);
  pgm_gui_settle (500);
  g_assert_nonnull (pgm_gui_find_mapped (window, PGM_TYPE_RESULT_PAGE, NULL));
  act ("win.back"); /* to all runs first */
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_RESULT_PAGE, NULL) == NULL, 10);
  g_assert_true (has_title ("History"));
  g_assert_nonnull (pgm_gui_find_mapped (window, GTK_TYPE_LIST_VIEW, NULL));
  act ("win.back");
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, g_type_from_name ("PgmEndpointForm"), NULL) != NULL, 10);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
add_tests (void)
{
  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE); /* nobody shows them */
  g_test_add_func ("/show-run/other-in-view", test_other_in_view);
}

int
main (int argc, char **argv)
{
  return pgm_gui_app_run_tests (argc, argv, add_tests);
}
