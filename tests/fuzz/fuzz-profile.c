/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"
#include "pgm-profile.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What is printed about a hostile file must be harmless itself. */
static void
check_text (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (*p == '\n' || !g_unichar_iscntrl (g_utf8_get_char (p)));
}

/* A profile that was accepted is accepted again after it was written and read. */
static void
check_copy (PgmProfile *profile)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) copy =
                 pgm_profile_new_with_member (profile, "options.parallel_jobs", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (pgm_profile_get_title (copy), ==, pgm_profile_get_title (profile));
  g_assert_cmpstr (pgm_profile_get_source (copy)->host, ==, pgm_profile_get_source (profile)->host);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmProfile) profile = pgm_profile_parse ((const char *) data, (gssize) size,
                                                      "/fuzz/config.json", &error);

  g_assert_cmpint (profile == NULL, ==, error != NULL);
  if (error != NULL)
    {
      g_assert_error (error, PGM_ERROR, PGM_ERROR_CONFIG);
      check_text (error->message);
      return 0;
    }
  for (const char *const *line = pgm_profile_get_warnings (profile); *line != NULL; line++)
    check_text (*line);
  check_copy (profile);
  return 0;
}
