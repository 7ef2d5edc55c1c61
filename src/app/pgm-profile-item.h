/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-password-memory.h"
#include "pgm-profile-io.h"

G_BEGIN_DECLS

/* One saved profile while it is shown and edited. It saves itself half a second after a
 * change, also while more changes come.
 *
 * Properties: "title", "route" (for a list), "path", "fault" (nullable), "outcome" and
 * "outcome-icon" (nullable): how its last run ended.
 *
 * Signals:
 *   "changed" ()           a key was set, or the file was read anew
 *   "save-failed" (GError)
 *   "conflict" ()          the file was changed from outside while there are unsaved edits
 */
#define PGM_TYPE_PROFILE_ITEM (pgm_profile_item_get_type ())
G_DECLARE_FINAL_TYPE (PgmProfileItem, pgm_profile_item, PGM, PROFILE_ITEM, GObject)

PgmProfileItem *pgm_profile_item_new (PgmProfileFile *file);
const char *pgm_profile_item_get_title (PgmProfileItem *self);
int pgm_profile_item_compare (PgmProfileItem *self, PgmProfileItem *other);
const char *pgm_profile_item_get_path (PgmProfileItem *self);
const char *pgm_profile_item_get_fault (PgmProfileItem *self);
PgmProfileDraft *pgm_profile_item_get_draft (PgmProfileItem *self);
PgmPasswordMemory *pgm_profile_item_get_passwords (PgmProfileItem *self);

void pgm_profile_item_set_text (PgmProfileItem *self, const char *key, const char *text);
void pgm_profile_item_set_integer (PgmProfileItem *self, const char *key, gint64 number);
void pgm_profile_item_set_boolean (PgmProfileItem *self, const char *key, gboolean value);
void pgm_profile_item_set_texts (PgmProfileItem *self, const char *key, const char *const *texts);
void pgm_profile_item_swap_servers (PgmProfileItem *self);

gboolean pgm_profile_item_is_new (PgmProfileItem *self);
gboolean pgm_profile_item_is_dirty (PgmProfileItem *self);
void pgm_profile_item_save_now (PgmProfileItem *self);
char *pgm_profile_item_write_portable (PgmProfileItem *self);
void pgm_profile_item_touch (PgmProfileItem *self);
void pgm_profile_item_forget (PgmProfileItem *self);
void pgm_profile_item_remember (PgmProfileItem *self);
void pgm_profile_item_take_file (PgmProfileItem *self, PgmProfileFile *file);
void pgm_profile_item_take_theirs (PgmProfileItem *self);
void pgm_profile_item_keep_mine (PgmProfileItem *self);
void pgm_profile_item_set_outcome (PgmProfileItem *self, const char *outcome, const char *icon);

G_END_DECLS
