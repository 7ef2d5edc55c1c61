/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"
#include "pgm-profile-store.h"

#include <glib/gstdio.h>

#define BODY                                                                                    \
  "\"source\": {\"host\": \"s\", \"database\": \"shop\", \"user\": \"u\", \"password\": \"\"}," \
  " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password\": \"\"}}"

/* Each case has its own, empty configuration folder. */
static void
add_file (const char *name, const char *text)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
test_folder (void)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autofree char *expected =
      g_build_filename (g_get_user_config_dir (), "pg-mirror", "profiles", NULL);

  g_assert_cmpstr (folder, ==, expected);
}

static void
test_empty (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = pgm_profile_store_list (&error);

  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_null (pgm_profile_store_load ("shop", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, "no profile is called \"shop\"");
}

static void
test_list (void)
{
  static const struct
  {
    const char *title;
    const char *file;
    gboolean is_broken;
  } expected[] = {
    { "Alpha", "z.json", FALSE },
    { "Beta", "a.json", FALSE },
    { "broken", "broken.json", TRUE },
    { "shop: s → t", "plain.json", FALSE },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = NULL;

  add_file ("z.json", "{\"name\": \"Alpha\"," BODY);
  add_file ("a.json", "{\"name\": \"Beta\"," BODY);
  add_file ("plain.json", "{" BODY);
  add_file ("broken.json", "{");
  add_file ("notes.txt", "{" BODY);
  add_file (".hidden.json", "{" BODY);
  list = pgm_profile_store_list (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < list->len; i++)
    {
      PgmStoredProfile *stored = list->pdata[i];
      g_autofree char *file = g_path_get_basename (stored->path);

      g_assert_cmpstr (stored->title, ==, expected[i].title);
      g_assert_cmpstr (file, ==, expected[i].file);
      g_assert_cmpint (stored->profile == NULL, ==, expected[i].is_broken);
      g_assert_cmpint (stored->fault != NULL, ==, expected[i].is_broken);
    }
}

static void
test_load (void)
{
  static const struct
  {
    const char *name;
    const char *title; /* NULL: an error */
    const char *message;
  } cases[] = {
    { "Nightly", "Nightly", NULL },
    { "one", "Nightly", NULL },
    { "two", "one.", NULL },
    { "one.", "one.", NULL },
    { "nightly", NULL, "no profile is called \"nightly\"; did you mean \"Nightly\"?" },
    { "../profiles/one", NULL, "no profile is called \"../profiles/one\"" },
    { "x\x1b[2J", NULL, "no profile is called \"x\\x1b[2J\"" },
  };

  add_file ("one.json", "{\"name\": \"Nightly\"," BODY);
  add_file ("two.json", "{\"name\": \"one.\"," BODY);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmProfile) profile = pgm_profile_store_load (cases[i].name, &error);

      if (cases[i].title != NULL)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (pgm_profile_get_title (profile), ==, cases[i].title);
          continue;
        }
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_ambiguous (void)
{
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autofree char *expected = g_strdup_printf (
      "more than one profile is called \"Same\": \"%s/a.json\" and \"%s/b.json\"", folder, folder);
  g_autoptr(PgmProfile) by_file = NULL;
  g_autoptr(GError) error = NULL;

  add_file ("b.json", "{\"name\": \"Same\"," BODY);
  add_file ("a.json", "{\"name\": \"Same\"," BODY);
  g_assert_null (pgm_profile_store_load ("Same", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, expected);
  by_file = pgm_profile_store_load ("b", NULL);
  g_assert_nonnull (by_file);
}

/* A broken file does not hide a good one that has its name as title. */
static void
test_broken (void)
{
  g_autoptr(PgmProfile) good = NULL;
  g_autoptr(GError) error = NULL;

  add_file ("shop.json", "{\"source\": 1}");
  g_assert_null (pgm_profile_store_load ("shop", &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_nonnull (g_strstr_len (error->message, -1, "shop.json: source: expected an object"));
  add_file ("good.json", "{\"name\": \"shop\"," BODY);
  good = pgm_profile_store_load ("shop", NULL);
  g_assert_nonnull (good);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/profile-store/folder", test_folder);
  g_test_add_func ("/profile-store/empty", test_empty);
  g_test_add_func ("/profile-store/list", test_list);
  g_test_add_func ("/profile-store/load", test_load);
  g_test_add_func ("/profile-store/ambiguous", test_ambiguous);
  g_test_add_func ("/profile-store/broken", test_broken);
  return g_test_run ();
}
