/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tools.h"

#include <string.h>

#include "pgm-error.h"

/* @path: "/folder/psql", or "!/folder/psql" for a folder that the user named */
static PgmTool *
new_tool (const char *path, guint major, guint minor)
{
  PgmTool *tool = g_atomic_rc_box_new0 (PgmTool);
  g_autofree char *name = g_path_get_basename (path);

  tool->is_preferred = path[0] == '!';
  tool->path = g_strdup (tool->is_preferred ? path + 1 : path);
  tool->version = g_strdup_printf ("%u.%u", major, minor);
  tool->major = major;
  tool->minor = minor;
  while (!g_str_equal (name, pgm_tool_kind_get_name (tool->kind)))
    tool->kind++;
  return tool;
}

/* @spec: "/a/pg_dump=15.2 /a/psql=15.2", newest first as a search returns them; a path that
 * ends in "/" stands for all three */
static GPtrArray *
parse_found (const char *spec)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_tool_unref);
  g_auto(GStrv) words = g_strsplit (spec, " ", -1);

  for (char **word = words; *word != NULL && **word != '\0'; word++)
    {
      g_auto(GStrv) sides = g_strsplit (*word, "=", 2);
      g_auto(GStrv) numbers = g_strsplit (sides[1], ".", 2);
      guint major = g_ascii_strtoull (numbers[0], NULL, 10);
      guint minor = g_ascii_strtoull (numbers[1], NULL, 10);

      if (!g_str_has_suffix (sides[0], "/"))
        g_ptr_array_add (found, new_tool (sides[0], major, minor));
      for (int kind = 0; g_str_has_suffix (sides[0], "/") && kind < PGM_N_TOOLS; kind++)
        {
          g_autofree char *path = g_strconcat (sides[0], pgm_tool_kind_get_name (kind), NULL);

          g_ptr_array_add (found, new_tool (path, major, minor));
        }
    }
  return found;
}

static void
test_chosen (void)
{
  static const struct
  {
    const char *found;
    guint source;
    guint target;
    const char *dump;
    const char *restore;
    const char *psql;
  } cases[] = {
    /* the oldest that serves, as a set */
    { "/18/=18.1 /16/=16.5 /15/=15.20", 15, 15, "/15/pg_dump", "/15/pg_restore", "/15/psql" },
    { "/18/=18.1 /16/=16.5 /15/=15.20", 16, 16, "/16/pg_dump", "/16/pg_restore", "/16/psql" },
    { "/18/=18.1 /16/=16.5 /15/=15.20", 13, 16, "/15/pg_dump", "/15/pg_restore", "/15/psql" },
    { "/18/=18.1 /16/=16.5 /15/=15.20", 17, 18, "/18/pg_dump", "/18/pg_restore", "/18/psql" },
    { "/15b/=15.20 /15a/=15.4", 15, 15, "/15b/pg_dump", "/15b/pg_restore", "/15b/psql" },
    /* not known: the newest, but never one that the target refuses */
    { "/18/=18.1 /15/=15.20", 0, 0, "/18/pg_dump", "/18/pg_restore", "/18/psql" },
    { "/18/=18.1 /15/=15.20", 0, 16, "/15/pg_dump", "/15/pg_restore", "/15/psql" },
    /* what the user named wins where it serves */
    { "!/18/=18.1 /15/=15.20", 15, 17, "/18/pg_dump", "/18/pg_restore", "/18/psql" },
    { "!/18/=18.1 /15/=15.20", 15, 16, "/15/pg_dump", "/15/pg_restore", "/15/psql" },
    { "/16/=16.5 !/14/=14.2", 15, 16, "/16/pg_dump", "/16/pg_restore", "/16/psql" },
    /* incomplete folders */
    { "/16/=16.5 /15/pg_dump=15.20", 15, 15, "/16/pg_dump", "/16/pg_restore", "/16/psql" },
    { "/17/pg_restore=17.1 /16/pg_restore=16.5 /15/pg_dump=15.20 /15/psql=15.20", 15, 15,
      "/15/pg_dump", "/16/pg_restore", "/15/psql" },
    { "/17/psql=17.1 /15/pg_dump=15.20 /15/pg_restore=15.20 !/9/psql=9.6", 15, 15, "/15/pg_dump",
      "/15/pg_restore", "/9/psql" },
    { "/16/pg_dump=16.5 /15/pg_dump=15.20 /15/pg_restore=15.20 /15/psql=15.20", 15, 15,
      "/15/pg_dump", "/15/pg_restore", "/15/psql" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) found = parse_found (cases[i].found);
      g_autoptr(PgmToolSet) set =
                     pgm_tools_choose (found, cases[i].source, cases[i].target, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (pgm_tool_set_get_path (set, PGM_TOOL_PG_DUMP), ==, cases[i].dump);
      g_assert_cmpstr (pgm_tool_set_get_path (set, PGM_TOOL_PG_RESTORE), ==, cases[i].restore);
      g_assert_cmpstr (pgm_tool_set_get_path (set, PGM_TOOL_PSQL), ==, cases[i].psql);
    }
}

/* What is there and does not work is neither taken nor kept silent about. */
static void
test_broken (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = parse_found ("/15/=15.20 /14/psql=14.1");
  g_autoptr(PgmToolSet) set = NULL;
  PgmTool *psql = found->pdata[PGM_TOOL_PSQL];

  psql->failure = g_strdup ("\"/15/psql --version\" left with exit status 127");
  set = pgm_tools_choose (found, 15, 15, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pgm_tool_set_get_path (set, PGM_TOOL_PSQL), ==, "/14/psql");
  g_assert_cmpstr (pgm_tools_choose_psql (found, &error)->path, ==, "/14/psql");
  g_ptr_array_set_size (found, PGM_N_TOOLS);
  g_assert_null (pgm_tools_choose_psql (found, &error));
  g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOLS);
  g_assert_cmpstr (error->message, ==,
                   "no psql that works was found (installed: none): \"/15/psql --version\" left "
                   "with exit status 127");
}

static void
test_none (void)
{
  static const struct
  {
    const char *found;
    guint source;
    guint target;
    const char *start; /* of the message */
  } cases[] = {
    { "", 0, 0, "no pg_dump was found (installed: none); to install it: " },
    { "/15/=15.20", 17, 17, "no pg_dump 17 or newer was found (installed: 15.20); " },
    { "/18/=18.1", 15, 16, "no pg_dump from 15 to 16 was found (installed: 18.1); " },
    { "/18/=18.1", 0, 16, "no pg_dump older than 17 was found (installed: 18.1); " },
    { "/16/pg_dump=16.5 /15/pg_restore=15.2 /15/psql=15.2", 16, 16,
      "no pg_restore 16 was found (installed: 15.2); " },
    { "/16/pg_dump=16.5 /16/pg_restore=16.5", 16, 16, "no psql was found (installed: none); " },
    { "/18/=18.1", 18, 16, "no pg_restore can bring PostgreSQL 18 back to 16: " },
    { "/18/=18.1 /15/=15.20", 17, 13, "no pg_restore can bring PostgreSQL 17 back to 13: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) found = parse_found (cases[i].found);

      g_assert_null (pgm_tools_choose (found, cases[i].source, cases[i].target, &error));
      g_assert_error (error, PGM_ERROR, PGM_ERROR_TOOLS);
      g_assert_true (g_str_has_prefix (error->message, cases[i].start));
      g_test_message ("%s", error->message);
    }
}

/* A set lives longer than the search that it came from. */
static void
test_set_holds_tools (void)
{
  GPtrArray *found = parse_found ("/15/=15.20");
  g_autoptr(PgmToolSet) set = pgm_tools_choose (found, 0, 0, NULL);

  g_ptr_array_unref (found);
  g_assert_cmpstr (pgm_tool_set_get_path (set, PGM_TOOL_PSQL), ==, "/15/psql");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool-choice/chosen", test_chosen);
  g_test_add_func ("/tool-choice/broken", test_broken);
  g_test_add_func ("/tool-choice/none", test_none);
  g_test_add_func ("/tool-choice/set-holds-tools", test_set_holds_tools);
  return g_test_run ();
}
