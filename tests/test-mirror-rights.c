/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What a role that is no superuser may do, and how it is told what it may not. */

#include "pgm-test-run.h"

#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define REPLACE "{ \"drop_existing\": true }"
#define REPLACE_AND_REPORT "{ \"drop_existing\": true, \"on_error\": \"report\" }"

#define GRANTS                                                                               \
  "SELECT pg_get_userbyid(datdba),"                                                          \
  "       (SELECT string_agg(grantee::regrole || '=' || privilege_type, ' '"                 \
  "                          ORDER BY grantee::regrole::text COLLATE \"C\", privilege_type)" \
  "          FROM aclexplode(datacl))"                                                       \
  "  FROM pg_database WHERE datname = current_database()"

/* On the source with a "new" row, on the target with an "old" one, there owned by @owner. */
static void
make (const char *name, const char *owner)
{
  g_autofree char *on_source =
      g_strdup_printf ("CREATE DATABASE %s OWNER app TEMPLATE template0", name);
  g_autofree char *on_target =
      g_strdup_printf ("CREATE DATABASE %s OWNER %s TEMPLATE template0", name, owner);

  pgm_test_do (source, "postgres", on_source);
  pgm_test_server_psql_status (source, "app", name, "CREATE TABLE t AS SELECT 'new' AS v", NULL);
  pgm_test_do (target, "postgres", on_target);
  pgm_test_server_psql_status (target, owner, name, "CREATE TABLE t AS SELECT 'old' AS v", NULL);
}

static void
assert_sql (const char *database, const char *sql, const char *expected)
{
  g_autofree char *got = pgm_test_server_psql (target, database, sql);

  g_assert_cmpstr (got, ==, expected);
}

static void
assert_old (PgmTestRun *run, const char *database)
{
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  g_assert_cmpint (pgm_report_get_exit_status (run->report), ==, 1);
  assert_sql (database, "SELECT v FROM t", "old");
  pgm_test_assert_nothing_left (source, target);
}

/* The new database belongs to the old one's owner, and the grants of the role that made it are
 * its own still. */
static void
test_owner_is_a_group (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("grouped", "team");
  pgm_test_do (target, "grouped",
               "REVOKE ALL ON DATABASE grouped FROM PUBLIC;"
               "GRANT CONNECT, CREATE ON DATABASE grouped TO app; GRANT CONNECT ON DATABASE grouped"
               " TO stranger");
  run = pgm_test_mirror (source, target, "app", "grouped", REPLACE);
  pgm_test_assert_code (run, "ok");
  assert_sql ("grouped", "SELECT v FROM t", "new");
  assert_sql ("grouped", GRANTS,
              "team|app=CONNECT app=CREATE stranger=CONNECT team=CONNECT team=CREATE"
              " team=TEMPORARY");
  pgm_test_assert_nothing_left (source, target);
}

/* An owner that gave away its own privilege does not get it back. */
static void
test_owner_without_privilege (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("modest", "app");
  pgm_test_do (target, "modest", "REVOKE CREATE, TEMPORARY ON DATABASE modest FROM app");
  run = pgm_test_mirror (source, target, "app", "modest", REPLACE);
  pgm_test_assert_code (run, "ok");
  assert_sql ("modest", GRANTS, "app|-=CONNECT -=TEMPORARY app=CONNECT");
  pgm_test_assert_nothing_left (source, target);
}

static void
test_owner_is_a_stranger (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("foreign_db", "stranger");
  run = pgm_test_mirror (source, target, "app", "foreign_db", REPLACE);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_has (run->data->message, "belongs to \"stranger\"");
  assert_old (run, "foreign_db");
}

/* A new database goes to the source's owner, @owner, where the role may say so. */
static const PgmFinding *
mirror_new (const char *name, const char *owner, PgmTestRun **ret_run)
{
  g_autofree char *sql =
      g_strdup_printf ("CREATE DATABASE %s OWNER %s TEMPLATE template0", name, owner);

  pgm_test_do (source, "postgres", sql);
  pgm_test_do (source, name, "CREATE TABLE t AS SELECT 'new' AS v; ALTER TABLE t OWNER TO app");
  *ret_run = pgm_test_mirror (source, target, "app", name, "{ \"no_owner\": false }");
  pgm_test_assert_code (*ret_run, "ok");
  g_assert_cmpint (pgm_report_get_exit_status ((*ret_run)->report), ==, 0);
  assert_sql (name, "SELECT v FROM t", "new");
  pgm_test_assert_nothing_left (source, target);
  return pgm_test_find ((*ret_run)->data->left_behind, "database-owner");
}

static void
test_owner_travels (void)
{
  g_autoptr(PgmTestRun) given = NULL;
  g_autoptr(PgmTestRun) kept = NULL;
  g_autoptr(PgmTestRun) unknown = NULL;
  const PgmFinding *finding = NULL;

  g_assert_null (mirror_new ("given", "team", &given));
  assert_sql ("given", GRANTS, "team|");
  finding = mirror_new ("kept", "stranger", &kept);
  g_assert_nonnull (finding);
  pgm_test_assert_has (finding->message, "belongs to \"app\" on the target, and to \"stranger\"");
  assert_sql ("kept", GRANTS, "app|");
  g_assert_nonnull (mirror_new ("unknown", "elsewhere", &unknown));
  assert_sql ("unknown", GRANTS, "app|");
}

/* A member that does not inherit may not rename what the group owns. Since 16 that is settled when
 * the membership is granted. */
static void
test_owner_not_inherited (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("aloof", "team");
  pgm_test_do (target, "postgres",
               "REVOKE team FROM app; ALTER ROLE app NOINHERIT; GRANT team TO app");
  run = pgm_test_mirror (source, target, "app", "aloof", REPLACE);
  pgm_test_do (target, "postgres",
               "REVOKE team FROM app; ALTER ROLE app INHERIT; GRANT team TO app");
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_has (run->data->message, "belongs to \"team\"");
  assert_old (run, "aloof");
}

static void
test_no_createdb (void)
{
  static const char *const options[] = { REPLACE, NULL };

  make ("stuck", "app");
  pgm_test_do (source, "postgres", "CREATE DATABASE absent OWNER app");
  pgm_test_do (target, "postgres", "ALTER ROLE app NOCREATEDB");
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr(PgmTestRun) run = pgm_test_mirror (
          source, target, "app", options[i] != NULL ? "stuck" : "absent", options[i]);

      pgm_test_assert_code (run, "preflight");
      pgm_test_assert_has (run->data->message, "ALTER ROLE \"app\" CREATEDB");
      assert_old (run, "stuck");
    }
  pgm_test_do (target, "postgres", "ALTER ROLE app CREATEDB");
}

static const struct
{
  const char *name;
  const char *setting; /* that a superuser made */
  const char *shown;
  const char *foreseen;
} superuser_settings[] = {
  { "logged", "ALTER DATABASE logged SET log_min_duration_statement = 1000",
    "\"log_min_duration_statement\" TO ", "database: log_min_duration_statement" },
  { "singled", "ALTER ROLE stranger IN DATABASE singled SET work_mem = '5MB'",
    "ALTER ROLE \"stranger\" IN DATABASE", "database: work_mem (role stranger)" },
  { "custom", "ALTER DATABASE custom SET my.own = 'x''y\\z'", "\"my.own\" TO", "database: my.own" },
};

static void
test_setting_of_a_superuser (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (superuser_settings); i++)
    {
      const char *name = superuser_settings[i].name;
      g_autoptr(PgmTestRun) run = NULL;

      make (name, "app");
      pgm_test_do (target, name, superuser_settings[i].setting);
      run = pgm_test_mirror (source, target, "app", name, REPLACE);
      pgm_test_assert_code (run, "preflight");
      pgm_test_assert_has (run->data->message, superuser_settings[i].foreseen);
      pgm_test_assert_has (run->data->message, "run as a superuser");
      assert_old (run, name);
    }
}

static void
test_setting_is_reported (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (superuser_settings); i++)
    {
      const char *name = superuser_settings[i].name;
      g_autoptr(PgmTestRun) run =
                     pgm_test_mirror (source, target, "app", name, REPLACE_AND_REPORT);
      const PgmFinding *finding = NULL;

      pgm_test_assert_code (run, "differences");
      g_assert_cmpint (pgm_report_get_exit_status (run->report), ==, 3);
      g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_REPLACED);
      g_assert_cmpuint (run->data->differences->len, ==, 1);
      finding = pgm_test_find (run->data->differences, "not-carried-over");
      pgm_test_assert_has (finding->message, superuser_settings[i].shown);
      g_assert_null (strstr (run->data->message, "mirrored and verified"));
      assert_sql (name, "SELECT v FROM t", "new");
      pgm_test_assert_nothing_left (source, target);
    }
}

static void
test_superuser_carries_all (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (superuser_settings); i++)
    {
      const char *name = superuser_settings[i].name;
      g_autoptr(PgmTestRun) run = NULL;
      g_autofree char *settings = NULL;

      pgm_test_do (target, name, superuser_settings[i].setting);
      settings =
          pgm_test_server_psql (target, name,
                                "SELECT s.* FROM pg_db_role_setting s JOIN pg_database d"
                                " ON d.oid = setdatabase WHERE datname = current_database()");
      run = pgm_test_mirror (source, target, NULL, name, REPLACE);
      pgm_test_assert_code (run, "ok");
      assert_sql (name,
                  "SELECT pg_get_userbyid(datdba) FROM pg_database"
                  " WHERE datname = current_database()",
                  "app");
      pgm_test_assert_nothing_left (source, target);
    }
}

static void
test_template (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("moulded", "app");
  pgm_test_do (target, "moulded", "ALTER DATABASE moulded IS_TEMPLATE true");
  run = pgm_test_mirror (source, target, "app", "moulded", REPLACE);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_has (run->data->message, "is a template");
  assert_old (run, "moulded");
}

static void
test_invalid (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("halved", "app");
  pgm_test_do (target, "postgres",
               "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'halved'");
  run = pgm_test_mirror (source, target, "app", "halved", REPLACE);
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_has (run->data->message, "drop it first");
  pgm_test_assert_nothing_left (source, target);
}

/* Nobody may connect to it, which does not keep its owner from replacing it, and stays so. */
static void
test_closed (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make ("closed", "app");
  pgm_test_do (target, "postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS false");
  run = pgm_test_mirror (source, target, "app", "closed", REPLACE);
  pgm_test_assert_code (run, "ok");
  assert_sql ("postgres", "SELECT datallowconn FROM pg_database WHERE datname = 'closed'", "f");
  pgm_test_do (target, "postgres", "ALTER DATABASE closed ALLOW_CONNECTIONS true");
  assert_sql ("closed", "SELECT v FROM t", "new");
  pgm_test_assert_nothing_left (source, target);
}

/* The owner of a table whose row-level security is forced does not see it whole. */
static void
test_forced_security (void)
{
  g_autoptr(PgmTestRun) refused = NULL;
  g_autoptr(PgmTestRun) unverified = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  make ("forced", "app");
  pgm_test_do (source, "forced",
               "ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;"
               "CREATE POLICY rest ON t USING (v <> 'new')");
  pgm_test_do (source, "postgres", "ALTER ROLE app BYPASSRLS");
  refused = pgm_test_mirror (source, target, "app", "forced", REPLACE);
  pgm_test_assert_code (refused, "preflight");
  assert_old (refused, "forced");
  unverified = pgm_test_mirror (source, target, "app", "forced",
                                "{ \"drop_existing\": true, \"verify\": \"none\" }");
  pgm_test_assert_code (unverified, "ok");
  assert_sql ("forced", "SELECT v FROM t", "new");
  pgm_test_do (target, "postgres", "ALTER ROLE app BYPASSRLS");
  run = pgm_test_mirror (source, target, "app", "forced", REPLACE);
  pgm_test_do (target, "postgres", "ALTER ROLE app NOBYPASSRLS");
  pgm_test_do (source, "postgres", "ALTER ROLE app NOBYPASSRLS");
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  pgm_test_assert_nothing_left (source, target);
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres",
               "CREATE ROLE app LOGIN; CREATE ROLE team; CREATE ROLE stranger;"
               "CREATE ROLE elsewhere");
  pgm_test_do (target, "postgres",
               "CREATE ROLE app LOGIN CREATEDB; CREATE ROLE team LOGIN; GRANT team TO app;"
               "CREATE ROLE stranger LOGIN");

  g_test_add_func ("/mirror-rights/owner-is-a-group", test_owner_is_a_group);
  g_test_add_func ("/mirror-rights/owner-without-privilege", test_owner_without_privilege);
  g_test_add_func ("/mirror-rights/owner-is-a-stranger", test_owner_is_a_stranger);
  g_test_add_func ("/mirror-rights/owner-travels", test_owner_travels);
  g_test_add_func ("/mirror-rights/owner-not-inherited", test_owner_not_inherited);
  g_test_add_func ("/mirror-rights/no-createdb", test_no_createdb);
  g_test_add_func ("/mirror-rights/setting-of-a-superuser", test_setting_of_a_superuser);
  g_test_add_func ("/mirror-rights/setting-is-reported", test_setting_is_reported);
  g_test_add_func ("/mirror-rights/superuser-carries-all", test_superuser_carries_all);
  g_test_add_func ("/mirror-rights/template", test_template);
  g_test_add_func ("/mirror-rights/invalid", test_invalid);
  g_test_add_func ("/mirror-rights/closed", test_closed);
  g_test_add_func ("/mirror-rights/forced-security", test_forced_security);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
