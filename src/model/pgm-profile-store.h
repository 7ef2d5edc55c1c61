/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile.h"

G_BEGIN_DECLS

/* The folder of saved profiles, shared by the window and the CLI. */
typedef struct
{
  char *path;
  char *title;         /* never NULL: the file's name where the profile has none */
  PgmProfile *profile; /* (nullable): NULL when the file has faults */
  char *fault;         /* (nullable): what is wrong with it, one fault a line */
} PgmStoredProfile;

char *pgm_profile_store_dup_folder (void);
GPtrArray *pgm_profile_store_list (GError **error);
PgmProfile *pgm_profile_store_load (const char *name, GError **error);
void pgm_stored_profile_free (PgmStoredProfile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmStoredProfile, pgm_stored_profile_free)

G_END_DECLS
