/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-test-server.h"

G_BEGIN_DECLS

#define PGM_TEST_SUPERUSER "postgres"

struct _PgmTestServer
{
  /* owned */
  char *name;
  char *bindir;
  char *folder; /* the socket's, too */
  char *data;
  char *log_path;
  char *locale;
  char *password; /* (nullable) */
  char **settings;
  char **envp;
  GSubprocess *postmaster; /* (nullable): NULL while stopped */

  guint16 port;
  gboolean listen_tcp;
  gboolean has_ipv6;
};

char *pgm_test_find_bindir_or_skip (void);
char *pgm_test_server_dup_program (PgmTestServer *self, const char *name);
GSubprocessLauncher *pgm_test_server_new_launcher (PgmTestServer *self, GSubprocessFlags flags);
int pgm_test_server_run_program (PgmTestServer *self,
                                 const char *const *argv,
                                 const char *role,
                                 const char *database,
                                 const char *input,
                                 char **output);

G_END_DECLS
