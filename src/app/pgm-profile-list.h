/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* The saved profiles: a GListModel of PgmProfileItem, in no order, which follows its folder. Main
 * thread only; nothing here waits for the disk.
 *
 * Property: "is-loaded" (gboolean)
 * Signals: "failed" (char *), a sentence for a toast; "added" (PgmProfileItem) after an import;
 * "conflict" (PgmProfileItem), as its own */
#define PGM_TYPE_PROFILE_LIST (pgm_profile_list_get_type ())
G_DECLARE_FINAL_TYPE (PgmProfileList, pgm_profile_list, PGM, PROFILE_LIST, GObject)

PgmProfileList *pgm_profile_list_new (const char *folder);
gboolean pgm_profile_list_is_loaded (PgmProfileList *self);
PgmProfileItem *pgm_profile_list_add_new (PgmProfileList *self, const char *password_from);
PgmProfileItem *
pgm_profile_list_add_text (PgmProfileList *self, char *text, const char *name, GError **error);
PgmProfileItem *pgm_profile_list_duplicate (PgmProfileList *self, PgmProfileItem *item);
void pgm_profile_list_import (PgmProfileList *self, GFile *file);
void pgm_profile_list_remove (PgmProfileList *self, PgmProfileItem *item);
void pgm_profile_list_discard (PgmProfileList *self, PgmProfileItem *item);
void pgm_profile_list_undo_remove (PgmProfileList *self, PgmProfileItem *item);
void pgm_profile_list_forget (PgmProfileList *self, PgmProfileItem *item);
PgmProfileItem *pgm_profile_list_find (PgmProfileList *self, const char *path);
gboolean pgm_profile_list_is_dirty (PgmProfileList *self);
void pgm_profile_list_save_now (PgmProfileList *self);

G_END_DECLS
