/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Files that come in and go out: import, export, drag and drop, and whatever is chosen. */

#include "pgm-gui-test.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pgm-complaint.h"
#include "pgm-file-row.h"
#include "pgm-log-view.h"
#include "pgm-profile-row.h"
#include "pgm-script-row.h"
#include "pgm-settings.h"

#define SHOP                                                                                   \
  "{\"name\": \"Shop\", \"colour\": \"red\", \"source\": {\"host\": \"db.example.org\", "      \
  "\"database\": \"shop\", \"user\": \"ana\", \"password\": \"p\", \"sslmode\": \"require\", " \
  "\"mood\": [1, 2.50, null]}, "                                                               \
  "\"target\": {\"host\": \"localhost\", \"user\": \"postgres\", \"password\": \"q\"}}"

static GtkWidget *window; /* borrowed */
static char *folder;      /* for files of the test */

static void
open_profile (const char *text)
{
  pgm_gui_profile_remove_all ();
  if (text != NULL)
    pgm_gui_profile_write ("shop", text);
  window = GTK_WIDGET (pgm_gui_app_open ());
  if (text != NULL)
    pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL) != NULL, 20);
}

static void
close_window (void)
{
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (window, action, NULL));
}

static char *
dup_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = dup_path (name);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static char *
read_file (const char *name)
{
  g_autofree char *path = dup_path (name);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static guint
count_rows (void)
{
  GtkWidget *row = pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL);
  GtkWidget *list = row != NULL ? gtk_widget_get_parent (row) : NULL;
  guint n = 0;

  while (list != NULL && gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), (int) n) != NULL)
    n++;
  return n;
}

/* Returns: (transfer full) (nullable): what the toast says, if there is one */
static char *
dup_toast (void)
{
  GtkWidget *toast = pgm_gui_find_mapped (window, g_type_from_name ("AdwToastWidget"), NULL);
  GtkWidget *label = toast != NULL ? pgm_gui_find_mapped (toast, GTK_TYPE_LABEL, NULL) : NULL;

  return label != NULL ? g_strdup (gtk_label_get_text (GTK_LABEL (label))) : NULL;
}

static gboolean
has_toast (const char *text)
{
  g_autofree char *toast = dup_toast ();

  return toast != NULL && strstr (toast, text) != NULL;
}

static gboolean
is_at (GtkFileChooser *chooser, const char *path)
{
  g_autoptr(GFile) file = gtk_file_chooser_get_file (chooser);

  return file != NULL && g_str_equal (g_file_peek_path (file), path);
}

/* It may have been on its way to the folder of its own still, and has to be told once more. */
static void
wait_to_be_at (GtkFileChooser *chooser, const char *path)
{
  for (guint i = 0; i < 100 && !is_at (chooser, path); i++)
    pgm_gui_settle (10);
}

/* What a person does in a file dialog. @name: (nullable): NULL cancels */
static GtkWindow *
choose (const char *name)
{
  GtkWindow *dialog = NULL;
  g_autofree char *path = name != NULL ? dup_path (name) : NULL;
  g_autoptr(GFile) parent = g_file_new_for_path (folder);
  g_autoptr(GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;
  GtkFileChooser *chooser = NULL;

  pgm_gui_wait_until ((dialog = pgm_gui_find_window (GTK_TYPE_FILE_CHOOSER_DIALOG)) != NULL, 20);
  g_assert_true (gtk_window_get_modal (dialog));
  chooser = GTK_FILE_CHOOSER (dialog);
  pgm_gui_settle (400); /* it goes to a folder of its own first */
  if (name == NULL)
    {
      gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
      return dialog;
    }
  for (guint i = 0; i < 60 && !is_at (chooser, path); i++)
    {
      if (gtk_file_chooser_get_action (chooser) == GTK_FILE_CHOOSER_ACTION_SAVE)
        {
          gtk_file_chooser_set_current_folder (chooser, parent, NULL);
          gtk_file_chooser_set_current_name (chooser, name);
        }
      else
        gtk_file_chooser_set_file (chooser, file, NULL);
      wait_to_be_at (chooser, path);
    }
  g_assert_true (is_at (chooser, path));
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  return dialog;
}

static void
wait_for_no_chooser (void)
{
  pgm_gui_wait_until (pgm_gui_find_window (GTK_TYPE_FILE_CHOOSER_DIALOG) == NULL, 20);
}

static guint
get_mode (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

/* The file of the profile and the exported one are the same, byte for byte, and it comes back. */
static void
test_export_and_import (void)
{
  g_autofree char *path = dup_path ("out.json");
  g_autofree char *saved = NULL;
  g_autofree char *exported = NULL;
  g_autofree char *imported = NULL;
  GtkWidget *host = NULL;

  open_profile (SHOP);
  host = pgm_gui_find_mapped (window, ADW_TYPE_ENTRY_ROW, "_Host");
  gtk_editable_set_text (GTK_EDITABLE (host), "db2.example.org");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "db2.example.org"), 10);
  act ("win.export");
  choose ("out.json");
  pgm_gui_wait_until (has_toast ("Profile exported"), 20);
  wait_for_no_chooser ();
  exported = read_file ("out.json");
  saved = pgm_gui_profile_read ("shop");
  g_assert_cmpstr (exported, ==, saved);
  g_assert_nonnull (strstr (exported, "\"colour\": \"red\""));
  g_assert_nonnull (strstr (exported, "2.5"));
  g_assert_cmpuint (get_mode (path), ==, 0600);

  act ("win.delete");
  pgm_gui_wait_until (count_rows () == 0, 10);
  act ("win.import");
  choose ("out.json");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", "db2.example.org"), 20);
  imported = pgm_gui_profile_read ("shop");
  g_assert_cmpstr (imported, ==, exported);
  close_window ();
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_cancel (void)
{
  open_profile (SHOP);
  act ("win.export");
  choose (NULL);
  wait_for_no_chooser ();
  act ("win.import");
  choose (NULL);
  wait_for_no_chooser ();
  pgm_gui_settle (300);
  g_assert_cmpuint (count_rows (), ==, 1);
  g_assert_null (pgm_gui_find_mapped (window, g_type_from_name ("AdwToastWidget"), NULL));
  act ("win.export"); /* once more */
  choose (NULL);
  wait_for_no_chooser ();
  close_window ();
}

/* A file that exists is not written over without a question. */
static void
test_export_exists (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  GtkWindow *dialog = NULL;
  GtkWindow *question = NULL;

  write_file ("there.json", "precious");
  open_profile (SHOP);
  act ("win.export");
  dialog = choose ("there.json");
  pgm_gui_wait_until ((question = pgm_gui_find_window (GTK_TYPE_MESSAGE_DIALOG)) != NULL, 20);
  before = read_file ("there.json");
  g_assert_cmpstr (before, ==, "precious");
  gtk_dialog_response (GTK_DIALOG (question), GTK_RESPONSE_CANCEL);
  pgm_gui_wait_until (pgm_gui_find_window (GTK_TYPE_MESSAGE_DIALOG) == NULL, 20);
  pgm_gui_settle (300);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  pgm_gui_wait_until ((question = pgm_gui_find_window (GTK_TYPE_MESSAGE_DIALOG)) != NULL, 20);
  gtk_dialog_response (GTK_DIALOG (question), GTK_RESPONSE_ACCEPT);
  pgm_gui_wait_until (has_toast ("Profile exported"), 20);
  after = read_file ("there.json");
  g_assert_nonnull (strstr (after, "db.example.org"));
  close_window ();
}

static void
test_import_faulty (void)
{
  g_autofree char *toast = NULL;

  write_file ("faulty.json", "{\n  \"name\": \"Shop\",\n  \"source\": {\"host\" \"a\"}\n}\n");
  open_profile (NULL);
  act ("win.import");
  choose ("faulty.json");
  pgm_gui_wait_until (has_toast ("Could not import"), 20);
  toast = dup_toast ();
  g_test_message ("%s", toast);
  g_assert_cmpstr (toast, ==, "Could not import: faulty.json:3:21: expected \":\" after the key");
  pgm_gui_shot (window, "import-faulty");
  g_assert_cmpuint (count_rows (), ==, 0);
  close_window ();
}

/* Wrong values are no reason to refuse it: the form says what is wrong. */
static void
test_import_wrong_value (void)
{
  GtkWidget *port = NULL;

  write_file ("wrong.json", "{\"name\": \"Wrong\", \"source\": {\"host\": \"a\", \"port\": \"x\"},"
                            " \"extra\": 1}");
  open_profile (NULL);
  act ("win.import");
  choose ("wrong.json");
  pgm_gui_wait_until (pgm_gui_profile_has ("wrong", "\"extra\": 1"), 20);
  g_assert_true (pgm_gui_profile_has ("wrong", "\"port\": \"x\""));
  port = pgm_gui_find_mapped (window, ADW_TYPE_ENTRY_ROW, "P_ort");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (port)), ==, "x");
  g_assert_nonnull (pgm_complaint_get (port));
  close_window ();
}

static GtkDropTarget *
find_drop_target (void)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (window);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller); /* the window's */
    }
  g_assert_not_reached ();
}

static gboolean
drop (const char *first, const char *second)
{
  g_autofree char *first_path = dup_path (first);
  g_autofree char *second_path = dup_path (second);
  GFile *files[] = { g_file_new_for_path (first_path), g_file_new_for_path (second_path) };
  GdkFileList *list = gdk_file_list_new_from_array (files, G_N_ELEMENTS (files));
  g_auto(GValue) value = G_VALUE_INIT;
  gboolean is_taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, list);
  g_signal_emit_by_name (find_drop_target (), "drop", &value, 20.0, 120.0, &is_taken);
  g_object_unref (files[0]);
  g_object_unref (files[1]);
  return is_taken;
}

static void
test_drop (void)
{
  const GType *types = NULL;
  gsize n_types = 0;

  write_file ("one.json", "{\"name\": \"One\", \"source\": {\"host\": \"a\"}}");
  write_file ("two.json", "{\"source\": {\"host\": \"b\"}}");
  write_file ("notes.txt", "not a profile");
  open_profile (NULL);
  types = gtk_drop_target_get_gtypes (find_drop_target (), &n_types);
  g_assert_cmpuint (n_types, ==, 1);
  g_assert_true (types[0] == GDK_TYPE_FILE_LIST);
  g_assert_true (drop ("one.json", "two.json"));
  pgm_gui_wait_until (pgm_gui_profile_has ("one", "\"One\""), 20);
  pgm_gui_wait_until (pgm_gui_profile_has ("two", "\"b\""), 20);
  g_assert_cmpuint (count_rows (), ==, 2);
  g_assert_true (drop ("notes.txt", "missing.json"));
  pgm_gui_wait_until (has_toast ("Could not import: notes.txt:1:1: "), 20);
  g_assert_cmpuint (count_rows (), ==, 2);
  close_window ();
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
press (GtkWidget *row, const char *label)
{
  GtkWidget *button = pgm_gui_find_mapped (row, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static void
test_scripts (void)
{
  g_autofree char *path = dup_path ("anonymise.sql");
  GtkWidget *row = NULL;

  write_file ("anonymise.sql", "SELECT 1;");
  open_profile (SHOP);
  expand (window);
  pgm_gui_settle (300);
  row = pgm_gui_find_mapped (window, PGM_TYPE_SCRIPT_ROW, NULL);
  g_assert_nonnull (row);
  press (row, NULL);
  choose (NULL);
  wait_for_no_chooser ();
  g_assert_false (pgm_gui_profile_has ("shop", "anonymise"));
  press (row, NULL);
  choose ("anonymise.sql");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", path), 20);
  g_assert_nonnull (pgm_gui_find_mapped (window, ADW_TYPE_ACTION_ROW, "anonymise.sql"));
  close_window ();
}

static void
test_certificate (void)
{
  g_autofree char *path = dup_path ("root.crt");
  GtkWidget *row = NULL;

  write_file ("root.crt", "-");
  open_profile (SHOP);
  expand (window);
  pgm_gui_settle (300);
  row = pgm_gui_find_mapped (window, PGM_TYPE_FILE_ROW, "Root Certificate");
  g_assert_nonnull (row);
  press (row, NULL);
  choose ("root.crt");
  pgm_gui_wait_until (pgm_gui_profile_has ("shop", path), 20);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, path);
  press (row, NULL);
  choose (NULL);
  wait_for_no_chooser ();
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, path);
  close_window ();
}

static void
test_folders (void)
{
  static const char *const rows[] = { "Folder of pg_dump, pg_restore and psql", "tools-folder",
                                      "Archive Folder", "temp-folder" };
  g_autofree char *path = dup_path ("tools");
  GtkWindow *preferences = NULL;

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  open_profile (SHOP);
  g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "preferences",
                                  NULL);
  pgm_gui_wait_until (
      (preferences = pgm_gui_find_window (g_type_from_name ("PgmPreferences"))) != NULL, 20);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i += 2)
    {
      GtkWidget *row = pgm_gui_find_mapped (preferences, PGM_TYPE_FILE_ROW, rows[i]);
      g_autofree char *value = NULL;

      g_assert_nonnull (row);
      press (row, NULL);
      choose ("tools");
      wait_for_no_chooser ();
      value = g_settings_get_string (pgm_settings_get (), rows[i + 1]);
      g_assert_cmpstr (value, ==, path);
      g_settings_reset (pgm_settings_get (), rows[i + 1]);
    }
  gtk_window_destroy (preferences);
  close_window ();
}

/* The log of a run that could not begin. */
static void
test_log (void)
{
  g_autofree char *path = dup_path ("run.log");
  g_autofree char *text = NULL;
  GtkWidget *view = NULL;

  open_profile ("{\"name\": \"Log\", \"source\": {\"host\": \"127.0.0.1\", \"port\": 1, "
                "\"database\": \"d\", \"user\": \"u\", \"password\": \"p\"}, \"target\": "
                "{\"host\": \"127.0.0.1\", \"port\": 1, \"user\": \"u\", \"password\": \"p\"}}");
  act ("win.mirror");
  pgm_gui_wait_until (pgm_gui_find_mapped (window, GTK_TYPE_LABEL, "Not Mirrored") != NULL, 30);
  pgm_gui_wait_until ((view = pgm_gui_find_mapped (window, PGM_TYPE_LOG_VIEW, NULL)) != NULL, 10);
  pgm_gui_settle (500);
  g_assert_true (gtk_widget_activate_action (view, "log.save", NULL));
  choose ("run.log");
  pgm_gui_wait_until (has_toast ("Log saved"), 20);
  text = read_file ("run.log");
  g_assert_nonnull (strstr (text, "127.0.0.1"));
  g_assert_cmpuint (get_mode (path), ==, 0600);
  close_window ();
}

static void
add_tests (void)
{
  folder = g_build_filename (g_get_home_dir (), "files", NULL); /* goes with the session */
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE); /* nobody shows them */
  g_test_add_func ("/files/export-and-import", test_export_and_import);
  g_test_add_func ("/files/cancel", test_cancel);
  g_test_add_func ("/files/export-exists", test_export_exists);
  g_test_add_func ("/files/import-faulty", test_import_faulty);
  g_test_add_func ("/files/import-wrong-value", test_import_wrong_value);
  g_test_add_func ("/files/drop", test_drop);
  g_test_add_func ("/files/scripts", test_scripts);
  g_test_add_func ("/files/certificate", test_certificate);
  g_test_add_func ("/files/folders", test_folders);
  g_test_add_func ("/files/log", test_log);
}

int
main (int argc, char **argv)
{
  int status = pgm_gui_app_run_tests (argc, argv, add_tests);

  g_free (folder);
  return status;
}
