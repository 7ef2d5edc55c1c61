/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-marker.h"

#include <string.h>

#include "pgm-database.h"

#define RUN "0123abcd"

static void
test_round_trip (void)
{
  g_autofree char *text = pgm_marker_dup_text ("old", "a \"b\"\n", RUN, "it's {\"mine\"}");
  g_autoptr(PgmMarker) marker = pgm_marker_parse (text);

  g_assert_null (strchr (text, '\n'));
  g_assert_nonnull (marker);
  g_assert_cmpstr (marker->state, ==, "old");
  g_assert_cmpstr (marker->of, ==, "a \"b\"\n");
  g_assert_cmpstr (marker->run, ==, RUN);
  g_assert_cmpstr (marker->host, ==, g_get_host_name ());
  g_assert_cmpstr (marker->comment, ==, "it's {\"mine\"}");
  g_assert_cmpint (ABS (g_get_real_time () - marker->started_us), <, 60 * G_USEC_PER_SEC);
}

/* A comment that JSON or an argument cannot hold is left out, not half of it kept. */
static void
test_comment (void)
{
  g_autofree char *long_comment = g_strnfill (200 * 1024, 'x');
  const char *comments[] = { NULL,
                             "Gr\xf6\xdf"
                             "e",
                             long_comment };

  for (gsize i = 0; i < G_N_ELEMENTS (comments); i++)
    {
      g_autofree char *text = pgm_marker_dup_text ("old", "shop", RUN, comments[i]);
      g_autoptr(PgmMarker) marker = pgm_marker_parse (text);

      g_assert_nonnull (marker);
      g_assert_null (marker->comment);
    }
}

static void
test_others (void)
{
  static const char *const texts[] = {
    NULL,
    "",
    "the shop",
    "{}",
    "[]",
    "null",
    "{\"pgmirror\":1}",
    "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\"}",
    "{\"pgmirror\":1,\"of\":\"shop\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":1,\"state\":7,\"of\":\"shop\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\",\"run\":\"0123ABCD\"}",
    "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\",\"run\":\"0123abc\"}",
    "{\"pgmirror\":2,\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":\"1\",\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":true,\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"} and more",
    "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"",
    "[{\"pgmirror\":1,\"state\":\"old\",\"of\":\"shop\",\"run\":\"" RUN "\"}]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (pgm_marker_parse (texts[i]));
}

#define LONG_NAME "a123456789b123456789c123456789d123456789e123456789f123456789ghi"
#define LATIN "gr\xf6\xdf"

static const struct
{
  const char *state;
  const char *of;   /* as the run knew it */
  const char *name; /* that carries the marker; NULL: that the run gave */
  PgmMarkerPlace place;
} places[] = {
  { "staging", "shop", NULL, PGM_MARKER_STAGED },
  { "old", "shop", NULL, PGM_MARKER_REPLACED },
  { "staging", "shop", "shop", PGM_MARKER_IN_PLACE },
  { "old", "shop", "shop", PGM_MARKER_RETURNED },
  { "staging", LONG_NAME, NULL, PGM_MARKER_STAGED },
  { "old", LONG_NAME, NULL, PGM_MARKER_REPLACED },
  { "old", LONG_NAME, LONG_NAME, PGM_MARKER_RETURNED },
  { "staging", LATIN, NULL, PGM_MARKER_STAGED },
  { "old", LATIN, NULL, PGM_MARKER_REPLACED },
  { "staging", LATIN, LATIN, PGM_MARKER_IN_PLACE },
  { "staging", "a__pgm_" RUN, NULL, PGM_MARKER_STAGED },
  { "staging", "", NULL, PGM_MARKER_STAGED },
  { "staging", "shop", "shop__old_" RUN, PGM_MARKER_ELSEWHERE },
  { "old", "shop", "shop__pgm_" RUN, PGM_MARKER_ELSEWHERE },
  { "old", "shop", "shop__old_ffffffff", PGM_MARKER_ELSEWHERE },
  { "old", "shop", "other__old_" RUN, PGM_MARKER_ELSEWHERE },
  { "old", "shop", "shop_before", PGM_MARKER_ELSEWHERE },
  { "folder", "shop", "shop", PGM_MARKER_ELSEWHERE },
};

static void
test_places (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *suffix = g_str_equal (places[i].state, "old") ? "old" : "pgm";
      g_autofree char *text = pgm_marker_dup_text (places[i].state, places[i].of, RUN, NULL);
      g_autofree char *given = pgm_database_dup_name (places[i].of, suffix, RUN);
      g_autoptr(PgmMarker) marker = pgm_marker_parse (text);
      g_autofree char *of = NULL;

      g_assert_cmpint (
          pgm_marker_find_place (marker, places[i].name != NULL ? places[i].name : given, &of), ==,
          places[i].place);
      g_assert_cmpstr (of, ==, places[i].place != PGM_MARKER_ELSEWHERE ? places[i].of : NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/marker/round-trip", test_round_trip);
  g_test_add_func ("/marker/comment", test_comment);
  g_test_add_func ("/marker/others", test_others);
  g_test_add_func ("/marker/places", test_places);
  return g_test_run ();
}
