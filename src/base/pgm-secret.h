/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A password: immutable, atomically refcounted, wiped when the last reference goes. There is
 * no function that returns a copy; what pgm_secret_reveal() lends belongs in a child's
 * environment or a libpq parameter and nowhere else. */
typedef struct _PgmSecret PgmSecret;

#define PGM_TYPE_SECRET (pgm_secret_get_type ())

GType pgm_secret_get_type (void);
PgmSecret *pgm_secret_new (const char *text);
PgmSecret *pgm_secret_new_take (char *text);
PgmSecret *pgm_secret_ref (PgmSecret *self);
void pgm_secret_unref (PgmSecret *self);
const char *pgm_secret_reveal (const PgmSecret *self);
gboolean pgm_secret_is_empty (const PgmSecret *self);
void pgm_secret_wipe (gpointer memory, gsize n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmSecret, pgm_secret_unref)

G_END_DECLS
