/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What acts on rows that come, or refuses them, is not there before they are. */

#include "pgm-test-run.h"

#include <string.h>

#define MANY_JOBS "{ \"verify\": \"full\", \"parallel_jobs\": 16 }"

static PgmTestServer *source;
static PgmTestServer *target;

/* Partitions that are each restored in a session of their own. */
#define PARTITIONS(table)                                                                         \
  "CREATE TABLE " table " (id int, v text) PARTITION BY LIST (id);"                               \
  "DO $$ BEGIN FOR i IN 1..24 LOOP EXECUTE format ('CREATE TABLE " table "%s PARTITION OF " table \
  " FOR VALUES IN (%s)', i, i); END LOOP; END $$;"                                                \
  "INSERT INTO " table " SELECT g % 24 + 1, 'as it was' FROM generate_series (1, 48000) g;"       \
  "CREATE INDEX ON " table " (v);"

/* A second to copy into any session but this one. */
#define SLOW_TABLE                                                                          \
  "SET test.fast = 1; CREATE FUNCTION pause (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql" \
  " AS $$ BEGIN IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"             \
  " PERFORM pg_catalog.pg_sleep (1); END IF; RETURN i; END $$;"                             \
  "CREATE TABLE slow (i int CHECK (pause (i) = i)); INSERT INTO slow VALUES (1);"

typedef struct
{
  const char *path;
  const char *database;
  const char *sql;
  const char *kind; /* of the entry that has to wait */
  gboolean before_indexes;
} Case;

static const Case cases[] = {
  { "/mirror-order/trigger", "spoiling",
    SLOW_TABLE PARTITIONS (
        "p") "CREATE FUNCTION spoil () RETURNS trigger LANGUAGE plpgsql"
             " AS $$ BEGIN NEW.v := 'spoilt'; RETURN NEW; END $$;"
             "CREATE TRIGGER spoil BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION spoil ();"
             "COMMENT ON TRIGGER spoil ON p IS 'spoils'; COMMENT ON TABLE p IS 'spoilt';"
             "CREATE FUNCTION refuse () RETURNS event_trigger LANGUAGE plpgsql"
             " AS $$ BEGIN RAISE 'no more'; END $$;"
             "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER')"
             " EXECUTE FUNCTION refuse (); COMMENT ON EVENT TRIGGER refuse IS 'refuses';",
    " TRIGGER " },
  { "/mirror-order/key", "referring",
    SLOW_TABLE "CREATE TABLE known (id int PRIMARY KEY);"
               "INSERT INTO known SELECT generate_series (1, 24);" PARTITIONS (
                   "p") "ALTER TABLE p ADD CONSTRAINT to_known FOREIGN KEY (id) REFERENCES known;"
                        "COMMENT ON CONSTRAINT to_known ON p IS 'known';"
                        "COMMENT ON CONSTRAINT known_pkey ON known IS 'a key';"
                        "COMMENT ON CONSTRAINT slow_i_check ON slow IS 'a check';",
    " FK CONSTRAINT " },
  { "/mirror-order/check", "unchecked",
    SLOW_TABLE "CREATE DOMAIN small AS int; CREATE TABLE t (i small); INSERT INTO t VALUES (7);"
               "ALTER DOMAIN small ADD CONSTRAINT below CHECK (VALUE < 5) NOT VALID;",
    " CHECK CONSTRAINT ", TRUE },
};

/* Returns: the first (or last) line with both, or -1 */
static int
find_line (PgmTestRun *run, const char *event, const char *kind, gboolean is_last)
{
  int found = -1;

  for (guint i = 0; i < run->lines->len && (is_last || found < 0); i++)
    if (strstr (run->lines->pdata[i], event) != NULL && strstr (run->lines->pdata[i], kind) != NULL)
      found = (int) i;
  return found;
}

static void
test_case (gconstpointer data)
{
  const Case *self = data;
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s", self->database);
  g_autoptr(PgmTestRun) run = NULL;
  int last_data = 0;
  int first = 0;

  pgm_test_do (source, "postgres", create);
  pgm_test_do (source, self->database, self->sql);
  run = pgm_test_mirror (source, target, NULL, self->database, MANY_JOBS);
  pgm_test_assert_code (run, "ok");
  g_assert_true (run->data->verified);
  pgm_test_assert_equal (source, target, self->database);
  last_data = find_line (run, "finished item", " TABLE DATA ", TRUE);
  first = find_line (run, "launching item", self->kind, FALSE);
  g_assert_cmpint (last_data, >=, 0);
  g_assert_cmpint (first, >, last_data);
  if (!self->before_indexes)
    g_assert_cmpint (first, >, find_line (run, "finished item", " INDEX ATTACH ", TRUE));
}

int
main (int argc, char **argv)
{
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", NULL);
  target = pgm_test_server_start ("target", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_case);
  status = g_test_run ();

  pgm_test_server_free (source);
  pgm_test_server_free (target);
  pgm_test_run_end ();
  return status;
}
