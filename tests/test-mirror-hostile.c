/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A source whose owners mean harm: what they wrote is named before a superuser restores it, gains
 * nothing where no superuser does, and stands in for nothing that our own sessions call. */

#include "pgm-test-pair.h"

#include <glib/gstdio.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

#define F \
  "CREATE FUNCTION f (int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';"
#define TRIGGER_F \
  "CREATE FUNCTION tf () RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"

/* Run as role "app", which owns nothing but what it makes here. */
typedef struct
{
  const char *name;
  const char *sql;
  const char *code;
  const char *named; /* at the end of the sentence */
  const char *super; /* (nullable): run by the superuser afterwards */
} Piece;

static const Piece pieces[] = {
  { "matview", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a", "foreign-code",
    ": materialized view public.m (app)", NULL },
  { "index", F "CREATE TABLE t (i int); CREATE INDEX x ON t (f (i)); CREATE INDEX y ON t (abs (i))",
    "foreign-code", ": index public.x (app)", NULL },
  { "predicate", F "CREATE TABLE t (i int); CREATE INDEX x ON t (i) WHERE f (i) > 0",
    "foreign-code", ": index public.x (app)", NULL },
  { "operator",
    F "CREATE FUNCTION g (int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';"
      "CREATE OPERATOR #@# (FUNCTION = g, LEFTARG = int, RIGHTARG = int);"
      "CREATE TABLE t (i int CONSTRAINT k CHECK (i #@# 1), j int CHECK (j > 0))",
    "foreign-code", ": table constraint k on public.t (app)", NULL },
  { "checked", F "CREATE TABLE t (i int CONSTRAINT k CHECK (f (i) > 0))", "foreign-code",
    ": table constraint k on public.t (app)", NULL },
  { "check_not_valid",
    F "CREATE TABLE t (i int); ALTER TABLE t ADD CONSTRAINT k CHECK (f (i) > 0) NOT VALID",
    "foreign-code", ": table constraint k on public.t (app)", NULL },
  { "reaching_check",
    "CREATE TABLE t (i int CONSTRAINT k CHECK (query_to_xml ('SELECT 1', true, true, '')"
    " IS NOT NULL), j int CHECK (abs (j) > 0))",
    "foreign-code", ": table constraint k on public.t (app)", NULL },
  { "domain", F "CREATE DOMAIN d AS int CONSTRAINT k CHECK (f (VALUE) > 0)", "foreign-code",
    ": domain constraint k on public.d (app)", NULL },
  { "generated", F "CREATE TABLE t (i int, g int GENERATED ALWAYS AS (f (i)) STORED)",
    "foreign-code", ": default value for public.t.g (app)", NULL },
  { "partition_key", F "CREATE TABLE t (i int) PARTITION BY RANGE (f (i))", "foreign-code",
    ": table public.t (app)", NULL },
  { "statistics", F "CREATE TABLE t (i int); CREATE STATISTICS s ON (f (i)), i FROM t",
    "foreign-code", ": statistics object public.s (app)", NULL },
  { "event_trigger", "CREATE FUNCTION e () RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "foreign-code", ": event trigger evt (app)",
    "CREATE EVENT TRIGGER evt ON sql_drop EXECUTE FUNCTION e ()" },
  { "of_superuser", F, "foreign-code", ": table constraint k on public.t (app)",
    "CREATE TABLE t (i int CONSTRAINT k CHECK (f (i) > 0))" },
  { "defaulted", F "CREATE TABLE t (i int DEFAULT f (1), s serial, j int DEFAULT abs (-1))",
    "foreign-code-later", ": default value for public.t.i (app)", NULL },
  { "domain_default", F "CREATE DOMAIN d AS int DEFAULT f (1)", "foreign-code-later",
    ": type public.d (app)", NULL },
  { "trigger",
    TRIGGER_F "CREATE TABLE t (i int REFERENCES t (i) DEFERRABLE, UNIQUE (i));"
              "CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION tf ()",
    "foreign-code-later", ": trigger g on public.t (app)", NULL },
  { "rule",
    "CREATE TABLE t (i int); CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM t;"
    "CREATE VIEW v AS SELECT 1 AS a",
    "foreign-code-later", ": rule r on public.t (app)", NULL },
  { "definer", F "ALTER FUNCTION f (int) SECURITY DEFINER", "foreign-code-later",
    ": function public.f(integer) (app)", NULL },
};

static void
create_source (const char *name, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", name);
  g_autofree char *said = NULL;

  pgm_test_do (source, "postgres", create);
  pgm_test_do (source, name, "GRANT CREATE ON SCHEMA public TO app");
  if (pgm_test_server_psql_status (source, "app", name, sql, &said) != 0)
    g_error ("%s: %s", name, said);
}

static PgmTestRun *
check (const char *role, const char *database)
{
  g_autofree char *json = pgm_test_profile_json (source, target, role, database, NULL);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_CHECK_ONLY };

  return pgm_test_run (json, &how);
}

static void
assert_named (PgmTestRun *run, const char *code, const char *end)
{
  static const char *const codes[] = { "foreign-code", "foreign-code-later" };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      const PgmFinding *finding = pgm_test_find (run->data->findings, codes[i]);

      if (g_strcmp0 (codes[i], code) != 0)
        g_assert_null (finding);
      else if (finding == NULL || !g_str_has_suffix (finding->message, end))
        g_error ("no \"%s\" in \"%s\"", end, finding != NULL ? finding->message : "nothing");
      else
        g_assert_cmpint (finding->severity, ==, PGM_SEVERITY_WARNING);
    }
  g_assert_null (pgm_test_find (run->data->findings, "not-checked"));
}

static void
test_piece (gconstpointer data)
{
  const Piece *piece = data;
  g_autoptr(PgmTestRun) super = NULL;
  g_autoptr(PgmTestRun) plain = NULL;

  create_source (piece->name, piece->sql);
  if (piece->super != NULL)
    pgm_test_do (source, piece->name, piece->super);
  pgm_test_do (source, piece->name, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app");
  super = check (NULL, piece->name);
  assert_named (super, piece->code, piece->named);
  plain = check ("app", piece->name);
  assert_named (plain, NULL, NULL);
}

/* What superusers and extensions have made is trusted. */
static void
test_trusted (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  create_source ("trusted", "SELECT 1");
  pgm_test_do (source, "trusted",
               F TRIGGER_F "CREATE EXTENSION hstore; CREATE TABLE t (i int CHECK (f (i) > 0),"
                           " h hstore CHECK (h ? 'a'));"
                           "CREATE INDEX x ON t ((h -> 'a')); CREATE MATERIALIZED VIEW m AS"
                           " SELECT f (1); CREATE TRIGGER g BEFORE INSERT ON t"
                           " EXECUTE FUNCTION tf (); ALTER FUNCTION f (int) SECURITY DEFINER");
  run = check (NULL, "trusted");
  assert_named (run, NULL, NULL);
}

/* Commands of the server's machine, run by whoever refreshes. */
static char *
attack_sql (const char *path)
{
  return g_strdup_printf (
      "CREATE FUNCTION attack () RETURNS int LANGUAGE plpgsql AS $f$ BEGIN"
      " EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch %s'''; RETURN 1; END $f$;"
      "CREATE MATERIALIZED VIEW innocent AS SELECT CASE WHEN current_setting ('test.armed', true)"
      " IS NULL THEN public.attack () END AS a WITH NO DATA;"
      "SET test.armed = 'no'; REFRESH MATERIALIZED VIEW innocent",
      path);
}

typedef struct
{
  const char *path;
  gboolean was_named;
  gboolean was_late; /* the attack had run when it was named */
} Watch;

static void
event_cb (PgmMirror *mirror, PgmEvent *event, gpointer user_data)
{
  Watch *watch = user_data;

  if (event->finding == NULL || !g_str_equal (event->finding->code, "foreign-code"))
    return;
  watch->was_named = TRUE;
  watch->was_late = g_file_test (watch->path, G_FILE_TEST_EXISTS);
}

/* A superuser is warned before anything of it runs; with a plain role it gains nothing. */
static void
test_attack (void)
{
  g_autofree char *path =
      g_build_filename (pgm_test_server_get_socket_dir (target), "attacked", NULL);
  g_autofree char *sql = attack_sql (path);
  g_autofree char *json = NULL;
  Watch watch = { .path = path };
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_ASSUME_YES,
                                  .event = event_cb,
                                  .user_data = &watch };
  g_autoptr(PgmTestRun) checked = NULL;
  g_autoptr(PgmTestRun) plain = NULL;
  g_autoptr(PgmTestRun) super = NULL;

  create_source ("attacker", sql);
  checked = check (NULL, "attacker");
  assert_named (checked, "foreign-code", ": materialized view public.innocent (app)");
  plain = pgm_test_mirror (source, target, "app", "attacker", NULL);
  pgm_test_assert_code (plain, "restore-failed");
  pgm_test_assert_nothing_left (source, target);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  json = pgm_test_profile_json (source, target, NULL, "attacker", NULL);
  super = pgm_test_run (json, &how);
  pgm_test_assert_code (super, "ok");
  g_assert_true (watch.was_named);
  g_assert_false (watch.was_late);
  g_assert_cmpint (g_unlink (path), ==, 0); /* it is real */
}

/* Everything that our own sessions might call, in a schema that comes before pg_catalog: whoever
 * calls one of them fails. */
#define TRAPS                                                                                      \
  "CREATE SCHEMA evil; SET search_path = evil, pg_catalog;"                                        \
  "CREATE FUNCTION trap () RETURNS void LANGUAGE plpgsql AS"                                       \
  " $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;"                                                   \
  "DO $do$ DECLARE f record; BEGIN FOR f IN SELECT DISTINCT ON (p.proname,"                        \
  "   pg_get_function_identity_arguments (p.oid)) p.proname,"                                      \
  "   pg_get_function_identity_arguments (p.oid) AS args, format_type (p.prorettype, NULL) AS ret" \
  "  FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace"                  \
  "   AND p.prokind = 'f' AND NOT p.proretset AND p.provariadic = 0"                               \
  "   AND p.proname IN ('format', 'quote_ident', 'quote_literal', 'current_setting', 'md5',"       \
  "    'has_table_privilege', 'has_schema_privilege', 'pg_backend_pid', 'pg_is_in_recovery',"      \
  "    'pg_has_role', 'current_database', 'split_part', 'pg_database_size', 'convert_to',"         \
  "    'pg_export_snapshot', 'pg_try_advisory_lock', 'pg_advisory_xact_lock', 'set_config',"       \
  "    'hashtextextended', 'regexp_replace', 'pg_get_userbyid', 'pg_terminate_backend',"           \
  "    'row_security_active', 'pg_encoding_to_char', 'replace', 'lower', 'substring', 'version')"  \
  "  LOOP EXECUTE pg_catalog.format ('CREATE FUNCTION evil.%I (%s) RETURNS %s LANGUAGE plpgsql AS" \
  "   ''BEGIN PERFORM evil.trap (); END''', f.proname, f.args, f.ret); END LOOP; END $do$;"        \
  "CREATE FUNCTION evil.trap_eq (name, name) RETURNS bool LANGUAGE plpgsql AS"                     \
  " 'BEGIN PERFORM evil.trap (); END';"                                                            \
  "CREATE FUNCTION evil.trap_eq (text, text) RETURNS bool LANGUAGE plpgsql AS"                     \
  " 'BEGIN PERFORM evil.trap (); END';"                                                            \
  "CREATE FUNCTION evil.trap_eq (oid, oid) RETURNS bool LANGUAGE plpgsql AS"                       \
  " 'BEGIN PERFORM evil.trap (); END';"                                                            \
  "CREATE FUNCTION evil.count () RETURNS bigint LANGUAGE plpgsql AS"                               \
  " 'BEGIN PERFORM evil.trap (); END';"                                                            \
  "CREATE OPERATOR evil.= (FUNCTION = evil.trap_eq, LEFTARG = name, RIGHTARG = name);"             \
  "CREATE OPERATOR evil.= (FUNCTION = evil.trap_eq, LEFTARG = text, RIGHTARG = text);"             \
  "CREATE OPERATOR evil.= (FUNCTION = evil.trap_eq, LEFTARG = oid, RIGHTARG = oid);"               \
  "CREATE OPERATOR evil.<> (FUNCTION = evil.trap_eq, LEFTARG = name, RIGHTARG = name);"            \
  "CREATE TABLE evil.pg_class (); CREATE TABLE evil.pg_database ();"                               \
  "CREATE TABLE evil.pg_stat_activity (); CREATE TABLE evil.pg_namespace ();"                      \
  "CREATE TABLE evil.pg_roles (); CREATE TABLE evil.pg_settings ();"                               \
  "CREATE TABLE evil.pg_locks (); CREATE TABLE evil.pg_proc ();"                                   \
  "GRANT USAGE ON SCHEMA evil TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA evil TO PUBLIC;"

static void
set_path (PgmTestServer *server, const char *database, const char *path)
{
  g_autofree char *sql = g_strdup_printf ("ALTER DATABASE %s SET search_path = %s", database, path);

  pgm_test_do (server, "postgres", sql);
}

/* In both databases, and in the one that the target's others are managed from. */
static void
test_shadows (void)
{
  const char *options = "{ \"drop_existing\": true, \"verify\": \"full\" }";
  g_autoptr(PgmTestRun) created = NULL;
  g_autoptr(PgmTestRun) replaced = NULL;
  g_autofree char *said = NULL;

  create_source ("shadowed",
                 "CREATE TABLE t AS SELECT i, i::text AS x FROM generate_series (1, 9) i;"
                 "CREATE INDEX ON t (i); SELECT lo_create (7)");
  pgm_test_do (source, "shadowed", TRAPS);
  pgm_test_do (target, "postgres", TRAPS);
  set_path (source, "shadowed", "evil, pg_catalog");
  set_path (target, "postgres", "evil, pg_catalog");
  pgm_test_do (source, "postgres", "ALTER ROLE app SET search_path = evil, pg_catalog");
  pgm_test_do (target, "postgres", "ALTER ROLE app SET search_path = evil, pg_catalog");
  /* The trap is one: a session that does not look out falls into it. */
  g_assert_cmpint (pgm_test_server_psql_status (target, "app", "postgres",
                                                "SELECT oid FROM pg_catalog.pg_database"
                                                " WHERE datname = 'postgres'::name",
                                                &said),
                   !=, 0);
  pgm_test_assert_has (said, "trapped");

  created = pgm_test_mirror (source, target, "app", "shadowed", options);
  pgm_test_assert_code (created, "ok");
  replaced = pgm_test_mirror (source, target, "app", "shadowed", options);
  pgm_test_assert_code (replaced, "ok");
  g_assert_true (replaced->data->verified);
  g_assert_null (pgm_test_find (replaced->data->findings, "not-checked"));
  pgm_test_do (source, "postgres", "ALTER ROLE app RESET search_path");
  pgm_test_do (target, "postgres",
               "ALTER ROLE app RESET search_path; ALTER DATABASE postgres RESET search_path;"
               "ALTER DATABASE shadowed RESET search_path; DROP SCHEMA evil CASCADE");
  set_path (source, "shadowed", "DEFAULT");
  pgm_test_assert_nothing_left (source, target);
}

/* A function that runs with its owner's rights runs with a superuser's where one restores it: it
 * is closed then, though it was open on the source. */
static void
test_raised (void)
{
  g_autoptr(PgmTestRun) super = NULL;
  g_autoptr(PgmTestRun) plain = NULL;
  g_autofree char *said = NULL;
  g_autofree char *rights = NULL;

  create_source ("raised", "CREATE FUNCTION whoami () RETURNS name SECURITY DEFINER LANGUAGE sql"
                           " AS 'SELECT current_user';"
                           "CREATE FUNCTION plain () RETURNS int LANGUAGE sql AS 'SELECT 1'");
  super = pgm_test_mirror (source, target, NULL, "raised", NULL);
  pgm_test_assert_code (super, "ok");
  pgm_test_assert_has (pgm_test_find (super->data->left_behind, "functions-raised")->message,
                       "superuser: public.whoami()");
  g_assert_cmpint (pgm_test_server_psql_status (target, "app", "raised", "SELECT whoami ()", &said),
                   !=, 0);
  pgm_test_assert_has (said, "permission denied for function whoami");
  rights = pgm_test_server_psql (target, "raised",
                                 "SELECT has_function_privilege ('app', 'plain ()', 'EXECUTE')");
  g_assert_cmpstr (rights, ==, "t");
  pgm_test_do (target, "postgres", "DROP DATABASE raised");

  plain = pgm_test_mirror (source, target, "app", "raised", NULL);
  pgm_test_assert_code (plain, "ok");
  g_assert_null (pgm_test_find (plain->data->left_behind, "functions-raised"));
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
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB");

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autofree char *path = g_strconcat ("/mirror-hostile/piece/", pieces[i].name, NULL);

      g_test_add_data_func (path, &pieces[i], test_piece);
    }
  g_test_add_func ("/mirror-hostile/trusted", test_trusted);
  g_test_add_func ("/mirror-hostile/attack", test_attack);
  g_test_add_func ("/mirror-hostile/shadows", test_shadows);
  g_test_add_func ("/mirror-hostile/raised", test_raised);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
