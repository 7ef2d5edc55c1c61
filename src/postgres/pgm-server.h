/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-endpoint.h"
#include "pgm-lookout.h"

G_BEGIN_DECLS

/* One side of a run once its password is known: what it takes to open a session there or to
 * start a client tool against it. Atomically refcounted; what the first session learns about
 * the server is written once, by the thread that opens it. */
typedef struct _PgmServer PgmServer;

void pgm_server_forget_environment (void);
const char *pgm_server_get_variable (const char *name);
PgmServer *pgm_server_new (PgmEndpoint *endpoint,
                           PgmSecret *password,
                           const char *application_name,
                           guint connect_timeout_s);
PgmServer *pgm_server_ref (PgmServer *self);
void pgm_server_unref (PgmServer *self);
PgmEndpoint *pgm_server_get_endpoint (PgmServer *self);
PgmSecret *pgm_server_get_password (PgmServer *self);
void pgm_server_set_password (PgmServer *self, PgmSecret *password);
const char *pgm_server_get_application_name (PgmServer *self);
guint pgm_server_get_connect_timeout (PgmServer *self);
const char *pgm_server_get_passfile (PgmServer *self);
void pgm_server_set_address (PgmServer *self, const char *address);
const char *pgm_server_get_address (PgmServer *self);
void pgm_server_set_kill (PgmServer *self, GCancellable *kill);
GCancellable *pgm_server_get_kill (PgmServer *self);
void pgm_server_set_patience_ms (PgmServer *self, guint limit_ms);
guint pgm_server_get_patience_ms (PgmServer *self);
void pgm_server_set_stall_timeout (PgmServer *self, guint seconds);
guint pgm_server_get_stall_timeout (PgmServer *self);
PgmLookout *pgm_server_get_lookout (PgmServer *self);
void pgm_server_set_version (PgmServer *self, int version);
int pgm_server_get_version (PgmServer *self);
guint pgm_server_get_major (PgmServer *self);
char *pgm_server_dup_settings (PgmServer *self,
                               const char *before,
                               const char *between,
                               const char *after);
char *pgm_server_dup_conninfo (PgmServer *self, const char *database);
char **pgm_server_dup_environ (PgmServer *self, const char *extra_options);
void pgm_environ_free (char **envp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmServer, pgm_server_unref)

G_END_DECLS
