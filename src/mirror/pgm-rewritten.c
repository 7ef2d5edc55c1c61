/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A table that somebody empties or writes anew between the export of the snapshot and pg_dump's
 * lock on it has no rows in the dump, and none to count: nothing else would tell. One that is
 * emptied as soon as pg_dump has let it go was dumped whole. So it is looked while pg_dump has its
 * locks, which it has from the first table that it dumps on. */

#include "pgm-rewritten.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static PgmConn *
open_at_snapshot (PgmJob *self, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->source, self->source_endpoint->database,
                                                 self->cancellable, error);

  if (conn == NULL ||
      !pgm_catalog_set_lock_timeout_sync (conn, self->options->lock_wait_timeout_s,
                                          self->cancellable, error) ||
      !pgm_catalog_import_snapshot_sync (conn, self->snapshot, self->cancellable, error))
    return NULL;
  return g_steal_pointer (&conn);
}

/* While pg_dump has its locks. Where it cannot be found out now, it is after the dump. */
void
pgm_job_note_rewritten (PgmJob *self)
{
  g_autoptr(PgmConn) conn = NULL;

  if (self->has_noted_rewritten)
    return;
  self->has_noted_rewritten = TRUE;
  conn = open_at_snapshot (self, NULL);
  if (conn != NULL)
    self->rewritten = pgm_catalog_list_rewritten_sync (conn, self->cancellable, NULL);
}

static gboolean
is_rewritten (PgmJob *self, const PgmTable *table)
{
  for (guint i = 0; i < self->rewritten->len; i++)
    if (g_array_index (self->rewritten, guint32, i) == table->oid)
      return TRUE;
  return FALSE;
}

static void
set_error (GError **error, const PgmTable *table)
{
  g_autofree char *title = pgm_table_dup_title (table);
  g_autofree char *shown = pgm_text_escape (title);

  g_set_error (error, PGM_ERROR, PGM_ERROR_DUMP_FAILED,
               _("table \"%s\" of the source was emptied or written anew while the dump began, so "
                 "that its rows may be missing there; run again"),
                  shown);
}

/* After the dump: fails where it may lack the rows of a table. */
gboolean
pgm_job_check_rewritten_sync (PgmJob *self, GError **error)
{
  g_autoptr(PgmConn) conn = NULL;

  if (self->expected.tables->len == 0 || (self->rewritten != NULL && self->rewritten->len == 0))
    return TRUE;
  conn = open_at_snapshot (self, error);
  if (conn == NULL)
    return FALSE;
  if (self->rewritten == NULL)
    self->rewritten = pgm_catalog_list_rewritten_sync (conn, self->cancellable, error);
  for (guint i = 0; self->rewritten != NULL && i < self->expected.tables->len; i++)
    {
      PgmTable *table = self->expected.tables->pdata[i];
      gboolean is_seen = TRUE;

      if (!is_rewritten (self, table))
        continue;
      if (!pgm_catalog_has_rows_sync (conn, table, &is_seen, self->cancellable, error))
        return FALSE;
      if (!is_seen)
        {
          set_error (error, table);
          return FALSE;
        }
    }
  return self->rewritten != NULL;
}
