/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-test-pair.h"

G_BEGIN_DECLS

/* What a call of the program came to. */
typedef struct
{
  char *out;
  char *err;
  int status;
} PgmTestSaid;

/* A run of the program on a pair of databases. */
typedef struct
{
  PgmTestPair *pair;
  char *config;
  GSubprocess *process;
} PgmTestCut;

void pgm_test_recover_init (int *argc, char ***argv);
void pgm_test_recover_end (void);
void pgm_test_call (PgmTestSaid *said, const char *const *args);
void pgm_test_said_clear (PgmTestSaid *said);
void pgm_test_expect (const PgmTestSaid *said, int status, const char *part);
void pgm_test_assert_member (const PgmTestSaid *said,
                             const char *kind,
                             const char *key,
                             const char *expected);
char *pgm_test_write_config (const char *name, const char *json);
void pgm_test_remove_config (char *path);
void pgm_test_assert_answer (PgmTestServer *server, const char *sql, const char *expected);

void pgm_test_cut_prepare (PgmTestCut *self,
                           PgmTestServer *source,
                           PgmTestServer *target,
                           const char *name,
                           const char *content,
                           const char *options);
void pgm_test_cut_start (PgmTestCut *self);
void pgm_test_cut_wait_until_dead (PgmTestCut *self);
void pgm_test_cut_kill (PgmTestCut *self);
void pgm_test_cut_assert_old (PgmTestCut *self);
void pgm_test_cut_finish (PgmTestCut *self);

#define PGM_TEST_NO_SESSION \
  "count (*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'pgmirror-%'"

#define PGM_TEST_CALL(said, ...) pgm_test_call ((said), (const char *const[]){ __VA_ARGS__, NULL })

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmTestSaid, pgm_test_said_clear)

G_END_DECLS
