/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-error.h"

#include <errno.h>
#include <string.h>

/* The words are a promise to scripts: a new code is a new row, and no row changes. */
static void
test_codes (void)
{
  static const char *const codes[] = {
    "failed",
    "config",
    "tools",
    "source-unreachable",
    "target-unreachable",
    "preflight",
    "same-server",
    "busy",
    "refused",
    "dump-failed",
    "restore-failed",
    "script-failed",
    "verify-failed",
    "replace-failed",
    "stalled",
    "connect",
    "auth",
    "denied",
    "missing",
    "in-use",
    "sql",
    "tool",
  };
  g_autoptr(GEnumClass) klass = g_type_class_ref (PGM_TYPE_ERROR);

  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (codes));
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr(GError) error = g_error_new (PGM_ERROR, (int) i, "text");

      g_assert_cmpstr (pgm_error_get_code (error), ==, codes[i]);
    }
}

static void
test_foreign_codes (void)
{
  g_autoptr(GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "text");
  g_autoptr(GError) other = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "text");
  g_autoptr(GError) unknown = g_error_new (PGM_ERROR, 4711, "text");

  g_assert_cmpstr (pgm_error_get_code (cancelled), ==, "cancelled");
  g_assert_cmpstr (pgm_error_get_code (other), ==, "failed");
  g_assert_cmpstr (pgm_error_get_code (unknown), ==, "failed");
  g_assert_true (pgm_error_is_cancelled (cancelled));
  g_assert_false (pgm_error_is_cancelled (other));
  g_assert_false (pgm_error_is_cancelled (NULL));
}

static void
test_recode (void)
{
  static const struct
  {
    PgmError code;
    PgmError expected;
  } cases[] = {
    { PGM_ERROR_FAILED, PGM_ERROR_DUMP_FAILED },
    { PGM_ERROR_CONFIG, PGM_ERROR_CONFIG },
    { PGM_ERROR_SAME_SERVER, PGM_ERROR_SAME_SERVER },
    { PGM_ERROR_REPLACE_FAILED, PGM_ERROR_REPLACE_FAILED },
    { PGM_ERROR_CONNECT, PGM_ERROR_DUMP_FAILED },
    { PGM_ERROR_SQL, PGM_ERROR_DUMP_FAILED },
    { PGM_ERROR_TOOL, PGM_ERROR_DUMP_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = g_error_new (PGM_ERROR, cases[i].code, "%s", "100 %s");

      pgm_error_recode (&error, PGM_ERROR_DUMP_FAILED);
      g_assert_error (error, PGM_ERROR, (int) cases[i].expected);
      g_assert_cmpstr (error->message, ==, "100 %s");
    }
}

static void
test_recode_foreign (void)
{
  g_autoptr(GError) cancelled = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "text");
  g_autoptr(GError) other = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "disk full");
  GError *none = NULL;

  pgm_error_recode (&cancelled, PGM_ERROR_DUMP_FAILED);
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  pgm_error_recode (&other, PGM_ERROR_DUMP_FAILED);
  g_assert_error (other, PGM_ERROR, PGM_ERROR_DUMP_FAILED);
  g_assert_cmpstr (other->message, ==, "disk full");
  pgm_error_recode (&none, PGM_ERROR_DUMP_FAILED);
  g_assert_null (none);
  pgm_error_recode (NULL, PGM_ERROR_DUMP_FAILED);
}

static void
test_sqlstate (void)
{
  static const struct
  {
    const char *sqlstate;
    PgmError expected;
  } cases[] = {
    { NULL, PGM_ERROR_CONNECT },   { "08006", PGM_ERROR_CONNECT }, { "57P01", PGM_ERROR_CONNECT },
    { "57014", PGM_ERROR_SQL },    { "28P01", PGM_ERROR_AUTH },    { "28000", PGM_ERROR_AUTH },
    { "42501", PGM_ERROR_DENIED }, { "3D000", PGM_ERROR_MISSING }, { "42P01", PGM_ERROR_MISSING },
    { "55006", PGM_ERROR_IN_USE }, { "55P03", PGM_ERROR_IN_USE },  { "42601", PGM_ERROR_SQL },
    { "", PGM_ERROR_SQL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (pgm_error_from_sqlstate (cases[i].sqlstate), ==, cases[i].expected);
}

/* What was to be read or found is named by who wanted it. */
static void
test_reason (void)
{
  static const char *const paths[] = { "/nonexistent/pgm-file", "/" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GFile) file = g_file_new_for_path (paths[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (g_file_read (file, NULL, &error));
      g_assert_nonnull (strstr (error->message, paths[i]));
      g_assert_cmpstr (pgm_error_get_reason (error), ==, g_strerror (i == 0 ? ENOENT : EISDIR));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/codes", test_codes);
  g_test_add_func ("/error/foreign-codes", test_foreign_codes);
  g_test_add_func ("/error/recode", test_recode);
  g_test_add_func ("/error/recode-foreign", test_recode_foreign);
  g_test_add_func ("/error/reason", test_reason);
  g_test_add_func ("/error/sqlstate", test_sqlstate);
  return g_test_run ();
}
