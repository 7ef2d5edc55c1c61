/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What each key may hold, and what is said when it holds something else. */

#include "pgm-error.h"
#include "pgm-json-parse.h"
#include "pgm-keyring.h"
#include "pgm-profile.h"

#include <string.h>

#define MINIMAL                                                                                   \
  "{\"source\": {\"host\": \"s\", \"database\": \"shop\", \"user\": \"u\", \"password\": \"p\"}," \
  " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password\": \"q\"}}"
#define BYTES_63 "ééééééééééééééééééééééééééééééé1"
#define HOST_FORM \
  "expected one host without blanks, commas and slashes, or the absolute path of a socket folder"
#define COMPRESSION_FORM                                                                          \
  "expected \"auto\", \"none\", \"gzip\", \"lz4\" or \"zstd\", the last three also with a level " \
  "(\"gzip:1\" to \"gzip:9\", \"lz4:12\", \"zstd:22\")"
#define SOURCE_FORM "expected \"keyring\", \"prompt\", \"pgpass\", \"env:NAME\" or \"file:PATH\""

/* A value in place of the one in MINIMAL. */
typedef struct
{
  const char *key;
  const char *value; /* JSON; NULL: the key is taken away */
  const char *fault; /* NULL: accepted */
} Case;

static const Case cases[] = {
  { "name", "\"Shop\"", NULL },
  { "name", "\"\"", "expected a string that is not empty, got \"\"" },
  { "name", "7", "expected a string, got 7" },

  { "source", "null", "expected an object, got null" },
  { "source", "\"postgresql://u:hunter2@h/d\"", "expected an object, got a string" },
  { "target", "[]", "expected an object, got an array" },
  { "options", "{}", NULL },
  { "options", "true", "expected an object, got a boolean" },

  { "source.host", "\"2001:db8::1\"", NULL },
  { "source.host", "\"/run/a folder\"", NULL },
  { "source.host", NULL, "missing, expected a string" },
  { "source.host", "null", "expected a string, got null" },
  { "source.host", "[\"s\"]", "expected a string, got an array" },
  { "source.host", "\"\"", HOST_FORM ", got \"\"" },
  { "source.host", "\"a,b\"", HOST_FORM ", got \"a,b\"" },
  { "source.host", "\"a b\"", HOST_FORM ", got \"a b\"" },
  { "source.host", "\"a\\n\"", HOST_FORM ", got \"a\\n\"" },
  { "source.host", "\"/a,/b\"", HOST_FORM ", got \"/a,/b\"" },
  { "source.host", "\"run/postgresql\"", HOST_FORM ", got \"run/postgresql\"" },
  { "target.host", "\"postgresql://u:hunter2@h/d\"", HOST_FORM ", got a connection string" },
  { "target.host", "\"host=h password=hunter2\"", HOST_FORM ", got a connection string" },

  { "source.port", "1", NULL },
  { "target.port", "65535", NULL },
  { "source.port", "0", "expected an integer from 1 to 65535, got 0" },
  { "source.port", "65536", "expected an integer from 1 to 65535, got 65536" },
  { "source.port", "-5432", "expected an integer from 1 to 65535, got -5432" },
  { "source.port", "5432.0", "expected an integer from 1 to 65535, got 5432.0" },
  { "source.port", "\"5432\"", "expected an integer from 1 to 65535, got \"5432\"" },
  { "source.port", "4294967297", "expected an integer from 1 to 65535, got 4294967297" },
  { "source.port", "9223372036854775807",
    "expected an integer from 1 to 65535, got 9223372036854775807" },
  { "source.port", "true", "expected an integer from 1 to 65535, got true" },

  { "source.database", "\"" BYTES_63 "\"", NULL },
  { "source.database", "\"postgresql://x\"", NULL },
  { "source.database", "\"a'b\\\"c\\nd\"", NULL },
  { "source.database", "\"" BYTES_63 "2\"",
    "expected a name of 1 to 63 bytes, got \"éééééééééééééééééééééééééééééé…\"" },
  { "source.database", "\"\"", "expected a name of 1 to 63 bytes, got \"\"" },
  { "source.database", NULL, "missing, expected a string" },
  { "target.database", "\"shop\"", NULL },
  { "target.database", "\"shop2\"",
    "the target always has the source's name, expected \"shop\", got \"shop2\"" },
  { "target.database", "0", "expected a string, got 0" },
  { "target.user", "\"\"", "expected a name of 1 to 63 bytes, got \"\"" },
  { "target.user", NULL, "missing, expected a string" },

  { "source.password", "\"\"", NULL },
  { "source.password", NULL, "missing, expected a string, or \"password_from\" beside it" },
  { "source.password", "12345", "expected a string, got a number" },
  { "source.password", "12.5", "expected a string, got a number" },
  { "source.password", "true", "expected a string, got a boolean" },
  { "source.password", "null", "expected a string, got null" },
  { "source.password", "[\"hunter2\"]", "expected a string, got an array" },
  { "source.password", "{\"hunter2\": 1}", "expected a string, got an object" },

  { "target.sslmode", "\"verify-full\"", NULL },
  { "target.sslmode", "\"disable\"", NULL },
  { "target.sslmode", "\"Require\"",
    "expected \"disable\", \"allow\", \"prefer\", \"require\", \"verify-ca\" or \"verify-full\", "
    "got \"Require\"" },
  { "target.sslrootcert", "\"\"", "expected a string that is not empty, got \"\"" },
  { "target.sslcert", "5", "expected a string, got 5" },
  { "target.sslkey", "{}", "expected a string, got an object" },
  { "target.protected", "true", NULL },
  { "target.protected", "1", "expected true or false, got 1" },

  { "options.drop_existing", "true", NULL },
  { "options.drop_existing", "\"true\"", "expected true or false, got \"true\"" },
  { "options.parallel_jobs", "64", NULL },
  { "options.parallel_jobs", "65", "expected an integer from 1 to 64, got 65" },
  { "options.parallel_jobs", "\"four\"", "expected an integer from 1 to 64, got \"four\"" },
  { "options.engine", "\"archive\"", NULL },
  { "options.engine", "\"stream\"",
    "\"stream\" is not available in this version, use \"archive\"" },
  { "options.engine", "\"auto\"", "\"auto\" is not available in this version, use \"archive\"" },
  { "options.engine", "\"warp\"", "expected \"archive\", got \"warp\"" },
  { "options.engine", "1", "expected \"archive\", got 1" },
  { "options.compression", "\"auto\"", NULL },
  { "options.compression", "\"none\"", NULL },
  { "options.compression", "\"gzip\"", NULL },
  { "options.compression", "\"gzip:9\"", NULL },
  { "options.compression", "\"lz4:12\"", NULL },
  { "options.compression", "\"zstd:22\"", NULL },
  { "options.compression", "\"gzip:10\"", COMPRESSION_FORM ", got \"gzip:10\"" },
  { "options.compression", "\"gzip:0\"", COMPRESSION_FORM ", got \"gzip:0\"" },
  { "options.compression", "\"gzip:\"", COMPRESSION_FORM ", got \"gzip:\"" },
  { "options.compression", "\"gzip: 1\"", COMPRESSION_FORM ", got \"gzip: 1\"" },
  { "options.compression", "\"gzip:+1\"", COMPRESSION_FORM ", got \"gzip:+1\"" },
  { "options.compression", "\"zstd:3:4\"", COMPRESSION_FORM ", got \"zstd:3:4\"" },
  { "options.compression", "\"none:1\"", COMPRESSION_FORM ", got \"none:1\"" },
  { "options.compression", "5", "expected a string, got 5" },
  { "options.replace", "\"in-place\"", NULL },
  { "options.replace", "\"inplace\"", "expected \"staged\" or \"in-place\", got \"inplace\"" },
  { "options.keep_previous", "null", "expected true or false, got null" },
  { "options.no_owner", "false", NULL },
  { "options.no_acl", "[]", "expected true or false, got an array" },
  { "options.schemas", "[\"a\", \"b*\"]", NULL },
  { "options.schemas", "\"a\"", "expected an array of strings, got \"a\"" },
  { "options.exclude_schemas", "{}", "expected an array of strings, got an object" },
  { "options.tables", "[]", NULL },
  { "options.exclude_tables", "null", "expected an array of strings, got null" },
  { "options.exclude_table_data", "3", "expected an array of strings, got 3" },
  { "options.schema_only", "true", NULL },
  { "options.data_only", "true", NULL },
  { "options.verify", "\"none\"", NULL },
  { "options.verify", "\"full\"", NULL },
  { "options.verify", "\"some\"", "expected \"none\", \"counts\" or \"full\", got \"some\"" },
  { "options.on_error", "\"report\"", NULL },
  { "options.on_error", "\"ignore\"", "expected \"stop\" or \"report\", got \"ignore\"" },
  { "options.analyze", "0", "expected true or false, got 0" },
  { "options.pre_sql", "\"a.sql\"", "expected an array of strings, got \"a.sql\"" },
  { "options.temp_dir", "\"\"", "expected a string that is not empty, got \"\"" },
  { "options.lock_wait_timeout", "86400", NULL },
  { "options.lock_wait_timeout", "0", "expected an integer from 1 to 86400, got 0" },
  { "options.connect_timeout", "3600", NULL },
  { "options.connect_timeout", "3601", "expected an integer from 1 to 3600, got 3601" },
  { "options.stall_timeout", "0", NULL },
  { "options.stall_timeout", "60", NULL },
  { "options.stall_timeout", "-1", "expected an integer from 0 to 86400, got -1" },
};

static PgmProfile *
parse (const char *text, GError **error)
{
  return pgm_profile_parse (text, -1, "config.json", error);
}

static JsonNode *
make_node (const char *json)
{
  JsonNode *node = json != NULL ? pgm_json_parse (json, -1, "value", NULL) : NULL;

  g_assert_true (json == NULL || node != NULL);
  return node;
}

static void
test_each_key (void)
{
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *expected =
          g_strdup_printf ("config.json: %s: %s", cases[i].key, cases[i].fault);
      g_autoptr(PgmProfile) profile = pgm_profile_new_with_member (
          minimal, cases[i].key, make_node (cases[i].value), &error);

      g_test_message ("%s = %s", cases[i].key, cases[i].value);
      if (cases[i].fault == NULL)
        {
          g_assert_no_error (error);
          g_assert_nonnull (profile);
          continue;
        }
      g_assert_null (profile);
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* A word that is only misspelt is told beside what is missing for want of it. */
static void
test_unknown_beside_fault (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile =
                 parse ("{\"source\": {\"host\": \"a\", \"database\": \"d\", \"user\": \"u\","
                        " \"passwort\": \"p\"},"
                        " \"target\": {\"host\": \"b\", \"user\": \"u\", \"password\": \"p\"}}",
                        &error);

  g_assert_null (profile);
  g_assert_cmpstr (
      error->message, ==,
      "config.json: source.password: missing, expected a string, or \"password_from\" beside it\n"
      "config.json: source.passwort: unknown key, ignored; did you mean \"password\"?");
}

static void
test_array_elements (void)
{
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (pgm_profile_new_with_member (minimal, "options.tables",
                                              make_node ("[\"a\", 5, \"\", null]"), &error));
  g_assert_cmpstr (error->message, ==,
                   "config.json: options.tables[1]: expected a string that is not empty, got 5\n"
                   "config.json: options.tables[2]: expected a string that is not empty, got \"\"\n"
                   "config.json: options.tables[3]: expected a string that is not empty, got null");
}

static void
test_filters (void)
{
  static const char *const keys[] = { "options.schemas", "options.exclude_schemas",
                                      "options.tables", "options.exclude_tables",
                                      "options.exclude_table_data" };
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);

  g_assert_false (pgm_options_has_filters (pgm_profile_get_options (minimal)));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(PgmProfile) filtered =
                     pgm_profile_new_with_member (minimal, keys[i], make_node ("[\"x\"]"), NULL);

      g_assert_true (pgm_options_has_filters (pgm_profile_get_options (filtered)));
    }
}

static void
test_password_from (void)
{
  static const struct
  {
    const char *text;
    PgmPasswordFrom from;
    const char *ref;
  } accepted[] = {
    { "prompt", PGM_PASSWORD_PROMPT, NULL },
    { "pgpass", PGM_PASSWORD_PGPASS, NULL },
    { "env:PW_1", PGM_PASSWORD_ENV, "PW_1" },
    { "file:/run/secrets/pw", PGM_PASSWORD_FILE, "/run/secrets/pw" },
  };
  static const char *const refused[] = { "",     "hunter2", "env:",   "env:A B", "env:1A",
                                         "env=", "file:",   "Prompt", "env:A=B" };
  const char *const format = "{\"source\": {\"host\": \"s\", \"database\": \"d\", \"user\": \"u\","
                             " \"password_from\": \"%s\"},"
                             " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password\": \"\"}}";

  for (gsize i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr(GString) text = g_string_new (format);
      g_autoptr(GError) error = NULL;
      g_autoptr(PgmProfile) profile = NULL;

      g_string_replace (text, "%s", accepted[i].text, 1);
      profile = parse (text->str, &error);
      g_assert_no_error (error);
      g_assert_cmpint (pgm_profile_get_source (profile)->password_from, ==, accepted[i].from);
      g_assert_cmpstr (pgm_profile_get_source (profile)->password_ref, ==, accepted[i].ref);
      g_assert_null (pgm_profile_get_source (profile)->password);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(GString) text = g_string_new (format);
      g_autoptr(GError) error = NULL;

      g_string_replace (text, "%s", refused[i], 1);
      g_assert_null (parse (text->str, &error));
      g_assert_cmpstr (error->message, ==,
                       "config.json: source.password_from: " SOURCE_FORM ", got another string");
    }
}

static void
test_together (void)
{
  static const struct
  {
    const char *section;
    const char *value;
    const char *message;
  } pairs[] = {
    { "options", "{\"schema_only\": true, \"data_only\": true}",
      "options.data_only: given together with \"schema_only\", nothing would be left" },
    { "options", "{\"keep_previous\": true, \"replace\": \"in-place\"}",
      "options.keep_previous: given together with \"replace\": \"in-place\", which drops the old "
      "database first" },
    { "options", "{\"data_only\": true, \"drop_existing\": true}",
      "options.data_only: given together with \"drop_existing\", there would be no tables to put "
      "the rows in" },
    { "target",
      "{\"host\": \"t\", \"user\": \"v\", \"password\": \"q\", "
      "\"password_from\": \"prompt\"}",
      "target.password: given together with \"password_from\", use only one" },
  };
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *expected = g_strdup_printf ("config.json: %s", pairs[i].message);

      g_assert_null (pgm_profile_new_with_member (minimal, pairs[i].section,
                                                  make_node (pairs[i].value), &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* Honoured where it can be; elsewhere refused by name, before a run begins. */
static void
test_keyring (void)
{
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = pgm_profile_new_with_member (
      minimal, "target",
      make_node ("{\"host\": \"t\", \"user\": \"v\", \"password_from\": \"keyring\"}"), &error);

  if (pgm_keyring_is_built_in ())
    {
      g_assert_no_error (error);
      g_assert_cmpint (pgm_profile_get_target (profile)->password_from, ==, PGM_PASSWORD_KEYRING);
      return;
    }
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==,
                   "config.json: target.password_from: \"keyring\" is not available in this "
                   "version, use \"prompt\"");
}

static void
test_all_at_once (void)
{
  static const char text[] =
      "{\"source\": {\"host\": \"a b\", \"port\": \"5432\", \"user\": \"u\", \"password\": 99},"
      " \"target\": {\"user\": \"\", \"protected\": 1},"
      " \"options\": {\"parallel_jobs\": \"four\", \"engine\": \"stream\"}}";
  g_autoptr(GError) error = NULL;

  g_assert_null (parse (text, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
  g_assert_cmpstr (
      error->message, ==,
      "config.json: source.host: " HOST_FORM ", got \"a b\"\n"
      "config.json: source.port: expected an integer from 1 to 65535, got \"5432\"\n"
      "config.json: source.database: missing, expected a string\n"
      "config.json: source.password: expected a string, got a number\n"
      "config.json: target.host: missing, expected a string\n"
      "config.json: target.user: expected a name of 1 to 63 bytes, got \"\"\n"
      "config.json: target.protected: expected true or false, got 1\n"
      "config.json: target.password: missing, expected a string, or \"password_from\" beside it\n"
      "config.json: options.parallel_jobs: expected an integer from 1 to 64, got \"four\"\n"
      "config.json: options.engine: \"stream\" is not available in this version, use \"archive\"");
}

static void
test_empty_documents (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } documents[] = {
    { "", "config.json:1:1: expected a value, got the end of the file" },
    { "[]", "config.json: expected an object, got an array" },
    { "\"\"", "config.json: expected an object, got a string" },
    { "null", "config.json: expected an object, got null" },
    { "{}", "config.json: source.host: missing, expected a string\n"
            "config.json: source.database: missing, expected a string\n"
            "config.json: source.user: missing, expected a string\n"
            "config.json: source.password: missing, expected a string, or \"password_from\" "
            "beside it\n"
            "config.json: target.host: missing, expected a string\n"
            "config.json: target.user: missing, expected a string\n"
            "config.json: target.password: missing, expected a string, or \"password_from\" "
            "beside it" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse (documents[i].text, &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      g_assert_cmpstr (error->message, ==, documents[i].message);
    }
}

/* A megabyte where a name should be is one short line; half a million faults are a page. */
static void
test_large (void)
{
  g_autoptr(PgmProfile) minimal = parse (MINIMAL, NULL);
  g_autofree char *big = g_strnfill (1024 * 1024, 'x');
  g_autoptr(JsonArray) zeros = json_array_new ();
  g_autoptr(GError) name = NULL;
  g_autoptr(GError) many = NULL;
  g_auto(GStrv) lines = NULL;

  g_assert_null (pgm_profile_new_with_member (
      minimal, "source.user", json_node_init_string (json_node_alloc (), big), &name));
  g_assert_cmpuint (strlen (name->message), <, 200);

  for (int i = 0; i < 500000; i++)
    json_array_add_int_element (zeros, 0);
  g_assert_null (pgm_profile_new_with_member (
      minimal, "options.schemas", json_node_init_array (json_node_alloc (), zeros), &many));
  lines = g_strsplit (many->message, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 101);
  g_assert_cmpstr (lines[100], ==, "config.json: and more");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile-keys/each-key", test_each_key);
  g_test_add_func ("/profile-keys/unknown-beside-fault", test_unknown_beside_fault);
  g_test_add_func ("/profile-keys/array-elements", test_array_elements);
  g_test_add_func ("/profile-keys/filters", test_filters);
  g_test_add_func ("/profile-keys/password-from", test_password_from);
  g_test_add_func ("/profile-keys/together", test_together);
  g_test_add_func ("/profile-keys/keyring", test_keyring);
  g_test_add_func ("/profile-keys/all-at-once", test_all_at_once);
  g_test_add_func ("/profile-keys/empty-documents", test_empty_documents);
  g_test_add_func ("/profile-keys/large", test_large);
  return g_test_run ();
}
