/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-mirror.h"
#include "pgm-test-server.h"

G_BEGIN_DECLS

/* How a run is observed. Everything may be left out. */
typedef struct
{
  PgmMirrorFlags flags;
  GCancellable *cancellable; /* borrowed */
  void (*event) (PgmMirror *mirror, PgmEvent *event, gpointer user_data);
  void (*question) (PgmQuestion *question, gpointer user_data); /* NULL: says no */
  gpointer user_data;
} PgmTestRunOptions;

/* One run of the library, started and observed as a window or a command line would. */
typedef struct
{
  PgmMirror *mirror;
  PgmReport *report;    /* NULL until it has ended */
  PgmReportData *data;  /* of @report */
  GPtrArray *events;    /* PgmEvent, in order */
  GPtrArray *questions; /* PgmQuestion */
  GPtrArray *lines;     /* char *, "INFO message": the log down to the debug level */

  PgmTestRunOptions options;
  GMutex mutex; /* of @lines: any thread may log */
  PgmLogger *logger;
  GAsyncResult *result;
} PgmTestRun;

/* The limit for what is promised within @seconds: a machine that is slow, or busy with other tests,
 * takes several times as long. */
#define PGM_TEST_WITHIN_US(seconds) ((seconds) *4 * G_USEC_PER_SEC)

void pgm_test_run_init (int *argc, char ***argv);
void pgm_test_run_end (void);

PgmTestRun *pgm_test_run (const char *profile_json, const PgmTestRunOptions *options);
PgmTestRun *pgm_test_mirror (PgmTestServer *source,
                             PgmTestServer *target,
                             const char *role,
                             const char *database,
                             const char *options_json);
PgmTestRun *pgm_test_run_start (const char *profile_json, const PgmTestRunOptions *options);
void pgm_test_run_wait (PgmTestRun *self);
void pgm_test_run_free (PgmTestRun *self);
void pgm_test_do (PgmTestServer *server, const char *database, const char *sql);
gboolean pgm_test_run_logged (PgmTestRun *self, const char *part);
char *pgm_test_run_describe (PgmTestRun *self);
const PgmFinding *pgm_test_find (GPtrArray *findings, const char *code);
gboolean pgm_test_is_told (GPtrArray *findings, const char *code, const char *part);
char *pgm_test_dup_content (PgmTestServer *server, const char *database);
void pgm_test_assert_equal (PgmTestServer *source, PgmTestServer *target, const char *database);
void pgm_test_assert_nothing_left (PgmTestServer *source, PgmTestServer *target);

/* Shows the whole log of a run that ended with something else. */
#define pgm_test_assert_code(run, expected)                                                      \
  G_STMT_START                                                                                   \
  {                                                                                              \
    if (g_strcmp0 ((run)->data->code, (expected)) != 0)                                          \
      {                                                                                          \
        g_autofree char *described_ = pgm_test_run_describe (run);                               \
        g_error ("%s:%d: expected code \"%s\"\n%s", __FILE__, __LINE__, (expected), described_); \
      }                                                                                          \
  }                                                                                              \
  G_STMT_END

#define pgm_test_assert_has(text, part)                                           \
  G_STMT_START                                                                    \
  {                                                                               \
    if (strstr ((text), (part)) == NULL)                                          \
      g_error ("%s:%d: no \"%s\" in \"%s\"", __FILE__, __LINE__, (part), (text)); \
  }                                                                               \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTestRun, pgm_test_run_free)

G_END_DECLS
