/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Where the form keeps passwords; with a real keyring in the session of the test. */

#include "pgm-gui-test.h"

#include <string.h>

#include "pgm-complaint.h"
#include "pgm-keyring.h"

#define SERVER(host, password) \
  "{\"host\": \"" host "\", \"database\": \"d\", \"user\": \"ana\", " password "}"
#define PROFILE(password)                                                                          \
  "{\"name\": \"Test\", \"source\": " SERVER ("s.example.org", password) ", \"target\": " SERVER ( \
      "t.example.org", "\"password_from\": \"prompt\"") "}"
#define KEYRING PROFILE ("\"password_from\": \"keyring\"")

static GtkWindow *window; /* borrowed */
static gboolean has_keyring;

static void
open_profile (const char *text)
{
  pgm_gui_profile_remove_all ();
  if (text != NULL)
    pgm_gui_profile_write ("test", text);
  window = pgm_gui_app_open ();
}

static GtkWidget *
find_row (const char *title)
{
  GtkWidget *form = pgm_gui_find_mapped (window, g_type_from_name ("PgmEndpointForm"), NULL);
  GtkWidget *row = pgm_gui_find_mapped (form, ADW_TYPE_PREFERENCES_ROW, title);

  g_assert_nonnull (row);
  return row;
}

static const char *
get_password (void)
{
  return gtk_editable_get_text (GTK_EDITABLE (find_row ("_Password")));
}

static void
choose_place (const char *label)
{
  AdwComboRow *row = ADW_COMBO_ROW (find_row ("Password is _kept"));
  GListModel *model = adw_combo_row_get_model (row);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr(GtkStringObject) item = g_list_model_get_item (model, i);

      if (g_str_equal (gtk_string_object_get_string (item), label))
        {
          adw_combo_row_set_selected (row, i);
          return;
        }
    }
  g_assert_not_reached ();
}

/* Each place takes the password along where it can, and leaves nothing behind. */
static void
test_places (void)
{
  open_profile (PROFILE ("\"password\": \"moving\""));
  choose_place ("Ask each time");
  pgm_gui_wait_until (!pgm_gui_profile_has ("test", "moving"), 10);
  g_assert_true (pgm_gui_profile_has ("test", "\"prompt\""));
  choose_place ("In an environment variable");
  gtk_editable_set_text (GTK_EDITABLE (find_row ("Variable _Name")), "SHOP_PASSWORD");
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "env:SHOP_PASSWORD"), 10);
  gtk_editable_set_text (GTK_EDITABLE (find_row ("Variable _Name")), "1x");
  g_assert_nonnull (pgm_complaint_get (find_row ("Variable _Name")));
  gtk_editable_set_text (GTK_EDITABLE (find_row ("Variable _Name")), "");
  g_assert_null (pgm_complaint_get (find_row ("Variable _Name")));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.mirror", NULL));
  g_assert_nonnull (pgm_complaint_get (find_row ("Variable _Name")));
  choose_place ("In a file of its own");
  gtk_editable_set_text (GTK_EDITABLE (find_row ("Password _File")), "/run/secrets/shop");
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "file:/run/secrets/shop"), 10);
  choose_place ("In PostgreSQL’s password file");
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "\"pgpass\""), 10);
  choose_place ("In the profile’s file");
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "\"password\""), 10);
  g_assert_false (pgm_gui_profile_has ("test", "password_from\": \"pgpass"));
  pgm_gui_app_close (window);
}

static void
test_keyring (void)
{
  if (!has_keyring)
    {
      g_test_skip ("no keyring");
      return;
    }
  open_profile (KEYRING);
  gtk_editable_set_text (GTK_EDITABLE (find_row ("_Password")), "s3cret-ção");
  pgm_gui_app_close (window); /* before the pause after which it is stored anyway */
  g_assert_false (pgm_gui_profile_has ("test", "s3cret"));
  open_profile (KEYRING);
  pgm_gui_wait_until (g_str_equal (get_password (), "s3cret-ção"), 10);

  /* Another login has another password, and the first one is still there afterwards. */
  gtk_editable_set_text (GTK_EDITABLE (find_row ("_User")), "eve");
  pgm_gui_wait_until (g_str_equal (get_password (), ""), 10);
  g_assert_nonnull (pgm_complaint_get (find_row ("_Password")));
  pgm_gui_shot (GTK_WIDGET (window), "keyring-missing");
  gtk_editable_set_text (GTK_EDITABLE (find_row ("_User")), "ana");
  pgm_gui_wait_until (g_str_equal (get_password (), "s3cret-ção"), 10);
  pgm_gui_wait_until (pgm_complaint_get (find_row ("_Password")) == NULL, 10);
  choose_place ("In the profile’s file");
  pgm_gui_wait_until (pgm_gui_profile_has ("test", "\"s3cret-ção\""), 10);
  pgm_gui_app_close (window);
}

/* A new profile keeps its passwords in the keyring where there is one. */
static void
test_new_profile (void)
{
  open_profile (NULL);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.new-profile", NULL));
  pgm_gui_wait_until (
      pgm_gui_profile_has ("new-profile", has_keyring ? "\"keyring\"" : "\"prompt\""), 10);
  pgm_gui_app_close (window);
}

static void
start_keyring (void)
{
  g_autoptr(GSubprocess) daemon = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
          G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      NULL, "gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets", NULL);
  g_autoptr(GSubprocess) wait = NULL;

  if (daemon == NULL || !g_subprocess_communicate_utf8 (daemon, "unlock", NULL, NULL, NULL, NULL))
    return;
  wait = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                           NULL, "gdbus", "wait", "--session", "--timeout", "60",
                           "org.freedesktop.secrets", NULL);
  has_keyring =
      pgm_keyring_is_built_in () && wait != NULL && g_subprocess_wait_check (wait, NULL, NULL);
}

static void
add_tests (void)
{
  start_keyring ();
  g_test_add_func ("/passwords/places", test_places);
  g_test_add_func ("/passwords/keyring", test_keyring);
  g_test_add_func ("/passwords/new-profile", test_new_profile);
}

int
main (int argc, char **argv)
{
  return pgm_gui_app_run_tests (argc, argv, add_tests);
}
