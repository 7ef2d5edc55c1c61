/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Loading and saving. What each key may hold is in test-profile-keys.c. */

#include "pgm-error.h"
#include "pgm-profile.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef G_OS_UNIX
#include <unistd.h>
#endif

#define MINIMAL                                                                                   \
  "{\"source\": {\"host\": \"s\", \"database\": \"shop\", \"user\": \"u\", \"password\": \"p\"}," \
  " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password\": \"q\"}}"
#define WITHOUT_PASSWORD                                                                         \
  "{\"source\": {\"host\": \"s\", \"database\": \"shop\", \"user\": \"u\", \"password\": \"\"}," \
  " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password_from\": \"prompt\"}}"

typedef struct
{
  char *folder;
  char *path; /* of a file in it that does not exist */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("pgm-profile-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "config.json", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_remove (child);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->folder);
  g_assert_false (g_file_test (fixture->folder, G_FILE_TEST_EXISTS));
  g_free (fixture->folder);
  g_free (fixture->path);
}

static PgmProfile *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  PgmProfile *profile = pgm_profile_parse (text, -1, "/etc/mirror/config.json", &error);

  g_assert_no_error (error);
  return profile;
}

static void
test_minimal (void)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  PgmEndpoint *source = pgm_profile_get_source (profile);
  PgmEndpoint *target = pgm_profile_get_target (profile);
  PgmOptions *options = pgm_profile_get_options (profile);

  g_assert_cmpstr (pgm_profile_get_path (profile), ==, "/etc/mirror/config.json");
  g_assert_cmpstr (pgm_profile_get_title (profile), ==, "shop: s → t");
  g_assert_cmpstr (pgm_profile_get_warnings (profile)[0], ==, NULL);
  g_assert_cmpstr (source->host, ==, "s");
  g_assert_cmpstr (source->database, ==, "shop");
  g_assert_cmpstr (source->user, ==, "u");
  g_assert_cmpuint (source->port, ==, 5432);
  g_assert_cmpint (source->password_from, ==, PGM_PASSWORD_IN_PROFILE);
  g_assert_cmpstr (pgm_secret_reveal (source->password), ==, "p");
  g_assert_cmpint (target->side, ==, PGM_SIDE_TARGET);
  g_assert_cmpstr (target->database, ==, "shop");
  g_assert_cmpstr (pgm_secret_reveal (target->password), ==, "q");
  g_assert_false (options->drop_existing);
  g_assert_cmpuint (options->parallel_jobs, ==, 4);
  g_assert_cmpstr (options->compression, ==, "auto");
  g_assert_cmpint (options->verify, ==, PGM_VERIFY_COUNTS);
  g_assert_true (options->no_owner && options->no_acl && options->analyze);
  g_assert_cmpuint (options->lock_wait_timeout_s, ==, 30);
  g_assert_cmpuint (options->connect_timeout_s, ==, 10);
  g_assert_cmpuint (options->stall_timeout_s, ==, 300);
  g_assert_false (pgm_options_has_filters (options));
}

static void
test_examples (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "data", "examples", NULL);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;
  guint n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr(PgmProfile) profile = NULL;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      profile = parse (text);
      g_assert_cmpstr (pgm_profile_get_warnings (profile)[0], ==, NULL);
      n++;
    }
  g_assert_cmpuint (n, >=, 6);
}

static void
test_passwords (Fixture *fixture, gconstpointer data)
{
  g_autofree char *long_one = g_strnfill (60000, 'x');
  const char *const passwords[] = {
    "",
    "with space",
    " leading",
    "trailing ",
    "\"double\" 'single'",
    "back\\slash\\",
    "a:b:c",
    "100%",
    "%s%n%20",
    "line\nline",
    "tab\there",
    "çåß日本😀",
    "\x01\x1f\x7f",
    long_one,
    "cr\r",
    "${HOME}`id`",
    "</script>",
    "\xe2\x80\xa8",
    "\\u0041",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmProfile) first = parse (MINIMAL);
      g_autoptr(PgmProfile) second = NULL;
      g_autoptr(PgmProfile) third = NULL;
      JsonNode *node = json_node_init_string (json_node_alloc (), passwords[i]);

      second = pgm_profile_new_with_member (first, "target.password", node, &error);
      g_assert_no_error (error);
      g_assert_true (pgm_profile_save (second, fixture->path, &error));
      g_assert_no_error (error);
      third = pgm_profile_load (fixture->path, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (pgm_secret_reveal (pgm_profile_get_target (third)->password), ==,
                       passwords[i]);
      g_assert_cmpstr (pgm_secret_reveal (pgm_profile_get_target (first)->password), ==, "q");
    }
}

static void
test_unknown_keys (Fixture *fixture, gconstpointer data)
{
  static const char text[] =
      "{\n"
      "  \"zebra\": {\n    \"host\": [\n      1e+22,\n      {}\n    ]\n  },\n"
      "  \"source\": {\n    \"hots\": \"x\",\n    \"host\": \"maçã\",\n    \"database\": \"d\",\n"
      "    \"user\": \"u\",\n    \"password\": \"\"\n  },\n"
      "  \"target\": {\n    \"host\": \"t\",\n    \"user\": \"v\",\n    \"password\": \"\",\n"
      "    \"passwort\": \"hunter2\"\n  },\n"
      "  \"optoins\": null,\n"
      "  \"options\": {\n    \"paralel_jobs\": 3,\n    \"x\\u001b\": 0.1\n  },\n"
      "  \"apple\": 1\n"
      "}\n";
  static const char *const expected[] = {
    "/etc/mirror/config.json: zebra: unknown key, ignored",
    "/etc/mirror/config.json: optoins: unknown key, ignored; did you mean \"options\"?",
    "/etc/mirror/config.json: apple: unknown key, ignored",
    "/etc/mirror/config.json: source.hots: unknown key, ignored; did you mean \"host\"?",
    "/etc/mirror/config.json: target.passwort: unknown key, ignored; did you mean \"password\"?",
    "/etc/mirror/config.json: options.paralel_jobs: unknown key, ignored; "
    "did you mean \"parallel_jobs\"?",
    "/etc/mirror/config.json: options.x\\x1b: unknown key, ignored",
    NULL,
  };
  g_autoptr(PgmProfile) profile = parse (text);
  g_autoptr(GError) error = NULL;
  g_autofree char *saved = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (pgm_profile_get_warnings (profile)[i], ==, expected[i]);
  pgm_profile_save (profile, fixture->path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->path, &saved, NULL, NULL));
  g_assert_cmpstr (saved, ==, text);
}

static void
test_paths (Fixture *fixture, gconstpointer data)
{
  static const char text[] =
      "{\"source\": {\"host\": \"s\", \"database\": \"d\", \"user\": \"u\","
      " \"password_from\": \"file:secret\", \"sslrootcert\": \"system\", \"sslcert\": \"c/x.crt\","
      " \"sslkey\": \"/k\"},"
      " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password_from\": \"env:PW\"},"
      " \"options\": {\"pre_sql\": [\"a.sql\", \"/b.sql\"], \"post_sql\": [\"../~x\"],"
      " \"temp_dir\": \"tmp\"}}";
  g_autoptr(PgmProfile) here = parse (text);
  g_autoptr(PgmProfile) there = NULL;

  g_assert_true (pgm_profile_save (here, fixture->path, NULL));
  there = pgm_profile_load (fixture->path, NULL);
  for (int i = 0; i < 2; i++)
    {
      PgmProfile *profile = i == 0 ? here : there;
      PgmEndpoint *source = pgm_profile_get_source (profile);
      PgmOptions *options = pgm_profile_get_options (profile);

      g_assert_cmpint (source->password_from, ==, PGM_PASSWORD_FILE);
      g_assert_cmpstr (source->password_ref, ==, "/etc/mirror/secret");
      g_assert_cmpstr (source->sslrootcert, ==, "system");
      g_assert_cmpstr (source->sslcert, ==, "/etc/mirror/c/x.crt");
      g_assert_cmpstr (source->sslkey, ==, "/k");
      g_assert_cmpstr (pgm_profile_get_target (profile)->password_ref, ==, "PW");
      g_assert_cmpstr (options->pre_sql[0], ==, "/etc/mirror/a.sql");
      g_assert_cmpstr (options->pre_sql[1], ==, "/b.sql");
      g_assert_cmpstr (options->post_sql[0], ==, "/etc/mirror/../~x");
      g_assert_cmpstr (options->temp_dir, ==, "/etc/mirror/tmp");
    }
}

/* In its own folder a profile keeps its relative paths. */
static void
test_save_in_place (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autoptr(PgmProfile) parsed = pgm_profile_parse (MINIMAL, -1, fixture->path, NULL);
  g_autoptr(PgmProfile) profile = pgm_profile_new_with_member (
      parsed, "options.temp_dir", json_node_init_string (json_node_alloc (), "tmp"), NULL);

  g_assert_true (pgm_profile_save (profile, NULL, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"temp_dir\": \"tmp\""));
}

static void
test_new_with_member (void)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  g_autoptr(PgmProfile) changed = NULL;
  g_autoptr(PgmProfile) removed = NULL;
  g_autoptr(PgmProfile) named = NULL;
  g_autoptr(GError) error = NULL;

  changed = pgm_profile_new_with_member (profile, "options.parallel_jobs",
                                         json_node_init_int (json_node_alloc (), 9), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pgm_profile_get_options (changed)->parallel_jobs, ==, 9);
  g_assert_cmpuint (pgm_profile_get_options (profile)->parallel_jobs, ==, 4);
  g_assert_cmpstr (pgm_profile_get_path (changed), ==, "/etc/mirror/config.json");

  removed = pgm_profile_new_with_member (changed, "options.parallel_jobs", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (pgm_profile_get_options (removed)->parallel_jobs, ==, 4);

  named = pgm_profile_new_with_member (changed, "name",
                                       json_node_init_string (json_node_alloc (), "Shop"), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pgm_profile_get_title (named), ==, "Shop");
  g_assert_cmpuint (pgm_profile_get_options (named)->parallel_jobs, ==, 9);

  g_assert_null (pgm_profile_new_with_member (
      profile, "options.engine", json_node_init_string (json_node_alloc (), "\xff"), &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_clear_error (&error);
  g_assert_null (pgm_profile_new_with_member (profile, "source.password", NULL, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) missing = NULL;
  g_autoptr(GError) folder = NULL;
  g_autofree char *expected =
      g_strdup_printf ("could not read \"%s\": not a regular file", fixture->folder);

  g_assert_null (pgm_profile_load (fixture->path, &missing));
  g_assert_error (missing, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_null (pgm_profile_load (fixture->folder, &folder));
  g_assert_error (folder, PGM_ERROR, PGM_ERROR_CONFIG);
#ifdef G_OS_UNIX
  g_assert_cmpstr (folder->message, ==, expected);
#endif
}

#ifdef G_OS_UNIX
static guint
get_mode (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 0777;
}

static void
test_fifo (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  g_assert_null (pgm_profile_load (fixture->path, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_true (g_str_has_suffix (error->message, "not a regular file"));
}

static void
test_exposed (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint mode;
    gboolean has_password;
    guint n_warnings;
  } cases[] = {
    { 0600, TRUE, 0 }, { 0400, TRUE, 0 }, { 0644, TRUE, 1 }, { 0620, TRUE, 1 }, { 0644, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *text = cases[i].has_password ? MINIMAL : WITHOUT_PASSWORD;
      g_autoptr(PgmProfile) profile = NULL;
      g_autoptr(PgmProfile) copy = NULL;

      g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
      g_assert_cmpint (g_chmod (fixture->path, cases[i].mode), ==, 0);
      profile = pgm_profile_load (fixture->path, NULL);
      copy = pgm_profile_new_with_member (profile, "options.analyze", NULL, NULL);
      g_assert_cmpuint (g_strv_length ((char **) pgm_profile_get_warnings (profile)), ==,
                        cases[i].n_warnings);
      g_assert_cmpuint (g_strv_length ((char **) pgm_profile_get_warnings (copy)), ==,
                        cases[i].n_warnings);
    }
}

static void
test_save_private (Fixture *fixture, gconstpointer data)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  g_autoptr(GError) error = NULL;
  g_autofree char *deep = g_build_filename (fixture->folder, "a", "b", "c.json", NULL);
  g_autofree char *deep_folder = g_path_get_dirname (deep);

  g_assert_true (g_file_set_contents (fixture->path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->path, 0644), ==, 0);
  g_assert_true (pgm_profile_save (profile, fixture->path, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (fixture->path), ==, 0600);
  g_assert_true (pgm_profile_save (profile, deep, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (deep), ==, 0600);
  g_assert_cmpuint (get_mode (deep_folder), ==, 0700);
}

static void
test_save_through_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  g_autoptr(PgmProfile) again = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *link = g_build_filename (fixture->folder, "link.json", NULL);
  g_autofree char *second = g_build_filename (fixture->folder, "second.json", NULL);

  g_assert_cmpint (symlink ("config.json", second), ==, 0);
  g_assert_cmpint (symlink (second, link), ==, 0);
  for (int i = 0; i < 2; i++) /* first dangling, then to a file */
    {
      g_assert_true (pgm_profile_save (profile, link, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
      g_assert_true (g_file_test (second, G_FILE_TEST_IS_SYMLINK));
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_IS_SYMLINK));
      g_assert_cmpuint (get_mode (fixture->path), ==, 0600);
    }
  again = pgm_profile_load (link, &error);
  g_assert_no_error (error);
}

static void
test_save_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root can write everywhere");
      return;
    }
  g_assert_true (g_file_set_contents (fixture->path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->folder, 0500), ==, 0);
  g_assert_false (pgm_profile_save (profile, fixture->path, &error));
  g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "could not save \""));
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
}

/* A folder cannot be replaced by a file, not even by root. */
static void
test_save_onto_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr(PgmProfile) profile = parse (MINIMAL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (pgm_profile_save (profile, fixture->path, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_FAILED);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_DIR));
}
#endif

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/minimal", test_minimal);
  g_test_add_func ("/profile/examples", test_examples);
  g_test_add_func ("/profile/new-with-member", test_new_with_member);
  ADD ("/profile/passwords", test_passwords);
  ADD ("/profile/unknown-keys", test_unknown_keys);
  ADD ("/profile/paths", test_paths);
  ADD ("/profile/save-in-place", test_save_in_place);
  ADD ("/profile/not-a-file", test_not_a_file);
#ifdef G_OS_UNIX
  ADD ("/profile/fifo", test_fifo);
  ADD ("/profile/exposed", test_exposed);
  ADD ("/profile/save-private", test_save_private);
  ADD ("/profile/save-through-link", test_save_through_link);
  ADD ("/profile/save-fails", test_save_fails);
  ADD ("/profile/save-onto-folder", test_save_onto_folder);
#endif
  return g_test_run ();
}
