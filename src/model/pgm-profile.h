/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

#include "pgm-endpoint.h"
#include "pgm-options.h"

G_BEGIN_DECLS

/* A profile: the JSON config file, checked. Immutable once built: may cross threads. It keeps
 * the document it was made from, so that keys that this version does not know survive. */
typedef struct _PgmProfile PgmProfile;

#define PGM_TYPE_PROFILE (pgm_profile_get_type ())

GType pgm_profile_get_type (void);
PgmProfile *pgm_profile_load (const char *path, GError **error);
PgmProfile *pgm_profile_parse (const char *data, gssize length, const char *path, GError **error);
PgmProfile *
pgm_profile_new_with_member (PgmProfile *self, const char *key, JsonNode *value, GError **error);
gboolean pgm_profile_save (PgmProfile *self, const char *path, GError **error);
PgmProfile *pgm_profile_ref (PgmProfile *self);
void pgm_profile_unref (PgmProfile *self);
const char *pgm_profile_get_path (PgmProfile *self);
const char *pgm_profile_get_title (PgmProfile *self);
PgmEndpoint *pgm_profile_get_source (PgmProfile *self);
PgmEndpoint *pgm_profile_get_target (PgmProfile *self);
PgmOptions *pgm_profile_get_options (PgmProfile *self);
const char *const *pgm_profile_get_warnings (PgmProfile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmProfile, pgm_profile_unref)

G_END_DECLS
