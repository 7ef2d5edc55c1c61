/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Owners and privileges, and the schema that every database has: where they travel they arrive,
 * or it is said which did not; where they stay behind they are named. */

#include "pgm-test-pair.h"
#include "pgm-test-run.h"

#include <string.h>

#define KEPT "{ \"no_owner\": false, \"no_acl\": false }"
#define KEPT_WITHOUT_COUNTS "{ \"no_owner\": false, \"no_acl\": false, \"verify\": \"none\" }"

static PgmTestServer *source;
static PgmTestServer *target;

static const char content[] =
    "CREATE TABLE t (id int, secret text); ALTER TABLE t OWNER TO app;"
    "GRANT SELECT ON t TO reader; GRANT UPDATE (secret) ON t TO reader;"
    "CREATE SEQUENCE s; GRANT USAGE ON SEQUENCE s TO reader WITH GRANT OPTION;"
    "CREATE FUNCTION f () RETURNS int LANGUAGE sql AS 'SELECT 1';"
    "REVOKE EXECUTE ON FUNCTION f () FROM PUBLIC;"
    "CREATE SCHEMA more AUTHORIZATION app; GRANT USAGE ON SCHEMA more TO reader;"
    "CREATE TYPE mood AS ENUM ('good'); REVOKE USAGE ON TYPE mood FROM PUBLIC;"
    "CREATE FOREIGN DATA WRAPPER w; GRANT USAGE ON FOREIGN DATA WRAPPER w TO reader;"
    "CREATE SERVER far FOREIGN DATA WRAPPER w; GRANT USAGE ON FOREIGN SERVER far TO reader;"
    "ALTER SCHEMA public OWNER TO app; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
    "GRANT USAGE ON SCHEMA public TO reader; COMMENT ON SCHEMA public IS 'ours';"
    "CREATE SCHEMA ext; CREATE EXTENSION pgcrypto SCHEMA ext;"
    "REVOKE EXECUTE ON FUNCTION ext.gen_salt (text) FROM PUBLIC;"
    "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep (double precision) FROM PUBLIC;"
    "GRANT SELECT ON pg_catalog.pg_authid TO reader; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;"
    "SELECT lo_create (4711), lo_create (4712), lo_create (4713), lo_create (4714);"
    "ALTER LARGE OBJECT 4711 OWNER TO app; ALTER LARGE OBJECT 4712 OWNER TO app;"
    "ALTER LARGE OBJECT 4714 OWNER TO app;"
    "GRANT SELECT ON LARGE OBJECT 4711, 4712, 4714 TO reader;"
    "COMMENT ON LARGE OBJECT 4711 IS 'first'; COMMENT ON LARGE OBJECT 4712 IS 'second';"
    "ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO reader;"
    "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA more GRANT USAGE ON SEQUENCES TO reader";

typedef struct
{
  const char *sql; /* done to the target */
  const char *code;
  const char *shown; /* by one of the differences */
} Tampering;

static const Tampering tamperings[] = {
  { "ALTER TABLE t OWNER TO reader", "object-differs", "owner of public.t is" },
  { "REVOKE SELECT ON t FROM reader", "object-differs", "grant on public.t is" },
  { "GRANT INSERT ON t TO reader", "object-differs", "grant on public.t is" },
  { "REVOKE UPDATE (secret) ON t FROM reader", "object-differs", "grant on public.t.secret" },
  { "GRANT SELECT (id) ON t TO PUBLIC", "object-differs", "grant on public.t.id is" },
  { "REVOKE GRANT OPTION FOR USAGE ON SEQUENCE s FROM reader", "object-differs",
    "grant on public.s is" },
  { "GRANT EXECUTE ON FUNCTION f () TO PUBLIC", "object-differs", "grant on public.f() is" },
  { "ALTER SCHEMA more OWNER TO reader", "object-differs", "owner of more is" },
  { "REVOKE USAGE ON SCHEMA more FROM reader", "object-differs", "grant on more is" },
  { "GRANT USAGE ON TYPE mood TO PUBLIC", "object-differs", "grant on public.mood is" },
  { "REVOKE USAGE ON FOREIGN DATA WRAPPER w FROM reader", "object-differs", "grant on w is" },
  { "REVOKE USAGE ON FOREIGN SERVER far FROM reader", "object-differs", "grant on far is" },
  { "GRANT EXECUTE ON FUNCTION ext.gen_salt (text) TO PUBLIC", "object-differs",
    "grant on ext.gen_salt(text) is" },
  { "REVOKE EXECUTE ON FUNCTION ext.gen_salt (text, int) FROM PUBLIC", "object-differs",
    "grant on ext.gen_salt(text, integer) is" },
  { "GRANT EXECUTE ON FUNCTION pg_catalog.pg_sleep (double precision) TO PUBLIC", "object-differs",
    "grant on pg_catalog.pg_sleep(double precision) is" },
  { "REVOKE SELECT ON pg_catalog.pg_authid FROM reader", "object-differs",
    "grant on pg_catalog.pg_authid is" },
  { "GRANT SELECT (rolpassword) ON pg_catalog.pg_authid TO PUBLIC", "object-differs",
    "grant on pg_catalog.pg_authid.rolpassword is" },
  { "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "object-differs", "grant on plpgsql is" },
  { "ALTER SCHEMA public OWNER TO reader", "object-differs", "owner of schema public is" },
  { "ALTER SCHEMA public OWNER TO pg_database_owner", "object-differs",
    "owner of schema public is" },
  { "GRANT CREATE ON SCHEMA public TO PUBLIC", "object-differs", "grant on schema public is" },
  { "REVOKE USAGE ON SCHEMA public FROM reader; GRANT USAGE ON SCHEMA public TO PUBLIC",
    "object-differs", "grant on schema public is" },
  { "COMMENT ON SCHEMA public IS 'theirs'", "object-differs", "comment schema public is" },
  { "COMMENT ON SCHEMA public IS NULL", "object-missing", "comment schema public is missing" },
  { "ALTER LARGE OBJECT 4712 OWNER TO reader", "object-differs", "owner of large object 4712 is" },
  { "REVOKE SELECT ON LARGE OBJECT 4712 FROM reader", "object-differs",
    "grant on large object 4712 is" },
  { "GRANT UPDATE ON LARGE OBJECT 4713 TO PUBLIC", "object-differs",
    "grant on large object 4713 is" },
  { "ALTER LARGE OBJECT 4713 OWNER TO app", "object-differs", "owner of large object 4713 is" },
  { "GRANT SELECT ON LARGE OBJECT 4713 TO reader", "object-differs",
    "grant on large object 4713 is" },
  { "COMMENT ON LARGE OBJECT 4712 IS 'other'", "object-differs", "comment large object 4712 is" },
  { "ALTER DEFAULT PRIVILEGES FOR ROLE app REVOKE SELECT ON TABLES FROM reader", "object-missing",
    "default grant of app r is missing" },
  { "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA more GRANT SELECT ON SEQUENCES TO reader",
    "object-differs", "default grant of app more S is" },
};

static PgmTestRun *
verify (const char *database, const char *options)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, database, options);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_VERIFY_ONLY };

  return pgm_test_run (json, &how);
}

static void
make (const char *database, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", database);

  pgm_test_do (source, "postgres", create);
  pgm_test_do (source, database, sql);
}

static void
assert_told (PgmTestRun *run, GPtrArray *findings, const char *code, const char *shown)
{
  if (!pgm_test_is_told (findings, code, shown))
    g_error ("%s \"%s\" was not told: %s", code, shown, pgm_test_run_describe (run));
}

/* All rights come with a run that keeps them, and each that is changed then is found. */
static void
test_found (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) equal = NULL;

  run = pgm_test_mirror (source, target, NULL, "shop", KEPT);
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  g_assert_cmpuint (run->data->left_behind->len, ==, 0);
  equal = verify ("shop", KEPT);
  pgm_test_assert_code (equal, "ok");
  pgm_test_do (target, "postgres", "ALTER DATABASE shop RENAME TO untouched");
  for (gsize i = 0; i < G_N_ELEMENTS (tamperings); i++)
    {
      g_autoptr(PgmTestRun) other = NULL;

      g_test_message ("%s", tamperings[i].sql);
      pgm_test_do (target, "postgres", "DROP DATABASE IF EXISTS shop");
      pgm_test_do (target, "postgres", "CREATE DATABASE shop TEMPLATE untouched");
      pgm_test_do (target, "shop", tamperings[i].sql);
      other = verify ("shop", KEPT);
      pgm_test_assert_code (other, "differences");
      assert_told (other, other->data->differences, tamperings[i].code, tamperings[i].shown);
    }
  pgm_test_do (target, "postgres", "DROP DATABASE shop; DROP DATABASE untouched");
}

/* Of a large object that is gone, nothing else is told. */
static void
test_gone_with_object (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) other = NULL;

  run = pgm_test_mirror (source, target, NULL, "shop", KEPT);
  pgm_test_assert_code (run, "ok");
  pgm_test_do (target, "shop",
               "SELECT lo_unlink (4711), lo_create (5000);"
               "GRANT SELECT ON LARGE OBJECT 5000 TO reader");
  other = verify ("shop", KEPT);
  pgm_test_assert_code (other, "differences");
  g_assert_cmpuint (other->data->differences->len, ==, 2);
  assert_told (other, other->data->differences, "large-object-missing", "4711");
  assert_told (other, other->data->differences, "large-object-extra", "5000");
  pgm_test_do (target, "postgres", "DROP DATABASE shop");
}

/* Also where nothing is compared. */
static void
test_left_behind (void)
{
  static const char *const ways[] = { NULL, "{ \"verify\": \"none\" }" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, "shop", ways[i]);
      static const char *const owners[] = { "more", "public.t", "large objects", "schema public" };
      static const char *const grants[] = { "app r", "app more S", "large objects", "schema public",
                                            "public.t.secret" };

      pgm_test_assert_code (run, "ok");
      for (gsize k = 0; k < G_N_ELEMENTS (owners); k++)
        assert_told (run, run->data->left_behind, "owners", owners[k]);
      for (gsize k = 0; k < G_N_ELEMENTS (grants); k++)
        assert_told (run, run->data->left_behind, "privileges", grants[k]);
      pgm_test_assert_nothing_left (source, target);
      pgm_test_do (target, "postgres", "DROP DATABASE shop");
    }
}

/* A function of an extension that is closed on the source is open on the target. */
static void
test_extension_opens (void)
{
  g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, "shop", NULL);
  const PgmFinding *finding = NULL;

  pgm_test_assert_code (run, "ok");
  finding = pgm_test_find (run->data->left_behind, "functions-open");
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->message, "ext.gen_salt(text)");
  pgm_test_assert_has (finding->message, "pg_catalog.pg_sleep(double precision)");
  g_assert_null (strstr (finding->message, "pg_read_file"));
  pgm_test_do (target, "postgres", "DROP DATABASE shop");
}

static void
assert_public (const char *database, const char *expected)
{
  g_autofree char *got =
      pgm_test_server_psql (target, database,
                            "SELECT concat_ws(' ', count(*), max(pg_get_userbyid(nspowner)),"
                            "   bool_or(has_schema_privilege('public', oid, 'CREATE')),"
                            "   max(obj_description(oid, 'pg_namespace')))"
                            " FROM pg_namespace WHERE nspname = 'public'");

  g_assert_cmpstr (got, ==, expected);
}

static void
test_public_owner (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("owned", "ALTER SCHEMA public OWNER TO app; COMMENT ON SCHEMA public IS 'of app';"
                 "GRANT CREATE ON SCHEMA public TO PUBLIC");
  run = pgm_test_mirror (source, target, NULL, "owned", KEPT_WITHOUT_COUNTS);
  pgm_test_assert_code (run, "ok");
  assert_public ("owned", "1 app t of app");
}

static void
test_public_is_gone (void)
{
  static const char *const ways[] = { KEPT, "{ \"drop_existing\": true }" };

  make ("bare", "DROP SCHEMA public; CREATE SCHEMA own; CREATE TABLE own.t (i int)");
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, "bare", ways[i]);
      g_autoptr(PgmTestRun) same = verify ("bare", KEPT);
      g_autoptr(PgmTestRun) other = NULL;

      pgm_test_assert_code (run, "ok");
      assert_public ("bare", "0");
      pgm_test_assert_code (same, "ok");
      pgm_test_do (target, "bare", "CREATE SCHEMA public");
      other = verify ("bare", KEPT);
      pgm_test_assert_code (other, "differences");
      assert_told (other, other->data->differences, "object-extra", "schema public");
    }
}

/* As a server before PostgreSQL 15 makes its databases; pg_dump says nothing of it then. */
static void
open_public_of_new_databases (const char *statement)
{
  pgm_test_do (target, "postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
  pgm_test_do (target, "template0", statement);
  pgm_test_do (target, "postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS false");
}

static void
test_public_stays_closed (void)
{
  static const char *const ways[] = {
    KEPT,
    "{ \"drop_existing\": true }",
    "{ \"drop_existing\": true, \"exclude_schemas\": [ \"other\" ] }",
    "{ \"drop_existing\": true, \"tables\": [ \"public.t\" ] }",
    "{ \"drop_existing\": true, \"schemas\": [ \"public\" ], \"no_acl\": false }",
  };

  make ("closed", "CREATE TABLE t (i int); CREATE SCHEMA other");
  open_public_of_new_databases ("GRANT CREATE ON SCHEMA public TO PUBLIC");
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(PgmTestRun) run = pgm_test_mirror (source, target, NULL, "closed", ways[i]);

      pgm_test_assert_code (run, "ok");
      assert_public ("closed", "1 pg_database_owner f standard public schema");
    }
  open_public_of_new_databases ("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
}

/* Before PostgreSQL 15 a role that makes a database does not own its schema "public". */
static void
test_public_stays_open (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("opened", "ALTER SCHEMA public OWNER TO app");
  pgm_test_do (source, "postgres", "ALTER DATABASE opened OWNER TO plain");
  open_public_of_new_databases ("GRANT CREATE ON SCHEMA public TO PUBLIC;"
                                "ALTER SCHEMA public OWNER TO postgres");
  run = pgm_test_mirror (source, target, "plain", "opened", NULL);
  open_public_of_new_databases ("ALTER SCHEMA public OWNER TO pg_database_owner;"
                                "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  pgm_test_assert_code (run, "ok");
  assert_told (run, run->data->left_behind, "public-open", "everybody may create");
  pgm_test_assert_has (pgm_test_find (run->data->left_behind, "public-open")->hint,
                       "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  assert_public ("opened", "1 postgres t standard public schema");
}

/* The role makes the database, but may not take away what the server put into it. */
static void
test_public_cannot_go (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("bound", "DROP SCHEMA public; CREATE SCHEMA own AUTHORIZATION plain");
  pgm_test_do (source, "postgres", "ALTER DATABASE bound OWNER TO plain");
  open_public_of_new_databases ("ALTER SCHEMA public OWNER TO postgres");
  run = pgm_test_mirror (source, target, "plain", "bound", NULL);
  open_public_of_new_databases ("ALTER SCHEMA public OWNER TO pg_database_owner");
  pgm_test_assert_code (run, "restore-failed");
  pgm_test_assert_has (run->data->message, "the source has no schema \"public\"");
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  pgm_test_assert_nothing_left (source, target);
}

/* The source cannot be asked what it keeps: with no verification that is no failure, and told. */
static void
test_unlisted (void)
{
  PgmConn *holder =
      pgm_test_hold (source, NULL, "held",
                     "BEGIN; LOCK TABLE pg_catalog.pg_user_mapping IN ACCESS EXCLUSIVE MODE");
  g_autoptr(PgmTestRun) run = pgm_test_mirror (
      source, target, NULL, "held", "{ \"verify\": \"none\", \"lock_wait_timeout\": 1 }");

  pgm_conn_free (holder);
  pgm_test_assert_code (run, "ok");
  assert_told (run, run->data->findings, "left-behind-unknown", "pg_user_mapping");
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  static const char roles[] =
      "CREATE ROLE app; CREATE ROLE reader; CREATE ROLE plain LOGIN CREATEDB";
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", roles);
  pgm_test_do (target, "postgres", roles);
  make ("shop", content);
  make ("held", "CREATE TABLE t (i int)");

  g_test_add_func ("/verify-rights/found", test_found);
  g_test_add_func ("/verify-rights/gone-with-object", test_gone_with_object);
  g_test_add_func ("/verify-rights/left-behind", test_left_behind);
  g_test_add_func ("/verify-rights/extension-opens", test_extension_opens);
  g_test_add_func ("/verify-rights/public-owner", test_public_owner);
  g_test_add_func ("/verify-rights/public-is-gone", test_public_is_gone);
  g_test_add_func ("/verify-rights/public-stays-closed", test_public_stays_closed);
  g_test_add_func ("/verify-rights/public-stays-open", test_public_stays_open);
  g_test_add_func ("/verify-rights/public-cannot-go", test_public_cannot_go);
  g_test_add_func ("/verify-rights/unlisted", test_unlisted);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
