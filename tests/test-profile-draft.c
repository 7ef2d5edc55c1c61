/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"
#include "pgm-profile-draft.h"

#include <string.h>

#define WHOLE                                                                                     \
  "{\"name\": \"Shop\", \"colour\": \"red\","                                                     \
  " \"source\": {\"host\": \"s\", \"database\": \"shop\", \"user\": \"u\", \"password\": \"p\"}," \
  " \"target\": {\"host\": \"t\", \"user\": \"v\", \"password\": \"q\", \"x\": [1]}}"

static PgmProfileDraft *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  PgmProfileDraft *draft = pgm_profile_draft_parse (text, -1, NULL, &error);

  g_assert_no_error (error);
  return draft;
}

static void
assert_text (PgmProfileDraft *draft, const char *key, const char *expected)
{
  g_autofree char *text = pgm_profile_draft_dup_text (draft, key);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_defaults (void)
{
  g_autoptr(PgmProfileDraft) draft = pgm_profile_draft_new ();
  g_auto(GStrv) tables = pgm_profile_draft_dup_texts (draft, "options.tables");

  assert_text (draft, "source.host", "");
  assert_text (draft, "options.verify", "counts");
  assert_text (draft, "options.on_error", "stop");
  g_assert_cmpint (pgm_profile_draft_get_integer (draft, "source.port"), ==, 5432);
  g_assert_cmpint (pgm_profile_draft_get_integer (draft, "options.parallel_jobs"), ==, 4);
  g_assert_true (pgm_profile_draft_get_boolean (draft, "options.analyze"));
  g_assert_false (pgm_profile_draft_get_boolean (draft, "target.protected"));
  g_assert_null (tables[0]);
  g_assert_false (pgm_profile_draft_is_faultless (draft));
  g_assert_nonnull (pgm_profile_draft_get_fault (draft, "source.host"));
  g_assert_null (pgm_profile_draft_dup_endpoint (draft, PGM_SIDE_SOURCE));
}

static void
test_faults_come_and_go (void)
{
  g_autoptr(PgmProfileDraft) draft = parse (WHOLE);

  g_assert_true (pgm_profile_draft_is_faultless (draft));
  g_assert_true (pgm_profile_draft_set_text (draft, "source.host", "a b"));
  g_assert_nonnull (pgm_profile_draft_get_fault (draft, "source.host"));
  g_assert_null (pgm_profile_draft_get_fault (draft, "target.host"));
  g_assert_true (pgm_profile_draft_set_text (draft, "source.host", "ab"));
  g_assert_true (pgm_profile_draft_is_faultless (draft));
  g_assert_false (pgm_profile_draft_set_text (draft, "source.host", "ab"));
}

static void
test_element_fault (void)
{
  g_autoptr(PgmProfileDraft) draft = parse ("{\"options\": {\"tables\": [\"a\", \"\"]}}");

  g_assert_nonnull (pgm_profile_draft_get_fault (draft, "options.tables"));
}

/* What is set takes nothing else away, and the default section appears where it is needed. */
static void
test_unknown_keys_survive (void)
{
  g_autoptr(PgmProfileDraft) draft = parse (WHOLE);
  g_autofree char *text = NULL;

  pgm_profile_draft_set_text (draft, "options.verify", "none");
  pgm_profile_draft_set_texts (draft, "options.tables", (const char *[]){ "a.b", NULL });
  text = pgm_profile_draft_write (draft);
  g_assert_nonnull (strstr (text, "\"colour\": \"red\""));
  g_assert_nonnull (strstr (text, "\"x\""));
  g_assert_nonnull (strstr (text, "\"a.b\""));
  pgm_profile_draft_set_texts (draft, "options.tables", (const char *[]){ NULL });
  g_assert_false (pgm_profile_draft_has (draft, "options.tables"));
}

/* A section that is no object is a fault, and is not overwritten. */
static void
test_wrong_section_stays (void)
{
  g_autoptr(PgmProfileDraft) draft = parse ("{\"source\": 7}");

  g_assert_false (pgm_profile_draft_set_text (draft, "source.host", "h"));
  g_assert_nonnull (pgm_profile_draft_get_fault (draft, "source"));
}

static void
test_swap (void)
{
  g_autoptr(PgmProfileDraft) draft = parse (WHOLE);

  pgm_profile_draft_set (draft, "target.protected",
                         json_node_init_boolean (json_node_alloc (), TRUE));
  pgm_profile_draft_swap_servers (draft);
  assert_text (draft, "source.host", "t");
  assert_text (draft, "source.database", "shop");
  assert_text (draft, "target.host", "s");
  assert_text (draft, "target.password", "p");
  g_assert_false (pgm_profile_draft_has (draft, "target.database"));
  g_assert_true (pgm_profile_draft_has (draft, "source.protected"));
  pgm_profile_draft_swap_servers (draft);
  g_assert_true (pgm_profile_draft_get_boolean (draft, "target.protected"));
  g_assert_true (pgm_profile_draft_is_faultless (draft));
}

static void
test_endpoint_of_a_half_filled_form (void)
{
  g_autoptr(PgmProfileDraft) draft =
                 parse ("{\"source\": {\"host\": \"s\", \"user\": \"u\", \"password\": \"\"}}");
  g_autoptr(PgmEndpoint) source = pgm_profile_draft_dup_endpoint (draft, PGM_SIDE_SOURCE);

  g_assert_nonnull (source);
  g_assert_cmpstr (source->database, ==, "");
  g_assert_cmpstr (source->host, ==, "s");
  g_assert_null (pgm_profile_draft_dup_endpoint (draft, PGM_SIDE_TARGET));
}

static void
test_build (void)
{
  g_autoptr(PgmProfileDraft) draft = parse (WHOLE);
  g_autoptr(PgmProfileDraft) empty = pgm_profile_draft_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = pgm_profile_draft_build (draft, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (pgm_profile_get_title (profile), ==, "Shop");
  g_assert_null (pgm_profile_draft_build (empty, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
}

static void
test_words (void)
{
  g_auto(GStrv) on_error = pgm_profile_draft_dup_words ("options.on_error");
  g_auto(GStrv) host = pgm_profile_draft_dup_words ("source.host");

  g_assert_true (g_strv_contains ((const char *const *) on_error, "stop"));
  g_assert_cmpuint (g_strv_length (on_error), ==, 2);
  g_assert_null (host[0]);
}

static void
test_not_an_object (void)
{
  static const char *const texts[] = { "", "[]", "7", "{\"a\":" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (pgm_profile_draft_parse (texts[i], -1, NULL, &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile-draft/defaults", test_defaults);
  g_test_add_func ("/profile-draft/faults-come-and-go", test_faults_come_and_go);
  g_test_add_func ("/profile-draft/element-fault", test_element_fault);
  g_test_add_func ("/profile-draft/unknown-keys-survive", test_unknown_keys_survive);
  g_test_add_func ("/profile-draft/wrong-section-stays", test_wrong_section_stays);
  g_test_add_func ("/profile-draft/swap", test_swap);
  g_test_add_func ("/profile-draft/endpoint", test_endpoint_of_a_half_filled_form);
  g_test_add_func ("/profile-draft/build", test_build);
  g_test_add_func ("/profile-draft/words", test_words);
  g_test_add_func ("/profile-draft/not-an-object", test_not_an_object);
  return g_test_run ();
}
