/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-endpoint.h"
#include "pgm-options.h"
#include "pgm-profile-key.h"

G_BEGIN_DECLS

/* What a document says, as values. All owned. */
typedef struct
{
  char *name; /* (nullable): the title, where the document has one */
  PgmEndpoint *source;
  PgmEndpoint *target;
  PgmOptions *options;
} PgmProfileParts;

gboolean pgm_profile_schema_read (JsonNode *document,
                                  const char *file_label,
                                  const char *folder,
                                  PgmProfileParts *parts,
                                  char ***warnings,
                                  GError **error);
GPtrArray *
pgm_profile_schema_list_faults (JsonNode *document, const char *folder, PgmProfileParts *parts);
const PgmProfileKey *pgm_profile_schema_find (const char *path);
void pgm_profile_schema_make_absolute (JsonNode *document, const char *folder);
void pgm_profile_parts_clear (PgmProfileParts *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmProfileParts, pgm_profile_parts_clear)

G_END_DECLS
