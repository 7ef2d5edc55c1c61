/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What becomes of the target's name: created, or replaced with all that it was told. */

#include "pgm-test-pair.h"

#include <stdlib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

/* Everything about a database that is not its content. The order of settings is their own. */
#define TRAITS                                                                                 \
  "SELECT pg_get_userbyid(datdba), datconnlimit, shobj_description(d.oid, 'pg_database'),"     \
  "       (SELECT string_agg(concat(setrole::regrole, ':', setconfig), ' ' ORDER BY setrole)"  \
  "          FROM pg_db_role_setting WHERE setdatabase = d.oid),"                              \
  "       (SELECT string_agg(concat(grantee::regrole, ' ', privilege_type, is_grantable), ','" \
  "                          ORDER BY grantee, privilege_type) FROM aclexplode(datacl)),"      \
  "       (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace)"                   \
  "  FROM pg_database d WHERE datname = current_database()"

#define LOCALE                                                                                  \
  "SELECT pg_encoding_to_char(encoding), datcollate, datctype, to_jsonb(d)->>'datlocprovider'," \
  "       coalesce(to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale')"                    \
  "  FROM pg_database d WHERE datname = current_database()"

static void
make_source (const char *name, const char *with)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE \"%s\" OWNER app TEMPLATE template0 %s", name, with);

  pgm_test_do (source, "postgres", create);
  g_assert_cmpint (pgm_test_server_psql_status (source, "app", name,
                                                "CREATE TABLE t AS SELECT 'new' AS v", NULL),
                   ==, 0);
}

static void
make_target (const char *name, const char *sql)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE \"%s\" OWNER app TEMPLATE template0", name);

  pgm_test_do (target, "postgres", create);
  g_assert_cmpint (pgm_test_server_psql_status (target, "app", name, sql, NULL), ==, 0);
}

static void
assert_sql (PgmTestServer *server, const char *database, const char *sql, const char *expected)
{
  g_autofree char *got = pgm_test_server_psql (server, database, sql);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_create_traits (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *expected = NULL;

  make_source ("told", "CONNECTION LIMIT 12");
  pgm_test_do (source, "told",
               "ALTER DATABASE told SET search_path = \"$user\", \"a, \"\"b\"\"\", public;"
               "ALTER DATABASE told SET work_mem = '8MB';"
               "ALTER DATABASE told SET datestyle = 'ISO, DMY';"
               "COMMENT ON DATABASE told IS E'it''s a \"shop\"\\nof two lines \\\\'");
  run = pgm_test_mirror (source, target, "app", "told", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_CREATED);
  expected = pgm_test_server_psql (source, "told", TRAITS);
  assert_sql (target, "told", TRAITS, expected);
  assert_sql (target, "told", "SHOW search_path", "\"$user\", \"a, \"\"b\"\"\", public");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_create_locales (void)
{
  static const char *const locales[][2] = {
    { "loc_c", "LOCALE 'C'" },
    { "loc_utf8", "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'" },
    { "loc_mixed", "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'" },
    { "loc_icu", "LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk' LOCALE 'C.UTF-8'" },
    { "loc_latin1", "ENCODING 'LATIN1' LOCALE 'C'" },
    { "loc_ascii", "ENCODING 'SQL_ASCII' LOCALE 'C'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;
      g_autofree char *expected = NULL;

      make_source (locales[i][0], locales[i][1]);
      run = pgm_test_mirror (source, target, "app", locales[i][0], NULL);
      pgm_test_assert_code (run, "ok");
      expected = pgm_test_server_psql (source, locales[i][0], LOCALE);
      assert_sql (target, locales[i][0], LOCALE, expected);
    }
  pgm_test_assert_nothing_left (source, target);
}

/* The source's owner and privileges come to a new database where owners and privileges travel;
 * where they do not, it is told that the copy is more open. */
static void
test_create_rights (void)
{
  g_autoptr(PgmTestRun) with = NULL;
  g_autoptr(PgmTestRun) without = NULL;
  g_autofree char *traits = NULL;
  const PgmFinding *finding = NULL;

  make_source ("rights", "");
  pgm_test_do (source, "rights",
               "CREATE ROLE shared_role; REVOKE ALL ON DATABASE rights FROM PUBLIC;"
               "GRANT CONNECT ON DATABASE rights TO shared_role;"
               "ALTER DATABASE rights OWNER TO shared_role");
  pgm_test_do (target, "postgres", "CREATE ROLE shared_role");
  traits = pgm_test_server_psql (source, "rights", TRAITS);
  with = pgm_test_mirror (source, target, NULL, "rights",
                          "{ \"no_owner\": false, \"no_acl\": false }");
  pgm_test_assert_code (with, "ok");
  assert_sql (target, "rights", TRAITS, traits);
  pgm_test_do (target, "postgres", "DROP DATABASE rights");
  without = pgm_test_mirror (source, target, NULL, "rights", NULL);
  pgm_test_assert_code (without, "ok");
  finding = pgm_test_find (without->data->left_behind, "database-open");
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->hint, "REVOKE CONNECT ON DATABASE \"rights\" FROM PUBLIC");
  pgm_test_assert_nothing_left (source, target);
}

/* The copy of a template is none, and can be replaced again. */
static void
test_template (void)
{
  make_source ("mould", "IS_TEMPLATE true");
  for (int i = 0; i < 2; i++)
    {
      g_autoptr(PgmTestRun) run =
                     pgm_test_mirror (source, target, NULL, "mould", "{ \"drop_existing\": true }");

      pgm_test_assert_code (run, "ok");
      g_assert_true ((pgm_test_find (run->data->left_behind, "database-template") != NULL) ==
                     (i == 0));
      assert_sql (target, "mould",
                  "SELECT datistemplate FROM pg_database WHERE datname = current_database()", "f");
    }
  pgm_test_do (source, "postgres", "ALTER DATABASE mould IS_TEMPLATE false");
}

/* What the old database is told while the run is at work is not forgotten. */
static void
test_replace_keeps_news (void)
{
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autofree char *json =
      pgm_test_profile_json (source, target, NULL, "news", "{ \"drop_existing\": true }");
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *traits = NULL;
  PgmConn *gate = NULL;

  make_source ("news", "");
  pgm_test_do (source, "news", PGM_TEST_PAUSING_COPY_OF ("pausing"));
  make_target ("news", "CREATE TABLE t ()");
  run = pgm_test_run_start (json, &options);
  pgm_test_wait_until (target, PGM_TEST_IS_COPYING_OF ("pausing"));
  pgm_test_do (target, "postgres",
               "ALTER DATABASE news SET work_mem = '7MB'; REVOKE CONNECT ON DATABASE news FROM"
               " PUBLIC; ALTER DATABASE news CONNECTION LIMIT 3");
  traits = pgm_test_server_psql (target, "news", TRAITS);
  gate = pgm_test_open_gate (target);
  pgm_test_run_wait (run);
  pgm_test_close_gate (gate);
  pgm_test_assert_code (run, "ok");
  assert_sql (target, "news", TRAITS, traits);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_replace_keeps_traits (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *traits = NULL;
  g_autofree char *oid = NULL;
  g_autofree char *new_oid = NULL;

  make_source ("kept", "CONNECTION LIMIT 99");
  pgm_test_do (source, "kept",
               "ALTER DATABASE kept SET work_mem = '99MB'; COMMENT ON DATABASE kept IS 'source'");
  make_target ("kept", "CREATE TABLE old_table ()");
  pgm_test_do (target, "kept",
               "ALTER DATABASE kept SET search_path = 'o''ld', \"x, y\";"
               "ALTER DATABASE kept SET work_mem = '5MB';"
               "ALTER ROLE app IN DATABASE kept SET statement_timeout = '9min';"
               "REVOKE ALL ON DATABASE kept FROM PUBLIC;"
               "GRANT CONNECT ON DATABASE kept TO \"other \"\"role\" WITH GRANT OPTION;"
               "GRANT TEMPORARY ON DATABASE kept TO PUBLIC;"
               "ALTER DATABASE kept CONNECTION LIMIT 7;"
               "COMMENT ON DATABASE kept IS 'it''s the target''s'");
  traits = pgm_test_server_psql (target, "kept", TRAITS);
  oid = pgm_test_server_psql (target, "postgres",
                              "SELECT oid FROM pg_database WHERE datname = 'kept'");
  run = pgm_test_mirror (source, target, "app", "kept", "{ \"drop_existing\": true }");

  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
  assert_sql (target, "kept", TRAITS, traits);
  assert_sql (target, "kept", "SELECT v FROM public.t", "new");
  assert_sql (target, "kept", "SELECT to_regclass('public.old_table')", "");
  new_oid = pgm_test_server_psql (target, "postgres",
                                  "SELECT oid FROM pg_database WHERE datname = 'kept'");
  g_assert_cmpstr (new_oid, !=, oid);
  pgm_test_assert_nothing_left (source, target);
}

typedef struct
{
  const char *database;
  int stop;
  guint n_old; /* atomic, as the next one */
  guint n_new;
  guint n_failed;
} Hammer;

/* One connection after the other: each sees the complete old or the complete new database, or is
 * told that it has just been renamed, or is ended, which psql may say after the answer. */
static gpointer
hammer_thread (gpointer user_data)
{
  Hammer *hammer = user_data;

  while (!g_atomic_int_get (&hammer->stop))
    {
      g_autofree char *said = NULL;
      int status =
          pgm_test_server_psql_status (target, "app", hammer->database, "SELECT v FROM t", &said);

      if (status == 0 && g_str_has_prefix (said, "old") && hammer->n_new == 0)
        g_atomic_int_inc (&hammer->n_old);
      else if (status == 0 && g_str_has_prefix (said, "new"))
        g_atomic_int_inc (&hammer->n_new);
      else if (status == 2 && (strstr (said, "does not exist") != NULL ||
                               strstr (said, "terminating connection") != NULL ||
                               strstr (said, "server closed the connection") != NULL))
        hammer->n_failed++;
      else
        g_error ("status %d after %u old, %u new: %s", status, hammer->n_old, hammer->n_new, said);
    }
  return NULL;
}

static gpointer
sleep_thread (gpointer database)
{
  return GINT_TO_POINTER (
      pgm_test_server_psql_status (target, "app", database, "BEGIN; SELECT pg_sleep(100)", NULL));
}

static void
wait_for_first (const guint *n)
{
  gint64 deadline_us = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;

  while (g_atomic_int_get (n) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
      g_usleep (10 * 1000);
    }
}

static void
test_replace_in_use (void)
{
  Hammer hammer = { .database = "used" };
  g_autoptr(PgmTestRun) run = NULL;
  GThread *hammering = NULL;
  GThread *sleeping = NULL;

  make_source ("used", "");
  make_target ("used", "CREATE TABLE t AS SELECT 'old' AS v");
  hammering = g_thread_new ("hammer", hammer_thread, &hammer);
  sleeping = g_thread_new ("sleep", sleep_thread, (gpointer) "used");
  wait_for_first (&hammer.n_old);
  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = 'used'"
                               " AND state = 'active' AND query LIKE 'SELECT pg_sleep%')");
  run = pgm_test_mirror (source, target, "app", "used", "{ \"drop_existing\": true }");
  pgm_test_assert_code (run, "ok");
  wait_for_first (&hammer.n_new);
  g_atomic_int_set (&hammer.stop, TRUE);
  g_thread_join (hammering);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (sleeping)), !=, 0);

  g_test_message ("%u old, %u new, %u failed", hammer.n_old, hammer.n_new, hammer.n_failed);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_keep_previous (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *drop = NULL;

  make_source ("twice", "");
  make_target ("twice", "CREATE TABLE t AS SELECT 'old' AS v");
  pgm_test_do (target, "twice",
               "COMMENT ON DATABASE twice IS 'mine'; ALTER DATABASE twice SET work_mem = '6MB'");
  run = pgm_test_mirror (source, target, "app", "twice",
                         "{ \"drop_existing\": true, \"keep_previous\": true }");
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (run->data->previous_name);
  assert_sql (target, "twice", "SELECT v FROM t", "new");
  assert_sql (target, run->data->previous_name, "SELECT v FROM t", "old");
  assert_sql (target, run->data->previous_name, "SHOW work_mem", "6MB");
  assert_sql (target, run->data->previous_name,
              "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
              " WHERE datname = current_database()",
              "mine");
  drop = g_strdup_printf ("DROP DATABASE %s", run->data->previous_name);
  pgm_test_do (target, "postgres", drop);
  pgm_test_assert_nothing_left (source, target);
}

/* With on_error "report" a copy without its rows gets the name; what it took the place of stays. */
static void
test_lacking_rows (void)
{
  static const char *const verify[] = { "counts", "none" };

  for (gsize i = 0; i < G_N_ELEMENTS (verify); i++)
    {
      g_autofree char *name = g_strconcat ("lacking_", verify[i], NULL);
      g_autofree char *options = g_strdup_printf (
          "{ \"drop_existing\": true, \"on_error\": \"report\", \"verify\": \"%s\" }", verify[i]);
      g_autofree char *drop = NULL;
      g_autoptr(PgmTestRun) run = NULL;

      make_source (name, "");
      pgm_test_do (source, name,
                   "CREATE FUNCTION fine (int) RETURNS bool LANGUAGE sql AS 'SELECT true';"
                   "CREATE TABLE m (i int CHECK (fine (i))); ALTER TABLE m OWNER TO app;"
                   "INSERT INTO m VALUES (1); CREATE OR REPLACE FUNCTION fine (int) RETURNS bool"
                   " LANGUAGE sql AS 'SELECT false'");
      make_target (name, "CREATE TABLE m AS SELECT generate_series(1, 5000) AS i");
      run = pgm_test_mirror (source, target, "app", name, options);
      pgm_test_assert_code (run, "differences");
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
      assert_sql (target, name, "SELECT count(*) FROM m", "0");
      g_assert_nonnull (run->data->previous_name);
      assert_sql (target, run->data->previous_name, "SELECT count(*) FROM m", "5000");
      drop = g_strdup_printf ("DROP DATABASE %s", run->data->previous_name);
      pgm_test_do (target, "postgres", drop);
      pgm_test_assert_nothing_left (source, target);
    }
}

/* An owner that the target does not have costs no row, so that the old database goes; where rows
 * are not counted, that is not known. */
static void
test_lacking_owner (void)
{
  static const struct
  {
    const char *verify;
    gboolean keeps;
  } cases[] = { { "counts", FALSE }, { "none", TRUE } };

  pgm_test_do (source, "postgres", "CREATE ROLE gone");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("owned_", cases[i].verify, NULL);
      g_autofree char *options =
          g_strdup_printf ("{ \"drop_existing\": true, \"on_error\": \"report\","
                           "  \"no_owner\": false, \"verify\": \"%s\" }",
                           cases[i].verify);
      g_autofree char *drop = NULL;
      g_autoptr(PgmTestRun) run = NULL;

      make_source (name, "");
      pgm_test_do (source, name,
                   "ALTER TABLE t OWNER TO gone; SELECT lo_from_bytea (7, 'x');"
                   "ALTER LARGE OBJECT 7 OWNER TO gone");
      make_target (name, "CREATE TABLE t AS SELECT 'old' AS v");
      run = pgm_test_mirror (source, target, "postgres", name, options);
      pgm_test_assert_code (run, "differences");
      assert_sql (target, name, "SELECT v FROM t", "new");
      g_assert_cmpint (run->data->previous_name != NULL, ==, cases[i].keeps);
      if (cases[i].keeps)
        {
          drop = g_strdup_printf ("DROP DATABASE %s", run->data->previous_name);
          pgm_test_do (target, "postgres", drop);
        }
      pgm_test_assert_nothing_left (source, target);
    }
}

static void
test_in_place (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *traits = NULL;

  make_source ("placed", "");
  make_target ("placed", "CREATE TABLE t AS SELECT 'old' AS v");
  pgm_test_do (target, "placed",
               "ALTER DATABASE placed SET work_mem = '5MB'; COMMENT ON DATABASE placed IS 'here';"
               "REVOKE CONNECT ON DATABASE placed FROM PUBLIC");
  traits = pgm_test_server_psql (target, "placed", TRAITS);
  run = pgm_test_mirror (source, target, "app", "placed",
                         "{ \"drop_existing\": true, \"replace\": \"in-place\" }");
  pgm_test_assert_code (run, "ok");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
  assert_sql (target, "placed", "SELECT v FROM t", "new");
  assert_sql (target, "placed", TRAITS, traits);
  pgm_test_assert_nothing_left (source, target);
}

/* The question is put only where something would be lost. */
static void
test_question (void)
{
  g_autofree char *json = NULL;
  g_autoptr(PgmTestRun) refused = NULL;
  g_autoptr(PgmTestRun) unasked = NULL;
  const PgmReplaceFacts *facts = NULL;

  make_source ("asked", "");
  make_target ("asked", "CREATE TABLE t AS SELECT 'old' AS v; CREATE TABLE u ()");
  json = pgm_test_profile_json (source, target, "app", "asked", "{ \"drop_existing\": true }");
  refused = pgm_test_run (json, NULL);
  pgm_test_assert_code (refused, "refused");
  g_assert_cmpuint (refused->questions->len, ==, 1);
  facts = pgm_question_get_facts (refused->questions->pdata[0]);
  g_assert_cmpstr (facts->database, ==, "asked");
  g_assert_cmpuint (facts->n_tables, ==, 2);
  g_assert_cmpuint (facts->size_bytes, >, 1000000);
  g_assert_cmpint (refused->data->target_state, ==, PGM_TARGET_UNCHANGED);
  assert_sql (target, "asked", "SELECT v FROM t", "old");

  pgm_test_do (target, "asked", "DROP TABLE t, u");
  unasked = pgm_test_run (json, NULL);
  pgm_test_assert_code (unasked, "ok");
  g_assert_cmpuint (unasked->questions->len, ==, 0);
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", "CREATE ROLE app LOGIN");
  pgm_test_do (target, "postgres",
               "CREATE ROLE app LOGIN CREATEDB; CREATE ROLE \"other \"\"role\"");

  g_test_add_func ("/mirror-target/create-traits", test_create_traits);
  g_test_add_func ("/mirror-target/create-locales", test_create_locales);
  g_test_add_func ("/mirror-target/create-rights", test_create_rights);
  g_test_add_func ("/mirror-target/template", test_template);
  g_test_add_func ("/mirror-target/replace-keeps-news", test_replace_keeps_news);
  g_test_add_func ("/mirror-target/replace-keeps-traits", test_replace_keeps_traits);
  g_test_add_func ("/mirror-target/replace-in-use", test_replace_in_use);
  g_test_add_func ("/mirror-target/keep-previous", test_keep_previous);
  g_test_add_func ("/mirror-target/lacking-rows", test_lacking_rows);
  g_test_add_func ("/mirror-target/lacking-owner", test_lacking_owner);
  g_test_add_func ("/mirror-target/in-place", test_in_place);
  g_test_add_func ("/mirror-target/question", test_question);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
