/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PGM_TEST_SECRET "canary-password"
#define PGM_TEST_MAX_ARGS 12

/* The program as a user meets it, in a folder of its own. No server is needed: where one would
 * be, port 1 of this machine refuses. */
typedef struct
{
  char *folder; /* where the program is started */
  char *out;
  char *err;
  int status;
} PgmTestProgram;

extern const char *pgm_test_program; /* its path, absolute */

void pgm_test_program_find (int argc, char **argv);
void pgm_test_program_set_up (PgmTestProgram *fx, gconstpointer data);
void pgm_test_program_tear_down (PgmTestProgram *fx, gconstpointer data);
void pgm_test_program_write_file (PgmTestProgram *fx, const char *name, const char *text);
GSubprocessLauncher *pgm_test_program_new_launcher (PgmTestProgram *fx, GSubprocessFlags flags);
void pgm_test_program_fill_argv (const char **argv, const char *const *args);
void pgm_test_program_run (PgmTestProgram *fx, const char *const *args);
void pgm_test_assert_has (const char *text, const char *part);
const char *pgm_test_get_last_line (char *text);

#define PGM_TEST_RUN(fx, ...) \
  pgm_test_program_run ((fx), (const char *const[]){ __VA_ARGS__, NULL })
#define PGM_TEST_ADD(path, func) \
  g_test_add (path, PgmTestProgram, NULL, pgm_test_program_set_up, func, pgm_test_program_tear_down)

#define PGM_TEST_SERVER "\"host\": \"127.0.0.1\", \"port\": 1, \"user\": \"u\""
#define PGM_TEST_CONFIG                                                                           \
  "{ \"name\": \"nightly\","                                                                      \
  "  \"source\": { " PGM_TEST_SERVER ", \"database\": \"shop\", \"password\": \"" PGM_TEST_SECRET \
  "\" },"                                                                                         \
  "  \"target\": { " PGM_TEST_SERVER ", \"password\": \"" PGM_TEST_SECRET "\" } }"
#define PGM_TEST_ASKING_CONFIG                                                                    \
  "{ \"source\": { " PGM_TEST_SERVER ", \"database\": \"shop\", \"password_from\": \"prompt\" }," \
  "  \"target\": { " PGM_TEST_SERVER ", \"password_from\": \"prompt\" } }"

G_END_DECLS
