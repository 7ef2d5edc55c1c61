/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-compare.h"

#include "pgm-sequence-index.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static char *
dup_title (const PgmSequence *sequence)
{
  return g_strconcat (sequence->schema, ".", sequence->name, NULL);
}

static void
compare_sequence (PgmComparison *self,
                  const PgmSequence *begin,
                  const PgmSequence *end,
                  GHashTable *there)
{
  g_autofree char *title = dup_title (begin);
  const PgmSequence *value = pgm_sequence_index_find (there, begin);

  if (value == NULL)
    {
      if (!self->only_common && !pgm_comparison_has_objects (self))
        pgm_comparison_add (self, "sequence-missing",
                            _("sequence %s is missing on the target"), title);
      return;
    }
  if (!pgm_sequence_is_between (value, begin, end))
    pgm_comparison_add (self, "sequence-value",
                        _("sequence %s stands at %" PRId64 " on the target and at "
                          "%" PRId64 " on the source"),
                           title, value->last_value, end->last_value);
  self->job->result->n_sequences++;
}

/* The archive tells the oid of a sequence, but of its position only the text, which is the same
 * as the sequence's own.
 *
 * Returns: (transfer full): the oids of the sequences whose positions travel */
static GHashTable *
find_travelling_sequences (PgmJob *job)
{
  g_autoptr(GPtrArray) positions = pgm_archive_list_select (job->list, "SEQUENCE SET");
  g_autoptr(GPtrArray) sequences = pgm_archive_list_select (job->list, "SEQUENCE");
  g_autoptr(GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTable *oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < positions->len; i++)
    g_hash_table_add (texts, ((PgmArchiveEntry *) positions->pdata[i])->rest);
  for (guint i = 0; i < sequences->len; i++)
    {
      const PgmArchiveEntry *entry = sequences->pdata[i];

      if (g_hash_table_contains (texts, entry->rest))
        g_hash_table_add (oids, GUINT_TO_POINTER (entry->oid));
    }
  return oids;
}

/* An archive of rows alone has the positions only, and they no oid. Their text is schema, name and
 * owner.
 *
 * Returns: (transfer full): the same as above */
static GHashTable *
find_travelling_positions (PgmJob *job)
{
  g_autoptr(GPtrArray) positions = pgm_archive_list_select (job->list, "SEQUENCE SET");
  GHashTable *oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < job->expected.sequences_begin->len; i++)
    {
      const PgmSequence *sequence = job->expected.sequences_begin->pdata[i];
      g_autofree char *text = g_strdup_printf ("%s %s ", sequence->schema, sequence->name);
      g_autofree char *beginning = pgm_text_escape (text);

      for (guint k = 0; k < positions->len; k++)
        if (g_str_has_prefix (((PgmArchiveEntry *) positions->pdata[k])->rest, beginning))
          g_hash_table_add (oids, GUINT_TO_POINTER (sequence->oid));
    }
  return oids;
}

/* Returns: (transfer full) (nullable): NULL where all of them travel */
static GHashTable *
find_expected_sequences (PgmJob *job)
{
  if (job->list == NULL || (job->options->data_only && !pgm_options_has_filters (job->options)))
    return NULL;
  return job->options->data_only ? find_travelling_positions (job)
                                 : find_travelling_sequences (job);
}

gboolean
pgm_comparison_compare_sequences_sync (PgmComparison *self, GError **error)
{
  PgmExpected *expected = &self->job->expected;
  g_autoptr(GPtrArray) there =
                 pgm_catalog_list_sequences_sync (self->conn, self->job->cancellable, error);
  g_autoptr(GHashTable) oids = find_expected_sequences (self->job);
  g_autoptr(GHashTable) by_key = NULL;
  g_autoptr(GHashTable) ends = NULL;

  if (there == NULL)
    return FALSE;
  by_key = pgm_sequence_index_new (there);
  ends = pgm_sequence_index_new (expected->sequences_end);
  for (guint i = 0; i < expected->sequences_begin->len; i++)
    {
      const PgmSequence *begin = expected->sequences_begin->pdata[i];
      const PgmSequence *end = pgm_sequence_index_find (ends, begin);

      if (oids == NULL || g_hash_table_contains (oids, GUINT_TO_POINTER (begin->oid)))
        compare_sequence (self, begin, end != NULL ? end : begin, by_key);
    }
  return TRUE;
}
