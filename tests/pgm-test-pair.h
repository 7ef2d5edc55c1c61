/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-test-run.h"

G_BEGIN_DECLS

/* A database on the source, and an old one of the same name on the target that a run has to
 * replace as a whole or leave alone. */
typedef struct
{
  /* borrowed */
  PgmTestServer *source;
  PgmTestServer *target;
  const char *role; /* (nullable): owner of both databases; NULL for the superuser */

  /* owned */
  char *database;
  char *old;     /* fingerprint of the target's database before a run */
  char *options; /* of the profile, as JSON */
} PgmTestPair;

PgmTestPair *pgm_test_pair_new (PgmTestServer *source,
                                PgmTestServer *target,
                                const char *role,
                                const char *database,
                                const char *source_sql);
void pgm_test_pair_free (PgmTestPair *self);
void pgm_test_pair_set_options (PgmTestPair *self, const char *members);
char *pgm_test_pair_dup_profile (PgmTestPair *self);
PgmTestRun *pgm_test_pair_run (PgmTestPair *self);
PgmTestRun *pgm_test_pair_start (PgmTestPair *self, GCancellable *cancellable);
void pgm_test_pair_assert_old (PgmTestPair *self, PgmTestRun *run);
void pgm_test_pair_assert_new (PgmTestPair *self);

char *pgm_test_fingerprint (PgmTestServer *server, const char *database);
PgmConn *
pgm_test_hold (PgmTestServer *server, const char *role, const char *database, const char *sql);
PgmConn *pgm_test_open_gate (PgmTestServer *server);
void pgm_test_close_gate (PgmConn *gate);
void pgm_test_freeze (PgmTestServer *server);
void pgm_test_thaw (PgmTestServer *server);
void pgm_test_wait_until (PgmTestServer *server, const char *condition);
void pgm_test_run_wait_logged (PgmTestRun *run, const char *part);
char *pgm_test_fake_begin (const char *name, const char *script);
void pgm_test_fake_end (char *folder);
void pgm_test_remove_tree (const char *path);

/* Content for the source: small on disk and half a gigabyte to pg_dump. */
#define PGM_TEST_LONG_DUMP                                                               \
  "CREATE TABLE long_dump (t text); INSERT INTO long_dump SELECT repeat ('x', 8000000);" \
  "DO $$ BEGIN FOR i IN 1..6 LOOP INSERT INTO long_dump TABLE long_dump; END LOOP; END $$;"

/* An index, and a check for each row, that take ten minutes in any session but this one. */
#define PGM_TEST_SLOW                                                               \
  "SET test.fast = 1;"                                                              \
  "CREATE FUNCTION slow (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN" \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"                 \
  " PERFORM pg_catalog.pg_sleep (600); END IF; RETURN i; END $$;"
#define PGM_TEST_ENDLESS_INDEX \
  PGM_TEST_SLOW "CREATE TABLE t AS SELECT 1 AS i; CREATE INDEX slow_t ON t (slow (i));"
#define PGM_TEST_ENDLESS_COPY \
  PGM_TEST_SLOW "CREATE TABLE t (i int CHECK (slow (i) = i)); INSERT INTO t VALUES (1);"

/* What waits, in a function, until somebody holds this advisory lock in any database of the server.
 */
#define PGM_TEST_GATE "4711"
#define PGM_TEST_WAIT_FOR_GATE                                                                 \
  "WHILE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND objid " \
  "= " PGM_TEST_GATE " AND granted) LOOP PERFORM pg_catalog.pg_sleep (0.02); END LOOP;"

/* A table whose rows go into any session but this one only once the gate is open, and when they
 * are at it. */
#define PGM_TEST_PAUSING_COPY_OF(table)                                              \
  "SET test.fast = 1;"                                                               \
  "CREATE FUNCTION pause (i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN" \
  " IF pg_catalog.current_setting ('test.fast', true) IS NULL THEN"                  \
  " " PGM_TEST_WAIT_FOR_GATE " END IF; RETURN i; END $$;"                            \
  "CREATE TABLE " table " (i int CHECK (pause (i) = i)); INSERT INTO " table " VALUES (1);"
#define PGM_TEST_IS_COPYING_OF(table)                                                    \
  "EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%' AND " \
  "state = 'active' AND query LIKE 'COPY public." table " %')"
#define PGM_TEST_PAUSING_COPY PGM_TEST_PAUSING_COPY_OF ("t")
#define PGM_TEST_IS_COPYING PGM_TEST_IS_COPYING_OF ("t")

/* @part: of what the report says happened, which is one line */
#define pgm_test_assert_message(run, part)                                             \
  G_STMT_START                                                                         \
  {                                                                                    \
    const char *said_ = (run)->data->message;                                          \
    g_test_message ("%s", said_);                                                      \
    if (strstr (said_, (part)) == NULL || strchr (said_, '\n') != NULL)                \
      g_error ("%s:%d: expected \"%s\" in \"%s\"", __FILE__, __LINE__, (part), said_); \
  }                                                                                    \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTestPair, pgm_test_pair_free)

G_END_DECLS
