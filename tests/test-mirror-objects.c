/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* P9 for what is inside a database: hostile names for every kind of object, for roles in grants and
 * policies, and in filters; names that differ in next to nothing; and what a name shows as. */

#include "pgm-pattern.h"
#include "pgm-test-names.h"
#include "pgm-test-run.h"

#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define KEEP_RIGHTS "{ \"verify\": \"full\", \"no_owner\": false, \"no_acl\": false }"

/* All that can be called the same, twice where kinds share their names. %1$s: the name, quoted;
 * %2$s, %3$s, …: others made from it. */
static const char objects[] =
    "CREATE SCHEMA %1$s AUTHORIZATION %1$s; SET ROLE %1$s; SET search_path = %1$s;"
    "CREATE TABLE %1$s (%1$s int CONSTRAINT %6$s PRIMARY KEY, b int CONSTRAINT %2$s CHECK (b > 0));"
    "INSERT INTO %1$s VALUES (1, 1), (2, 2); CREATE INDEX %2$s ON %1$s (b, %1$s);"
    "ALTER TABLE %1$s ADD CONSTRAINT %3$s FOREIGN KEY (b) REFERENCES %1$s;"
    "CREATE FUNCTION %1$s (%1$s int) RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT $1';"
    "CREATE FUNCTION %2$s () RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER %1$s BEFORE INSERT ON %1$s EXECUTE FUNCTION %2$s ();"
    "CREATE SEQUENCE %3$s; SELECT nextval ('%4$s.%5$s'); CREATE DOMAIN %2$s AS int;"
    "CREATE TYPE %6$s AS ENUM ('a'); CREATE VIEW v AS SELECT %1$s FROM %1$s;"
    "CREATE MATERIALIZED VIEW m AS SELECT count (*) FROM %1$s;"
    "CREATE STATISTICS %1$s ON %1$s, b FROM %1$s; CREATE RULE %1$s AS ON DELETE TO v DO INSTEAD"
    " NOTHING; CREATE POLICY %1$s ON %1$s TO %1$s USING (true);"
    "COMMENT ON COLUMN %1$s.%1$s IS 'c'; REVOKE EXECUTE ON FUNCTION %1$s (int) FROM PUBLIC;"
    "GRANT EXECUTE ON FUNCTION %1$s (int) TO %1$s; GRANT SELECT (b) ON %1$s TO %1$s;"
    "GRANT ALL ON %1$s TO %1$s; "
    "ALTER DEFAULT PRIVILEGES FOR ROLE %1$s IN SCHEMA %1$s GRANT SELECT ON TABLES TO %1$s;";

/* Returns: (transfer full): @name and a last letter, within 63 bytes, quoted */
static char *
dup_other (const char *name, char letter)
{
  g_autofree char *other = g_strdup_printf ("%.61s%c", name, letter);
  const char *end = NULL;

  if (!g_utf8_validate (other, -1, &end))
    g_assert_not_reached (); /* no name of the list is that long and cut in a character */
  return pgm_test_quote_name (other);
}

static char *
dup_literal (const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, "'", -1);

  return g_strjoinv ("''", parts);
}

static void
make_objects (const char *database, const char *name)
{
  g_autofree char *quoted = pgm_test_quote_name (name);
  g_autofree char *index = dup_other (name, 'x');
  g_autofree char *key = dup_other (name, 'k');
  g_autofree char *primary = dup_other (name, 'p');
  g_autofree char *in_schema = dup_literal (quoted);
  g_autofree char *sequence = dup_literal (key);
  g_autofree char *sql =
      g_strdup_printf (objects, quoted, index, key, in_schema, sequence, primary);
  g_autofree char *script = g_strconcat ("SET standard_conforming_strings = on;", sql, NULL);
  g_autofree char *said = NULL;

  if (pgm_test_server_psql_status (source, NULL, database, script, &said) != 0)
    g_error ("%s: %s", name, said);
}

static void
make_roles (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pgm_test_names); i++)
    {
      g_autofree char *quoted = pgm_test_quote_name (pgm_test_names[i]);
      g_autofree char *sql = g_strdup_printf ("CREATE ROLE %s", quoted);

      pgm_test_do (source, "postgres", sql);
      pgm_test_do (target, "postgres", sql);
    }
}

static void
make_all (const char *database)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", database);

  pgm_test_do (source, "postgres", create);
  for (gsize i = 0; i < G_N_ELEMENTS (pgm_test_names); i++)
    make_objects (database, pgm_test_names[i]);
}

/* What people and terminals are shown has no character that does more than to be seen. */
static void
assert_harmless (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
        g_error ("U+%04X in \"%s\"", c, text);
    }
}

static void
assert_shown_harmless (PgmTestRun *run)
{
  GPtrArray *const lists[] = { run->data->findings, run->data->differences,
                               run->data->left_behind };

  for (guint i = 0; i < run->lines->len; i++)
    assert_harmless (run->lines->pdata[i]);
  assert_harmless (run->data->message);
  assert_harmless (run->data->source);
  assert_harmless (run->data->target);
  for (gsize k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; i < lists[k]->len; i++)
      assert_harmless (((PgmFinding *) lists[k]->pdata[i])->message);
}

/* With owners, grants and policies, verified by content; then without, by a plain role. */
static void
test_every_kind (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) plain = NULL;

  make_all ("kinds");
  run = pgm_test_mirror (source, target, NULL, "kinds", KEEP_RIGHTS);
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  pgm_test_assert_equal (source, target, "kinds");
  assert_shown_harmless (run);
  pgm_test_do (target, "postgres", "DROP DATABASE kinds");

  plain = pgm_test_mirror (source, target, "keeper", "kinds", "{ \"verify\": \"full\" }");
  pgm_test_assert_code (plain, "ok");
  g_assert_nonnull (pgm_test_find (plain->data->findings, "functions-closed"));
  assert_shown_harmless (plain);
  pgm_test_assert_nothing_left (source, target);
}

static void
add_patterns (JsonBuilder *builder, const char *key, guint rest)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (pgm_test_names); i++)
    {
      g_autofree char *pattern = pgm_pattern_for_table (pgm_test_names[i], pgm_test_names[i]);

      if (i % 2 == rest)
        json_builder_add_string_value (builder, pattern);
    }
  json_builder_end_array (builder);
}

/* @rest: of the numbers of the names whose tables are named in @key */
static char *
dup_options (const char *key, guint rest)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "drop_existing");
  json_builder_add_boolean_value (builder, TRUE);
  add_patterns (builder, key, rest);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static char *
list_tables (void)
{
  return pgm_test_server_psql (target, "filtered",
                               "SELECT string_agg(relname, '|' ORDER BY relname COLLATE \"C\")"
                               "  FROM pg_class WHERE relkind = 'r' AND relnamespace > 16383");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
join_names (guint rest)
{
  g_autoptr(GPtrArray) some = g_ptr_array_new ();

  for (guint i = rest; i < G_N_ELEMENTS (pgm_test_names); i += 2)
    g_ptr_array_add (some, (char *) pgm_test_names[i]);
  g_ptr_array_sort (some, compare_names);
  g_ptr_array_add (some, NULL);
  return g_strjoinv ("|", (char **) some->pdata);
}

/* The patterns that the window writes are for one table each. */
static void
test_filters (void)
{
  static const struct
  {
    const char *key;
    guint named;
    guint there;
  } all[] = { { "tables", 0, 0 }, { "tables", 1, 1 }, { "exclude_tables", 0, 1 } };

  pgm_test_do (source, "postgres", "CREATE DATABASE filtered");
  for (guint i = 0; i < G_N_ELEMENTS (pgm_test_names); i++)
    {
      g_autofree char *quoted = pgm_test_quote_name (pgm_test_names[i]);
      g_autofree char *sql = g_strdup_printf (
          "CREATE SCHEMA %s; CREATE TABLE %s.%s AS SELECT 1 AS i", quoted, quoted, quoted);

      pgm_test_do (source, "filtered", sql);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *options = dup_options (all[i].key, all[i].named);
      g_autofree char *expected = join_names (all[i].there);
      g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, "filtered", options);
      g_autofree char *there = NULL;

      pgm_test_assert_code (run, "ok");
      there = list_tables ();
      g_assert_cmpstr (there, ==, expected);
      assert_shown_harmless (run);
    }
  pgm_test_assert_nothing_left (source, target);
}

/* Names that a careless eye or comparison takes for one. */
static const char *const twins[] = { "twin",  "Twin",   "TWIN",        "twin ",
                                     " twin", "twin\n", "tw\303\255n", "twi\314\201n" };

static void
make_twin (PgmTestServer *server, const char *name, const char *value)
{
  g_autofree char *quoted = pgm_test_quote_name (name);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", quoted);
  g_autofree char *fill = g_strdup_printf ("CREATE TABLE t AS SELECT '%s'::text AS v", value);

  pgm_test_do (server, "postgres", create);
  pgm_test_do (server, name, fill);
}

static void
test_twins (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      make_twin (source, twins[i], "new");
      make_twin (target, twins[i], "old");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, twins[i],
                                                    "{ \"drop_existing\": true }");

      pgm_test_assert_code (run, "ok");
      for (gsize k = 0; k < G_N_ELEMENTS (twins); k++)
        {
          g_autofree char *value = pgm_test_server_psql (target, twins[k], "SELECT v FROM t");

          g_assert_cmpstr (value, ==, k <= i ? "new" : "old");
        }
    }
  pgm_test_assert_nothing_left (source, target);
}

/* As long as names get: what we make of them ends before 63 bytes and between two characters. */
static void
test_longest (void)
{
  static const char *const longest[] = {
    "日本語日本語日本語日本語日本語日本語日本語",  /* 63 bytes in threes */
    "a日本語日本語日本語日本語日本語日本語日本bc", /* the cut falls in a character */
    "\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230"
    "\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237\230\200\360\237"
    "\230\200\360\237\230\200\360\237\230\200\360\237\230\200abc",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (longest); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;
      g_autofree char *value = NULL;
      g_autofree char *kept = NULL;

      g_assert_cmpuint (strlen (longest[i]), ==, 63);
      make_twin (source, longest[i], "new");
      make_twin (target, longest[i], "old");
      run = pgm_test_mirror (source, target, NULL, longest[i],
                             "{ \"drop_existing\": true, \"keep_previous\": true }");
      pgm_test_assert_code (run, "ok");
      g_assert_cmpuint (strlen (run->data->previous_name), <=, 63);
      g_assert_true (g_utf8_validate (run->data->previous_name, -1, NULL));
      value = pgm_test_server_psql (target, longest[i], "SELECT v FROM t");
      g_assert_cmpstr (value, ==, "new");
      kept = pgm_test_server_psql (target, run->data->previous_name, "SELECT v FROM t");
      g_assert_cmpstr (kept, ==, "old");
      assert_shown_harmless (run);
    }
}

/* A database whose name moves cursors and turns lines around, kept and told about. */
static void
test_shown (void)
{
  static const char name[] = "a\033[2Jb\n\342\200\256c%s$(d)`e`\r\t\"'\\";
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) refused = NULL;
  g_autofree char *kept = NULL;

  make_twin (source, name, "new");
  make_twin (target, name, "old");
  refused = pgm_test_mirror (source, target, NULL, name, NULL);
  pgm_test_assert_code (refused, "preflight");
  assert_shown_harmless (refused);
  run = pgm_test_mirror (source, target, NULL, name,
                         "{ \"drop_existing\": true, \"keep_previous\": true }");
  pgm_test_assert_code (run, "ok");
  assert_shown_harmless (run);
  kept = pgm_test_server_psql (target, run->data->previous_name, "SELECT v FROM t");
  g_assert_cmpstr (kept, ==, "old");
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  make_roles ();
  pgm_test_do (source, "postgres", "CREATE ROLE keeper SUPERUSER LOGIN");
  pgm_test_do (target, "postgres", "CREATE ROLE keeper CREATEDB LOGIN");

  g_test_add_func ("/mirror-objects/every-kind", test_every_kind);
  g_test_add_func ("/mirror-objects/filters", test_filters);
  g_test_add_func ("/mirror-objects/twins", test_twins);
  g_test_add_func ("/mirror-objects/longest", test_longest);
  g_test_add_func ("/mirror-objects/shown", test_shown);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
