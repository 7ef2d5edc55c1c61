/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Sequences of two servers are compared by their names. */

#include "pgm-sequence-index.h"

#include <string.h>

/* Titles of two sequences may be alike: a point is legal in a name. */
static char *
dup_key (const PgmSequence *sequence)
{
  return g_strdup_printf ("%u %s.%s", (guint) strlen (sequence->schema), sequence->schema,
                          sequence->name);
}

/* @sequences: (nullable): PgmSequence, borrowed by what is returned
 *
 * Returns: (transfer full) */
GHashTable *
pgm_sequence_index_new (GPtrArray *sequences)
{
  GHashTable *self = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; sequences != NULL && i < sequences->len; i++)
    g_hash_table_insert (self, dup_key (sequences->pdata[i]), sequences->pdata[i]);
  return self;
}

/* Returns: (transfer none) (nullable): the one with the name of @sequence */
const PgmSequence *
pgm_sequence_index_find (GHashTable *self, const PgmSequence *sequence)
{
  g_autofree char *key = dup_key (sequence);

  return g_hash_table_lookup (self, key);
}

/* A sequence that moves during the dump is right anywhere between the two looks at it. */
gboolean
pgm_sequence_is_between (const PgmSequence *self, const PgmSequence *begin, const PgmSequence *end)
{
  if (begin->last_value == end->last_value)
    return self->last_value == begin->last_value &&
           (self->is_called == begin->is_called || self->is_called == end->is_called);
  return self->last_value >= MIN (begin->last_value, end->last_value) &&
         self->last_value <= MAX (begin->last_value, end->last_value);
}
