/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the catalogs of two versions tell differently of the same thing is no difference, and what
 * does differ is found. TEST_PG_SOURCE_BINDIR has the programs of a source that is older than the
 * target; without it both servers are of one version. */

#include "pgm-test-run.h"

#include <stdlib.h>
#include <string.h>

#define COUNTS "{ \"verify\": \"counts\" }"
#define FULL "{ \"verify\": \"full\" }"
#define WITH_RIGHTS "{ \"no_owner\": false, \"no_acl\": false }"

static PgmTestServer *source;
static PgmTestServer *target;

typedef struct
{
  int since; /* major version of the source */
  const char *sql;
} Content;

static const Content contents[] = {
  { 10, "CREATE DOMAIN mail AS varchar(80) COLLATE \"POSIX\" DEFAULT 'a@b' CHECK (VALUE ~ '@');"
        "CREATE TYPE mood AS ENUM ('good', 'bad');"
        "CREATE TYPE address AS (street text COLLATE \"C\", by name, m mood);"
        "CREATE FUNCTION less (float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE COST 0.0025"
        " AS 'SELECT $1 - $2';"
        "CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = less);"
        "CREATE FUNCTION note () RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';" },
  { 10, "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who name DEFAULT"
        " current_user, m mail, f float8, g float4, h float8[], r span, lives address, x xml,"
        " t text COLLATE \"C\" NOT NULL, \"Odd \"\"name\" int);"
        "INSERT INTO a (f, g, h, r, lives, t) SELECT i / 7.0, i / 7.0, ARRAY[i / 3.0, 'NaN'],"
        " span (i, i + 0.1), '(s,n,bad)', 't' FROM generate_series (1, 100) i;"
        "UPDATE a SET f = 'NaN', g = '-inf' WHERE id = 3; CREATE TABLE none ();"
        "CREATE INDEX by_t ON a (lower (t), f DESC) WHERE f > 0;"
        "CREATE INDEX by_f ON a ((f + 1));"
        "ALTER TABLE a ALTER t SET STATISTICS 500, ALTER f SET (n_distinct = -0.5);" },
  { 10, "CREATE VIEW v AS SELECT id, who, who || 'x' AS y, current_user AS z, m FROM a"
        " WHERE m IN ('a@b', 'c@d') OR t LIKE 'x%' WITH CHECK OPTION;"
        "CREATE MATERIALIZED VIEW mv AS SELECT id, who FROM a; CREATE INDEX of_mv ON mv (id);"
        "CREATE TRIGGER noted BEFORE UPDATE OF f ON a FOR EACH ROW WHEN (NEW.f > 0)"
        " EXECUTE PROCEDURE note (); CREATE RULE quiet AS ON DELETE TO v DO INSTEAD NOTHING;"
        "ALTER TABLE none ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON none USING (true);"
        "CREATE STATISTICS both_columns ON f, t FROM a; CREATE SEQUENCE numbers AS smallint;" },
  { 10,
    "CREATE TABLE p (i int NOT NULL, d text) PARTITION BY RANGE (i);"
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"
    "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY LIST (d);"
    "CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN ('a', NULL);"
    "INSERT INTO p VALUES (1, 'x'), (12, NULL), (13, 'a');"
    "CREATE TABLE parent (i int, n text COLLATE \"C\", CONSTRAINT own CHECK (i > 0) NO INHERIT);"
    "CREATE TABLE child (j int REFERENCES a) INHERITS (parent); INSERT INTO child VALUES (1);"
    "ALTER TABLE child ADD CONSTRAINT late CHECK (j <> 5) NOT VALID;" },
  { 10, "CREATE AGGREGATE total (numeric) (SFUNC = numeric_add, STYPE = numeric,"
        " MSFUNC = numeric_add, MINVFUNC = numeric_sub, MSTYPE = numeric);"
        "CREATE AGGREGATE middle (float8 ORDER BY anyelement) (SFUNC = ordered_set_transition,"
        " STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);"
        "CREATE FUNCTION place () RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';"
        "CREATE OPERATOR CLASS reversed FOR TYPE int4 USING btree AS OPERATOR 1 >, OPERATOR 2 >=,"
        " OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp (int4, int4);"
        "CREATE CAST (mood AS int) WITH INOUT;"
        "CREATE COLLATION any_encoding FROM \"C\"; CREATE COLLATION own (LOCALE = 'C');"
        "CREATE FUNCTION seen () RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER watched ON sql_drop EXECUTE PROCEDURE seen ();" },
  { 10, "CREATE FOREIGN DATA WRAPPER w OPTIONS (b '1', a '2');"
        "CREATE SERVER far FOREIGN DATA WRAPPER w OPTIONS (port '1', host 'h');"
        "CREATE FOREIGN TABLE ft (i int OPTIONS (z '1', y '2') NOT NULL) SERVER far OPTIONS"
        " (table_name 't', schema_name 's');"
        "CREATE PUBLICATION pub FOR TABLE a, none WITH (publish = 'insert, update');"
        "COMMENT ON TABLE a IS 'c'; COMMENT ON TRIGGER noted ON a IS 'c';"
        "COMMENT ON POLICY p ON none IS 'c'; COMMENT ON CAST (mood AS int) IS 'c';"
        "SELECT lo_from_bytea (4711, 'abc');" },
  { 10, "GRANT ALL ON a TO PUBLIC; REVOKE EXECUTE ON FUNCTION less (float8, float8) FROM PUBLIC;"
        "GRANT ALL ON SCHEMA public TO PUBLIC; GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC;"
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;"
        "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep (float8) FROM PUBLIC" },
  { 11, "CREATE PROCEDURE plain (INOUT a int, b text DEFAULT 'x') LANGUAGE plpgsql"
        " AS 'BEGIN a := a + 1; END'; COMMENT ON PROCEDURE plain (int, text) IS 'c';"
        "REVOKE EXECUTE ON PROCEDURE plain (int, text) FROM PUBLIC;"
        "CREATE TABLE h (id int PRIMARY KEY, a_id int REFERENCES a) PARTITION BY HASH (id);"
        "CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
        "INSERT INTO h VALUES (1, 1); CREATE INDEX by_a ON h (a_id);"
        "CREATE TRIGGER each AFTER INSERT ON p FOR EACH ROW EXECUTE PROCEDURE note ();"
        "ALTER TABLE p1 DISABLE TRIGGER each; CREATE UNIQUE INDEX more ON a (id) INCLUDE (f);"
        "CREATE TABLE pd PARTITION OF p DEFAULT; ALTER INDEX by_f ALTER 1 SET STATISTICS 7;"
        "CREATE TABLE counted (i int GENERATED ALWAYS AS IDENTITY, d int) PARTITION BY LIST (d);"
        "CREATE TABLE counted1 PARTITION OF counted DEFAULT; INSERT INTO counted (d) VALUES (1);" },
  { 12, "CREATE TABLE made (a float8, b float8 GENERATED ALWAYS AS (a / 3) STORED);"
        "INSERT INTO made (a) VALUES (1), ('infinity');"
        "CREATE TABLE h_ref (id int REFERENCES h); INSERT INTO h_ref VALUES (1);" },
  { 13, "ALTER STATISTICS both_columns SET STATISTICS 300;"
        "ALTER PUBLICATION pub SET (publish_via_partition_root)" },
  { 14, "CREATE TYPE spans AS RANGE (subtype = float8, multirange_type_name = many_spans);"
        "CREATE PROCEDURE gives (IN a int, OUT b int) LANGUAGE plpgsql AS 'BEGIN b := a; END';"
        "CREATE FUNCTION parsed (a int) RETURNS int RETURN a + 1;"
        "CREATE TABLE squeezed (t text COMPRESSION pglz, m many_spans)" },
  { 15, "CREATE VIEW asks WITH (security_invoker) AS SELECT * FROM a;"
        "CREATE TABLE alone (a int, UNIQUE NULLS NOT DISTINCT (a))" },
  { 17, "CREATE COLLATION built_in (PROVIDER = builtin, LOCALE = 'C.UTF-8');"
        "CREATE VIEW listed AS SELECT j.* FROM JSON_TABLE ('[1]'::jsonb, '$[*]'"
        " COLUMNS (i int PATH '$')) j" },
  { 18, "CREATE TABLE thought (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL,"
        " c int CONSTRAINT ours NOT NULL NO INHERIT, d int, e int CHECK (e > 5) NOT ENFORCED);"
        "INSERT INTO thought (a, c) VALUES (1, 2);"
        "ALTER TABLE thought ADD CONSTRAINT not_yet NOT NULL d NOT VALID;"
        "COMMENT ON CONSTRAINT not_yet ON thought IS 'c';"
        "CREATE TABLE in_time (id int4range, d daterange, PRIMARY KEY (id, d WITHOUT OVERLAPS));"
        "CREATE PUBLICATION generated FOR TABLE made WITH (publish_generated_columns = stored)" },
};

typedef struct
{
  int since;       /* major version of the source */
  const char *sql; /* done to the target */
  const char *shown;
} Change;

static const Change changes[] = {
  { 10, "DROP INDEX by_t", "index public.by_t is missing" },
  { 10, "UPDATE a SET f = f + 1e-15 WHERE id = 5", "table public.a has other rows" },
  { 10, "UPDATE a SET g = 'NaN' WHERE id = 3", "table public.a has other rows" },
  { 10, "UPDATE a SET who = 'x' WHERE id = 5", "table public.a has other rows" },
  { 10, "ALTER TABLE parent ALTER n TYPE text COLLATE \"POSIX\"", "column public.parent.n" },
  { 10, "ALTER SERVER far OPTIONS (SET host 'elsewhere')", "foreign server far" },
  { 10, "ALTER FUNCTION less STABLE", "function public.less(double precision" },
  { 10, "ALTER PUBLICATION pub SET (publish = 'insert')", "publication pub" },
  { 10, "DROP TRIGGER noted ON a", "trigger public.a.noted is missing" },
  { 10, "ALTER TABLE p DETACH PARTITION p1", "table public.p1" },
  { 11, "DROP PROCEDURE plain", "procedure public.plain(INOUT a integer, b text) is missing" },
  { 11, "ALTER TABLE p1 ENABLE TRIGGER each", "trigger public.p1.each" },
  { 12, "ALTER TABLE made ALTER b DROP EXPRESSION", "column public.made.b" },
  { 18, "ALTER TABLE thought DROP CONSTRAINT not_yet", "column public.thought.d" },
  { 18, "ALTER TABLE thought RENAME CONSTRAINT ours TO theirs", "column public.thought.c" },
};

static int
read_major (PgmTestServer *server)
{
  g_autofree char *version = pgm_test_server_psql (server, "postgres", "SHOW server_version_num");

  return atoi (version) / 10000;
}

static PgmTestRun *
verify (const char *options)
{
  g_autofree char *json = pgm_test_profile_json (source, target, NULL, "shop", options);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_VERIFY_ONLY };

  return pgm_test_run (json, &how);
}

static void
assert_no_difference (PgmTestRun *run)
{
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  g_assert_cmpuint (run->data->differences->len, ==, 0);
  pgm_test_assert_has (run->data->verified_how, "definitions");
  if (pgm_test_find (run->data->findings, "reads-differently") != NULL ||
      pgm_test_find (run->data->findings, "unchecked") != NULL)
    g_error ("%s", pgm_test_run_describe (run));
}

static void
test_equal (gconstpointer options)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) after = NULL;

  pgm_test_do (target, "postgres", "DROP DATABASE IF EXISTS shop");
  run = pgm_test_mirror (source, target, NULL, "shop", options);
  assert_no_difference (run);
  after = verify (options);
  assert_no_difference (after);
  pgm_test_assert_nothing_left (source, target);
}

static void
assert_found (const Change *change)
{
  g_autoptr(PgmTestRun) run = NULL;

  g_test_message ("%s", change->sql);
  pgm_test_do (target, "postgres",
               "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop TEMPLATE kept");
  pgm_test_do (target, "shop", change->sql);
  run = verify (FULL);
  pgm_test_assert_code (run, "differences");
  for (guint i = 0; i < run->data->differences->len; i++)
    if (strstr (((PgmFinding *) run->data->differences->pdata[i])->message, change->shown) != NULL)
      return;
  g_error ("\"%s\" was not found: %s", change->shown, pgm_test_run_describe (run));
}

static void
test_changes (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  int major = read_major (source);

  pgm_test_do (target, "postgres", "DROP DATABASE IF EXISTS shop");
  run = pgm_test_mirror (source, target, NULL, "shop", COUNTS);
  assert_no_difference (run);
  pgm_test_do (target, "postgres", "ALTER DATABASE shop RENAME TO kept");
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    if (changes[i].since <= major)
      assert_found (&changes[i]);
}

static void
make_content (void)
{
  int major = read_major (source);

  pgm_test_do (source, "postgres", "CREATE DATABASE shop TEMPLATE template0");
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    if (contents[i].since <= major)
      pgm_test_do (source, "shop", contents[i].sql);
}

int
main (int argc, char **argv)
{
  const char *bindir = g_getenv ("TEST_PG_SOURCE_BINDIR");
  PgmTestServerOptions options = { .bindir = bindir != NULL && *bindir != '\0' ? bindir : NULL };
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", NULL);
  make_content ();

  g_test_add_data_func ("/mirror-versions/equal-full", FULL, test_equal);
  g_test_add_data_func ("/mirror-versions/equal-counts", COUNTS, test_equal);
  g_test_add_data_func ("/mirror-versions/equal-with-rights", WITH_RIGHTS, test_equal);
  g_test_add_func ("/mirror-versions/changes", test_changes);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
