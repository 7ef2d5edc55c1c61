/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-job.h"

struct _PgmCounter
{
  /* owned; the thread's alone until it is joined */
  PgmConn *conn;
  GPtrArray *tables;
  GArray *counts; /* gint64, in the order of @tables */
  GError *error;

  GHashTable *by_oid;        /* owned, nullable until joined: oid → gint64 * into @counts */
  GThread *thread;           /* owned, nullable once joined */
  GCancellable *cancellable; /* owned: the run's */
  GCancellable *stop;        /* owned: the run's cancel, or ours */
  gulong cancel_id;
};

static void
stop_cb (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

static gpointer
count_thread (gpointer user_data)
{
  PgmCounter *self = user_data;

  pgm_catalog_count_rows_sync (self->conn, self->tables, self->counts, self->stop, &self->error);
  g_clear_pointer (&self->conn, pgm_conn_free); /* lets go of the snapshot */
  return NULL;
}

/* Opens the session and imports @snapshot before it returns: from then on the exporting
 * transaction may end.
 *
 * @tables: PgmTable */
PgmCounter *
pgm_counter_start (PgmServer *source,
                   const char *snapshot,
                   GPtrArray *tables,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (source, pgm_server_get_endpoint (source)->database,
                                                 cancellable, error);
  PgmCounter *self = NULL;

  if (conn == NULL || !pgm_catalog_import_snapshot_sync (conn, snapshot, cancellable, error))
    return NULL;
  self = g_new0 (PgmCounter, 1);
  self->conn = g_steal_pointer (&conn);
  self->tables = g_ptr_array_ref (tables);
  self->counts = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->cancellable = g_object_ref (cancellable);
  self->stop = g_cancellable_new ();
  self->cancel_id = g_cancellable_connect (cancellable, G_CALLBACK (stop_cb), self->stop, NULL);
  self->thread = g_thread_new ("pgm-count", count_thread, self);
  return self;
}

/* Waits for the end of the count; may be called again. */
gboolean
pgm_counter_join (PgmCounter *self, GError **error)
{
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  if (self->by_oid != NULL)
    return TRUE;
  self->by_oid = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->tables->len; i++)
    g_hash_table_insert (self->by_oid,
                         GUINT_TO_POINTER (((PgmTable *) self->tables->pdata[i])->oid),
                         &g_array_index (self->counts, gint64, i));
  return TRUE;
}

/* Returns: -1 for a table that was not counted */
gint64
pgm_counter_get_rows (PgmCounter *self, guint32 oid)
{
  const gint64 *count = g_hash_table_lookup (self->by_oid, GUINT_TO_POINTER (oid));

  return count != NULL ? *count : -1;
}

/* Ends a count that is still going on. */
void
pgm_counter_free (PgmCounter *self)
{
  g_cancellable_disconnect (self->cancellable, self->cancel_id);
  g_cancellable_cancel (self->stop);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_clear_pointer (&self->conn, pgm_conn_free);
  g_clear_pointer (&self->by_oid, g_hash_table_unref);
  g_ptr_array_unref (self->tables);
  g_array_unref (self->counts);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_object_unref (self->stop);
  g_free (self);
}
