/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The list of profiles: its order, and which one is selected, whoever changes the files. */

#include "pgm-gui-test.h"

#include <glib/gstdio.h>

#include "pgm-profile-row.h"

#define PROFILE(name)                                                                             \
  "{\"name\": \"" name "\", \"source\": {\"host\": \"a\", \"database\": \"d\", \"user\": \"u\", " \
  "\"password\": \"p\"}, \"target\": {\"host\": \"b\", \"user\": \"u\", \"password\": \"p\"}}"

static GtkWidget *window; /* borrowed */

static void
open_three (void)
{
  pgm_gui_profile_remove_all ();
  pgm_gui_profile_write ("1", PROFILE ("beta"));
  pgm_gui_profile_write ("2", PROFILE ("Gamma"));
  pgm_gui_profile_write ("3", PROFILE ("Alpha"));
  window = GTK_WIDGET (pgm_gui_app_open ());
  pgm_gui_wait_until (pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL) != NULL, 20);
}

static void
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (window, action, NULL));
}

static GtkListBox *
get_list (void)
{
  GtkWidget *row = pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL);

  return GTK_LIST_BOX (gtk_widget_get_parent (row));
}

static const char *
get_title (GtkListBoxRow *row)
{
  return pgm_profile_item_get_title (pgm_profile_row_get_item (PGM_PROFILE_ROW (row)));
}

/* Returns: the titles from top to bottom, the selected one in brackets */
static char *
dup_order (void)
{
  GtkListBox *list = get_list ();
  GtkListBoxRow *row = NULL;
  GString *text = g_string_new (NULL);

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    g_string_append_printf (text, gtk_list_box_row_is_selected (row) ? "[%s] " : "%s ",
                            get_title (row));
  return g_string_free (text, FALSE);
}

static gboolean
is_order (const char *expected)
{
  g_autofree char *order = dup_order ();

  if (!g_str_equal (order, expected))
    g_test_message ("%s", order);
  return g_str_equal (order, expected);
}

/* The one of the tree, which a screen reader follows. */
static gboolean
is_drawn_in_order (void)
{
  GtkWidget *last = NULL;

  for (GtkWidget *row = pgm_gui_find_mapped (window, PGM_TYPE_PROFILE_ROW, NULL); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      if (!PGM_IS_PROFILE_ROW (row))
        continue;
      if (last != NULL &&
          pgm_profile_item_compare (pgm_profile_row_get_item (PGM_PROFILE_ROW (last)),
                                    pgm_profile_row_get_item (PGM_PROFILE_ROW (row))) > 0)
        return FALSE;
      last = row;
    }
  return TRUE;
}

static void
test_rename (void)
{
  GtkEditable *name = NULL;

  open_three ();
  g_assert_true (is_order ("[Alpha] beta Gamma "));
  name = GTK_EDITABLE (pgm_gui_find_mapped (window, ADW_TYPE_ENTRY_ROW, "Profile _Name"));
  gtk_editable_set_text (name, "delta");
  g_assert_true (is_order ("beta [delta] Gamma "));
  g_assert_true (is_drawn_in_order ());
  gtk_editable_set_text (name, "zeta");
  g_assert_true (is_order ("beta Gamma [zeta] "));
  gtk_editable_set_text (name, "BA");
  g_assert_true (is_order ("[BA] beta Gamma "));
  g_assert_true (is_drawn_in_order ());
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "BA");
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
test_from_outside (void)
{
  g_autofree char *path = pgm_gui_profile_path ("3");

  open_three ();
  pgm_gui_profile_write ("4", PROFILE ("Ante"));
  pgm_gui_wait_until (is_order ("[Alpha] Ante beta Gamma "), 20);
  pgm_gui_profile_write ("3", PROFILE ("omega"));
  pgm_gui_wait_until (is_order ("Ante beta Gamma [omega] "), 20);
  pgm_gui_profile_write ("2", PROFILE ("gamma"));
  pgm_gui_wait_until (is_order ("Ante beta gamma [omega] "), 20);
  g_assert_cmpint (g_unlink (path), ==, 0);
  pgm_gui_wait_until (is_order ("[Ante] beta gamma "), 20);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
test_new_and_gone (void)
{
  open_three ();
  act ("win.duplicate");
  g_assert_true (is_order ("Alpha [Alpha (copy)] beta Gamma "));
  act ("win.delete");
  g_assert_true (is_order ("Alpha [beta] Gamma "));
  act ("win.delete");
  g_assert_true (is_order ("Alpha [Gamma] "));
  act ("win.delete");
  g_assert_true (is_order ("[Alpha] "));
  act ("win.new-profile");
  g_assert_true (is_order ("Alpha [New Profile] "));
  pgm_gui_app_close (GTK_WINDOW (window));
}

/* Another program breaks the file that is shown, and mends it. */
static void
test_broken_and_mended (void)
{
  GtkWidget *host = NULL;

  open_three ();
  pgm_gui_profile_write ("3", "{\"name\": \"Alpha\",\n  oops");
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, ADW_TYPE_STATUS_PAGE, "This Profile Cannot Be Read") != NULL,
      20);
  pgm_gui_profile_write ("3", PROFILE ("Alpha"));
  pgm_gui_wait_until ((host = pgm_gui_find_mapped (window, ADW_TYPE_ENTRY_ROW, "_Host")) != NULL,
                      20);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (host)), ==, "a");
  pgm_gui_app_close (GTK_WINDOW (window));

  pgm_gui_profile_remove_all ();
  pgm_gui_profile_write ("1", "[");
  window = GTK_WIDGET (pgm_gui_app_open ());
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, ADW_TYPE_STATUS_PAGE, "This Profile Cannot Be Read") != NULL,
      20);
  pgm_gui_profile_write ("1", PROFILE ("Alpha"));
  pgm_gui_wait_until ((host = pgm_gui_find_mapped (window, ADW_TYPE_ENTRY_ROW, "_Host")) != NULL,
                      20);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (host)), ==, "a");
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
add_tests (void)
{
  g_test_add_func ("/sidebar/rename", test_rename);
  g_test_add_func ("/sidebar/from-outside", test_from_outside);
  g_test_add_func ("/sidebar/new-and-gone", test_new_and_gone);
  g_test_add_func ("/sidebar/broken-and-mended", test_broken_and_mended);
}

int
main (int argc, char **argv)
{
  return pgm_gui_app_run_tests (argc, argv, add_tests);
}
