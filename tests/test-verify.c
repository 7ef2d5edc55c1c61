/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The comparison alone: what differs is found and named, what is equal is called equal, and
 * what cannot be looked at is a failure. */

#include "pgm-test-pair.h"

#include <string.h>

#define COUNTS "{ \"verify\": \"counts\" }"
#define FULL "{ \"verify\": \"full\", \"parallel_jobs\": 3 }"

static PgmTestServer *source;
static PgmTestServer *target;

static const char content[] =
    "CREATE TYPE mood AS ENUM ('good', 'bad');"
    "CREATE FUNCTION twice (i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';"
    "CREATE FUNCTION note () RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
    "CREATE TABLE a (id int PRIMARY KEY, t text DEFAULT 'x', f float8, m mood,"
    "  s varchar CHECK (s IN ('p', 'q')));"
    "INSERT INTO a SELECT i, 'row ' || i, i / 3.0, 'good', 'p' FROM generate_series (1, 100) i;"
    "CREATE INDEX by_t ON a (t);"
    "CREATE TABLE b (a_id int CONSTRAINT to_a REFERENCES a, n int CONSTRAINT positive CHECK (n > "
    "0));"
    "CREATE VIEW v AS SELECT id FROM a WHERE s IN ('p', 'q');"
    "CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM a;"
    "CREATE TRIGGER noted BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION note ();"
    "CREATE RULE quiet AS ON DELETE TO b DO INSTEAD NOTHING;"
    "ALTER TABLE b ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON b USING (n = 1);"
    "CREATE STATISTICS both_columns ON id, t FROM a;"
    "CREATE SEQUENCE numbers; SELECT setval ('numbers', 41);"
    "CREATE DOMAIN small AS int CHECK (VALUE < 10);"
    "CREATE TABLE p (i int) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p DEFAULT;"
    "CREATE TRIGGER each BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION note ();"
    "CREATE INDEX by_twice ON a (twice (id)); ALTER INDEX by_twice ALTER 1 SET STATISTICS 7;"
    "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;"
    "CREATE USER MAPPING FOR PUBLIC SERVER far; CREATE USER MAPPING FOR app SERVER far;"
    "CREATE SCHEMA told; CREATE PUBLICATION pub FOR TABLES IN SCHEMA told;"
    "COMMENT ON SCHEMA public IS 'ours'; CREATE COLLATION german (provider = icu, locale = 'de');"
    "CREATE COLLATION plain (provider = libc, locale = 'C.UTF-8');"
    "CREATE TYPE span AS RANGE (subtype = int, multirange_type_name = spans);"
    "CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int, initcond = '0', msfunc = int4pl,"
    "  minvfunc = int4mi, mstype = int);"
    "CREATE TABLE old (i int, CONSTRAINT few CHECK (i < 9)); CREATE TABLE young () INHERITS (old);"
    "CREATE TABLE wide (t text) WITH (autovacuum_enabled = off); CREATE EXTENSION hstore;"
    "COMMENT ON TABLE a IS 'first'; SELECT lo_from_bytea (4711, 'abc'), lo_from_bytea (4712, '');";

static PgmTestRun *
verify (const char *role, const char *database, const char *options)
{
  g_autofree char *json = pgm_test_profile_json (source, target, role, database, options);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_VERIFY_ONLY };

  return pgm_test_run (json, &how);
}

static void
make_both (const char *database, const char *sql)
{
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", database);

  pgm_test_do (source, "postgres", create);
  pgm_test_do (target, "postgres", create);
  pgm_test_do (source, database, sql);
  pgm_test_do (target, database, sql);
}

typedef struct
{
  const char *sql; /* done to the target */
  const char *code;
  const char *shown; /* by the first difference */
} Tampering;

static const Tampering tamperings[] = {
  { "DELETE FROM a WHERE id = 7", "row-count", "table public.a has 99 rows" },
  { "DROP TABLE a CASCADE", "object-missing", "public.a is missing" },
  { "DROP INDEX by_t", "object-missing", "index public.by_t is missing" },
  { "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_t'::regclass", "object-extra",
    "invalid index public.by_t" },
  { "ALTER TABLE a ALTER t SET DEFAULT 'y'", "object-differs", "column public.a.t" },
  { "ALTER TABLE a ALTER t DROP DEFAULT", "object-differs", "column public.a.t" },
  { "ALTER TABLE a ALTER t SET NOT NULL", "object-differs", "column public.a.t" },
  { "ALTER TABLE b ALTER a_id TYPE bigint", "object-differs", "column public.b.a_id" },
  { "DROP TRIGGER noted ON a", "object-missing", "trigger public.a.noted is missing" },
  { "ALTER TABLE a DISABLE TRIGGER noted", "object-differs", "trigger public.a.noted" },
  { "ALTER TABLE p1 DISABLE TRIGGER each", "object-extra", "trigger public.p1.each" },
  { "ALTER TABLE p DISABLE TRIGGER each", "object-differs", "trigger public.p.each" },
  { "ALTER INDEX by_twice ALTER 1 SET STATISTICS 8", "object-differs", "index public.by_twice" },
  { "ALTER PUBLICATION pub DROP TABLES IN SCHEMA told", "object-missing",
    "schema of publication pub.told is missing" },
  { "DROP POLICY mine ON b", "object-missing", "policy public.b.mine is missing" },
  { "ALTER TABLE b DISABLE ROW LEVEL SECURITY", "object-differs", "table public.b" },
  { "DROP RULE quiet ON b", "object-missing", "rule public.b.quiet is missing" },
  { "ALTER TABLE b DROP CONSTRAINT positive", "object-missing", "public.b.positive is missing" },
  { "ALTER TABLE b DROP CONSTRAINT to_a; ALTER TABLE b ADD CONSTRAINT to_a FOREIGN KEY (a_id)"
    " REFERENCES a NOT VALID",
    "object-differs", "constraint public.b.to_a" },
  { "CREATE OR REPLACE FUNCTION twice (i int) RETURNS int LANGUAGE sql IMMUTABLE"
    " AS 'SELECT i * 3'",
    "object-differs", "function public.twice(i integer)" },
  { "ALTER FUNCTION twice SECURITY DEFINER", "object-differs", "function public.twice(i integer)" },
  { "CREATE OR REPLACE VIEW v AS SELECT id FROM a WHERE s IN ('p', 'r')", "object-differs",
    "view public.v" },
  { "ALTER TYPE mood ADD VALUE 'so so'", "object-differs", "type public.mood" },
  { "DROP DOMAIN small", "object-missing", "domain public.small is missing" },
  { "DROP STATISTICS both_columns", "object-missing", "public.both_columns is missing" },
  { "COMMENT ON TABLE a IS 'second'", "object-differs", "comment table public.a" },
  { "SELECT setval ('numbers', 40)", "sequence-value", "sequence public.numbers stands at 40" },
  { "ALTER SEQUENCE numbers CYCLE", "object-differs", "sequence public.numbers" },
  { "SELECT lo_unlink (4711)", "large-object-missing", "large object 4711 is missing" },
  { "SELECT lo_create (4713)", "large-object-extra", "large object 4713 is only on the target" },
  { "CREATE TABLE c ()", "object-extra", "table public.c is only on the target" },
  { "CREATE SCHEMA more", "object-extra", "schema more is only on the target" },
  { "COMMENT ON SCHEMA public IS NULL", "object-missing", "comment schema public is missing" },
  { "COMMENT ON SCHEMA public IS 'yours'", "object-differs", "comment schema public" },
  { "DROP COLLATION german; CREATE COLLATION german (provider = icu, locale = 'fr')",
    "object-differs", "collation public.german" },
  { "DROP COLLATION plain; CREATE COLLATION plain (provider = libc, locale = 'C')",
    "object-differs", "collation public.plain" },
  { "ALTER TYPE spans RENAME TO spans_2", "object-differs", "type public.span" },
  { "CREATE OR REPLACE AGGREGATE total (int) (sfunc = int4pl, stype = int, initcond = '0',"
    " msfunc = int4pl, minvfunc = int4mi, mstype = int, msspace = 77)",
    "object-differs", "aggregate public.total(integer)" },
  { "CREATE OR REPLACE AGGREGATE total (int) (sfunc = int4pl, stype = int, minitcond = '0',"
    " msfunc = int4pl, minvfunc = int4mi, mstype = int)",
    "object-differs", "aggregate public.total(integer)" },
  { "ALTER TABLE b DISABLE TRIGGER ALL", "object-extra", "unenforced constraint public.b.to_a" },
  { "ALTER TABLE young NO INHERIT old; ALTER TABLE young INHERIT old", "object-differs",
    "column public.young.i" },
  { "ALTER TABLE young ADD CONSTRAINT few CHECK (i < 9)", "object-differs",
    "constraint public.young.few" },
  { "ALTER TABLE wide RESET (autovacuum_enabled), SET (toast.autovacuum_enabled = off)",
    "object-differs", "table public.wide" },
  { "CREATE USER MAPPING FOR stranger SERVER far", "object-extra",
    "user mapping stranger far is only on the target" },
};

/* What only a look at the content finds. */
static const Tampering changes[] = {
  { "UPDATE a SET t = 'Row 7' WHERE id = 7", "row-content", "table public.a has other rows" },
  { "UPDATE a SET t = CASE id WHEN 7 THEN 'row 8' ELSE 'row 7' END WHERE id IN (7, 8)",
    "row-content", "table public.a has other rows" },
  { "UPDATE a SET f = 1 / 3.00000000000001 WHERE id = 1", "row-content",
    "table public.a has other rows" },
  { "SELECT lo_put (4711, 1, 'x')", "large-object-content", "large object 4711 has other content" },
};

static void
tamper (const char *sql)
{
  pgm_test_do (target, "postgres", "DROP DATABASE IF EXISTS shop");
  pgm_test_do (target, "postgres", "CREATE DATABASE shop TEMPLATE untouched");
  pgm_test_do (target, "shop", sql);
}

static void
assert_found (const Tampering *tampering, const char *options)
{
  g_autoptr(PgmTestRun) run = NULL;

  g_test_message ("%s", tampering->sql);
  tamper (tampering->sql);
  run = verify (NULL, "shop", options);
  pgm_test_assert_code (run, "differences");
  g_assert_cmpint (pgm_report_get_exit_status (run->report), ==, 3);
  g_assert_false (run->data->verified);
  g_assert_cmpint (run->data->target_state, ==, PGM_TARGET_UNCHANGED);
  if (!pgm_test_is_told (run->data->differences, tampering->code, tampering->shown))
    g_error ("\"%s\" was not found: %s", tampering->shown, pgm_test_run_describe (run));
}

static void
test_differences (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tamperings); i++)
    assert_found (&tamperings[i], COUNTS);
}

static void
test_content (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr(PgmTestRun) run = NULL;

      assert_found (&changes[i], FULL);
      run = verify (NULL, "shop", COUNTS);
      pgm_test_assert_code (run, "ok");
      g_assert_null (strstr (run->data->verified_how, "content"));
    }
}

static void
assert_equal (const char *database)
{
  static const char *const ways[] = { COUNTS, FULL };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(PgmTestRun) run = verify (NULL, database, ways[i]);

      pgm_test_assert_code (run, "ok");
      g_assert_true (run->data->verified);
      g_assert_nonnull (run->data->verified_how);
      g_assert_cmpuint (run->data->differences->len, ==, 0);
      pgm_test_assert_nothing_left (source, target);
    }
}

/* Neither where rows lie, nor when a view was refreshed, nor what comes of a stale index of the
 * source is a difference. */
static void
test_equal (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  tamper ("UPDATE a SET t = t WHERE id % 3 = 0; VACUUM FULL a");
  pgm_test_do (target, "shop", "UPDATE pg_class SET reltuples = 0 WHERE relname = 'a'");
  before = pgm_test_dup_content (target, "shop");
  assert_equal ("shop");
  after = pgm_test_dup_content (target, "shop");
  g_assert_cmpstr (after, ==, before);
}

/* A whole run carries every kind, and then finds them equal. */
static void
test_all_kinds (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE kinds TEMPLATE template0");
  pgm_test_do (source, "kinds", content);
  pgm_test_do (source, "kinds", "ALTER TABLE p1 DISABLE TRIGGER each");
  run = pgm_test_mirror (source, target, NULL, "kinds", FULL);
  pgm_test_assert_code (run, "ok");
  assert_equal ("kinds");
}

static void
test_stale_view (void)
{
  make_both ("stale", "CREATE TABLE t AS SELECT generate_series (1, 5) i;"
                      "CREATE MATERIALIZED VIEW mv AS SELECT sum (i) FROM t;"
                      "CREATE INDEX on_i ON t (i)");
  pgm_test_do (source, "stale", "INSERT INTO t VALUES (6)");
  pgm_test_do (target, "stale", "INSERT INTO t VALUES (6); REFRESH MATERIALIZED VIEW mv");
  assert_equal ("stale");
}

/* The source's invalid index cannot travel; that is told, and is no difference. */
static void
test_invalid_on_source (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make_both ("half_index", "CREATE TABLE t (i int)");
  pgm_test_do (source, "half_index",
               "CREATE INDEX on_i ON t (i);"
               "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'on_i'::regclass");
  run = verify (NULL, "half_index", COUNTS);
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->findings, "not-compared"));
}

/* What differs where nothing can be counted as a difference is told all the same. */
static void
assert_warned (const char *database, const char *code, const char *shown)
{
  g_autoptr(PgmTestRun) run = verify (NULL, database, COUNTS);
  const PgmFinding *finding = NULL;

  pgm_test_assert_code (run, "ok");
  finding = pgm_test_find (run->data->findings, code);
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, PGM_SEVERITY_WARNING);
  pgm_test_assert_has (finding->message, shown);
}

static void
test_told (void)
{
  make_both ("told", "CREATE EXTENSION hstore; CREATE TABLE t (i int PRIMARY KEY);"
                     "CREATE TABLE u (i int CONSTRAINT fk REFERENCES t)");
  pgm_test_do (source, "told", "ALTER TABLE u DISABLE TRIGGER ALL");
  assert_warned ("told", "not-compared", "unenforced constraint public.u.fk");
  pgm_test_do (source, "told", "ALTER TABLE u ENABLE TRIGGER ALL");
  pgm_test_do (target, "told", "UPDATE pg_extension SET extversion = '1.2' WHERE extname ~ 'hst'");
  assert_warned ("told", "extension-version", "extension hstore");
  pgm_test_do (target, "told",
               "ALTER DATABASE told SET work_mem = '7MB'; ALTER DATABASE told CONNECTION LIMIT 9;"
               "ALTER ROLE app IN DATABASE told SET work_mem = '9MB';"
               "COMMENT ON DATABASE told IS 'told'");
  pgm_test_do (source, "told", "ALTER DATABASE told SET work_mem = '8MB'");
  assert_warned ("told", "database-differs",
                 "not counted: CONNECTION LIMIT, COMMENT, SET work_mem, ROLE app SET work_mem");
}

/* Owner and privileges of the database, where they travel at all. */
static void
test_database_rights (void)
{
  static const struct
  {
    const char *sql; /* on the target */
    const char *options;
    const char *told; /* (nullable) */
  } cases[] = {
    { "GRANT CONNECT, TEMPORARY ON DATABASE lent TO PUBLIC",
      "\"no_owner\": false, \"no_acl\": false", NULL },
    { "ALTER DATABASE lent OWNER TO app", "\"no_acl\": false", NULL },
    { "SELECT 1", "\"no_owner\": false, \"no_acl\": false", "not counted: OWNER" },
    { "REVOKE CONNECT ON DATABASE lent FROM PUBLIC", "\"no_owner\": false", "not counted: OWNER" },
    { "SELECT 1", "\"no_acl\": false", "not counted: GRANT" },
    { "SELECT 1", "\"verify\": \"counts\"", NULL },
  };

  make_both ("lent", "CREATE TABLE t ()");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *options = g_strdup_printf ("{ %s }", cases[i].options);
      g_autoptr(PgmTestRun) run = NULL;
      const PgmFinding *finding = NULL;

      pgm_test_do (target, "lent", cases[i].sql);
      run = verify (NULL, "lent", options);
      finding = pgm_test_find (run->data->findings, "database-differs");
      g_assert_cmpint (finding != NULL, ==, cases[i].told != NULL);
      if (finding != NULL)
        g_assert_true (g_str_has_suffix (finding->message, cases[i].told));
    }
}

/* A constraint that the source does not enforce is enforced in the copy. */
static void
test_unenforced (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE lax TEMPLATE template0");
  pgm_test_do (source, "lax",
               "CREATE TABLE t (i int PRIMARY KEY); CREATE TABLE u (i int CONSTRAINT fk"
               " REFERENCES t); ALTER TABLE u DISABLE TRIGGER ALL");
  run = pgm_test_mirror (source, target, NULL, "lax", COUNTS);
  pgm_test_assert_code (run, "ok");
  g_assert_cmpuint (run->data->left_behind->len, ==, 1);
  pgm_test_assert_has (((PgmFinding *) run->data->left_behind->pdata[0])->message,
                       "unenforced constraint public.u.fk does not travel");
}

/* Of the source's there would be a copy only where somebody made one. */
static void
test_subscription (void)
{
  static const char sub[] =
      "CREATE SUBSCRIPTION feed CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);"
      "ALTER SUBSCRIPTION feed SET (slot_name = NONE)";
  const Tampering extra = { NULL, "object-extra", "subscription feed is only on the target" };
  g_autoptr(PgmTestRun) run = NULL;

  make_both ("fed", "SELECT 1");
  pgm_test_do (target, "fed", sub);
  run = verify (NULL, "fed", COUNTS);
  pgm_test_do (target, "fed", "DROP SUBSCRIPTION feed");
  pgm_test_assert_code (run, "differences");
  g_assert_true (pgm_test_is_told (run->data->differences, extra.code, extra.shown));
  pgm_test_do (source, "fed", sub);
  assert_warned ("fed", "not-compared", "subscription feed");
  pgm_test_do (source, "fed", "DROP SUBSCRIPTION feed");
}

static void
test_column_order (void)
{
  static const char values[] =
      "INSERT INTO t (i, f, d, z, b, n, j) VALUES (1, '-0', '2024-02-29', '2024-03-31 02:30+02',"
      " '\\x00ff', 'NaN', '{\"b\": 1}'), (2, 'NaN', 'infinity', '-infinity', '', '-0.00', '[]'),"
      " (3, 1e-300, NULL, NULL, NULL, 1e40, NULL), (3, 0.1, NULL, NULL, NULL, 1e40, 'null');";

  make_both ("ordered", "SELECT 1");
  pgm_test_do (source, "ordered",
               "CREATE TABLE t (i int, f float8, d date, z timestamptz, b bytea, n numeric,"
               " j jsonb, c money DEFAULT 3)");
  pgm_test_do (target, "ordered",
               "CREATE TABLE t (gone int, n numeric, z timestamptz, i int, c money DEFAULT 3,"
               " j jsonb, f float8, b bytea, d date); ALTER TABLE t DROP gone");
  pgm_test_do (source, "ordered", values);
  pgm_test_do (target, "ordered",
               "ALTER DATABASE ordered SET datestyle = 'German';"
               "ALTER DATABASE ordered SET timezone = 'Asia/Tokyo';"
               "ALTER DATABASE ordered SET bytea_output = 'escape';"
               "ALTER DATABASE ordered SET extra_float_digits = -10;"
               "ALTER DATABASE ordered SET intervalstyle = 'iso_8601';"
               "ALTER DATABASE ordered SET search_path = nowhere");
  pgm_test_do (target, "postgres", "ALTER DATABASE ordered SET quote_all_identifiers = on");
  pgm_test_do (
      target, "ordered",
      "SET search_path = public; SET timezone = 'UTC'; "
      "INSERT INTO t (i, f, d, z, b, n, j) VALUES (3, 0.1, NULL, NULL, NULL, 1e40, 'null'),"
      " (3, 1e-300, NULL, NULL, NULL, 1e40, NULL),"
      " (2, 'NaN', 'infinity', '-infinity', '', '-0.00', '[]'), (1, '-0', '2024-02-29',"
      " '2024-03-31 00:30+00', '\\x00ff', 'NaN', '{\"b\": 1}')");
  assert_equal ("ordered");
}

static void
test_encodings (void)
{
  static const char sql[] = "CREATE TABLE t (x text); INSERT INTO t VALUES (U&'gr\\00FCn')";

  pgm_test_do (source, "postgres", "CREATE DATABASE coded TEMPLATE template0");
  pgm_test_do (target, "postgres",
               "CREATE DATABASE coded TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  pgm_test_do (source, "coded", sql);
  pgm_test_do (target, "coded", sql);
  assert_equal ("coded");
}

/* A table's name is a name, and two names are two tables wherever their dots are. */
static void
test_names (void)
{
  make_both ("named", "CREATE SCHEMA \"a.b\"; CREATE SCHEMA a;"
                      "CREATE TABLE \"a.b\".c (\"x'\"\"; --\" int);"
                      "CREATE TABLE a.\"b.c\" (\"t\" text, \"\\ %s\" text);"
                      "INSERT INTO a.\"b.c\" VALUES ('1', '2'); CREATE TABLE nothing ();"
                      "INSERT INTO nothing DEFAULT VALUES");
  assert_equal ("named");
  pgm_test_do (target, "named", "TRUNCATE a.\"b.c\"; INSERT INTO \"a.b\".c VALUES (1)");
  {
    g_autoptr(PgmTestRun) run = verify (NULL, "named", COUNTS);

    pgm_test_assert_code (run, "differences");
    g_assert_cmpuint (run->data->differences->len, ==, 2);
  }
}

/* Each case: done to the target before, by whom it is verified, and what is said. */
static void
assert_not_verified (const char *role, const char *database, const char *code, const char *shown)
{
  g_autoptr(PgmTestRun) run = verify (role, database, FULL);

  pgm_test_assert_code (run, code);
  g_assert_cmpint (pgm_report_get_exit_status (run->report), ==, 1);
  g_assert_false (run->data->verified);
  if (strstr (run->data->message, shown) == NULL)
    g_error ("expected \"%s\" in \"%s\"", shown, run->data->message);
  pgm_test_assert_nothing_left (source, target);
}

static void
test_not_allowed (void)
{
  make_both ("closed", "CREATE TABLE t (i int); CREATE SEQUENCE s; GRANT ALL ON t, s TO app");
  {
    g_autoptr(PgmTestRun) run = verify ("app", "closed", FULL);

    pgm_test_assert_code (run, "ok");
  }
  pgm_test_do (target, "closed", "REVOKE ALL ON s FROM app");
  assert_not_verified ("app", "closed", "verify-failed", "may not read sequence public.s");
  pgm_test_do (target, "closed", "GRANT ALL ON s TO app; REVOKE ALL ON t FROM app");
  assert_not_verified ("app", "closed", "verify-failed", "could not compare: target: ");
  pgm_test_do (target, "closed", "GRANT ALL ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY");
  assert_not_verified ("app", "closed", "verify-failed", "row-level security");
  pgm_test_do (target, "closed",
               "ALTER TABLE t DISABLE ROW LEVEL SECURITY;"
               "SELECT lo_from_bytea (4711, 'abc')");
  pgm_test_do (source, "closed", "SELECT lo_from_bytea (4711, 'abc')");
  assert_not_verified ("app", "closed", "verify-failed", "large object 4711");
}

/* What somebody else holds is waited for as long as the profile says. */
static void
test_locked (void)
{
  static const char short_wait[] = "{ \"verify\": \"counts\", \"lock_wait_timeout\": 1 }";
  g_autoptr(PgmConn) holder = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  make_both ("held", "CREATE TABLE t (i int)");
  holder =
      pgm_test_hold (target, NULL, "held", "BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
  run = verify (NULL, "held", short_wait);
  pgm_test_assert_code (run, "verify-failed");
  g_assert_false (run->data->verified);
  pgm_test_assert_has (run->data->message, "could not compare: target: ");
}

/* What was not looked at is not called equal. */
static void
test_schema_only (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make_both ("bare", "CREATE TABLE t (i int)");
  pgm_test_do (source, "bare", "INSERT INTO t VALUES (1); SELECT lo_create (4711)");
  run = verify (NULL, "bare", "{ \"schema_only\": true }");
  pgm_test_assert_code (run, "ok");
  pgm_test_assert_has (run->data->verified_how, " definitions");
  g_assert_null (strstr (run->data->verified_how, "row"));
}

static void
test_not_there (void)
{
  pgm_test_do (source, "postgres", "CREATE DATABASE lonely");
  assert_not_verified (NULL, "lonely", "preflight", "there is no database \"lonely\"");
}

static void
test_same_database (void)
{
  g_autofree char *json = pgm_test_profile_json (source, source, NULL, "shop", FULL);
  const PgmTestRunOptions how = { .flags = PGM_MIRROR_VERIFY_ONLY };
  g_autoptr(PgmTestRun) run = pgm_test_run (json, &how);

  pgm_test_assert_code (run, "same-server");
}

/* With filters, what is missing may have been left out; what is there has to be equal. */
static void
test_filters (void)
{
  g_autoptr(PgmTestRun) run = NULL;
  g_autoptr(PgmTestRun) other = NULL;

  tamper ("DROP TABLE b; DROP DOMAIN small; SELECT lo_unlink (oid) FROM pg_largeobject_metadata");
  run = verify (NULL, "shop", "{ \"verify\": \"full\", \"exclude_tables\": [\"b\"] }");
  pgm_test_assert_code (run, "ok");
  g_assert_nonnull (pgm_test_find (run->data->findings, "only-common"));
  g_assert_cmpuint (run->data->n_large_objects, ==, 0);
  pgm_test_do (target, "shop", "UPDATE a SET t = '' WHERE id = 1");
  other = verify (NULL, "shop", "{ \"verify\": \"full\", \"exclude_tables\": [\"b\"] }");
  pgm_test_assert_code (other, "differences");
}

/* A point is legal in a name, so that two sequences may be written alike. */
static void
test_alike_sequences (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  make_both ("alike", "CREATE SCHEMA \"a.b\"; CREATE SCHEMA a; CREATE SEQUENCE \"a.b\".c;"
                      "CREATE SEQUENCE a.\"b.c\"");
  pgm_test_do (target, "alike", "SELECT setval('\"a.b\".c', 77)");
  run = verify (NULL, "alike", COUNTS);
  pgm_test_assert_code (run, "differences");
  g_assert_nonnull (pgm_test_find (run->data->differences, "sequence-value"));
  g_assert_cmpuint (run->data->differences->len, ==, 1);
}

/* Which tables the filters take is known, so that one of them that is empty or gone is told. */
static void
test_filtered_tables (void)
{
  static const struct
  {
    const char *options; /* members */
    const char *sql;     /* done to the target */
    const char *code;    /* of the difference; NULL: equal */
  } cases[] = {
    { "\"exclude_tables\": [\"b\"]", "DROP TABLE b", NULL },
    { "\"exclude_tables\": [\"b\"]", "TRUNCATE a CASCADE", "row-count" },
    { "\"exclude_tables\": [\"b\"]", "DROP TABLE a CASCADE", "table-missing" },
    { "\"tables\": [\"a\"]", "DROP TABLE b", NULL },
    { "\"tables\": [\"a\"]", "DROP TABLE a CASCADE", "table-missing" },
    { "\"exclude_table_data\": [\"a\"]", "TRUNCATE a CASCADE", NULL },
    { "\"exclude_table_data\": [\"b\"]", "TRUNCATE a CASCADE", "row-count" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *options =
          g_strdup_printf ("{ \"verify\": \"counts\", %s }", cases[i].options);
      g_autoptr(PgmTestRun) run = NULL;

      g_test_message ("%s: %s", cases[i].options, cases[i].sql);
      tamper (cases[i].sql);
      run = verify (NULL, "shop", options);
      pgm_test_assert_code (run, cases[i].code != NULL ? "differences" : "ok");
      if (cases[i].code != NULL)
        g_assert_nonnull (pgm_test_find (run->data->differences, cases[i].code));
    }
}

/* A run compares the content of its own snapshot, whatever is written meanwhile. */
static gpointer
write_thread (gpointer stop)
{
  while (!g_atomic_int_get ((int *) stop))
    pgm_test_do (source, "busy",
                 "INSERT INTO a SELECT i, random ()::text FROM generate_series (1, 50) i;"
                 "UPDATE a SET t = random ()::text WHERE i = 7; DELETE FROM a WHERE i = 9");
  return NULL;
}

static void
test_full_run (void)
{
  int stop = FALSE;
  GThread *thread = NULL;
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE busy");
  pgm_test_do (source, "busy",
               "CREATE TABLE a (i int, t text); CREATE TABLE b AS SELECT generate_series (1, 9) n;"
               "SELECT lo_from_bytea (0, 'abc')");
  thread = g_thread_new ("writer", write_thread, &stop);
  run = pgm_test_mirror (source, target, NULL, "busy", FULL);
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  g_assert_nonnull (strstr (run->data->verified_how, "the content of all rows"));
  pgm_test_assert_nothing_left (source, target);
}

static gboolean
may_call (const char *database, const char *call)
{
  g_autofree char *sql = g_strdup_printf ("SELECT %s", call);

  return pgm_test_server_psql_status (target, "stranger", database, sql, NULL) == 0;
}

/* Without privileges, a function that runs with its owner's rights stays as closed as it was. */
static void
test_rights (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE guarded");
  pgm_test_do (
      source, "guarded",
      "CREATE TYPE mine AS ENUM ('a');"
      "CREATE FUNCTION secret (m mine, i int DEFAULT 1) RETURNS int LANGUAGE sql"
      " SECURITY DEFINER AS 'SELECT 1'; CREATE FUNCTION secret () RETURNS int"
      " LANGUAGE sql SECURITY DEFINER AS 'SELECT 2';"
      "CREATE FUNCTION \"no '%s\" () RETURNS int LANGUAGE sql SECURITY DEFINER"
      " AS 'SELECT 3'; CREATE FUNCTION plain () RETURNS int LANGUAGE sql AS 'SELECT 4';"
      "REVOKE EXECUTE ON FUNCTION secret (mine, int), \"no '%s\" (), plain () FROM PUBLIC");
  run = pgm_test_mirror (source, target, NULL, "guarded", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_false (may_call ("guarded", "secret ('a')"));
  g_assert_false (may_call ("guarded", "\"no '%s\" ()"));
  g_assert_true (may_call ("guarded", "secret ()"));
  g_assert_true (may_call ("guarded", "plain ()"));
  g_assert_nonnull (pgm_test_find (run->data->findings, "functions-closed"));
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "functions-open"));
  g_assert_nonnull (pgm_test_find (run->data->left_behind, "privileges"));
}

/* A schema that is closed closes what is in it; without privileges, the new one is open. */
static void
test_rights_of_schema (void)
{
  g_autoptr(PgmTestRun) run = NULL;

  pgm_test_do (source, "postgres", "CREATE DATABASE walled");
  pgm_test_do (source, "walled",
               "REVOKE USAGE ON SCHEMA public FROM PUBLIC; CREATE FUNCTION secret () RETURNS int"
               " LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';"
               "CREATE FUNCTION plain () RETURNS int LANGUAGE sql AS 'SELECT 2'");
  run = pgm_test_mirror (source, target, NULL, "walled", NULL);
  pgm_test_assert_code (run, "ok");
  g_assert_false (may_call ("walled", "secret ()"));
  g_assert_true (may_call ("walled", "plain ()"));
  g_assert_nonnull (pgm_test_find (run->data->findings, "functions-closed"));
}

int
main (int argc, char **argv)
{
  static const char roles[] = "CREATE ROLE app LOGIN; CREATE ROLE stranger LOGIN";
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);
  pgm_test_do (source, "postgres", roles);
  pgm_test_do (target, "postgres", roles);
  make_both ("shop", content);
  pgm_test_do (target, "postgres", "ALTER DATABASE shop RENAME TO untouched");

  g_test_add_func ("/verify/differences", test_differences);
  g_test_add_func ("/verify/content", test_content);
  g_test_add_func ("/verify/equal", test_equal);
  g_test_add_func ("/verify/all-kinds", test_all_kinds);
  g_test_add_func ("/verify/stale-view", test_stale_view);
  g_test_add_func ("/verify/invalid-on-source", test_invalid_on_source);
  g_test_add_func ("/verify/told", test_told);
  g_test_add_func ("/verify/unenforced", test_unenforced);
  g_test_add_func ("/verify/subscription", test_subscription);
  g_test_add_func ("/verify/column-order", test_column_order);
  g_test_add_func ("/verify/encodings", test_encodings);
  g_test_add_func ("/verify/names", test_names);
  g_test_add_func ("/verify/not-allowed", test_not_allowed);
  g_test_add_func ("/verify/locked", test_locked);
  g_test_add_func ("/verify/schema-only", test_schema_only);
  g_test_add_func ("/verify/not-there", test_not_there);
  g_test_add_func ("/verify/same-database", test_same_database);
  g_test_add_func ("/verify/database-rights", test_database_rights);
  g_test_add_func ("/verify/filters", test_filters);
  g_test_add_func ("/verify/filtered-tables", test_filtered_tables);
  g_test_add_func ("/verify/alike-sequences", test_alike_sequences);
  g_test_add_func ("/verify/full-run", test_full_run);
  g_test_add_func ("/verify/rights", test_rights);
  g_test_add_func ("/verify/rights-of-schema", test_rights_of_schema);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
