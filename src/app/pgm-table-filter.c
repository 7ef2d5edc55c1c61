/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-table-filter.h"

#include "pgm-pattern.h"
#include "pgm-table-list.h"

/* Patterns that a person wrote and that stand for more than one name: nothing here can show
 * what they match, so they stay in the profile as they are. */
static gboolean
is_by_hand (const char *key, const char *pattern)
{
  g_autofree char *schema = NULL;
  g_autofree char *name = NULL;

  if (g_str_has_suffix (key, "schemas"))
    return !pgm_pattern_get_schema (pattern, &schema);
  return !pgm_pattern_get_table (pattern, &schema, &name);
}

/* @tables: PgmTableInfo by schema and name
 *
 * Returns: (transfer full): PgmTableChoice: each schema, followed by its tables */
GListStore *
pgm_table_filter_list (GPtrArray *tables)
{
  GListStore *store = g_list_store_new (PGM_TYPE_TABLE_CHOICE);
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  PgmTableChoice *schema = NULL;

  for (guint i = 0; i < tables->len; i++)
    {
      const PgmTableInfo *info = g_ptr_array_index (tables, i);

      if (schema == NULL || !g_str_equal (pgm_table_choice_get_schema (schema), info->schema))
        {
          schema = pgm_table_choice_new_schema (info->schema);
          g_ptr_array_add (all, schema);
        }
      g_ptr_array_add (
          all, pgm_table_choice_new_table (schema, info->name, info->size_bytes, info->n_rows));
    }
  g_list_store_splice (store, 0, 0, all->pdata, all->len);
  return store;
}

/* Returns: (transfer full): the patterns of @key for one name each, as a set */
static GHashTable *
read_set (PgmProfileDraft *draft, const char *key, guint *n_patterns)
{
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto(GStrv) texts = pgm_profile_draft_dup_texts (draft, key);

  for (char **text = texts; *text != NULL; text++)
    {
      g_autofree char *schema = NULL;
      g_autofree char *name = NULL;

      if (is_by_hand (key, *text))
        (*n_patterns)++;
      else if (pgm_pattern_get_table (*text, &schema, &name))
        g_hash_table_add (set, pgm_pattern_for_table (schema, name));
      else if (pgm_pattern_get_schema (*text, &schema))
        g_hash_table_add (set, pgm_pattern_for_schema (schema));
    }
  return set;
}

/* Ticks @choices as the profile says.
 *
 * @ret_n_patterns: (out): how many patterns there are whose effect is not shown */
PgmNewTables
pgm_table_filter_read (GListModel *choices, PgmProfileDraft *draft, guint *ret_n_patterns)
{
  guint n_patterns = 0;
  g_autoptr(GHashTable) schemas = read_set (draft, "options.schemas", &n_patterns);
  g_autoptr(GHashTable) out_schemas = read_set (draft, "options.exclude_schemas", &n_patterns);
  g_autoptr(GHashTable) tables = read_set (draft, "options.tables", &n_patterns);
  g_autoptr(GHashTable) out_tables = read_set (draft, "options.exclude_tables", &n_patterns);
  g_autoptr(GHashTable) empty = read_set (draft, "options.exclude_table_data", &n_patterns);
  gboolean is_only = g_hash_table_size (schemas) + g_hash_table_size (tables) > 0;

  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(PgmTableChoice) choice = g_list_model_get_item (choices, i);
      g_autofree char *schema = pgm_pattern_for_schema (pgm_table_choice_get_schema (choice));
      g_autofree char *table = NULL;
      gboolean is_in = FALSE;

      if (pgm_table_choice_is_schema (choice))
        continue;
      table = pgm_pattern_for_table (pgm_table_choice_get_schema (choice),
                                     pgm_table_choice_get_name (choice));
      is_in = !is_only || g_hash_table_contains (tables, table) ||
              g_hash_table_contains (schemas, schema);
      is_in = is_in && !g_hash_table_contains (out_schemas, schema) &&
              !g_hash_table_contains (out_tables, table);
      if (pgm_table_choice_is_included (choice) != is_in)
        pgm_table_choice_set_included (choice, is_in);
      pgm_table_choice_set_empty (choice, g_hash_table_contains (empty, table));
    }
  *ret_n_patterns = n_patterns;
  return is_only ? PGM_NEW_TABLES_LEFT : PGM_NEW_TABLES_COPIED;
}

/* What becomes of one key: the patterns by hand first, then the names that are ticked. */
typedef struct
{
  const char *key;
  GPtrArray *patterns; /* owned strings */
} Goal;

enum
{
  GOAL_SCHEMAS,
  GOAL_EXCLUDE_SCHEMAS,
  GOAL_TABLES,
  GOAL_EXCLUDE_TABLES,
  GOAL_EXCLUDE_TABLE_DATA,
  N_GOALS,
};

static void
goals_init (Goal *goals, PgmProfileDraft *draft)
{
  static const char *const keys[N_GOALS] = { "options.schemas", "options.exclude_schemas",
                                             "options.tables", "options.exclude_tables",
                                             "options.exclude_table_data" };

  for (gsize i = 0; i < N_GOALS; i++)
    {
      g_auto(GStrv) texts = pgm_profile_draft_dup_texts (draft, keys[i]);

      goals[i] = (Goal){ keys[i], g_ptr_array_new_with_free_func (g_free) };
      for (char **text = texts; *text != NULL; text++)
        if (is_by_hand (keys[i], *text))
          g_ptr_array_add (goals[i].patterns, g_strdup (*text));
    }
}

static void
goals_apply (Goal *goals, PgmProfileItem *item)
{
  for (gsize i = 0; i < N_GOALS; i++)
    {
      g_ptr_array_add (goals[i].patterns, NULL);
      pgm_profile_item_set_texts (item, goals[i].key,
                                  (const char *const *) goals[i].patterns->pdata);
      g_ptr_array_unref (goals[i].patterns);
    }
}

static void
add_schema (Goal *goals, PgmTableChoice *schema, gboolean is_only, gboolean by_schema)
{
  char *pattern = pgm_pattern_for_schema (pgm_table_choice_get_schema (schema));

  if (is_only && by_schema && pgm_table_choice_is_included (schema))
    g_ptr_array_add (goals[GOAL_SCHEMAS].patterns, pattern);
  else if (!is_only && !pgm_table_choice_is_included (schema))
    g_ptr_array_add (goals[GOAL_EXCLUDE_SCHEMAS].patterns, pattern);
  else
    g_free (pattern);
}

static void
add_table (Goal *goals, PgmTableChoice *table, gboolean is_only, gboolean by_schema)
{
  gboolean is_in = pgm_table_choice_is_included (table);
  gboolean schema_is_in = pgm_table_choice_is_included (pgm_table_choice_get_parent (table));
  g_autofree char *pattern = pgm_pattern_for_table (pgm_table_choice_get_schema (table),
                                                    pgm_table_choice_get_name (table));

  if (is_only && !by_schema && is_in)
    g_ptr_array_add (goals[GOAL_TABLES].patterns, g_strdup (pattern));
  if (!is_only && !is_in && schema_is_in)
    g_ptr_array_add (goals[GOAL_EXCLUDE_TABLES].patterns, g_strdup (pattern));
  if (is_in && pgm_table_choice_is_empty (table))
    g_ptr_array_add (goals[GOAL_EXCLUDE_TABLE_DATA].patterns, g_strdup (pattern));
}

/* Where whole schemas are ticked the profile names them: pg_dump then takes along their views,
 * functions and types, too. */
static gboolean
are_schemas_whole (GListModel *choices)
{
  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(PgmTableChoice) choice = g_list_model_get_item (choices, i);

      if (pgm_table_choice_is_mixed (choice))
        return FALSE;
    }
  return TRUE;
}

void
pgm_table_filter_write (GListModel *choices, PgmProfileItem *item, PgmNewTables new_tables)
{
  gboolean is_only = new_tables == PGM_NEW_TABLES_LEFT;
  gboolean by_schema = are_schemas_whole (choices);
  Goal goals[N_GOALS];

  goals_init (goals, pgm_profile_item_get_draft (item));
  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(PgmTableChoice) choice = g_list_model_get_item (choices, i);

      if (pgm_table_choice_is_schema (choice))
        add_schema (goals, choice, is_only, by_schema);
      else
        add_table (goals, choice, is_only, by_schema);
    }
  goals_apply (goals, item);
}
