/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-conn.h"
#include "pgm-options.h"

G_BEGIN_DECLS

/* What a dump with the profile's filters will hold, said in SQL: pg_dump's own rules
 * (selectDumpableNamespace() and selectDumpableTable() in its source), without its visibility of
 * names that another schema hides. */

gboolean pgm_catalog_filter_takes_everything (const PgmOptions *options);
char *pgm_catalog_filter_dup_with (PgmConn *conn, const PgmOptions *options);
void pgm_catalog_filter_append_pattern (GString *sql,
                                        PgmConn *conn,
                                        const char *pattern,
                                        gboolean is_table);
void pgm_catalog_filter_append_any (
    GString *sql, PgmConn *conn, char **patterns, gboolean is_table, const char *if_none);
GHashTable *pgm_catalog_list_travelling_sync (PgmConn *source,
                                              const PgmOptions *options,
                                              GCancellable *cancellable,
                                              GError **error);
PgmOptions *pgm_catalog_filter_encode_sync (PgmConn *conn,
                                            PgmOptions *options,
                                            GCancellable *cancellable,
                                            GError **error);

G_END_DECLS
