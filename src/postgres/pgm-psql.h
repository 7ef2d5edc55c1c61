/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-logger.h"
#include "pgm-script.h"
#include "pgm-server.h"

G_BEGIN_DECLS

/* psql against one server: for what changes databases, and for the user's own scripts. All
 * calls from one thread. */
typedef struct _PgmPsql PgmPsql;

/* What a script did. */
typedef struct
{
  GPtrArray *lines;  /* char *, owned: what it printed, unaligned and without headers */
  char sqlstate[6];  /* of the statement that failed; empty when the server said none */
  guint failed_line; /* from 1; 0 when no statement failed */
} PgmScriptResult;

PgmPsql *pgm_psql_new (const char *path,
                       PgmServer *server,
                       const char *maintenance_database,
                       PgmLogger *logger,
                       GCancellable *kill);
void pgm_psql_free (PgmPsql *self);
void pgm_psql_set_encoding (PgmPsql *self, const char *encoding);
void pgm_psql_set_kill (PgmPsql *self, GCancellable *kill);
void pgm_psql_set_tick (PgmPsql *self, void (*tick) (gpointer user_data), gpointer user_data);
gboolean pgm_psql_run_sync (PgmPsql *self,
                            const char *database,
                            const PgmScript *script,
                            PgmScriptResult *ret_result,
                            GCancellable *cancellable,
                            GError **error);
gboolean pgm_psql_run_from_sync (PgmPsql *self,
                                 const char *database,
                                 const PgmScript *script,
                                 guint first_line,
                                 PgmScriptResult *ret_result,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean pgm_psql_run_file_sync (PgmPsql *self,
                                 const char *database,
                                 const char *path,
                                 GCancellable *cancellable,
                                 GError **error);
void pgm_script_result_clear (PgmScriptResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmPsql, pgm_psql_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmScriptResult, pgm_script_result_clear)

G_END_DECLS
