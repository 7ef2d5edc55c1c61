/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PGM_TOOL_PG_DUMP,
  PGM_TOOL_PG_RESTORE,
  PGM_TOOL_PSQL,
} PgmToolKind;

#define PGM_N_TOOLS 3

/* An installed client program. Immutable once built: may cross threads. */
typedef struct
{
  PgmToolKind kind;
  char *path;            /* absolute */
  char *failure;         /* (nullable): a sentence; it cannot be used, and has no version */
  char *version;         /* as the tool says it: "15.20 (Debian 15.20-0+deb12u1)" */
  guint major;           /* 15; for 9.6 it is 9 */
  guint minor;           /* 20 */
  gboolean is_preferred; /* its folder was named by the user */
} PgmTool;

/* The three programs that one run uses. */
typedef struct
{
  PgmTool *tools[PGM_N_TOOLS]; /* (nullable) each, owned */
} PgmToolSet;

#define PGM_TYPE_TOOL (pgm_tool_get_type ())

GType pgm_tool_get_type (void);
PgmTool *pgm_tool_ref (PgmTool *self);
void pgm_tool_unref (PgmTool *self);
const char *pgm_tool_kind_get_name (PgmToolKind kind);
GPtrArray *pgm_tools_find_sync (GCancellable *cancellable, GError **error);
GPtrArray *pgm_tools_find_in_sync (const char *const *preferred,
                                   const char *const *folders,
                                   GCancellable *cancellable,
                                   GError **error);
PgmToolSet *
pgm_tools_choose (GPtrArray *found, guint source_major, guint target_major, GError **error);
const PgmTool *pgm_tools_choose_psql (GPtrArray *found, GError **error);
void pgm_tool_set_free (PgmToolSet *self);
const char *pgm_tool_set_get_path (const PgmToolSet *self, PgmToolKind kind);
char *pgm_tools_dup_refused (PgmToolKind kind);
char *pgm_tools_dup_install_hint (guint major);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmTool, pgm_tool_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmToolSet, pgm_tool_set_free)

G_END_DECLS
