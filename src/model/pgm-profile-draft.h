/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile.h"

G_BEGIN_DECLS

/* A profile while it is edited: a document that may have faults. Keys are written as in messages:
 * "name", "source.host", "options.tables". One thread. */
typedef struct _PgmProfileDraft PgmProfileDraft;

PgmProfileDraft *pgm_profile_draft_new (void);
PgmProfileDraft *
pgm_profile_draft_parse (const char *data, gssize length, const char *path, GError **error);
void pgm_profile_draft_free (PgmProfileDraft *self);
void pgm_profile_draft_set_path (PgmProfileDraft *self, const char *path);

gboolean pgm_profile_draft_has (PgmProfileDraft *self, const char *key);
char *pgm_profile_draft_dup_text (PgmProfileDraft *self, const char *key);
gint64 pgm_profile_draft_get_integer (PgmProfileDraft *self, const char *key);
gboolean pgm_profile_draft_get_boolean (PgmProfileDraft *self, const char *key);
char **pgm_profile_draft_dup_texts (PgmProfileDraft *self, const char *key);

gboolean pgm_profile_draft_set (PgmProfileDraft *self, const char *key, JsonNode *value);
gboolean pgm_profile_draft_set_text (PgmProfileDraft *self, const char *key, const char *text);
gboolean
pgm_profile_draft_set_texts (PgmProfileDraft *self, const char *key, const char *const *texts);
void pgm_profile_draft_swap_servers (PgmProfileDraft *self);
void pgm_profile_draft_make_absolute (PgmProfileDraft *self);

gboolean pgm_profile_draft_is_faultless (PgmProfileDraft *self);
const char *pgm_profile_draft_get_fault (PgmProfileDraft *self, const char *key);
PgmEndpoint *pgm_profile_draft_dup_endpoint (PgmProfileDraft *self, PgmSide side);
PgmOptions *pgm_profile_draft_get_options (PgmProfileDraft *self);
char *pgm_profile_draft_write (PgmProfileDraft *self);
PgmProfile *pgm_profile_draft_build (PgmProfileDraft *self, GError **error);

char **pgm_profile_draft_dup_words (const char *key);
gboolean pgm_profile_draft_can_choose (const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmProfileDraft, pgm_profile_draft_free)

G_END_DECLS
