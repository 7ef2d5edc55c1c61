/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Passwords that are asked for each time, against two servers that want one: asked for once while
 * the window is open, and never on the disk. */

#include "pgm-gui-test.h"

#include "../pgm-test-server.h"
#include "pgm-connection-row.h"
#include "pgm-endpoint-form.h"
#include "pgm-password-dialog.h"
#include "pgm-run-page.h"
#include "pgm-settings.h"

#define PASSWORD "s3cret-ção"
#define PROFILE                                                                                  \
  "{\"name\": \"Asking\", \"source\": {\"host\": \"%s\", \"database\": \"%s\", \"user\": \"%s\"" \
  ", \"password_from\": \"prompt\"}, \"target\": {\"host\": \"%s\", \"user\": \"%s\", "          \
  "\"password_from\": \"prompt\"}, \"options\": {\"parallel_jobs\": 1}}"

static PgmTestServer *source;
static PgmTestServer *target;
static GtkWindow *window; /* borrowed */

static void
open_profile (const char *database)
{
  g_autofree char *json = g_strdup_printf (
      PROFILE, pgm_test_server_get_host (source), database, pgm_test_server_get_user (source),
      pgm_test_server_get_host (target), pgm_test_server_get_user (target));

  pgm_gui_profile_remove_all ();
  pgm_gui_profile_write ("asking", json);
  window = pgm_gui_app_open ();
}

static GtkWidget *
find_form (guint index)
{
  GtkWidget *form = pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL);

  g_assert_nonnull (form);
  return index == 0 ? form : gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (form));
}

static GtkEditable *
find_row (guint index, const char *title)
{
  GtkWidget *row = pgm_gui_find_mapped (find_form (index), ADW_TYPE_ENTRY_ROW, title);

  g_assert_nonnull (row);
  return GTK_EDITABLE (row);
}

static const char *
get_password (guint index)
{
  return gtk_editable_get_text (find_row (index, "_Password, Not Saved"));
}

static void
type_password (guint index, const char *text)
{
  gtk_editable_set_text (find_row (index, "_Password, Not Saved"), text);
}

static void
test_connection (guint index, const char *expected)
{
  GtkWidget *row = pgm_gui_find_mapped (find_form (index), PGM_TYPE_CONNECTION_ROW, NULL);
  AdwPreferencesRow *title = ADW_PREFERENCES_ROW (row);

  pgm_endpoint_form_test (PGM_ENDPOINT_FORM (find_form (index)));
  pgm_gui_wait_until (!g_str_equal (adw_preferences_row_get_title (title), "Connecting…"), 30);
  g_assert_cmpstr (adw_preferences_row_get_title (title), ==, expected);
}

static PgmRunner *
find_runner (void)
{
  GtkWidget *page = pgm_gui_find_mapped (window, PGM_TYPE_RUN_PAGE, NULL);

  return page != NULL ? pgm_run_page_get_runner (PGM_RUN_PAGE (page)) : NULL;
}

static gboolean
has_ended (void)
{
  return find_runner () != NULL && pgm_runner_get_state (find_runner ()) == PGM_RUNNER_FINISHED;
}

/* Answers @password to each question, up to the end of the run.
 *
 * Returns: how many there were */
static guint
run (const char *action, const char *password)
{
  GtkWindow *answered = NULL;
  guint n = 0;

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), action, NULL));
  for (guint turn = 0; turn < 6000 && !has_ended (); turn++)
    {
      GtkWindow *dialog = pgm_gui_find_window (PGM_TYPE_PASSWORD_DIALOG);

      pgm_gui_settle (20);
      if (dialog == NULL || dialog == answered || !gtk_widget_get_mapped (GTK_WIDGET (dialog)))
        continue;
      n++;
      answered = dialog;
      gtk_editable_set_text (
          GTK_EDITABLE (pgm_gui_find_mapped (dialog, ADW_TYPE_PASSWORD_ENTRY_ROW, NULL)), password);
      adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "ok");
    }
  g_assert_true (has_ended ());
  return n;
}

static const char *
get_code (void)
{
  return pgm_report_get_data (pgm_runner_get_report (find_runner ()))->code;
}

static void
go_back (void)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.back", NULL));
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL) != NULL, 10);
}

/* The test of one side and the first run's question for the other are all that is asked. */
static void
test_asked_once (void)
{
  open_profile ("prompt");
  type_password (0, PASSWORD);
  test_connection (0, "Connected");
  g_assert_cmpuint (run ("win.check", PASSWORD), ==, 1);
  go_back ();
  test_connection (1, "Connected");
  g_assert_cmpuint (run ("win.mirror", "no"), ==, 0);
  g_assert_cmpstr (get_code (), ==, "ok");
  go_back ();
  pgm_gui_app_close (window);
}

/* What a server refuses is not tried twice. */
static void
test_rejected (void)
{
  open_profile ("prompt");
  type_password (0, "wrong");
  test_connection (0, "Wrong user or password");
  type_password (1, "wrong, too");
  g_assert_cmpuint (run ("win.check", PASSWORD), ==, 1); /* the source's */
  g_assert_cmpstr (get_code (), ==, "target-unreachable");
  go_back ();
  g_assert_cmpuint (run ("win.check", PASSWORD), ==, 1); /* the target's */
  go_back ();
  g_assert_cmpuint (run ("win.check", "no"), ==, 0);
  go_back ();
  pgm_gui_app_close (window);
}

/* Another login is not given the password of this one. */
static void
test_other_login (void)
{
  g_autofree char *user = g_strdup (pgm_test_server_get_user (source));

  open_profile ("prompt");
  type_password (0, PASSWORD);
  type_password (1, PASSWORD);
  gtk_editable_set_text (find_row (0, "_User"), "somebody else");
  g_assert_cmpstr (get_password (0), ==, "");
  g_assert_cmpstr (get_password (1), ==, PASSWORD);
  gtk_editable_set_text (find_row (0, "_User"), user);
  g_assert_cmpuint (run ("win.check", PASSWORD), ==, 1);
  go_back ();
  g_assert_cmpstr (get_password (1), ==, PASSWORD);

  /* They go along when the servers change places. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.swap", NULL));
  g_assert_cmpstr (get_password (0), ==, PASSWORD);
  test_connection (0, "No such database");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.swap", NULL));
  test_connection (0, "Connected");
  pgm_gui_app_close (window);
}

/* Another profile in between, a deletion, and a new window. */
static void
test_how_long (void)
{
  GtkWidget *undo = NULL;

  open_profile ("prompt");
  type_password (0, PASSWORD);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.duplicate", NULL));
  g_assert_cmpstr (get_password (0), ==, "");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.delete", NULL));
  g_assert_cmpstr (get_password (0), ==, PASSWORD);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.delete", NULL));
  pgm_gui_wait_until ((undo = pgm_gui_find_mapped (window, GTK_TYPE_BUTTON, "_Undo")) != NULL, 5);
  g_signal_emit_by_name (undo, "clicked");
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL) != NULL, 10);
  g_assert_cmpstr (get_password (0), ==, "");
  type_password (0, PASSWORD);
  pgm_gui_app_close (window);
  window = pgm_gui_app_open ();
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_ENDPOINT_FORM, NULL) != NULL, 20);
  g_assert_cmpstr (get_password (0), ==, "");
  pgm_gui_app_close (window);
}

static void
check_file (const char *path)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  if (g_strstr_len (text, (gssize) length, PASSWORD) != NULL)
    g_error ("%s has the password", path);
}

static guint
check_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += check_folder (path);
      else if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        {
          check_file (path);
          n++;
        }
    }
  return n;
}

static void
test_not_on_disk (void)
{
  g_assert_cmpuint (check_folder (g_get_home_dir ()), >, 3);
}

static void
add_tests (void)
{
  const PgmTestServerOptions options = { .password = PASSWORD };
  g_autofree char *create = g_strdup ("CREATE DATABASE prompt");

  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE); /* nobody shows them */
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  g_free (pgm_test_server_psql (source, "postgres", create));
  g_free (pgm_test_server_psql (source, "prompt", "CREATE TABLE t AS SELECT 1 AS i"));
  g_test_add_func ("/prompt/rejected", test_rejected);
  g_test_add_func ("/prompt/other-login", test_other_login);
  g_test_add_func ("/prompt/asked-once", test_asked_once);
  g_test_add_func ("/prompt/how-long", test_how_long);
  g_test_add_func ("/prompt/not-on-disk", test_not_on_disk);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_app_run_tests (argc, argv, add_tests);

  g_clear_pointer (&source, pgm_test_server_free);
  g_clear_pointer (&target, pgm_test_server_free);
  return status;
}
