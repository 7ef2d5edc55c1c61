/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-secret.h"

#include <string.h>

struct _PgmSecret
{
  char *text; /* owned, never NULL */
};

G_DEFINE_BOXED_TYPE (PgmSecret, pgm_secret, pgm_secret_ref, pgm_secret_unref)

/* Overwrites @n_bytes at @memory; the barrier keeps the compiler from dropping a store to
 * memory that is about to be freed. */
void
pgm_secret_wipe (gpointer memory, gsize n_bytes)
{
  if (n_bytes == 0)
    return;
  memset (memory, 0, n_bytes);
  __asm__ __volatile__("" : : "r"(memory) : "memory");
}

static void
secret_clear (gpointer data)
{
  PgmSecret *self = data;

  pgm_secret_wipe (self->text, strlen (self->text));
  g_free (self->text);
}

/* @text: (transfer full): wiped with the secret; the caller must hold no other copy. */
PgmSecret *
pgm_secret_new_take (char *text)
{
  PgmSecret *self = g_atomic_rc_box_new (PgmSecret);

  self->text = text != NULL ? text : g_strdup ("");
  return self;
}

PgmSecret *
pgm_secret_new (const char *text)
{
  return pgm_secret_new_take (g_strdup (text));
}

PgmSecret *
pgm_secret_ref (PgmSecret *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_secret_unref (PgmSecret *self)
{
  g_atomic_rc_box_release_full (self, secret_clear);
}

/* Returns: (transfer none): the text, never NULL, valid as long as @self. */
const char *
pgm_secret_reveal (const PgmSecret *self)
{
  return self->text;
}

/* @self: (nullable) */
gboolean
pgm_secret_is_empty (const PgmSecret *self)
{
  return self == NULL || self->text[0] == '\0';
}
