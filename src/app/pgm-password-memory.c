/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-password-memory.h"

typedef struct
{
  /* owned, (nullable): both or none */
  PgmEndpoint *login;
  PgmSecret *password;
} Slot;

struct _PgmPasswordMemory
{
  GObject parent_instance;

  Slot slots[2]; /* by PgmSide */
};

static guint rejected_signal;

G_DEFINE_FINAL_TYPE (PgmPasswordMemory, pgm_password_memory, G_TYPE_OBJECT)

static void
slot_clear (Slot *slot)
{
  g_clear_pointer (&slot->login, pgm_endpoint_unref);
  g_clear_pointer (&slot->password, pgm_secret_unref);
}

/* @endpoint: (nullable) */
static gboolean
slot_is_for (const Slot *slot, const PgmEndpoint *endpoint)
{
  return slot->login != NULL && endpoint != NULL &&
         endpoint->password_from == PGM_PASSWORD_PROMPT &&
         g_str_equal (slot->login->host, endpoint->host) && slot->login->port == endpoint->port &&
         g_str_equal (slot->login->user, endpoint->user);
}

/* @password: (nullable): NULL forgets the one of that side */
void
pgm_password_memory_keep (PgmPasswordMemory *self, PgmEndpoint *endpoint, PgmSecret *password)
{
  Slot *slot = &self->slots[endpoint->side];

  slot_clear (slot);
  if (password != NULL)
    *slot = (Slot){ pgm_endpoint_ref (endpoint), pgm_secret_ref (password) };
}

/* Returns: (transfer full) (nullable) */
PgmSecret *
pgm_password_memory_dup (PgmPasswordMemory *self, PgmEndpoint *endpoint)
{
  const Slot *slot = &self->slots[endpoint->side];

  return slot_is_for (slot, endpoint) ? pgm_secret_ref (slot->password) : NULL;
}

/* The profile was changed: a password of a login that it does not have any more goes.
 * @draft: (nullable) */
void
pgm_password_memory_follow (PgmPasswordMemory *self, PgmProfileDraft *draft)
{
  for (guint side = 0; side < G_N_ELEMENTS (self->slots); side++)
    {
      Slot *slot = &self->slots[side];
      g_autoptr(PgmEndpoint) endpoint = draft != NULL && slot->login != NULL
                                             ? pgm_profile_draft_dup_endpoint (draft, side)
                                             : NULL;

      if (!slot_is_for (slot, endpoint))
        slot_clear (slot);
    }
}

/* Source and target have changed places. */
void
pgm_password_memory_swap (PgmPasswordMemory *self)
{
  Slot source = self->slots[PGM_SIDE_SOURCE];

  self->slots[PGM_SIDE_SOURCE] = self->slots[PGM_SIDE_TARGET];
  self->slots[PGM_SIDE_TARGET] = source;
}

void
pgm_password_memory_reject (PgmPasswordMemory *self, PgmSide side)
{
  slot_clear (&self->slots[side]);
  g_signal_emit (self, rejected_signal, 0, (int) side);
}

void
pgm_password_memory_forget (PgmPasswordMemory *self)
{
  slot_clear (&self->slots[PGM_SIDE_SOURCE]);
  slot_clear (&self->slots[PGM_SIDE_TARGET]);
}

static void
pgm_password_memory_finalize (GObject *object)
{
  pgm_password_memory_forget (PGM_PASSWORD_MEMORY (object));
  G_OBJECT_CLASS (pgm_password_memory_parent_class)->finalize (object);
}

static void
pgm_password_memory_class_init (PgmPasswordMemoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_password_memory_finalize;
  rejected_signal = g_signal_new ("rejected", PGM_TYPE_PASSWORD_MEMORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
pgm_password_memory_init (PgmPasswordMemory *self)
{
}

PgmPasswordMemory *
pgm_password_memory_new (void)
{
  return g_object_new (PGM_TYPE_PASSWORD_MEMORY, NULL);
}
