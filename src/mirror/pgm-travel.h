/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-job.h"

G_BEGIN_DECLS

/* Which objects of the source come with a run: those of its archive, found by class and oid.
 * Without an archive, when two databases are only compared, all that may come. */
typedef struct
{
  PgmJob *job; /* borrowed */

  /* owned; NULL where no archive limits what is expected */
  GHashTable *entries;  /* objects of the archive, as pairs of class and oid */
  GHashTable *contents; /* those that the archive has content for; it tells no class then */
  GHashTable *failed;   /* objects that are told as not restored already */
  gboolean leaves_public_comment;
} PgmTravel;

void pgm_travel_init (PgmTravel *self, PgmJob *job);
void pgm_travel_clear (PgmTravel *self);
gboolean pgm_travel_expects (PgmTravel *self, const PgmInventoryItem *item);
gboolean pgm_travel_has_failed (PgmTravel *self, const PgmInventoryItem *item);
void pgm_travel_tell_left_behind (PgmTravel *self, GPtrArray *inventory);

/* Sets of pairs of class and oid. */
GHashTable *pgm_oid_pairs_new (void);
void pgm_oid_pairs_add (GHashTable *pairs, guint32 class_oid, guint32 oid);
gboolean pgm_oid_pairs_have (GHashTable *pairs, guint32 class_oid, guint32 oid);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmTravel, pgm_travel_clear)

G_END_DECLS
