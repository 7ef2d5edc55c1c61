/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Every finding on real servers, with the plain role that it would happen to: what it says, and
 * that the cure which it prints is one. */

#define _GNU_SOURCE /* memmem */

#include "pgm-test-pair.h"
#include "pgm-test-server-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static PgmTestServer *source;
static PgmTestServer *target;

/* Where the cure of a finding is run. */
typedef enum
{
  CURE_NONE,
  CURE_SOURCE,
  CURE_TARGET,
  CURE_DATABASE, /* of the target; a run does it then */
} CureSide;

typedef struct
{
  const char *name;       /* of the database, too */
  const char *source_sql; /* (nullable): by the superuser, in the source's database */
  const char *target_sql; /* (nullable): in the target's database "postgres" */
  const char *options;    /* (nullable) */
  const char *code;
  PgmSeverity severity;
  const char *message; /* a part of it, with the names */
  CureSide cure_side;
  const char *undo; /* (nullable): in the target's database "postgres" */
} Case;

#define RANGE_TYPE "CREATE TYPE hours AS RANGE (subtype = time); CREATE TYPE e AS ENUM ('a');"
/* Promised are 2 s, of a machine that is not busy with other tests. */
#define MANY_TABLES_LIMIT_US PGM_TEST_WITHIN_US (5)

#define REPLACED "{ \"drop_existing\": true }"

static const Case cases[] = {
  { "schema", "CREATE SCHEMA hidden; CREATE TABLE hidden.t (); GRANT SELECT ON hidden.t TO app",
    NULL, NULL, "schema-denied", PGM_SEVERITY_BLOCKER, "schemas: hidden", CURE_SOURCE, NULL },
  { "tables", "CREATE TABLE a (); CREATE TABLE \"B b\" ()", NULL, NULL, "table-denied",
    PGM_SEVERITY_BLOCKER, "tables: public.\"B b\", public.a", CURE_SOURCE, NULL },
  { "many_tables",
    "CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO app; CREATE TABLE s.t7 ();"
    "DO $$ BEGIN FOR i IN 1..6 LOOP EXECUTE 'CREATE TABLE t' || i || ' ()'; END LOOP; END $$",
    NULL, NULL, "table-denied", PGM_SEVERITY_BLOCKER,
    "tables: public.t1, public.t2, public.t3, public.t4, public.t5 and 2 more", CURE_SOURCE, NULL },
  { "partitions",
    "CREATE TABLE p (i int) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p DEFAULT;"
    "GRANT SELECT ON p TO app",
    NULL, NULL, "table-denied", PGM_SEVERITY_BLOCKER, "tables: public.p1", CURE_SOURCE, NULL },
  { "sequence", "CREATE SEQUENCE sq", NULL, NULL, "sequence-denied", PGM_SEVERITY_BLOCKER,
    "sequences: public.sq", CURE_SOURCE, NULL },
  { "large_object", "SELECT lo_create (4242)", NULL, NULL, "large-object-denied",
    PGM_SEVERITY_BLOCKER, "objects: 4242", CURE_SOURCE, NULL },
  { "large_objects", "SELECT lo_create (i) FROM generate_series (101, 109) i", NULL, NULL,
    "large-object-denied", PGM_SEVERITY_BLOCKER, "105 and 4 more", CURE_SOURCE, NULL },
  { "row_security",
    "CREATE TABLE t (); GRANT SELECT ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY", NULL,
    NULL, "row-security", PGM_SEVERITY_BLOCKER, "public.t", CURE_SOURCE, NULL },
  { "forced_security",
    "CREATE TABLE t (); CREATE TABLE u (); GRANT SELECT ON t, u TO app; ALTER ROLE app BYPASSRLS;"
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;"
    "ALTER TABLE u FORCE ROW LEVEL SECURITY",
    NULL, NULL, "row-security-forced", PGM_SEVERITY_BLOCKER, "verify them: public.t", CURE_TARGET,
    "ALTER ROLE app NOBYPASSRLS" },
  { "tablespace",
    "SET allow_in_place_tablespaces = on; CREATE TABLESPACE fast LOCATION '';"
    "CREATE TABLE t () TABLESPACE fast; GRANT SELECT ON t TO app",
    NULL, NULL, "tablespace-ignored", PGM_SEVERITY_NOTE, "fast", CURE_NONE, NULL },
  { "switched_off",
    "CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE c (i int CONSTRAINT to_p REFERENCES p);"
    "GRANT SELECT ON p, c TO app; ALTER TABLE c DISABLE TRIGGER ALL",
    NULL, NULL, "constraint-unenforced", PGM_SEVERITY_WARNING, "public.c.to_p", CURE_SOURCE, NULL },
  { "policy",
    "CREATE ROLE tenant; CREATE TABLE t (); GRANT SELECT ON t TO app;"
    "CREATE POLICY p ON t TO tenant",
    NULL, NULL, "role-missing", PGM_SEVERITY_BLOCKER, "target: tenant (policies)", CURE_TARGET,
    NULL },
  { "owner",
    "CREATE ROLE keeper; GRANT keeper TO app; CREATE TABLE t (); ALTER TABLE t OWNER TO keeper",
    NULL, "{ \"no_owner\": false }", "role-missing", PGM_SEVERITY_BLOCKER, "keeper (owner)",
    CURE_NONE, NULL },
  { "foreign_owner",
    "CREATE ROLE other; GRANT other TO app; CREATE SCHEMA o AUTHORIZATION other;"
    "CREATE TABLE o.t (); ALTER TABLE o.t OWNER TO other",
    "CREATE ROLE other", "{ \"no_owner\": false }", "owner-denied", PGM_SEVERITY_BLOCKER, "other",
    CURE_TARGET, NULL },
  { "grantee",
    "CREATE ROLE reader; CREATE TABLE t (); GRANT SELECT ON t TO app, reader;"
    "CREATE SCHEMA q; GRANT USAGE ON SCHEMA q TO reader",
    NULL, "{ \"no_acl\": false }", "role-missing", PGM_SEVERITY_BLOCKER, "reader (privileges)",
    CURE_TARGET, NULL },
  { "collated", "CREATE TABLE t (x text COLLATE \"C.utf8\"); GRANT SELECT ON t TO app",
    "DELETE FROM pg_collation WHERE collname = 'C.utf8'", NULL, "collation-missing",
    PGM_SEVERITY_BLOCKER, "\"C.utf8\"", CURE_TARGET, NULL },
  { "locale", "CREATE COLLATION mine (LOCALE = 'C.UTF-8')",
    "DELETE FROM pg_collation WHERE collname = 'C.utf8'", NULL, "locale-missing",
    PGM_SEVERITY_WARNING, "C.UTF-8", CURE_NONE,
    "SELECT pg_import_system_collations ('pg_catalog')" },
  { "no_extension",
    "CREATE EXTENSION hstore; UPDATE pg_extension SET extname = 'nosuch' WHERE extname = 'hstore'",
    NULL, NULL, "extension-missing", PGM_SEVERITY_BLOCKER, "nosuch 1.", CURE_NONE, NULL },
  { "old_extension",
    "CREATE EXTENSION hstore; UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'hstore'",
    NULL, NULL, "extension-version", PGM_SEVERITY_NOTE, "hstore 0.9 (target: 1.", CURE_NONE, NULL },
  { "untrusted_extension", "CREATE EXTENSION dblink", NULL, NULL, "extension-denied",
    PGM_SEVERITY_BLOCKER, "dblink", CURE_NONE, NULL },
  { "privileged",
    RANGE_TYPE "CREATE FUNCTION evt () RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
               "CREATE EVENT TRIGGER watch ON ddl_command_start EXECUTE FUNCTION evt ();"
               "CREATE PUBLICATION everything FOR ALL TABLES;"
               "CREATE FUNCTION low (int) RETURNS int LANGUAGE internal AS 'int4abs';"
               "CREATE FOREIGN DATA WRAPPER w; CREATE OPERATOR FAMILY fam USING btree",
    NULL, NULL, "needs-superuser", PGM_SEVERITY_BLOCKER,
    "these: event trigger watch, foreign-data wrapper w, function public.low(integer),"
    " operator family public.fam USING btree, publication everything",
    CURE_NONE, NULL },

  { "function_setting",
    "CREATE FUNCTION f () RETURNS int LANGUAGE sql SET log_min_messages = 'error' AS 'SELECT 1';"
    "CREATE EXTENSION pg_trgm; CREATE FUNCTION g () RETURNS int LANGUAGE sql"
    " SET pg_trgm.similarity_threshold = '0.5' SET role = 'app' AS 'SELECT 1'",
    NULL, NULL, "setting-denied", PGM_SEVERITY_BLOCKER,
    "database: log_min_messages (function public.f())", CURE_TARGET, NULL },
  { "own_role", "ALTER DATABASE own_role SET role = 'app'",
    "SET allow_in_place_tablespaces = on; CREATE TABLESPACE scarce LOCATION '';"
    "ALTER ROLE app SET default_tablespace = 'scarce'",
    NULL, "default-tablespace-denied", PGM_SEVERITY_BLOCKER, "tablespace scarce of the target",
    CURE_TARGET, "ALTER ROLE app RESET default_tablespace" },
  { "privileged_more",
    "CREATE FUNCTION say (int) RETURNS text LANGUAGE sql AS 'SELECT ''x''';"
    "CREATE CAST (int AS text) WITH FUNCTION say (int);"
    "CREATE FUNCTION f () RETURNS int LANGUAGE sql AS 'SELECT 1';"
    "ALTER FUNCTION f () SUPPORT generate_series_int4_support;"
    "CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype (internal))",
    NULL, NULL, "needs-superuser", PGM_SEVERITY_BLOCKER,
    "these: cast (integer AS pg_catalog.text), function public.f(), transform for integer on"
    " language sql",
    CURE_NONE, NULL },
  { "grants_of_server",
    "CREATE EXTENSION pg_trgm; REVOKE EXECUTE ON FUNCTION similarity (text, text) FROM PUBLIC;"
    "GRANT EXECUTE ON FUNCTION pg_ls_dir (text) TO app; GRANT USAGE ON LANGUAGE plpgsql TO app",
    NULL, "{ \"no_acl\": false }", "needs-superuser", PGM_SEVERITY_BLOCKER,
    "these: GRANT ON function pg_catalog.pg_ls_dir(pg_catalog.text), GRANT ON function"
    " public.similarity(pg_catalog.text,pg_catalog.text), GRANT ON language plpgsql",
    CURE_NONE, NULL },
  { "foreign_defaults", "ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO app",
    NULL, "{ \"no_acl\": false }", "needs-superuser", PGM_SEVERITY_BLOCKER,
    "these: ALTER DEFAULT PRIVILEGES FOR ROLE postgres", CURE_NONE, NULL },
  { "grantee_of_type",
    "CREATE ROLE typist; CREATE TYPE e AS ENUM ('a'); GRANT USAGE ON TYPE e TO typist", NULL,
    "{ \"no_acl\": false }", "role-missing", PGM_SEVERITY_BLOCKER, "typist (privileges)",
    CURE_TARGET, NULL },
  { "owner_of_others",
    "CREATE ROLE words; CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);"
    "ALTER TEXT SEARCH CONFIGURATION c OWNER TO words; CREATE EXTENSION hstore",
    NULL, "{ \"no_owner\": false }", "role-missing", PGM_SEVERITY_BLOCKER, "target: words (owner)",
    CURE_NONE, NULL },
  { "owner_elsewhere",
    "CREATE ROLE guest; CREATE SCHEMA s AUTHORIZATION app; CREATE TABLE s.t ();"
    "ALTER TABLE s.t OWNER TO guest; GRANT SELECT ON s.t TO app",
    "CREATE ROLE guest; GRANT guest TO app", "{ \"no_owner\": false }", "owner-create-denied",
    PGM_SEVERITY_BLOCKER, "target: guest (schema s)", CURE_NONE, NULL },

  /* a database that stays */
  { "closed_schema", "CREATE TABLE t (); GRANT SELECT ON t TO app",
    "CREATE DATABASE closed_schema;\n\\c closed_schema\nCREATE TABLE other ()", NULL,
    "create-denied", PGM_SEVERITY_BLOCKER, "database: SCHEMA public", CURE_DATABASE, NULL },
  { "closed_database", "CREATE SCHEMA s; CREATE EXTENSION hstore SCHEMA s",
    "CREATE DATABASE closed_database;\n\\c closed_database\nCREATE TABLE other ()", NULL,
    "create-denied", PGM_SEVERITY_BLOCKER, "database: DATABASE closed_database", CURE_DATABASE,
    NULL },
  { "closed_tables",
    "CREATE TABLE t AS SELECT 1 AS i; CREATE SEQUENCE s; GRANT SELECT ON t, s TO app",
    "CREATE DATABASE closed_tables;\n\\c closed_tables\nCREATE TABLE t (i int);"
    "CREATE SEQUENCE s",
    "{ \"data_only\": true }", "write-denied", PGM_SEVERITY_BLOCKER,
    "these: SEQUENCE public.s, TABLE public.t", CURE_DATABASE, NULL },
  { "other_columns",
    "CREATE TABLE t (i int, j int); CREATE TABLE u (); GRANT SELECT ON t, u TO app",
    "CREATE DATABASE other_columns OWNER app;\n\\c other_columns\nCREATE TABLE t (i int);"
    "GRANT ALL ON t TO app",
    "{ \"data_only\": true }", "target-lacks", PGM_SEVERITY_BLOCKER, "have: public.t.j, public.u",
    CURE_NONE, NULL },
  { "lost_slot", NULL,
    "CREATE DATABASE lost_slot OWNER app;\n\\c lost_slot\nCREATE TABLE t ();"
    "SELECT pg_create_logical_replication_slot ('tail', 'test_decoding')",
    REPLACED, "replication-slot-lost", PGM_SEVERITY_WARNING, "replaced: tail", CURE_NONE,
    "SELECT pg_drop_replication_slot ('tail')" },

  { "no_createdb", NULL, "ALTER ROLE app NOCREATEDB", NULL, "createdb-denied", PGM_SEVERITY_BLOCKER,
    "\"app\"", CURE_TARGET, NULL },
  { "not_owner", NULL, "CREATE DATABASE not_owner OWNER stranger", REPLACED, "not-owner",
    PGM_SEVERITY_BLOCKER, "belongs to \"stranger\"", CURE_TARGET, NULL },
  { "moulded", NULL, "CREATE DATABASE moulded OWNER app; ALTER DATABASE moulded IS_TEMPLATE true",
    REPLACED, "target-template", PGM_SEVERITY_BLOCKER, "\"moulded\"", CURE_TARGET, NULL },
  { "halved", NULL,
    "CREATE DATABASE halved OWNER app;"
    "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'halved'",
    REPLACED, "target-invalid", PGM_SEVERITY_BLOCKER, "\"halved\"", CURE_TARGET, NULL },
  { "absent", NULL, NULL, "{ \"data_only\": true }", "no-target-database", PGM_SEVERITY_BLOCKER,
    "\"absent\"", CURE_NONE, NULL },
  { "setting", NULL,
    "CREATE DATABASE setting OWNER app;"
    "ALTER DATABASE setting SET log_min_duration_statement = 1000;"
    "ALTER DATABASE setting SET work_mem = '5MB'",
    REPLACED, "setting-denied", PGM_SEVERITY_BLOCKER, "database: log_min_duration_statement",
    CURE_TARGET, NULL },
  { "source_setting", "ALTER DATABASE source_setting SET log_min_error_statement = 'fatal'", NULL,
    NULL, "setting-denied", PGM_SEVERITY_BLOCKER, "database: log_min_error_statement", CURE_TARGET,
    NULL },
  { "database_role", "CREATE ROLE of_source; GRANT CONNECT ON DATABASE database_role TO of_source",
    NULL, "{ \"no_acl\": false }", "role-missing", PGM_SEVERITY_BLOCKER, "of_source (database)",
    CURE_TARGET, NULL },
  { "in_space", NULL,
    "SET allow_in_place_tablespaces = on; CREATE TABLESPACE narrow LOCATION '';"
    "CREATE DATABASE in_space OWNER app TABLESPACE narrow",
    REPLACED, "tablespace-denied", PGM_SEVERITY_BLOCKER, "create nothing: narrow", CURE_TARGET,
    NULL },
  { "subscribed", NULL,
    "CREATE DATABASE subscribed OWNER app;\n\\c subscribed\n"
    "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p"
    " WITH (connect = false)",
    REPLACED, "subscription", PGM_SEVERITY_BLOCKER, "replaced: sub", CURE_NONE, NULL },
  { "prepared", NULL,
    "CREATE DATABASE prepared OWNER app;\n\\c prepared\n"
    "BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'half'",
    REPLACED, "prepared-transaction", PGM_SEVERITY_BLOCKER, "'half' (postgres)", CURE_NONE, NULL },
  { "leftover", NULL,
    "CREATE DATABASE leftover__pgm_0123abcd; COMMENT ON DATABASE leftover__pgm_0123abcd"
    " IS '{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"leftover\",\"run\":\"0123abcd\"}'",
    NULL, "leftover-database", PGM_SEVERITY_WARNING, "leftover__pgm_0123abcd", CURE_TARGET, NULL },
  { "nameless", NULL,
    "CREATE DATABASE nameless__old_0123abcd; COMMENT ON DATABASE nameless__old_0123abcd"
    " IS '{\"pgmirror\":1,\"state\":\"old\",\"of\":\"x: \\\"y\",\"run\":\"0123abcd\"}';"
    "ALTER DATABASE nameless__old_0123abcd RENAME TO \"x: \"\"y__old_0123abcd\"",
    NULL, "leftover-database", PGM_SEVERITY_WARNING, "x: \"\"y__old_0123abcd", CURE_NONE,
    "DROP DATABASE \"x: \"\"y__old_0123abcd\"" },
  { "unfinished", NULL,
    "CREATE DATABASE unfinished_copy; COMMENT ON DATABASE unfinished_copy"
    " IS '{\"pgmirror\":1,\"state\":\"staging\",\"of\":\"unfinished_copy\",\"run\":\"0123abcd\"}'",
    NULL, "incomplete-database", PGM_SEVERITY_WARNING, "unfinished_copy", CURE_TARGET, NULL },
  { "suspect", NULL, "CREATE DATABASE suspect__pgm_0123abcd", NULL, "leftover-suspect",
    PGM_SEVERITY_NOTE, "suspect__pgm_0123abcd", CURE_TARGET, NULL },
  { "half_source",
    "COMMENT ON DATABASE half_source IS '{\"pgmirror\":1,\"state\":\"staging\","
    "\"of\":\"half_source\",\"run\":\"0123abcd\"}'",
    NULL, NULL, "source-incomplete", PGM_SEVERITY_WARNING, "half_source", CURE_NONE, NULL },
  { "slots", NULL, "ALTER ROLE app CONNECTION LIMIT 3", NULL, "connection-slots",
    PGM_SEVERITY_BLOCKER, "\"app\"", CURE_TARGET, "ALTER ROLE app CONNECTION LIMIT -1" },
  { "folder", NULL, NULL, "{ \"temp_dir\": \"/nosuch/folder\" }", "temp-folder",
    PGM_SEVERITY_BLOCKER, "/nosuch/folder", CURE_NONE, NULL },
  { "space",
    "CREATE TABLE t (); GRANT SELECT ON t TO app;"
    "UPDATE pg_class SET relpages = 2000000000 WHERE relname = 't'",
    NULL, NULL, "temp-space", PGM_SEVERITY_WARNING, "need about 8.2 TB", CURE_NONE, NULL },
};

static PgmTestRun *
check (const char *role, const char *database, const char *options)
{
  g_autofree char *json = pgm_test_profile_json (source, target, role, database, options);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_CHECK_ONLY };

  return pgm_test_run (json, &how);
}

static void
assert_finding (PgmTestRun *run, const char *code, PgmSeverity severity, const char *part)
{
  const PgmFinding *finding = pgm_test_find (run->data->findings, code);

  if (finding == NULL)
    {
      g_autofree char *described = pgm_test_run_describe (run);

      g_error ("no finding \"%s\"\n%s", code, described);
    }
  g_test_message ("%s; %s", finding->message, finding->hint);
  g_assert_cmpint (finding->severity, ==, severity);
  pgm_test_assert_has (finding->message, part);
}

static void
assert_no_finding (PgmTestRun *run, const char *code)
{
  const PgmFinding *finding = pgm_test_find (run->data->findings, code);

  if (finding != NULL)
    g_error ("finding \"%s\": %s", code, finding->message);
}

static void
create_source (const char *name, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", name);

  pgm_test_do (source, "postgres", create);
  if (sql != NULL)
    pgm_test_do (source, name, sql);
}

/* Runs the SQL that a hint ends with. */
static void
cure (PgmTestRun *run, const char *code, PgmTestServer *server, const char *database)
{
  const char *hint = pgm_test_find (run->data->findings, code)->hint;
  const char *sql = g_strrstr (hint, ": ");

  g_assert_nonnull (sql);
  pgm_test_do (server, database, sql + 2);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr(PgmTestRun) run = NULL;

  create_source (c->name, c->source_sql);
  if (c->target_sql != NULL)
    pgm_test_do (target, "postgres", c->target_sql);
  run = check ("app", c->name, c->options);
  assert_finding (run, c->code, c->severity, c->message);
  if (g_str_has_prefix (c->code, "leftover-") || g_str_has_prefix (c->code, "incomplete-"))
    pgm_test_assert_has (pgm_test_find (run->data->findings, c->code)->hint,
                         "\"pg-mirror-cli recover");
  pgm_test_assert_code (run, c->severity == PGM_SEVERITY_BLOCKER ? "preflight" : "ok");
  if (c->cure_side != CURE_NONE)
    {
      g_autoptr(PgmTestRun) again = NULL;

      if (c->cure_side == CURE_SOURCE)
        cure (run, c->code, source, c->name);
      else
        cure (run, c->code, target, c->cure_side == CURE_TARGET ? "postgres" : c->name);
      again = check ("app", c->name, c->options);
      assert_no_finding (again, c->code);
      pgm_test_assert_code (again, "ok");
    }
  if (c->cure_side == CURE_DATABASE)
    {
      g_autoptr(PgmTestRun) mirrored =
                     pgm_test_mirror (source, target, "app", c->name, c->options);

      pgm_test_assert_code (mirrored, "ok");
    }
  if (c->undo != NULL)
    pgm_test_do (target, "postgres", c->undo);
  pgm_test_do (source, "postgres", "ALTER ROLE app NOBYPASSRLS");
  pgm_test_assert_nothing_left (source, target);
}

/* People are told the first names and how many more there are, programs all of them. */
static void
test_objects (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *json = NULL;
  const PgmFinding *finding = NULL;

  create_source ("countless", "SELECT lo_create (i) FROM generate_series (101, 120) i");
  run = check ("app", "countless", NULL);
  assert_finding (run, "large-object-denied", PGM_SEVERITY_BLOCKER, "105 and 15 more");
  finding = pgm_test_find (run->data->findings, "large-object-denied");
  g_assert_cmpuint (g_strv_length (finding->objects), ==, 20);
  node = pgm_report_to_json (run->report);
  json = json_to_string (node, FALSE);
  pgm_test_assert_has (json, "\"objects\":[\"101\",\"102\",");
  pgm_test_assert_has (json, ",\"119\",\"120\"]");
}

/* Nothing hides anything else, and the worst comes first. */
static void
test_all_at_once (void)
{
  static const char *const codes[] = { "createdb-denied", "table-denied", "schema-denied",
                                       "temp-folder" };
  g_autoptr(PgmTestRun) run = NULL;
  PgmSeverity last = PGM_SEVERITY_BLOCKER;

  create_source ("several", "CREATE TABLE t (); CREATE SCHEMA s; CREATE TABLE s.t ();");
  pgm_test_do (target, "postgres", "ALTER ROLE app NOCREATEDB");
  run = check ("app", "several", "{ \"temp_dir\": \"/nosuch/folder\" }");
  pgm_test_do (target, "postgres", "ALTER ROLE app CREATEDB");
  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_has (run->data->message, "4 things stand in the way, the first: ");
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_nonnull (pgm_test_find (run->data->findings, codes[i]));
  for (guint i = 0; i < run->data->findings->len; i++)
    {
      const PgmFinding *finding = run->data->findings->pdata[i];

      g_assert_cmpint (finding->severity, <=, last);
      last = finding->severity;
    }
}

/* A side that is not there does not hide what is wrong with the other. */
static void
test_one_side (void)
{
  g_autofree char *json = NULL;
  g_autoptr(GString) text = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_CHECK_ONLY };

  create_source ("one_side", "CREATE TABLE t ()");
  json = pgm_test_profile_json (source, target, "app", "one_side", NULL);
  text = g_string_new (json);
  g_string_replace (text, pgm_test_server_get_host (target), "/nosuch", 0);
  run = pgm_test_run (text->str, &how);
  pgm_test_assert_code (run, "target-unreachable");
  assert_finding (run, "target-unreachable", PGM_SEVERITY_BLOCKER, "/nosuch");
  assert_finding (run, "table-denied", PGM_SEVERITY_BLOCKER, "public.t");
}

/* Only what travels can stand in the way. */
static const struct
{
  const char *options;
  const char *denied; /* (nullable) */
} filters[] = {
  { NULL, "tables: public.\"Ab\", public.b, s.t" },
  { "{ \"tables\": [\"s.*\"] }", "tables: s.t" },
  { "{ \"tables\": [\"b\"] }", "tables: public.b" },
  { "{ \"tables\": [\"AB\"] }", NULL },
  { "{ \"tables\": [\"\\\"Ab\\\"\", \"?.t\"] }", "tables: public.\"Ab\", s.t" },
  { "{ \"schemas\": [\"S\"] }", "tables: s.t" },
  { "{ \"schemas\": [\"(s|x)\"], \"exclude_tables\": [\"s.t\"] }", NULL },
  { "{ \"exclude_schemas\": [\"pub*\"] }", "tables: s.t" },
  { "{ \"exclude_tables\": [\"*.*\"] }", NULL },
  { "{ \"exclude_table_data\": [\"*.*\"] }", "tables: public.\"Ab\", public.b, s.t" },
};

static void
test_filters (void)
{
  create_source ("filtered", "CREATE TABLE \"Ab\" (); CREATE TABLE b (); CREATE SCHEMA s;"
                             "GRANT USAGE ON SCHEMA s TO app; CREATE TABLE s.t ()");
  for (gsize i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autoptr(PgmTestRun) run = check ("app", "filtered", filters[i].options);

      assert_no_finding (run, "not-checked");
      if (filters[i].denied != NULL)
        assert_finding (run, "table-denied", PGM_SEVERITY_BLOCKER, filters[i].denied);
      else
        assert_no_finding (run, "table-denied");
    }
}

/* What cannot be restored may be missing where the profile says so. */
static void
test_report (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  create_source ("reported", "CREATE EXTENSION dblink; CREATE ROLE ghost; CREATE TABLE t ();"
                             "GRANT SELECT ON t TO app; CREATE POLICY p ON t TO ghost");
  run = check ("app", "reported", "{ \"on_error\": \"report\" }");
  pgm_test_assert_code (run, "ok");
  assert_finding (run, "extension-denied", PGM_SEVERITY_WARNING, "dblink");
  assert_finding (run, "role-missing", PGM_SEVERITY_WARNING, "ghost");
}

/* A restore runs expressions of the source's tables. */
static void
test_foreign_code (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) plain = NULL;

  create_source ("code", "GRANT CREATE ON SCHEMA public TO app; SET ROLE app;"
                         "CREATE FUNCTION f (int) RETURNS int IMMUTABLE LANGUAGE sql"
                         " AS 'SELECT $1'; CREATE TABLE t (i int CONSTRAINT ok CHECK (f (i) > 0),"
                         " safe int CHECK (safe > 0)); CREATE INDEX by_f ON t (f (i));"
                         "CREATE INDEX by_abs ON t (abs (i));"
                         "CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a");
  run = check (NULL, "code", NULL);
  assert_finding (run, "foreign-code", PGM_SEVERITY_WARNING,
                  "rights: index public.by_f (app), materialized view public.mv (app), table "
                  "constraint ok on public.t (app)");
  plain = check ("app", "code", NULL);
  assert_no_finding (plain, "foreign-code");
}

static void
test_locked (void)
{
  g_autoptr(PgmConn) holder = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) again = NULL;

  create_source ("locked", "CREATE TABLE t (); GRANT SELECT ON t TO app; CREATE TABLE u ();"
                           "GRANT SELECT ON u TO app");
  holder = pgm_test_hold (source, NULL, "locked",
                          "BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE;"
                          "LOCK TABLE public.u IN SHARE MODE");
  run = check ("app", "locked", NULL);
  assert_finding (run, "table-locked", PGM_SEVERITY_WARNING, "them: public.t (postgres, pid ");
  pgm_test_assert_has (pgm_test_find (run->data->findings, "table-locked")->message, "bystander");
  cure (run, "table-locked", source, "postgres");
  pgm_test_wait_until (source, "NOT EXISTS (SELECT 1 FROM pg_stat_activity"
                               " WHERE application_name = 'bystander')");
  again = check ("app", "locked", NULL);
  assert_no_finding (again, "table-locked");
}

static void
test_sessions (void)
{
  g_autoptr(PgmConn) plain = NULL;
  g_autoptr(PgmConn) super = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) again = NULL;

  create_source ("used", NULL);
  pgm_test_do (target, "postgres", "CREATE DATABASE used OWNER app");
  plain = pgm_test_hold (target, "stranger", "used", "SELECT 1");
  super = pgm_test_hold (target, NULL, "used", "SELECT 1");
  run = check ("app", "used", REPLACED);
  pgm_test_assert_code (run, "ok");
  assert_finding (run, "session-stays", PGM_SEVERITY_WARNING, "stranger (pid ");
  assert_finding (run, "superuser-session", PGM_SEVERITY_WARNING, "postgres (pid ");
  cure (run, "session-stays", target, "postgres");
  again = check ("app", "used", REPLACED);
  pgm_test_do (target, "postgres", "REVOKE pg_signal_backend FROM app");
  assert_no_finding (again, "session-stays");
  assert_finding (again, "superuser-session", PGM_SEVERITY_WARNING, "postgres (pid ");
}

static void
test_merge (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  create_source ("merged", "CREATE TABLE t (); GRANT SELECT ON t TO app; CREATE EXTENSION dblink");
  pgm_test_do (target, "postgres",
               "CREATE DATABASE merged OWNER app TEMPLATE template0 ENCODING 'LATIN1'"
               " LC_COLLATE 'C' LC_CTYPE 'C'");
  pgm_test_do (target, "merged", "CREATE TABLE other (); CREATE EXTENSION dblink");
  run = check ("app", "merged", NULL);
  pgm_test_assert_code (run, "ok");
  assert_finding (run, "encoding-differs", PGM_SEVERITY_WARNING, "UTF8");
  assert_no_finding (run, "extension-denied");
}

static void
test_old_tools (void)
{
  g_autofree char *version = pgm_test_server_psql (source, "postgres", "SHOW server_version_num");
  int major = MAX (atoi (version) / 10000, 15);
  g_autofree char *faults = g_strdup_printf ("faults: pg_dump %d.1", major);
  g_autofree char *update = g_strdup_printf ("update them to %d.", major);
  g_autofree char *script =
      g_strdup_printf ("test \"$1\" != --version || exec echo 'pg_dump (PostgreSQL) %d.1'\n"
                       "exec REAL \"$@\"\n",
                       major);
  char *folder = pgm_test_fake_begin ("pg_dump", script);
  g_autoptr(PgmTestRun) run = NULL;

  create_source ("tools", NULL);
  run = check ("app", "tools", NULL);
  pgm_test_fake_end (folder);
  assert_finding (run, "tools-insecure", PGM_SEVERITY_WARNING, faults);
  pgm_test_assert_has (pgm_test_find (run->data->findings, "tools-insecure")->hint, update);
}

/* Carries bytes until one side closes. The number of the backend is replaced, as a pooler does that
 * gives out numbers of its own. */
static gpointer
carry_thread (gpointer data)
{
  GIOStream **ends = data; /* from, to */
  GInputStream *in = g_io_stream_get_input_stream (ends[0]);
  GOutputStream *out = g_io_stream_get_output_stream (ends[1]);
  char bytes[8192];
  gssize n = 0;

  while ((n = g_input_stream_read (in, bytes, sizeof bytes, NULL, NULL)) > 0)
    {
      char *key = memmem (bytes, (gsize) n, "K\0\0\0\x0c", 5);

      if (key != NULL && key + 13 <= bytes + n)
        key[8] ^= 0x55;
      if (!g_output_stream_write_all (out, bytes, (gsize) n, NULL, NULL, NULL))
        break;
    }
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (ends[1])), FALSE, TRUE,
                     NULL);
  return NULL;
}

static gboolean
pooled_cb (GThreadedSocketService *service,
           GSocketConnection *client,
           GObject *listener,
           gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("%s/.s.PGSQL.5432", pgm_test_server_get_host (source));
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocketClient) connector = g_socket_client_new ();
  g_autoptr(GSocketConnection) server =
                 g_socket_client_connect (connector, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  GIOStream *to_server[] = { G_IO_STREAM (client), G_IO_STREAM (server) };
  GIOStream *to_client[] = { G_IO_STREAM (server), G_IO_STREAM (client) };
  GThread *thread = g_thread_new ("carry", carry_thread, to_server);

  carry_thread (to_client);
  g_thread_join (thread);
  return TRUE;
}

static void
test_pooler (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pool-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, ".s.PGSQL.5432", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocketService) service = g_threaded_socket_service_new (-1);
  g_autofree char *json = NULL;
  g_autoptr(GString) text = NULL;
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_CHECK_ONLY };
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) direct = NULL;

  g_signal_connect (service, "run", G_CALLBACK (pooled_cb), NULL);
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (service), address,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                NULL, NULL, NULL));
  create_source ("pooled", NULL);
  json = pgm_test_profile_json (source, target, "app", "pooled", NULL);
  text = g_string_new (json);
  g_string_replace (text, pgm_test_server_get_host (source), folder, 0);
  run = pgm_test_run (text->str, &how);
  g_socket_service_stop (service);
  g_socket_listener_close (G_SOCKET_LISTENER (service));
  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  assert_finding (run, "pooler", PGM_SEVERITY_WARNING, "between here and the source");
  direct = check ("app", "pooled", NULL);
  assert_no_finding (direct, "pooler");
}

static void
test_protected (void)
{
  g_autofree char *json = NULL;
  g_autoptr(GString) text = NULL;
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_CHECK_ONLY };
  g_autoptr(PgmTestRun) run = NULL;

  create_source ("guarded", NULL);
  json = pgm_test_profile_json (source, target, "app", "guarded", NULL);
  text = g_string_new (json);
  g_assert_cmpuint (
      g_string_replace (text, "\"target\": {", "\"target\": { \"protected\": true,", 1), ==, 1);
  run = pgm_test_run (text->str, &how);
  pgm_test_assert_code (run, "preflight");
  assert_finding (run, "target-protected", PGM_SEVERITY_BLOCKER, "no run may write there");
}

/* Returns: how many statements of role "app" the source has logged */
static guint
count_logged (void)
{
  g_autofree char *log = pgm_test_server_dup_log (source);
  guint n = 0;

  for (const char *p = log; (p = strstr (p, "LOG:  execute ")) != NULL; p++)
    n++;
  return n;
}

/* The number of questions does not grow with that of tables. */
static void
test_many_tables (void)
{
  g_autoptr(PgmTestRun) few = NULL;
  g_autoptr(PgmTestRun) many = NULL;
  g_autoptr(PgmTestRun) super = NULL;
  guint n_few = 0;
  guint n_many = 0;
  gint64 begun_us = 0;

  create_source ("many", "CREATE TABLE t ()");
  pgm_test_do (source, "postgres", "ALTER ROLE app SET log_statement = 'all'");
  few = check ("app", "many", NULL);
  n_few = count_logged ();
  pgm_test_do (source, "many",
               "DO $$ BEGIN FOR i IN 1..10000 LOOP"
               " EXECUTE format ('CREATE TABLE t%s (i int PRIMARY KEY, t text)', i);"
               " IF i % 50 = 0 THEN COMMIT; END IF; END LOOP; END $$");
  begun_us = g_get_monotonic_time ();
  many = check ("app", "many", NULL);
  g_test_message ("10 000 tables: %.2f s, %u statements",
                  (double) (g_get_monotonic_time () - begun_us) / G_USEC_PER_SEC, n_few);
  n_many = count_logged () - n_few;
  pgm_test_do (source, "postgres", "ALTER ROLE app RESET log_statement");
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, MANY_TABLES_LIMIT_US);
  begun_us = g_get_monotonic_time ();
  super = check (NULL, "many", NULL); /* with the search for foreign code */
  g_test_message ("10 000 tables: %.2f s for a superuser",
                  (double) (g_get_monotonic_time () - begun_us) / G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, MANY_TABLES_LIMIT_US);
  assert_no_finding (super, "not-checked");
  g_assert_cmpuint (n_few, >, 5);
  g_assert_cmpuint (n_many, ==, n_few);
  assert_finding (many, "table-denied", PGM_SEVERITY_BLOCKER, "and 9996 more");
  assert_finding (many, "max-locks", PGM_SEVERITY_WARNING, "about 10001 locks on the source");
}

/* A server that only follows another cannot be written to. */
static void
test_standby (void)
{
  PgmTestServer *standby = pgm_test_server_start ("standby", NULL);
  g_autofree char *signal_file = g_build_filename (standby->data, "standby.signal", NULL);
  g_autofree char *json = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(GError) error = NULL;
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_ASSUME_YES };

  pgm_test_do (standby, "postgres", "CREATE ROLE app LOGIN CREATEDB; CHECKPOINT");
  g_file_set_contents (signal_file, "", 0, &error);
  g_assert_no_error (error);
  pgm_test_server_restart (standby);
  create_source ("followed", "CREATE TABLE t (); GRANT SELECT ON t TO app");
  json = pgm_test_profile_json (source, standby, "app", "followed", NULL);
  run = pgm_test_run (json, &how);
  pgm_test_server_free (standby);
  pgm_test_assert_code (run, "preflight");
  assert_finding (run, "target-standby", PGM_SEVERITY_BLOCKER, "standby");
  g_assert_cmpint (run->data->archive_bytes, ==, 0);
}

/* Somebody follows the database that is to be replaced. */
static void
test_slot (void)
{
  g_autofree char *program = pgm_test_server_dup_program (target, "pg_recvlogical");
  const char *const argv[] = { program, "-d", "streamed", "--slot",    "follower",
                               "-f",    "-",  "--start",  "--no-loop", NULL };
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GSubprocess) follower = NULL;
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(GError) error = NULL;

  create_source ("streamed", NULL);
  pgm_test_do (target, "postgres", "CREATE DATABASE streamed OWNER app");
  pgm_test_do (target, "streamed",
               "SELECT pg_create_logical_replication_slot ('follower', 'test_decoding')");
  launcher = pgm_test_server_new_launcher (target, G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                       G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  follower = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  pgm_test_wait_until (target, "EXISTS (SELECT 1 FROM pg_replication_slots WHERE active)");
  run = check ("app", "streamed", REPLACED);
  g_subprocess_send_signal (follower, SIGINT);
  g_subprocess_wait (follower, NULL, NULL);
  pgm_test_wait_until (target, "NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE active)");
  pgm_test_do (target, "postgres", "SELECT pg_drop_replication_slot ('follower')");
  assert_finding (run, "replication-slot", PGM_SEVERITY_WARNING, "dropped: follower");
}

/* A subscription that does nothing stays with a database that is kept. */
static void
test_subscribed_and_kept (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autofree char *there = NULL;
  g_autofree char *drop = NULL;

  create_source ("kept", "CREATE TABLE t (); GRANT SELECT ON t TO app");
  pgm_test_do (target, "postgres", "CREATE DATABASE kept OWNER app");
  pgm_test_do (target, "kept",
               "CREATE SUBSCRIPTION idle CONNECTION 'dbname=x' PUBLICATION p"
               " WITH (connect = false, slot_name = NONE)");
  run = pgm_test_mirror (source, target, "app", "kept",
                         "{ \"drop_existing\": true, \"keep_previous\": true }");
  pgm_test_assert_code (run, "ok");
  there = pgm_test_server_psql (target, "postgres",
                                "SELECT d.datname FROM pg_subscription s"
                                "  JOIN pg_database d ON d.oid = s.subdbid"
                                " WHERE s.subname = 'idle'");
  g_assert_cmpstr (there, ==, run->data->previous_name);
  pgm_test_do (target, there, "DROP SUBSCRIPTION idle");
  drop = g_strdup_printf ("DROP DATABASE %s", there);
  pgm_test_do (target, "postgres", drop);
}

/* Its publisher cannot be reached, and so its slot there cannot be dropped with it. */
static void
test_subscription_cure (void)
{
  static const char *const cure[] = { "ALTER SUBSCRIPTION lost DISABLE",
                                      "ALTER SUBSCRIPTION lost SET (slot_name = NONE)",
                                      "DROP SUBSCRIPTION lost" };
  g_autoptr(PgmTestRun) before = NULL;
  g_autoptr(PgmTestRun) after = NULL;

  create_source ("publisher_lost", "CREATE TABLE t (); GRANT SELECT ON t TO app");
  pgm_test_do (target, "postgres", "CREATE DATABASE publisher_lost OWNER app");
  pgm_test_do (target, "publisher_lost",
               "CREATE SUBSCRIPTION lost CONNECTION 'host=127.0.0.1 port=1 dbname=x'"
               " PUBLICATION p WITH (connect = false)");
  before = check ("app", "publisher_lost", REPLACED);
  pgm_test_assert_has (pgm_test_find (before->data->findings, "subscription")->hint,
                       "ALTER SUBSCRIPTION … SET (slot_name = NONE)");
  for (gsize i = 0; i < G_N_ELEMENTS (cure); i++)
    pgm_test_do (target, "publisher_lost", cure[i]);
  after = pgm_test_mirror (source, target, "app", "publisher_lost", REPLACED);
  pgm_test_assert_code (after, "ok");
}

/* Where something is in the way, nothing begins. */
static void
test_mirror_stops (void)
{
  g_autoptr(PgmTestPair) pair =
                 pgm_test_pair_new (source, target, "app", "stopped", "CREATE TABLE closed ()");
  g_autoptr(PgmTestRun) run = pgm_test_pair_run (pair);

  pgm_test_assert_code (run, "preflight");
  pgm_test_assert_message (run, "GRANT SELECT ON TABLE public.closed TO app");
  g_assert_cmpint (run->data->archive_bytes, ==, 0);
  pgm_test_pair_assert_old (pair, run);
}

/* What the filters do that nobody may have meant is told before anything runs. */
static void
test_filters_meant (void)
{
  static const struct
  {
    const char *options;
    const char *code; /* NULL: nothing to tell */
    PgmSeverity severity;
    const char *message;
  } meant[] = {
    { "{ \"tables\": [\"p\"] }", "partition-left-out", PGM_SEVERITY_WARNING,
      "rows, though their parent travels: public.p1, public.p2, public.p21" },
    { "{ \"tables\": [\"p*\"] }", NULL, 0, NULL },
    { "{ \"exclude_tables\": [\"p2*\"] }", NULL, 0, NULL },
    { "{ \"tables\": [\"t\", \"Nowhere\"] }", "include-unmatched", PGM_SEVERITY_BLOCKER,
      "tables: Nowhere" },
    { "{ \"schemas\": [\"nope\"] }", "include-unmatched", PGM_SEVERITY_BLOCKER, "nope" },
    { "{ \"exclude_tables\": [\"t\", \"tt\"] }", "exclude-unmatched", PGM_SEVERITY_WARNING,
      "source: tt" },
    { "{ \"exclude_table_data\": [\"secret.*\"] }", "exclude-unmatched", PGM_SEVERITY_WARNING,
      "source: secret.*" },
  };

  create_source ("meant", "CREATE TABLE t (); CREATE TABLE p (i int) PARTITION BY LIST (i);"
                          "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
                          "CREATE TABLE p2 PARTITION OF p DEFAULT PARTITION BY LIST (i);"
                          "CREATE TABLE p21 PARTITION OF p2 DEFAULT;"
                          "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app");
  for (gsize i = 0; i < G_N_ELEMENTS (meant); i++)
    {
      g_autoptr(PgmTestRun) run = check ("app", "meant", meant[i].options);

      g_test_message ("%s", meant[i].options);
      if (meant[i].code != NULL)
        assert_finding (run, meant[i].code, meant[i].severity, meant[i].message);
      else
        {
          g_assert_null (pgm_test_find (run->data->findings, "partition-left-out"));
          g_assert_null (pgm_test_find (run->data->findings, "exclude-unmatched"));
        }
    }
}

static void
add_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/preflight/case/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/preflight/objects", test_objects);
  g_test_add_func ("/preflight/all-at-once", test_all_at_once);
  g_test_add_func ("/preflight/one-side", test_one_side);
  g_test_add_func ("/preflight/filters", test_filters);
  g_test_add_func ("/preflight/filters-meant", test_filters_meant);
  g_test_add_func ("/preflight/report", test_report);
  g_test_add_func ("/preflight/foreign-code", test_foreign_code);
  g_test_add_func ("/preflight/locked", test_locked);
  g_test_add_func ("/preflight/sessions", test_sessions);
  g_test_add_func ("/preflight/merge", test_merge);
  g_test_add_func ("/preflight/old-tools", test_old_tools);
  g_test_add_func ("/preflight/pooler", test_pooler);
  g_test_add_func ("/preflight/protected", test_protected);
  g_test_add_func ("/preflight/many-tables", test_many_tables);
  g_test_add_func ("/preflight/standby", test_standby);
  g_test_add_func ("/preflight/slot", test_slot);
  g_test_add_func ("/preflight/subscribed-and-kept", test_subscribed_and_kept);
  g_test_add_func ("/preflight/subscription-cure", test_subscription_cure);
  g_test_add_func ("/preflight/mirror-stops", test_mirror_stops);
}

int
main (int argc, char **argv)
{
  static const char *const settings[] = { "max_prepared_transactions=2", "wal_level=logical",
                                          NULL };
  const PgmTestServerOptions options = { .settings = settings };
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", &options);
  pgm_test_do (source, "postgres", "CREATE ROLE app LOGIN");
  pgm_test_do (target, "postgres", "CREATE ROLE app LOGIN CREATEDB; CREATE ROLE stranger LOGIN");
  add_tests ();
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
