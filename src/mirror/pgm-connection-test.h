/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-connect-cause.h"
#include "pgm-endpoint.h"

G_BEGIN_DECLS

/* The answer to "can this server be reached, and what is there?". Immutable; for one thread. */
typedef struct
{
  PgmConnectCause cause; /* PGM_CONNECT_OK, or what is in the way */
  char *title;           /* (nullable): what is wrong, a few words for a label */
  char *message;         /* (nullable): what is wrong in full, one line with the names in it */
  char *hint;            /* (nullable): what to do about it, whole sentences */

  /* Only with PGM_CONNECT_OK, or where only the database is missing or closed to the role. */
  char *server_version; /* (nullable): "15.20" */
  char *tls_version;    /* (nullable): "TLSv1.3"; NULL: not encrypted */
  gint64 latency_us;    /* of one question and its answer */
  gboolean is_superuser;
  gboolean may_create_databases;
  gboolean is_in_recovery; /* a standby: can be a source, never a target */
  GPtrArray *databases;    /* PgmDatabaseInfo by name; never NULL, without templates */

  /* The database that the endpoint names, as far as the role can see. */
  gboolean database_exists;
  gint64 database_bytes;   /* -1: not known */
  int database_n_tables;   /* -1: not known */
  int database_n_sessions; /* of others; -1: not known */
} PgmConnectionReport;

/* Ends within the time-out, with an answer: only a cancel is an error. On a target a database
 * that does not exist is no fault. An endpoint without a database is asked for the server alone.
 *
 * @password: (nullable): NULL for what the endpoint itself says */
void pgm_connection_test_async (PgmEndpoint *endpoint,
                                PgmSecret *password,
                                guint connect_timeout_s,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
PgmConnectionReport *pgm_connection_test_finish (GAsyncResult *result, GError **error);
char *pgm_connection_report_dup_summary (const PgmConnectionReport *self);
void pgm_connection_report_free (PgmConnectionReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmConnectionReport, pgm_connection_report_free)

G_END_DECLS
