/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Every page by keyboard and for a screen reader: names, mnemonics and the order of the focus. */

#include "config.h"

#include "pgm-gui-test.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-profile-row.h"
#include "pgm-settings.h"

#define PROFILE                                                                               \
  "{\"name\": \"Shop\", \"source\": {\"host\": \"127.0.0.1\", \"port\": 1, \"database\": "    \
  "\"shop\", \"user\": \"ana\", \"password\": \"p\"}, \"target\": {\"host\": \"127.0.0.1\", " \
  "\"port\": 1, \"user\": \"ana\", \"password\": \"p\"}, \"options\": {\"pre_sql\": "         \
  "[\"/a.sql\", \"/b.sql\"]}}"

static GtkWidget *window; /* borrowed */

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
act (const char *action)
{
  g_assert_true (gtk_widget_activate_action (window, action, NULL));
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

static gboolean
has_words (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_label_get_text (GTK_LABEL (widget))[0] != '\0')
    return gtk_widget_get_child_visible (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_words (child))
      return TRUE;
  return FALSE;
}

static gboolean
has_own_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  return gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* What libadwaita and GTK put into their own rows and title bars is theirs to name. */
static gboolean
is_part_of_another (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != NULL ||
         (GTK_IS_TEXT (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_ENTRY_ROW) != NULL) ||
         gtk_widget_get_ancestor (gtk_widget_get_parent (widget), GTK_TYPE_DROP_DOWN) != NULL;
}

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_SWITCH (widget) || GTK_IS_CHECK_BUTTON (widget) ||
         GTK_IS_SPIN_BUTTON (widget) || GTK_IS_DROP_DOWN (widget) || GTK_IS_LIST_BASE (widget) ||
         GTK_IS_SEARCH_ENTRY (widget) || GTK_IS_PROGRESS_BAR (widget) || GTK_IS_TEXT (widget) ||
         GTK_IS_MENU_BUTTON (widget) || GTK_IS_LIST_BOX_ROW (widget);
}

/* Returns: how many controls on the screen have nothing that could be said of them */
static guint
count_nameless (GtkWidget *widget)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (is_control (widget) && !is_part_of_another (widget) && !has_own_name (widget) &&
      !has_words (widget))
    {
      g_printerr ("%s in %s has no name\n", G_OBJECT_TYPE_NAME (widget),
                  G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)));
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_nameless (child);
  return n;
}

/* An entry row has its title twice. */
static gpointer
get_row (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, ADW_TYPE_ENTRY_ROW);

  return row != NULL ? row : widget;
}

/* Returns: how many letters are taken twice; @letters: what has them so far */
static guint
count_double_mnemonics (GtkWidget *widget, GHashTable *letters)
{
  guint key = GDK_KEY_VoidSymbol;
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (GTK_IS_LABEL (widget))
    key = gdk_keyval_to_lower (gtk_label_get_mnemonic_keyval (GTK_LABEL (widget)));
  if (key != GDK_KEY_VoidSymbol)
    {
      GtkWidget *other = g_hash_table_lookup (letters, GUINT_TO_POINTER (key));
      gboolean is_double = other != NULL && get_row (other) != get_row (widget);

      if (is_double)
        g_printerr ("“%s” and “%s” have one letter\n", gtk_label_get_label (GTK_LABEL (other)),
                    gtk_label_get_label (GTK_LABEL (widget)));
      n += is_double;
      g_hash_table_insert (letters, GUINT_TO_POINTER (key), widget);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_double_mnemonics (child, letters);
  return n;
}

static void
check (gpointer root)
{
  g_autoptr(GHashTable) letters = g_hash_table_new (NULL, NULL);

  g_assert_cmpuint (count_nameless (root), ==, 0);
  g_assert_cmpuint (count_double_mnemonics (root, letters), ==, 0);
}

static void
test_welcome (void)
{
  open_profile (NULL);
  check (window);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
test_profile (void)
{
  open_profile (PROFILE);
  check (window);
  expand (window);
  pgm_gui_settle (500);
  check (window);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
test_runs (void)
{
  open_profile (PROFILE);
  act ("win.check");
  pgm_gui_settle (50);
  check (window);
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, g_type_from_name ("PgmFindingsPage"), NULL) != NULL, 30);
  pgm_gui_settle (300);
  check (window);
  act ("win.back");
  act ("win.mirror");
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, g_type_from_name ("PgmResultPage"), NULL) != NULL, 30);
  pgm_gui_settle (300);
  check (window);
  act ("win.history");
  pgm_gui_settle (500);
  check (window);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
test_windows (void)
{
  static const char *const actions[][2] = { { "preferences", "PgmPreferences" },
                                            { "about", "AdwAboutWindow" } };

  open_profile (PROFILE);
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      GtkWindow *other = NULL;

      g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), actions[i][0],
                                      NULL);
      pgm_gui_wait_until ((other = pgm_gui_find_window (g_type_from_name (actions[i][1]))) != NULL,
                          20);
      pgm_gui_settle (300);
      check (other);
      gtk_window_destroy (other);
    }
  pgm_gui_app_close (GTK_WINDOW (window));
}

/* Returns: how many chosen values are cut short */
static guint
count_cut_values (GtkWidget *widget, gboolean is_choice)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget) || GTK_IS_POPOVER (widget))
    return 0;
  if (is_choice && GTK_IS_LABEL (widget) &&
      pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
    {
      g_printerr ("“%s” is cut short\n", gtk_label_get_text (GTK_LABEL (widget)));
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_cut_values (child, is_choice || ADW_IS_COMBO_ROW (widget));
  return n;
}

/* First it folds; then there is less in it, and it can go on. */
static gboolean
is_narrow (void)
{
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 720);
  pgm_gui_settle (300);
  return gtk_widget_get_width (window) <= 360;
}

static gboolean
are_side_by_side (void)
{
  GtkWidget *source = pgm_gui_find_mapped (window, g_type_from_name ("PgmEndpointForm"), NULL);
  GtkWidget *target = gtk_widget_get_last_child (gtk_widget_get_parent (source));
  graphene_rect_t left;
  graphene_rect_t right;

  g_assert_true (gtk_widget_compute_bounds (source, window, &left));
  g_assert_true (gtk_widget_compute_bounds (target, window, &right));
  return left.origin.y == right.origin.y && left.origin.x < right.origin.x;
}

/* In the narrowest window it can be read what is chosen; in one of the usual size the two servers
 * stand side by side. */
static void
test_narrow (void)
{
  open_profile (PROFILE);
  pgm_gui_wait_until (is_narrow (), 20);
  expand (window);
  pgm_gui_settle (500);
  g_assert_true (is_narrow ());
  g_assert_cmpuint (count_cut_values (window, FALSE), ==, 0);
  gtk_window_set_default_size (GTK_WINDOW (window), 1080, 760); /* which the next one has, too */
  pgm_gui_settle (500);
  pgm_gui_wait_until (are_side_by_side (), 10);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static const char *
describe_focus (void)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  GtkWidget *row = focus != NULL ? gtk_widget_get_ancestor (focus, ADW_TYPE_PREFERENCES_ROW) : NULL;

  if (row != NULL)
    return adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  return focus != NULL ? G_OBJECT_TYPE_NAME (focus) : "nothing";
}

/* From the name of the profile on with the Tab key: down the source, then down the target. */
static void
test_focus_order (void)
{
  static const char *const rows[] = { "Profile _Name", "_Host", "P_ort",
                                      "_Database",     "_User", "_Password" };
  GString *order = g_string_new (NULL);
  const char *last = "";
  guint n = 0;
  char *at = NULL;

  if (g_getenv ("PGM_LOCALE_DIR") != NULL)
    {
      g_test_skip ("the rows have other titles");
      return;
    }
  open_profile (PROFILE);
  act ("win.rename");
  for (guint i = 0; i < 60; i++)
    {
      if (g_strcmp0 (describe_focus (), last) != 0)
        g_string_append_printf (order, "|%s", describe_focus ());
      last = describe_focus ();
      gtk_widget_child_focus (window, GTK_DIR_TAB_FORWARD);
    }
  g_test_message ("%s", order->str);
  at = order->str;
  for (n = 0; n < G_N_ELEMENTS (rows); n++)
    {
      at = strstr (at, rows[n]);
      g_assert_nonnull (at);
    }
  g_assert_nonnull (strstr (at, "_Host")); /* the target's */
  g_string_free (order, TRUE);
  pgm_gui_app_close (GTK_WINDOW (window));
}

static gboolean
has_focus_in (const char *type)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));

  return focus != NULL && gtk_widget_get_mapped (focus) &&
         gtk_widget_get_ancestor (focus, g_type_from_name (type)) != NULL;
}

/* The focus is where the eyes are: nobody goes through the whole window again to get there. */
static void
test_focus_follows (void)
{
  GtkWidget *check = NULL;

  open_profile (PROFILE);
  check = pgm_gui_find_mapped (window, GTK_TYPE_BUTTON, _("_Check"));
  gtk_widget_grab_focus (check);
  act ("win.check");
  pgm_gui_settle (50);
  g_assert_true (has_focus_in ("PgmRunPage"));
  pgm_gui_wait_until (
      pgm_gui_find_mapped (window, g_type_from_name ("PgmFindingsPage"), NULL) != NULL, 30);
  pgm_gui_settle (300);
  g_assert_true (has_focus_in ("PgmFindingsPage"));
  act ("win.back");
  pgm_gui_settle (300);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == check);
  act ("win.history");
  pgm_gui_settle (300);
  g_assert_true (has_focus_in ("PgmHistoryPage"));
  pgm_gui_app_close (GTK_WINDOW (window));
}

static void
add_tests (void)
{
  g_settings_set_boolean (pgm_settings_get (), "notifications", FALSE); /* nobody shows them */
  g_test_add_func ("/access/welcome", test_welcome);
  g_test_add_func ("/access/profile", test_profile);
  g_test_add_func ("/access/runs", test_runs);
  g_test_add_func ("/access/windows", test_windows);
  g_test_add_func ("/access/narrow", test_narrow);
  g_test_add_func ("/access/focus-order", test_focus_order);
  g_test_add_func ("/access/focus-follows", test_focus_follows);
}

/* LANGUAGE says which one; each language has letters of its own. */
static void
use_translations (const char *folder)
{
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

int
main (int argc, char **argv)
{
  if (g_getenv ("PGM_LOCALE_DIR") != NULL)
    use_translations (g_getenv ("PGM_LOCALE_DIR"));
  return pgm_gui_app_run_tests (argc, argv, add_tests);
}
