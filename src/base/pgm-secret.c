/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-secret.h"

#include <string.h>
#ifdef G_OS_UNIX
#include <sys/mman.h>
#include <unistd.h>
#endif

struct _PgmSecret
{
  char *text;    /* owned, never NULL */
  gsize n_bytes; /* of the pages of its own that it lies on; 0: on the heap */
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

/* Puts @text on pages of its own, where the system allows it, that are in no core and not on the
 * disk that memory is swapped to.
 *
 * @text: (transfer full) */
static void
keep (PgmSecret *self, char *text)
{
  self->text = text;
#if defined(G_OS_UNIX) && defined(MADV_DONTDUMP)
  {
    gsize page = (gsize) sysconf (_SC_PAGESIZE);
    gsize length = strlen (text) + 1;
    gsize n_bytes = (length + page - 1) / page * page;
    char *pages = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
      return;
    madvise (pages, n_bytes, MADV_DONTDUMP);
    mlock (pages, n_bytes); /* as far as the user's limit goes */
    memcpy (pages, text, length);
    pgm_secret_wipe (text, length);
    g_free (text);
    self->text = pages;
    self->n_bytes = n_bytes;
  }
#endif
}

static void
secret_clear (gpointer data)
{
  PgmSecret *self = data;

  pgm_secret_wipe (self->text, strlen (self->text));
#ifdef G_OS_UNIX
  if (self->n_bytes > 0)
    {
      munmap (self->text, self->n_bytes);
      return;
    }
#endif
  g_free (self->text);
}

/* @text: (transfer full): wiped with the secret; the caller must hold no other copy. */
PgmSecret *
pgm_secret_new_take (char *text)
{
  PgmSecret *self = g_atomic_rc_box_new0 (PgmSecret);

  keep (self, text != NULL ? text : g_strdup (""));
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
