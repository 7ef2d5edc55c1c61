/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-gui-test.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pgm-profile-row.h"
#include "pgm-profile-store.h"
#include "pgm-window.h"

static int status;
static void (*add_all) (void);

static gboolean
run_cb (gpointer application)
{
  status = g_test_run ();
  g_application_release (application);
  g_application_quit (application);
  return G_SOURCE_REMOVE;
}

/* In place of the window: each test opens its own. */
static void
activate_cb (GApplication *application, gpointer user_data)
{
  g_signal_stop_emission_by_name (application, "activate");
  g_application_hold (application);
  add_all ();
  g_idle_add (run_cb, application);
}

/* Returns: the status for the program: 77 is meson's word for skipped */
int
pgm_gui_app_run_tests (int argc, char **argv, void (*add_tests) (void))
{
  g_autoptr(PgmApplication) application = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_printerr ("no display\n");
      return g_getenv ("PGM_REQUIRE_GUI") != NULL ? 1 : 77;
    }
  add_all = add_tests;
  application = pgm_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_application_run (G_APPLICATION (application), 1, argv);
  return status;
}

static guint
count_rows (GtkWidget *widget)
{
  guint n = PGM_IS_PROFILE_ROW (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_rows (child);
  return n;
}

static guint
count_files (void)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, ".json");
  return n;
}

/* With all of its profiles. */
GtkWindow *
pgm_gui_app_open (void)
{
  PgmApplication *application = PGM_APPLICATION (g_application_get_default ());
  GtkWindow *window = GTK_WINDOW (pgm_window_new (application));

  gtk_window_present (window);
  pgm_gui_wait_until (count_rows (GTK_WIDGET (window)) == count_files (), 30);
  pgm_gui_settle (300);
  return window;
}

static void
count_down_cb (gpointer n_left, GObject *gone)
{
  (*(guint *) n_left)--;
}

static void
count_profiles (GtkWidget *widget, guint *n_left)
{
  if (PGM_IS_PROFILE_ROW (widget))
    {
      (*n_left)++;
      g_object_weak_ref (G_OBJECT (pgm_profile_row_get_item (PGM_PROFILE_ROW (widget))),
                         count_down_cb, n_left);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_profiles (child, n_left);
}

/* Afterwards the window is gone, and all that it holds; a profile that is still being written
 * lives as long as that takes. */
void
pgm_gui_app_close (GtkWindow *window)
{
  guint n_left = 1;

  g_object_weak_ref (G_OBJECT (window), count_down_cb, &n_left);
  count_profiles (GTK_WIDGET (window), &n_left);
  gtk_window_close (window);
  pgm_gui_wait_until (n_left == 0, 30);
}

/* Which letter has the line under it is not what is looked for. */
static gboolean
is_same_label (const char *text, const char *label)
{
  g_auto(GStrv) text_parts = g_strsplit (text != NULL ? text : "", "_", -1);
  g_auto(GStrv) label_parts = g_strsplit (label, "_", -1);
  g_autofree char *plain_text = g_strjoinv ("", text_parts);
  g_autofree char *plain_label = g_strjoinv ("", label_parts);

  return text != NULL && g_str_equal (plain_text, plain_label);
}

static gboolean
is_wanted (GtkWidget *widget, GType type, const char *label)
{
  const char *text = NULL;

  if (!g_type_is_a (G_OBJECT_TYPE (widget), type))
    return FALSE;
  if (ADW_IS_PREFERENCES_ROW (widget))
    text = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));
  else if (GTK_IS_BUTTON (widget))
    text = gtk_button_get_label (GTK_BUTTON (widget));
  else if (GTK_IS_LABEL (widget))
    text = gtk_label_get_text (GTK_LABEL (widget));
  else if (ADW_IS_STATUS_PAGE (widget))
    text = adw_status_page_get_title (ADW_STATUS_PAGE (widget));
  else if (ADW_IS_WINDOW_TITLE (widget))
    text = adw_window_title_get_title (ADW_WINDOW_TITLE (widget));
  return label == NULL || is_same_label (text, label);
}

/* @label: (nullable): the title of a row or page, the text of a label or button
 *
 * Returns: (transfer none) (nullable): the first one that is on the screen, pages of a stack
 * that are behind left out */
GtkWidget *
pgm_gui_find_mapped (gpointer root, GType type, const char *label)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (is_wanted (root, type, label))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = pgm_gui_find_mapped (child, type, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Returns: (transfer full): where the profile is or would be */
char *
pgm_gui_profile_path (const char *name)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autofree char *file = g_strconcat (name, ".json", NULL);

  return g_build_filename (folder, file, NULL);
}

void
pgm_gui_profile_write (const char *name, const char *text)
{
  g_autofree char *path = pgm_gui_profile_path (name);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

/* Returns: (transfer full) (nullable): NULL where there is none */
char *
pgm_gui_profile_read (const char *name)
{
  g_autofree char *path = pgm_gui_profile_path (name);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

/* Whether the profile's file has @text in it. */
gboolean
pgm_gui_profile_has (const char *name, const char *text)
{
  g_autofree char *all = pgm_gui_profile_read (name);

  return all != NULL && strstr (all, text) != NULL;
}

void
pgm_gui_profile_remove_all (void)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}
