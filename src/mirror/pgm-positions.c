/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Rows alone come with the positions of their sequences, which are set outside of the one
 * transaction: a restore that fails does not take them back by itself. */

#include "pgm-positions.h"

#include "pgm-sequence-index.h"

/* The target itself looks whether nobody has used the sequence meanwhile. */
#define TAKE_BACK                                                                         \
  "SELECT pg_catalog.setval(c.oid, %L::bigint, %L::bool)"                                 \
  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace," \
  " %I.%I s WHERE n.nspname = %L AND c.relname = %L"                                      \
  " AND s.last_value = %L::bigint AND s.is_called = %L::bool"

static gboolean
is_same (const PgmSequence *a, const PgmSequence *b)
{
  return a->last_value == b->last_value && a->is_called == b->is_called;
}

static GPtrArray *
list_positions (PgmJob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, self->source_endpoint->database,
                                                 cancellable, error);

  return conn != NULL ? pgm_catalog_list_sequences_sync (conn, cancellable, error) : NULL;
}

/* Before rows alone are restored. */
gboolean
pgm_job_note_positions_sync (PgmJob *self, GError **error)
{
  g_clear_pointer (&self->target_positions, g_ptr_array_unref);
  self->target_positions = list_positions (self, self->cancellable, error);
  return self->target_positions != NULL;
}

/* @begin, @end: (nullable): on the source, before and after the dump
 *
 * Returns: whether it was the restore that set @now, and nobody has used it since */
static gboolean
is_from_source (const PgmSequence *now, const PgmSequence *begin, const PgmSequence *end)
{
  return begin != NULL && end != NULL && pgm_sequence_is_between (now, begin, end);
}

static void
add_statement (PgmScript *script, const PgmSequence *before, const PgmSequence *now)
{
  g_autofree char *old_value = g_strdup_printf ("%" G_GINT64_FORMAT, before->last_value);
  g_autofree char *value = g_strdup_printf ("%" G_GINT64_FORMAT, now->last_value);

  pgm_script_add (script, TAKE_BACK, old_value, before->is_called ? "t" : "f", now->schema,
                  now->name, now->schema, now->name, value, now->is_called ? "t" : "f");
}

/* Returns: (transfer full): what sets back those that the restore has set */
static PgmScript *
make_script (PgmJob *self, GPtrArray *positions)
{
  PgmScript *script = pgm_script_new ();
  g_autoptr(GHashTable) before = pgm_sequence_index_new (self->target_positions);
  g_autoptr(GHashTable) begins = pgm_sequence_index_new (self->expected.sequences_begin);
  g_autoptr(GHashTable) ends = pgm_sequence_index_new (self->expected.sequences_end);

  for (guint i = 0; i < positions->len; i++)
    {
      const PgmSequence *now = positions->pdata[i];
      const PgmSequence *old = pgm_sequence_index_find (before, now);

      if (old != NULL && !is_same (old, now) &&
          is_from_source (now, pgm_sequence_index_find (begins, now),
                          pgm_sequence_index_find (ends, now)))
        add_statement (script, old, now);
    }
  return script;
}

/* Of those that the source has, too. */
static gboolean
are_as_before (PgmJob *self, GPtrArray *positions)
{
  g_autoptr(GHashTable) now = pgm_sequence_index_new (positions);
  g_autoptr(GHashTable) there = pgm_sequence_index_new (self->expected.sequences_begin);

  for (guint i = 0; i < self->target_positions->len; i++)
    {
      const PgmSequence *old = self->target_positions->pdata[i];
      const PgmSequence *found = pgm_sequence_index_find (now, old);

      if (pgm_sequence_index_find (there, old) != NULL && (found == NULL || !is_same (found, old)))
        return FALSE;
    }
  return TRUE;
}

/* After rows alone were not restored; also after a cancel.
 *
 * @ret_are_back: (out): whether all positions are as they were; somebody may use them */
gboolean
pgm_job_take_back_positions_sync (PgmJob *self, gboolean *ret_are_back, GError **error)
{
  g_autoptr(GPtrArray) positions = list_positions (self, self->kill, error);
  g_autoptr(PgmScript) script = NULL;

  if (positions == NULL)
    return FALSE;
  script = make_script (self, positions);
  if (pgm_script_get_n_lines (script) > 0)
    {
      g_clear_pointer (&positions, g_ptr_array_unref);
      if (!pgm_job_take_back_sync (self, script, error))
        return FALSE;
      positions = list_positions (self, self->kill, error);
    }
  if (positions == NULL)
    return FALSE;
  *ret_are_back = are_as_before (self, positions);
  return TRUE;
}
