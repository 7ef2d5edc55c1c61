/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* `recover` where databases were made, marked and renamed by hand. argv[1] is the program. */

#include "pgm-test-recover.h"

#include "pgm-database.h"
#include "pgm-marker.h"

#define ROLE "app"

static PgmTestServer *source;
static PgmTestServer *target;

/* Somebody renamed one of the two by hand. */
static void
test_nameless (void)
{
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_cut_prepare (&fx, source, target, "nameless", NULL, "");
  pgm_test_do (target, "postgres",
               "ALTER DATABASE nameless RENAME TO nameless__old_0123abcd;"
               "COMMENT ON DATABASE nameless__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}'");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config);
  pgm_test_expect (&said, 3, "rename to \"nameless\"");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "is called \"nameless\" again");
  pgm_test_cut_assert_old (&fx);

  /* the name is back, but not the comment */
  pgm_test_do (target, "postgres",
               "COMMENT ON DATABASE nameless IS '{\"pgmirror\":1,\"state\":\"old\",\"of\":"
               "\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}'");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "has its own comment again");
  pgm_test_cut_assert_old (&fx);

  /* of two, nobody but a person can choose */
  pgm_test_do (target, "postgres",
               "ALTER DATABASE nameless RENAME TO nameless__old_0123abcd;"
               "CREATE DATABASE nameless__old_4567abcd;"
               "COMMENT ON DATABASE nameless__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"0123abcd\",\"comment\":\"old\"}';"
               "COMMENT ON DATABASE nameless__old_4567abcd IS '{\"pgmirror\":1,\"state\":\"old\","
               "\"of\":\"nameless\",\"run\":\"4567abcd\"}'");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "choose one");
  pgm_test_do (target, "postgres", "DROP DATABASE nameless__old_4567abcd");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_cut_assert_old (&fx);
  pgm_test_cut_finish (&fx);
}

/* The name is another database's by now, and that is not fit to be the only one. */
static void
test_unfit_heir (void)
{
  static const char old_marker[] =
      "ALTER DATABASE unfit RENAME TO unfit__old_0123abcd;"
      "COMMENT ON DATABASE unfit__old_0123abcd IS '{\"pgmirror\":1,\"state\":\"old\","
      "\"of\":\"unfit\",\"run\":\"0123abcd\",\"comment\":\"old\"}';"
      "CREATE DATABASE unfit";
  PgmTestCut fx = { NULL };
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_cut_prepare (&fx, source, target, "unfit", NULL, "");
  pgm_test_do (target, "postgres", old_marker);
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "it stays as long as \"unfit\" is empty");
  pgm_test_do (target, "postgres", "ALTER DATABASE unfit ALLOW_CONNECTIONS false");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "it stays as long as \"unfit\" cannot be looked into");
  pgm_test_do (target, "postgres",
               "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'unfit'");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "it stays as long as \"unfit\" is invalid");
  pgm_test_do (target, "postgres", "DROP DATABASE unfit");
  PGM_TEST_CALL (&said, "recover", "-c", fx.config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "is called \"unfit\" again");
  pgm_test_cut_assert_old (&fx);
  pgm_test_cut_finish (&fx);
}

/* Names and comments that only look like a run's. */
static const struct
{
  const char *name;
  const char *comment; /* (nullable) */
  const char *content; /* (nullable) */
  const char *kind;    /* (nullable): as which it is listed */
  gboolean stays;
} looks[] = {
  { "look__pgm_01234567", NULL, "CREATE TABLE t ()", "unmarked", TRUE },
  { "look__pgm_01234568", NULL, "SELECT lo_create (4711)", "unmarked", TRUE },
  { "look__pgm_01234569", NULL, "CREATE EXTENSION pg_trgm", "unmarked", TRUE },
  { "look__pgm_89abcdef", NULL, NULL, "unmarked", FALSE },
  { "look__pgm_0123456", NULL, NULL, NULL, TRUE },
  { "look__old_01234567", NULL, NULL, NULL, TRUE },
  { "look__pgm_11111111", "mine", NULL, NULL, TRUE },
  { "look__pgm_22222222", "{\"pgmirror\":1,\"state\":\"staging\"", NULL, NULL, TRUE },
  { "look__pgm_33333333",
    "{\"pgmirror\":2,\"state\":\"staging\",\"of\":\"look\",\"run\":\"33333333\"}", NULL, NULL,
    TRUE },
  { "look__pgm_44444444", "{\"note\":{\"pgmirror\":1,\"run\":\"44444444\",\"state\":\"staging\"}}",
    NULL, NULL, TRUE },
  { "look_elsewhere", "{\"pgmirror\":1,\"state\":\"old\",\"of\":\"look\",\"run\":\"55555555\"}",
    NULL, "renamed", TRUE },
  { "look__pgm_66666666",
    "{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"other\",\"run\":\"66666666\"}", NULL, "renamed",
    TRUE },
  { "look__pgm_77777777",
    "{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"look\",\"run\":\"77777777\"}",
    "CREATE TABLE t ()", "staging", FALSE },
};

static void
make_look (gsize i)
{
  g_autofree char *create =
      g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", looks[i].name);
  g_autofree char *comment =
      g_strdup_printf ("COMMENT ON DATABASE %s IS '%s'", looks[i].name, looks[i].comment);

  pgm_test_do (target, "postgres", create);
  if (looks[i].comment != NULL)
    pgm_test_do (target, "postgres", comment);
  if (looks[i].content != NULL)
    pgm_test_do (target, looks[i].name, looks[i].content);
}

/* Each alone, so that the kind that it is listed as is its own. */
static void
test_look_alikes (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "look", NULL);
  char *config = pgm_test_write_config ("look", json);

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_auto(PgmTestSaid) said = { NULL };
      g_autofree char *sql =
          g_strdup_printf ("SELECT count(*) FROM pg_database WHERE datname = '%s'", looks[i].name);
      g_autofree char *drop = g_strdup_printf ("DROP DATABASE IF EXISTS %s", looks[i].name);

      g_test_message ("%s", looks[i].name);
      make_look (i);
      PGM_TEST_CALL (&said, "recover", "-c", config, "--json");
      pgm_test_expect (&said, looks[i].kind != NULL ? 3 : 0, NULL);
      if (looks[i].kind != NULL)
        pgm_test_assert_member (&said, looks[i].kind, "name", looks[i].name);
      PGM_TEST_CALL (&said, "recover", "-c", config, "--remove-incomplete", "--yes");
      pgm_test_expect (&said, looks[i].kind != NULL && looks[i].stays ? 3 : 0, NULL);
      pgm_test_assert_answer (target, sql, looks[i].stays ? "1" : "0");
      pgm_test_do (target, "postgres", drop);
    }
  pgm_test_remove_config (config);
}

/* Somebody is on it, so it is not just made. */
static void
test_unmarked_in_use (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "used", NULL);
  char *config = pgm_test_write_config ("used", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_do (target, "postgres", "CREATE DATABASE used__pgm_0123abcd TEMPLATE template0");
  holder = pgm_test_hold (target, NULL, "used__pgm_0123abcd", "SELECT 1");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 3, "look at it");
  /* as long as the server has not seen the last recover leave, that one is there, too */
  g_assert_true (pgm_conn_exec_sync (holder, "SET application_name = 'pgmirror'", NULL, NULL));
  PGM_TEST_CALL (&said, "recover", "-c", config, "--json");
  pgm_test_assert_member (&said, "unmarked", "remedy", "remove");
  g_assert_true (pgm_conn_exec_sync (holder, "SELECT 1", NULL, NULL));
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity WHERE datname LIKE 'used%'");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "was removed");
  pgm_test_remove_config (config);
}

#define MAKE_STAGING(name, of)                                                                    \
  "CREATE DATABASE \"" name "\"; COMMENT ON DATABASE \"" name "\" IS '{\"pgmirror\":1,\"state\":" \
  "\"staging\",\"of\":\"" of "\",\"run\":\"0123abcd\"}'"

/* A role that may not drop it is told who may. */
static void
test_plain_role (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, ROLE, "denied", NULL);
  char *config = pgm_test_write_config ("denied", json);
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("denied__pgm_0123abcd", "denied"));
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 3,
                   "let its owner \"postgres\" or a superuser run recover, or run on the target: "
                   "DROP DATABASE \"denied__pgm_0123abcd\"");
  pgm_test_assert_answer (
      target, "SELECT count(*) FROM pg_database WHERE datname = 'denied__pgm_0123abcd'", "1");
  pgm_test_do (target, "postgres", "ALTER DATABASE denied__pgm_0123abcd OWNER TO " ROLE);
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_remove_config (config);
}

/* It is its own, but a session there is not. */
static void
test_cannot_end_session (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, ROLE, "held", NULL);
  char *config = pgm_test_write_config ("held", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("held__pgm_0123abcd", "held"));
  pgm_test_do (target, "postgres", "ALTER DATABASE held__pgm_0123abcd OWNER TO " ROLE);
  holder = pgm_test_hold (target, NULL, "held__pgm_0123abcd", "SELECT 1");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 1, "could not be recovered: ");
  pgm_test_expect (&said, 1, "run on the target: DROP DATABASE \"held__pgm_0123abcd\"");
  g_assert_true (pgm_conn_exec_sync (holder, "SELECT 1", NULL, NULL));
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_stat_activity WHERE datname LIKE 'held%'");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_remove_config (config);
}

/* One writer at a time: another run has the database's lock. */
static void
test_locked (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "locked", NULL);
  char *config = pgm_test_write_config ("locked", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("locked__pgm_0123abcd", "locked"));
  holder = pgm_test_hold (target, NULL, "postgres",
                          "SELECT pg_advisory_lock (('x' || left (md5 ('pgmirror:locked'), 16))"
                          "::bit(64)::bigint)");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 1, "another run is writing to database \"locked\"");
  pgm_test_assert_answer (
      target, "SELECT count(*) FROM pg_database WHERE datname = 'locked__pgm_0123abcd'", "1");
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, "count (*) = 0 FROM pg_locks WHERE locktype = 'advisory'");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, NULL);
  pgm_test_remove_config (config);
}

/* The run is known by its sessions, wherever its program is. */
static void
test_session_elsewhere (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "remote", NULL);
  char *config = pgm_test_write_config ("remote", json);
  g_autoptr(PgmConn) holder = NULL;
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_do (target, "postgres", MAKE_STAGING ("remote__pgm_0123abcd", "remote"));
  holder = pgm_test_hold (target, NULL, "postgres", "SET application_name = 'pgmirror-0123abcd'");
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "database of a run that is at work");
  pgm_test_assert_answer (
      target, "SELECT count(*) FROM pg_database WHERE datname = 'remote__pgm_0123abcd'", "1");
  g_clear_pointer (&holder, pgm_conn_free);
  pgm_test_wait_until (target, PGM_TEST_NO_SESSION);
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 0, "was removed");
  pgm_test_remove_config (config);
}

/* Nobody writes where the profile says that nobody may. */
static void
test_protected (void)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "safe", NULL);
  g_autoptr(GString) text = g_string_new (json);
  g_auto(PgmTestSaid) said = { NULL };
  char *config = NULL;

  g_string_replace (text, "\"target\": {", "\"target\": { \"protected\": true,", 1);
  config = pgm_test_write_config ("safe", text->str);
  pgm_test_do (target, "postgres", MAKE_STAGING ("safe__pgm_0123abcd", "safe"));
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_expect (&said, 1, "the target is protected");
  pgm_test_do (target, "postgres", "DROP DATABASE safe__pgm_0123abcd");
  pgm_test_remove_config (config);
}

/* A server that says nothing is not waited for for ever. */
static void
test_silent (void)
{
  g_autofree char *json =
      pgm_test_profile_json (source, target, NULL, "silent", "{ \"connect_timeout\": 2 }");
  char *config = pgm_test_write_config ("silent", json);
  gint64 begun_us = g_get_monotonic_time ();
  g_auto(PgmTestSaid) said = { NULL };

  pgm_test_freeze (target);
  PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
  pgm_test_thaw (target);
  pgm_test_expect (&said, 1, NULL);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (15));
  pgm_test_remove_config (config);
}

/* A name is only a name, also where it had to be cut. */
static void
test_names (void)
{
  static const char odd[] = "it's \"q\"; DROP %s\nx=y";
  const char *long_name = "a123456789b123456789c123456789d123456789e123456789f123456789ghi";
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "names", NULL);
  char *config = pgm_test_write_config ("names", json);
  g_auto(PgmTestSaid) said = { NULL };
  const char *names[] = { odd, long_name, NULL };

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = pgm_database_dup_name (names[i], "old", "0123abcd");
      g_autofree char *marker = pgm_marker_dup_text ("old", names[i], "0123abcd", "it's mine");
      g_autoptr(PgmConn) conn = pgm_test_hold (target, NULL, "postgres", "SELECT 1");
      g_autofree char *quoted = pgm_conn_quote_name (conn, name);
      g_autofree char *text = pgm_conn_quote_text (conn, marker);
      g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", quoted);
      g_autofree char *comment = g_strdup_printf ("COMMENT ON DATABASE %s IS %s", quoted, text);
      g_autofree char *own = pgm_conn_quote_name (conn, names[i]);
      g_autofree char *drop = g_strdup_printf ("DROP DATABASE %s", own);

      g_assert_true (pgm_conn_exec_sync (conn, create, NULL, NULL));
      g_assert_true (pgm_conn_exec_sync (conn, comment, NULL, NULL));
      PGM_TEST_CALL (&said, "recover", "-c", config, "--remove", "--yes");
      pgm_test_expect (&said, 0, "again");
      pgm_test_assert_answer (target,
                              "SELECT count(*) FROM pg_database WHERE"
                              " shobj_description (oid, 'pg_database') = 'it''s mine'",
                              "1");
      g_assert_true (pgm_conn_exec_sync (conn, drop, NULL, NULL));
    }
  pgm_test_remove_config (config);
}

int
main (int argc, char **argv)
{
  static const char roles[] = "CREATE ROLE " ROLE " LOGIN CREATEDB";
  int status;

  pgm_test_recover_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", roles);
  pgm_test_do (target, "postgres", roles);
  g_test_add_func ("/recover-databases/nameless", test_nameless);
  g_test_add_func ("/recover-databases/unfit-heir", test_unfit_heir);
  g_test_add_func ("/recover-databases/look-alikes", test_look_alikes);
  g_test_add_func ("/recover-databases/unmarked-in-use", test_unmarked_in_use);
  g_test_add_func ("/recover-databases/plain-role", test_plain_role);
  g_test_add_func ("/recover-databases/cannot-end-session", test_cannot_end_session);
  g_test_add_func ("/recover-databases/locked", test_locked);
  g_test_add_func ("/recover-databases/session-elsewhere", test_session_elsewhere);
  g_test_add_func ("/recover-databases/protected", test_protected);
  g_test_add_func ("/recover-databases/silent", test_silent);
  g_test_add_func ("/recover-databases/names", test_names);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_recover_end ();
  return status;
}
