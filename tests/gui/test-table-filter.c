/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Ticked tables to filter keys and back. Needs no display. */

#include "pgm-table-filter.h"
#include "pgm-table-list.h"

#include <string.h>

typedef struct
{
  PgmProfileItem *item;
  GListStore *choices;
} Fixture;

static void
add_table (GPtrArray *tables, const char *schema, const char *name)
{
  PgmTableInfo *info = g_new0 (PgmTableInfo, 1);

  info->schema = g_strdup (schema);
  info->name = g_strdup (name);
  info->size_bytes = 8192;
  info->n_rows = 10;
  g_ptr_array_add (tables, info);
}

static void
set_up (Fixture *fixture, gconstpointer options)
{
  g_autofree char *text = g_strdup_printf ("{\"options\": %s}", (const char *) options);
  g_autoptr(GPtrArray) tables =
                 g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_table_info_free);
  PgmProfileFile *file = g_new0 (PgmProfileFile, 1);

  file->path = g_strdup ("/nowhere/test.json");
  file->draft = pgm_profile_draft_parse (text, -1, file->path, NULL);
  fixture->item = pgm_profile_item_new (file);
  add_table (tables, "Odd one", "x.y");
  add_table (tables, "public", "log");
  add_table (tables, "public", "order");
  fixture->choices = pgm_table_filter_list (tables);
}

static void
tear_down (Fixture *fixture, gconstpointer options)
{
  pgm_profile_item_forget (fixture->item);
  g_assert_finalize_object (fixture->choices);
  g_assert_finalize_object (fixture->item);
}

/* @index: 0 "Odd one", 1 its table, 2 public, 3 log, 4 order */
static PgmTableChoice *
get (Fixture *fixture, guint index)
{
  g_autoptr(PgmTableChoice) choice =
                 g_list_model_get_item (G_LIST_MODEL (fixture->choices), index);

  return choice;
}

static void
write_keys (Fixture *fixture, PgmNewTables new_tables)
{
  pgm_table_filter_write (G_LIST_MODEL (fixture->choices), fixture->item, new_tables);
}

static void
assert_key (Fixture *fixture, const char *key, const char *expected)
{
  g_auto(GStrv) texts =
              pgm_profile_draft_dup_texts (pgm_profile_item_get_draft (fixture->item), key);
  g_autofree char *joined = g_strjoinv (" ", texts);

  g_assert_cmpstr (joined, ==, expected);
}

static PgmNewTables
read_keys (Fixture *fixture, guint *n_patterns)
{
  return pgm_table_filter_read (G_LIST_MODEL (fixture->choices),
                                pgm_profile_item_get_draft (fixture->item), n_patterns);
}

static void
test_all (Fixture *fixture, gconstpointer options)
{
  guint n_patterns = 0;

  g_assert_cmpint (read_keys (fixture, &n_patterns), ==, PGM_NEW_TABLES_COPIED);
  g_assert_cmpuint (n_patterns, ==, 0);
  g_assert_true (pgm_table_choice_is_included (get (fixture, 4)));
  write_keys (fixture, PGM_NEW_TABLES_COPIED);
  g_assert_false (
      pgm_profile_draft_has (pgm_profile_item_get_draft (fixture->item), "options.tables"));
}

static void
test_leave_out (Fixture *fixture, gconstpointer options)
{
  pgm_table_choice_set_included (get (fixture, 0), FALSE);
  pgm_table_choice_set_included (get (fixture, 4), FALSE);
  pgm_table_choice_set_empty (get (fixture, 3), TRUE);
  g_assert_false (pgm_table_choice_is_included (get (fixture, 1)));
  g_assert_true (pgm_table_choice_is_mixed (get (fixture, 2)));
  write_keys (fixture, PGM_NEW_TABLES_COPIED);
  assert_key (fixture, "options.exclude_schemas", "\"Odd one\"");
  assert_key (fixture, "options.exclude_tables", "public.order");
  assert_key (fixture, "options.exclude_table_data", "public.log");
  assert_key (fixture, "options.tables", "");
}

static void
test_only (Fixture *fixture, gconstpointer options)
{
  pgm_table_choice_set_included (get (fixture, 4), FALSE);
  write_keys (fixture, PGM_NEW_TABLES_LEFT);
  assert_key (fixture, "options.tables", "\"Odd one\".\"x.y\" public.log");
  assert_key (fixture, "options.exclude_tables", "");
  pgm_table_choice_set_included (get (fixture, 2), FALSE);
  write_keys (fixture, PGM_NEW_TABLES_LEFT);
  assert_key (fixture, "options.schemas", "\"Odd one\"");
  assert_key (fixture, "options.tables", "");
}

static void
test_read_only (Fixture *fixture, gconstpointer options)
{
  guint n_patterns = 0;

  g_assert_cmpint (read_keys (fixture, &n_patterns), ==, PGM_NEW_TABLES_LEFT);
  g_assert_true (pgm_table_choice_is_included (get (fixture, 1)));
  g_assert_false (pgm_table_choice_is_included (get (fixture, 2)));
  g_assert_false (pgm_table_choice_is_included (get (fixture, 3)));
}

/* What a person wrote and nothing here can show stays. */
static void
test_patterns_stay (Fixture *fixture, gconstpointer options)
{
  guint n_patterns = 0;

  g_assert_cmpint (read_keys (fixture, &n_patterns), ==, PGM_NEW_TABLES_COPIED);
  g_assert_cmpuint (n_patterns, ==, 2);
  g_assert_false (pgm_table_choice_is_included (get (fixture, 3)));
  pgm_table_choice_set_included (get (fixture, 3), TRUE);
  write_keys (fixture, PGM_NEW_TABLES_COPIED);
  assert_key (fixture, "options.exclude_tables", "*.tmp_*");
  assert_key (fixture, "options.exclude_schemas", "old?");
}

static void
add (const char *path, const char *options, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, options, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/table-filter/all", "{}", test_all);
  add ("/table-filter/leave-out", "{}", test_leave_out);
  add ("/table-filter/only", "{}", test_only);
  add ("/table-filter/read-only", "{\"schemas\": [\"\\\"Odd one\\\"\"]}", test_read_only);
  add ("/table-filter/patterns-stay",
       "{\"exclude_tables\": [\"*.tmp_*\", \"public.log\"], \"exclude_schemas\": [\"old?\"]}",
       test_patterns_stay);
  return g_test_run ();
}
