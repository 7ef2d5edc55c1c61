/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-archive-engine.h"

G_BEGIN_DECLS

gboolean pgm_archive_command_check_compression (const PgmOptions *options,
                                                const PgmToolSet *tools,
                                                GError **error);
GPtrArray *pgm_archive_command_backup (const PgmOptions *options,
                                       const PgmToolSet *tools,
                                       PgmServer *source,
                                       const char *archive,
                                       const char *snapshot);
GPtrArray *pgm_archive_command_restore (const PgmOptions *options,
                                        const PgmToolSet *tools,
                                        const PgmRestore *restore,
                                        PgmArchivePass pass,
                                        const char *archive,
                                        const char *list_file);
char *pgm_archive_command_to_text (const GPtrArray *argv);

G_END_DECLS
