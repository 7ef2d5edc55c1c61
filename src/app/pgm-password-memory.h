/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile-draft.h"

G_BEGIN_DECLS

/* The passwords of one profile that are asked for each time: asked for once while the window is
 * open, and never on a disk. Each is kept for one login: host, port and user. Main thread only.
 *
 * Signal: "rejected" (PgmSide as int): a server did not take it, so it is forgotten */
#define PGM_TYPE_PASSWORD_MEMORY (pgm_password_memory_get_type ())
G_DECLARE_FINAL_TYPE (PgmPasswordMemory, pgm_password_memory, PGM, PASSWORD_MEMORY, GObject)

PgmPasswordMemory *pgm_password_memory_new (void);
void pgm_password_memory_keep (PgmPasswordMemory *self, PgmEndpoint *endpoint, PgmSecret *password);
PgmSecret *pgm_password_memory_dup (PgmPasswordMemory *self, PgmEndpoint *endpoint);
void pgm_password_memory_follow (PgmPasswordMemory *self, PgmProfileDraft *draft);
void pgm_password_memory_swap (PgmPasswordMemory *self);
void pgm_password_memory_reject (PgmPasswordMemory *self, PgmSide side);
void pgm_password_memory_forget (PgmPasswordMemory *self);

G_END_DECLS
