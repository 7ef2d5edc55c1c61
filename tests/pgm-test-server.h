/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A private PostgreSQL server for one test program: own data directory, own Unix socket, gone
 * when the program ends in whatever way. Nothing here returns an error: what fails ends the
 * test program with the server's log. Main thread only, because the server is bound to the life
 * of the thread that started it. */
typedef struct _PgmTestServer PgmTestServer;

/* Whether the cases that take long shall run as well: `build-aux/test --all` sets PGM_TEST_ALL. */
gboolean pgm_test_runs_all (void);
/* Whether everything takes many times as long: `build-aux/test --valgrind` sets PGM_TEST_SLOW. */
gboolean pgm_test_is_slow (void);

typedef struct
{
  const char *password;           /* (nullable): scram-sha-256 for everybody; otherwise trust */
  gboolean listen_tcp;            /* a free port of 127.0.0.1, and of ::1 where there is one */
  const char *const *initdb_args; /* (nullable): "--encoding=LATIN1" */
  const char *const *settings;    /* (nullable): "max_connections=20" */
  const char *locale;             /* (nullable): of the server and its programs: C.UTF-8 */
  const char *bindir;             /* (nullable): of another version than the other servers */
  PgmTestServer *base;            /* (nullable): is copied, while it runs */
  gboolean follows;               /* @base, as its standby */
} PgmTestServerOptions;

/* @name: short, for the folder and messages: "source"
 * @options: (nullable)
 *
 * Called from main, between g_test_init() and g_test_run(): without server binaries it skips
 * the whole program, or fails it where PGM_REQUIRE_SERVERS is set. */
PgmTestServer *pgm_test_server_start (const char *name, const PgmTestServerOptions *options);
void pgm_test_server_stop (PgmTestServer *self);
void pgm_test_server_shut_down (PgmTestServer *self);
void pgm_test_server_restart (PgmTestServer *self);
void pgm_test_server_free (PgmTestServer *self);

const char *pgm_test_server_get_socket_dir (PgmTestServer *self);
const char *pgm_test_server_get_host (PgmTestServer *self);
guint16 pgm_test_server_get_port (PgmTestServer *self);
const char *pgm_test_server_get_user (PgmTestServer *self);
const char *pgm_test_server_get_password (PgmTestServer *self);
const char *pgm_test_server_get_log_path (PgmTestServer *self);
GPid pgm_test_server_get_pid (PgmTestServer *self);
gboolean pgm_test_server_has_ipv6 (PgmTestServer *self);
char *pgm_test_server_dup_log (PgmTestServer *self);

char *pgm_test_server_psql (PgmTestServer *self, const char *database, const char *sql);
int pgm_test_server_psql_status (
    PgmTestServer *self, const char *role, const char *database, const char *sql, char **output);
void pgm_test_server_run_file (PgmTestServer *self,
                               const char *role,
                               const char *database,
                               const char *path);
char *pgm_test_server_dump_schema (PgmTestServer *self, const char *database);
guint pgm_test_server_count_sessions (PgmTestServer *self, const char *application_like);

char *pgm_test_profile_json (PgmTestServer *source,
                             PgmTestServer *target,
                             const char *role,
                             const char *database,
                             const char *options_json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTestServer, pgm_test_server_free)

G_END_DECLS
