/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The window without a server: profiles, their forms and their files. */

#include "pgm-gui-test.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pgm-complaint.h"
#include "pgm-process.h"
#include "pgm-profile-page.h"
#include "pgm-profile-row.h"
#include "pgm-settings.h"
#include "pgm-window.h"

#define SHOP                                                                                    \
  "{\"name\": \"Shop\", \"colour\": \"red\", \"source\": {\"host\": \"db.example.org\", "       \
  "\"database\": \"shop\", \"user\": \"ana\", \"password\": \"p\", \"sslmode\": \"require\"}, " \
  "\"target\": {\"host\": \"localhost\", \"user\": \"postgres\", \"password\": \"q\"}}"

typedef struct
{
  GtkWidget *window; /* borrowed; NULL once it is closed */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer profile)
{
  pgm_gui_profile_remove_all ();
  if (profile != NULL)
    pgm_gui_profile_write ("shop", profile);
  fixture->window = GTK_WIDGET (pgm_gui_app_open ());
}

static void
tear_down (Fixture *fixture, gconstpointer profile)
{
  if (fixture->window != NULL)
    pgm_gui_app_close (GTK_WINDOW (fixture->window));
}

static GtkWidget *
find_row (Fixture *fixture, const char *title, guint index)
{
  GtkWidget *page =
      pgm_gui_find_mapped (fixture->window, g_type_from_name ("PgmProfilePage"), NULL);
  GtkWidget *form = NULL;
  GtkWidget *row = NULL;

  g_assert_nonnull (page);
  form = pgm_gui_find_mapped (page, g_type_from_name ("PgmEndpointForm"), NULL);
  if (index == 1)
    form = gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (form));
  row = pgm_gui_find_mapped (index == 2 ? page : form, ADW_TYPE_PREFERENCES_ROW, title);
  g_assert_nonnull (row);
  return row;
}

static void
type (GtkWidget *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
paste (GtkWidget *row, const char *text)
{
  GtkEditable *delegate = gtk_editable_get_delegate (GTK_EDITABLE (row));
  int position = 0;

  gtk_editable_insert_text (delegate, text, -1, &position);
}

static void
act (Fixture *fixture, const char *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->window, action, NULL));
}

static guint
count_rows (Fixture *fixture)
{
  GtkWidget *row = pgm_gui_find_mapped (fixture->window, PGM_TYPE_PROFILE_ROW, NULL);
  GtkWidget *list = row != NULL ? gtk_widget_get_parent (row) : NULL;
  guint n = 0;

  while (list != NULL && gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), (int) n) != NULL)
    n++;
  return n;
}

static void
test_welcome (Fixture *fixture, gconstpointer data)
{
  g_assert_nonnull (
      pgm_gui_find_mapped (fixture->window, ADW_TYPE_STATUS_PAGE, "Mirror a Database"));
  pgm_gui_shot (fixture->window, "welcome");
  g_assert_true (
      gtk_widget_activate (pgm_gui_find_mapped (fixture->window, GTK_TYPE_BUTTON, "_New Profile")));
  pgm_gui_wait_until (count_rows (fixture) == 1, 10);
  pgm_gui_wait_until (pgm_gui_profile_has ("new-profile", "\"New Profile\""), 10);
}

static void
test_edit_saves (Fixture *fixture, gconstpointer data)
{
  type (find_row (fixture, "_Host", 0), "db2.example.org");
  type (find_row (fixture, "P_ort", 1), "5433");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "db2.example.org"), 10);
  g_assert_true (pgm_gui_profile_has ("shop", "\"port\": 5433"));
  g_assert_true (pgm_gui_profile_has ("shop", "\"colour\": \"red\""));
  pgm_gui_shot (fixture->window, "profile");
}

/* An edit of the last moment is not lost. */
static void
test_close_saves (Fixture *fixture, gconstpointer data)
{
  type (find_row (fixture, "_User", 0), "last-moment");
  pgm_gui_app_close (GTK_WINDOW (fixture->window));
  fixture->window = NULL;
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "last-moment"), 10);
}

static void
test_faults_in_words (Fixture *fixture, gconstpointer data)
{
  GtkWidget *host = find_row (fixture, "_Host", 0);
  GtkWidget *port = find_row (fixture, "P_ort", 0);
  GtkWidget *user = find_row (fixture, "_User", 1);

  g_assert_null (pgm_complaint_get (host));
  type (host, "a, b");
  g_assert_nonnull (pgm_complaint_get (host));
  type (port, "54x");
  g_assert_nonnull (pgm_complaint_get (port));
  type (port, "70000");
  g_assert_nonnull (pgm_complaint_get (port));
  type (port, "");
  g_assert_null (pgm_complaint_get (port));
  type (user, "");
  g_assert_nonnull (pgm_complaint_get (user));
  gtk_test_accessible_assert_state (
      GTK_ACCESSIBLE (gtk_editable_get_delegate (GTK_EDITABLE (host))),
      GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);
  pgm_gui_shot (fixture->window, "faults");
  type (host, "ab");
  g_assert_null (pgm_complaint_get (host));
}

/* What is missing is only said when it is asked for, and then nothing is run. */
static void
test_mirror_wants_fields (Fixture *fixture, gconstpointer data)
{
  GtkWidget *host = NULL;

  act (fixture, "win.new-profile");
  pgm_gui_settle (200);
  host = find_row (fixture, "_Host", 0);
  g_assert_null (pgm_complaint_get (host));
  act (fixture, "win.mirror");
  g_assert_nonnull (pgm_complaint_get (host));
  g_assert_null (pgm_gui_find_mapped (fixture->window, g_type_from_name ("PgmRunPage"), NULL));
}

static void
test_paste_uri (Fixture *fixture, gconstpointer data)
{
  paste (find_row (fixture, "_User", 0),
         "postgresql://eve:p%40ss@db9.example.org:6000/wares?sslmode=verify-full");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "_Host", 0))), ==,
                   "db9.example.org");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "P_ort", 0))), ==,
                   "6000");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "_Database", 0))), ==,
                   "wares");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "_User", 0))), ==,
                   "eve");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "\"p@ss\""), 10);
  g_assert_true (pgm_gui_profile_has ("shop", "verify-full"));
}

static void
test_paste_keywords (Fixture *fixture, gconstpointer data)
{
  paste (find_row (fixture, "_Host", 1), "host=/run/postgresql port=5440 user='o x' dbname=no");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "/run/postgresql"), 10);
  g_assert_true (pgm_gui_profile_has ("shop", "5440"));
  g_assert_true (pgm_gui_profile_has ("shop", "o x"));
  g_assert_false (pgm_gui_profile_has ("shop", "\"no\""));
}

static void
test_swap (Fixture *fixture, gconstpointer data)
{
  act (fixture, "win.swap");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "_Host", 0))), ==,
                   "localhost");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find_row (fixture, "_Database", 0))), ==,
                   "shop");
}

static void
test_duplicate_and_delete (Fixture *fixture, gconstpointer data)
{
  GtkWidget *undo = NULL;

  act (fixture, "win.duplicate");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop-copy", "Shop (copy)"), 10);
  g_assert_true (pgm_gui_profile_has ("shop-copy", "\"colour\": \"red\""));
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  act (fixture, "win.delete");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  pgm_gui_wait_until (!pgm_gui_profile_has ("shop-copy", "Shop"), 10);
  pgm_gui_shot (fixture->window, "deleted");
  pgm_gui_wait_until (
      (undo = pgm_gui_find_mapped (fixture->window, GTK_TYPE_BUTTON, "_Undo")) != NULL, 5);
  g_assert_true (gtk_widget_activate (undo));
  pgm_gui_wait_until (pgm_gui_profile_has ("shop-copy", "Shop (copy)"), 10);
  g_assert_cmpuint (count_rows (fixture), ==, 2);
}

static void
test_copy_command (Fixture *fixture, gconstpointer data)
{
  GdkContentProvider *content = NULL;
  g_auto(GValue) value = G_VALUE_INIT;

  type (find_row (fixture, "Profile _Name", 2), "It's a shop");
  act (fixture, "win.copy-command");
  content = gdk_clipboard_get_content (gtk_widget_get_clipboard (fixture->window));
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (content, &value, NULL));
  g_assert_cmpstr (g_value_get_string (&value), ==,
                   "pg-mirror-cli mirror --profile 'It'\\''s a shop'");
}

static void
test_change_from_outside (Fixture *fixture, gconstpointer data)
{
  GtkEditable *host = GTK_EDITABLE (find_row (fixture, "_Host", 0));
  g_auto(GStrv) parts = g_strsplit (SHOP, "db.example.org", 2);
  g_autofree char *changed = g_strjoinv ("elsewhere", parts);

  pgm_gui_profile_write ("shop", changed);
  pgm_gui_wait_until (g_str_equal (gtk_editable_get_text (host), "elsewhere"), 10);
  pgm_gui_profile_write ("second", SHOP);
  pgm_gui_wait_until (count_rows (fixture) == 2, 10);
}

static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  GtkEditable *host = GTK_EDITABLE (find_row (fixture, "_Host", 0));
  GtkWindow *dialog = NULL;
  g_auto(GStrv) parts = g_strsplit (SHOP, "db.example.org", 2);
  g_autofree char *changed = g_strjoinv ("theirs", parts);

  gtk_editable_set_text (host, "mine");
  pgm_gui_profile_write ("shop", changed);
  pgm_gui_wait_until ((dialog = pgm_gui_find_window (ADW_TYPE_MESSAGE_DIALOG)) != NULL, 10);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "theirs");
  pgm_gui_wait_until (g_str_equal (gtk_editable_get_text (host), "theirs"), 10);
  pgm_gui_settle (900);
  g_assert_cmpstr (gtk_editable_get_text (host), ==, "theirs");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "theirs"), 10);
}

static void
test_broken (Fixture *fixture, gconstpointer data)
{
  g_assert_nonnull (
      pgm_gui_find_mapped (fixture->window, ADW_TYPE_STATUS_PAGE, "This Profile Cannot Be Read"));
  pgm_gui_shot (fixture->window, "broken");
  g_assert_true (pgm_gui_profile_has ("shop", "{\"name\": "));
}

/* What a person with a narrow window, large text or another direction of writing gets. */
static int
measure_content (Fixture *fixture)
{
  GtkWidget *content =
      adw_application_window_get_content (ADW_APPLICATION_WINDOW (fixture->window));
  int minimum = 0;

  gtk_widget_measure (content, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

static void
reopen (Fixture *fixture, int width)
{
  pgm_gui_app_close (GTK_WINDOW (fixture->window));
  g_settings_set_int (pgm_settings_get (), "window-width", width);
  fixture->window = GTK_WIDGET (pgm_gui_app_open ());
}

static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  AdwLeaflet *leaflet = NULL;

  reopen (fixture, 420);
  leaflet = ADW_LEAFLET (pgm_gui_find_mapped (fixture->window, ADW_TYPE_LEAFLET, NULL));
  pgm_gui_wait_until (adw_leaflet_get_folded (leaflet), 20);
  pgm_gui_wait_until (measure_content (fixture) <= 360, 10);
  act (fixture, "win.history");
  pgm_gui_settle (200);
  g_assert_cmpint (measure_content (fixture), <=, 360);
  reopen (fixture, 1080);
}

/* Whoever starts it for the first time is welcomed in a narrow window as well. */
static void
test_narrow_welcome (Fixture *fixture, gconstpointer data)
{
  AdwLeaflet *leaflet = NULL;

  reopen (fixture, 360);
  leaflet = ADW_LEAFLET (pgm_gui_find_mapped (fixture->window, ADW_TYPE_LEAFLET, NULL));
  pgm_gui_wait_until (adw_leaflet_get_folded (leaflet), 20);
  pgm_gui_settle (500);
  g_assert_nonnull (
      pgm_gui_find_mapped (fixture->window, ADW_TYPE_STATUS_PAGE, "Mirror a Database"));
  g_assert_cmpint (measure_content (fixture), <=, 360);
  reopen (fixture, 1080);
}

/* Or below the source. */
static gboolean
is_target_beside (Fixture *fixture)
{
  GtkWidget *source = gtk_widget_get_ancestor (find_row (fixture, "_Host", 0),
                                               g_type_from_name ("PgmEndpointForm"));
  GtkWidget *target = gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (source));
  double x = 0;
  double y = 0;

  g_assert_true (gtk_widget_translate_coordinates (target, source, 0, 0, &x, &y));
  return y < 1;
}

static void
test_large_text (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  int minimum = 0;
  int dpi = 0;
  gboolean was_beside = is_target_beside (fixture);
  gboolean is_beside = FALSE;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * dpi, NULL);
  pgm_gui_settle (300);
  pgm_gui_shot (fixture->window, "large-text");
  is_beside = is_target_beside (fixture);
  gtk_widget_measure (fixture->window, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  g_test_message ("%d pixels wide at least", minimum);
  g_assert_cmpint (minimum, <=, 640);
  g_assert_true (was_beside);
  g_assert_false (is_beside);
}

static void
test_right_to_left (Fixture *fixture, gconstpointer data)
{
  pgm_gui_app_close (GTK_WINDOW (fixture->window));
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  fixture->window = GTK_WIDGET (pgm_gui_app_open ());
  pgm_gui_shot (fixture->window, "right-to-left");
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

static gboolean
has_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  return gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* Every button without words, switch and spin button that is on the screen. */
static void
check_names (GtkWidget *widget)
{
  gboolean is_bare = GTK_IS_BUTTON (widget) && gtk_button_get_icon_name (GTK_BUTTON (widget)) &&
                     g_str_has_prefix (G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)), "Pgm");

  if (!gtk_widget_get_mapped (widget))
    return;
  if ((is_bare || GTK_IS_SWITCH (widget) || GTK_IS_SPIN_BUTTON (widget)) && !has_name (widget))
    g_error ("%s has no accessible name", gtk_widget_get_name (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

static void
expand (GtkWidget *widget)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    expand (child);
}

static void
test_accessible_names (Fixture *fixture, gconstpointer data)
{
  expand (fixture->window);
  pgm_gui_settle (500);
  check_names (fixture->window);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1080, 2300);
  pgm_gui_shot (fixture->window, "expanded");
}

static void
test_preferences (Fixture *fixture, gconstpointer data)
{
  GtkWindow *preferences = NULL;

  g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "preferences",
                                  NULL);
  pgm_gui_wait_until (
      (preferences = pgm_gui_find_window (g_type_from_name ("PgmPreferences"))) != NULL, 10);
  type (pgm_gui_find_mapped (preferences, ADW_TYPE_ENTRY_ROW,
                             "Folder of pg_dump, pg_restore and psql"),
        "not/from/the/root");
  pgm_gui_shot (GTK_WIDGET (preferences), "preferences");
  g_assert_nonnull (pgm_complaint_get (pgm_gui_find_mapped (
      preferences, ADW_TYPE_ENTRY_ROW, "Folder of pg_dump, pg_restore and psql")));
  type (pgm_gui_find_mapped (preferences, ADW_TYPE_ENTRY_ROW,
                             "Folder of pg_dump, pg_restore and psql"),
        "");
  gtk_window_destroy (preferences);
}

static void
test_import (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "pgm-import.json", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, SHOP, -1, NULL));
  pgm_window_import (PGM_WINDOW (fixture->window), file);
  pgm_gui_wait_until (pgm_gui_profile_has ("shop-2", "\"Shop 2\""), 10);
  g_assert_true (pgm_gui_profile_has ("shop-2", "\"colour\": \"red\""));
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  g_assert_true (g_file_set_contents (path, "{", -1, NULL));
  pgm_window_import (PGM_WINDOW (fixture->window), file);
  pgm_gui_wait_until (
      pgm_gui_find_mapped (fixture->window, g_type_from_name ("AdwToastWidget"), NULL) != NULL, 5);
  pgm_gui_settle (500);
  pgm_gui_shot (fixture->window, "import-failed");
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  g_assert_true (g_file_delete (file, NULL, NULL));
}

/* The machine may be away for longer than the program: of three tries one has to be good. */
static void
check_gap (Fixture *fixture, void (*act_out) (Fixture *))
{
  double best_ms = G_MAXDOUBLE;

  for (guint i = 0; i < 3 && best_ms >= pgm_gui_gap_get_limit (); i++)
    {
      double gap_ms = 0;

      pgm_gui_gap_begin ();
      act_out (fixture);
      gap_ms = pgm_gui_gap_end ();
      g_test_message ("longest gap: %.1f ms", gap_ms);
      best_ms = MIN (best_ms, gap_ms);
    }
  g_assert_cmpfloat (best_ms, <, pgm_gui_gap_get_limit ());
}

static void
edit_twenty (Fixture *fixture)
{
  GtkListBox *list = GTK_LIST_BOX (
      gtk_widget_get_parent (pgm_gui_find_mapped (fixture->window, PGM_TYPE_PROFILE_ROW, NULL)));

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *host = g_strdup_printf ("host-%d.example.org", i);

      gtk_list_box_select_row (list, gtk_list_box_get_row_at_index (list, i));
      type (find_row (fixture, "_Host", 0), host);
      pgm_gui_settle (50);
    }
}

/* A hundred profiles, one after the other selected and edited. */
static void
test_never_blocks (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("many-%u", i);

      pgm_gui_profile_write (name, SHOP);
    }
  pgm_gui_wait_until (count_rows (fixture) == 101, 30);
  check_gap (fixture, edit_twenty);
}

static void
test_and_give_up (Fixture *fixture)
{
  GtkWidget *row =
      pgm_gui_find_mapped (fixture->window, g_type_from_name ("PgmConnectionRow"), NULL);
  GtkWidget *button = pgm_gui_find_mapped (row, GTK_TYPE_BUTTON, "_Test");

  g_signal_emit_by_name (button, "clicked");
  pgm_gui_settle (1500);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "Connecting…");
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "Connection");
  pgm_gui_settle (200);
}

/* A server that takes the connection and never says a word: the test can be given up at once. */
static void
test_mute_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *digits = g_strdup_printf ("%u", port);

  type (find_row (fixture, "_Host", 0), "127.0.0.1");
  type (find_row (fixture, "P_ort", 0), digits);
  check_gap (fixture, test_and_give_up);
}

static char *
make_sample_folder (gint64 pid)
{
  char *folder = g_dir_make_tmp ("pg-mirror-sample-XXXXXX", NULL);
  g_autofree char *owner = g_build_filename (folder, "owner", NULL);
  g_autofree char *text =
      g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT "\n", pid,
                       pid == pgm_process_get_own () ? pgm_process_get_start (pid) : 1);
  g_autofree char *profile = g_strdup_printf ("{\"source\": {\"host\": \"%s\"}}", folder);
  g_autofree char *name = g_path_get_basename (folder);

  g_assert_true (g_file_set_contents (owner, text, -1, NULL));
  pgm_gui_profile_write (name, profile);
  return folder;
}

/* What a program that was killed left of its sample goes; a sample that is on stays. */
static void
test_abandoned_sample (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dead = make_sample_folder (G_MAXINT32);
  g_autofree char *alive = make_sample_folder (pgm_process_get_own ());
  g_autofree char *dead_name = g_path_get_basename (dead);
  g_autofree char *alive_name = g_path_get_basename (alive);
  g_autofree char *owner = g_build_filename (alive, "owner", NULL);

  pgm_gui_app_close (GTK_WINDOW (fixture->window));
  fixture->window = GTK_WIDGET (pgm_gui_app_open ());
  pgm_gui_wait_until (count_rows (fixture) == 2, 20);
  g_assert_false (g_file_test (dead, G_FILE_TEST_EXISTS));
  g_assert_false (pgm_gui_profile_has (dead_name, "host"));
  g_assert_true (g_file_test (owner, G_FILE_TEST_EXISTS));
  g_assert_true (pgm_gui_profile_has (alive_name, "host"));
  g_assert_cmpint (g_unlink (owner), ==, 0);
  g_assert_cmpint (g_rmdir (alive), ==, 0);
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  act (fixture, "win.history");
  pgm_gui_wait_until (
      pgm_gui_find_mapped (fixture->window, g_type_from_name ("PgmHistoryPage"), NULL) != NULL, 5);
  act (fixture, "win.back");
  g_assert_nonnull (
      pgm_gui_find_mapped (fixture->window, g_type_from_name ("PgmProfilePage"), NULL));
}

static void
add (const char *path, const char *profile, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, profile, set_up, func, tear_down);
}

static void
add_tests (void)
{
  add ("/window/welcome", NULL, test_welcome);
  add ("/window/edit-saves", SHOP, test_edit_saves);
  add ("/window/close-saves", SHOP, test_close_saves);
  add ("/window/faults-in-words", SHOP, test_faults_in_words);
  add ("/window/mirror-wants-fields", SHOP, test_mirror_wants_fields);
  add ("/window/paste-uri", SHOP, test_paste_uri);
  add ("/window/paste-keywords", SHOP, test_paste_keywords);
  add ("/window/swap", SHOP, test_swap);
  add ("/window/duplicate-and-delete", SHOP, test_duplicate_and_delete);
  add ("/window/copy-command", SHOP, test_copy_command);
  add ("/window/change-from-outside", SHOP, test_change_from_outside);
  add ("/window/conflict", SHOP, test_conflict);
  add ("/window/broken", "{\"name\": ", test_broken);
  add ("/window/narrow", SHOP, test_narrow);
  add ("/window/narrow-welcome", NULL, test_narrow_welcome);
  add ("/window/large-text", SHOP, test_large_text);
  add ("/window/right-to-left", SHOP, test_right_to_left);
  add ("/window/accessible-names", SHOP, test_accessible_names);
  add ("/window/preferences", SHOP, test_preferences);
  add ("/window/import", SHOP, test_import);
  add ("/window/never-blocks", SHOP, test_never_blocks);
  add ("/window/mute-server", SHOP, test_mute_server);
  add ("/window/abandoned-sample", SHOP, test_abandoned_sample);
  add ("/window/history", SHOP, test_history);
}

int
main (int argc, char **argv)
{
  return pgm_gui_app_run_tests (argc, argv, add_tests);
}
