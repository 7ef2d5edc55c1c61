/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The work is a list of errands, the longest first, of which each thread takes the next one:
 * objects, large objects, then tables, small ones many at a time. A thread writes only where its
 * errand says; the rest is shared under a mutex. */

#include "pgm-counter.h"

#include "pgm-catalog.h"
#include "pgm-lock-wait.h"

/* One query measures this many tables, or these many bytes. */
#define BATCH_TABLES 50
#define BATCH_BYTES (16 * 1024 * 1024)

typedef enum
{
  ERRAND_INVENTORY,
  ERRAND_LARGE_OBJECTS,
  ERRAND_TABLES,
} ErrandKind;

typedef struct
{
  ErrandKind kind;
  guint first; /* of the tables */
  guint n;
} Errand;

struct _PgmCounter
{
  /* owned, the same from the start on */
  GPtrArray *tables; /* PgmTable */
  GArray *errands;   /* Errand */
  PgmMeasure measure;
  PgmInventoryParts parts;
  GCancellable *cancellable; /* the run's */
  GCancellable *stop;        /* the run's cancel, or ours */
  gulong cancel_id;

  /* owned, written by whose errand it is */
  GArray *contents;          /* PgmTableContent, in the order of @tables */
  GHashTable *large_objects; /* (nullable): oid → hash */
  GPtrArray *inventory;      /* (nullable): PgmInventoryItem */

  /* shared */
  GMutex mutex;
  GCond cond;
  guint next; /* errand */
  guint n_working;
  guint n_tables_done;
  guint64 bytes_done;
  GError *error;

  GPtrArray *threads; /* GThread, owned; empty once joined */
  GHashTable *by_oid; /* owned, nullable until joined: oid → PgmTableContent of @contents */
};

typedef struct
{
  PgmCounter *tally;
  PgmConn *conn; /* owned */
} Worker;

static void
stop_cb (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

static void
content_clear (gpointer data)
{
  g_free (((PgmTableContent *) data)->hash);
}

/* Returns: (nullable) (transfer none) */
static const Errand *
take_errand (PgmCounter *self)
{
  const Errand *errand = NULL;

  g_mutex_lock (&self->mutex);
  if (self->error == NULL && self->next < self->errands->len)
    errand = &g_array_index (self->errands, Errand, self->next++);
  g_mutex_unlock (&self->mutex);
  return errand;
}

static gboolean
measure_tables (PgmCounter *self, PgmConn *conn, const Errand *errand, GError **error)
{
  guint64 bytes = 0;

  if (!pgm_catalog_measure_tables_sync (
          conn, (PgmTable *const *) self->tables->pdata + errand->first, errand->n, self->measure,
          &g_array_index (self->contents, PgmTableContent, errand->first), self->stop, error))
    return FALSE;
  for (guint i = 0; i < errand->n; i++)
    bytes += ((PgmTable *) self->tables->pdata[errand->first + i])->size_bytes;
  g_mutex_lock (&self->mutex);
  self->n_tables_done += errand->n;
  self->bytes_done += bytes;
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static gboolean
run_errand (PgmCounter *self, PgmConn *conn, const Errand *errand, GError **error)
{
  switch (errand->kind)
    {
    case ERRAND_INVENTORY:
      self->inventory = pgm_catalog_read_inventory_sync (conn, self->parts, self->stop, error);
      return self->inventory != NULL;
    case ERRAND_LARGE_OBJECTS:
      self->large_objects =
          pgm_catalog_measure_large_objects_sync (conn, self->measure, self->stop, error);
      return self->large_objects != NULL;
    case ERRAND_TABLES:
    default:
      return measure_tables (self, conn, errand, error);
    }
}

/* The first failure ends the others, whose own is a cancel then. */
static void
end_work (PgmCounter *self, GError *failure)
{
  gboolean is_first = FALSE;

  g_mutex_lock (&self->mutex);
  is_first = failure != NULL && self->error == NULL;
  if (is_first)
    self->error = failure;
  self->n_working--;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  if (is_first)
    g_cancellable_cancel (self->stop);
  else
    g_clear_error (&failure);
}

static gpointer
work_thread (gpointer user_data)
{
  Worker *worker = user_data;
  PgmCounter *self = worker->tally;
  const Errand *errand = NULL;
  GError *error = NULL;

  while (error == NULL && (errand = take_errand (self)) != NULL)
    if (!run_errand (self, worker->conn, errand, &error))
      pgm_lock_wait_explain_sync (worker->conn, self->stop, &error);
  pgm_conn_free (worker->conn); /* lets go of the snapshot */
  g_free (worker);
  end_work (self, error);
  return NULL;
}

static void
add_errand (PgmCounter *self, ErrandKind kind, guint first, guint n)
{
  Errand errand = { kind, first, n };

  g_array_append_val (self->errands, errand);
}

static void
add_table_errands (PgmCounter *self)
{
  guint first = 0;

  while (first < self->tables->len)
    {
      guint64 bytes = 0;
      guint end = first;

      while (end < self->tables->len && end - first < BATCH_TABLES && bytes < BATCH_BYTES)
        bytes += ((PgmTable *) self->tables->pdata[end++])->size_bytes;
      add_errand (self, ERRAND_TABLES, first, end - first);
      first = end;
    }
}

static PgmCounter *
pgm_counter_new (const PgmCountOrder *order, GCancellable *cancellable)
{
  PgmCounter *self = g_new0 (PgmCounter, 1);

  self->tables = g_ptr_array_ref (order->tables);
  self->measure = order->measure;
  self->parts = order->inventory;
  self->contents = g_array_new (FALSE, TRUE, sizeof (PgmTableContent));
  g_array_set_clear_func (self->contents, content_clear);
  g_array_set_size (self->contents, order->tables->len);
  self->errands = g_array_new (FALSE, FALSE, sizeof (Errand));
  if (order->inventory != 0)
    add_errand (self, ERRAND_INVENTORY, 0, 0);
  if (order->large_objects)
    add_errand (self, ERRAND_LARGE_OBJECTS, 0, 0);
  add_table_errands (self);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->threads = g_ptr_array_new ();
  self->stop = g_cancellable_new ();
  self->cancellable = g_object_ref (cancellable);
  self->cancel_id = g_cancellable_connect (cancellable, G_CALLBACK (stop_cb), self->stop, NULL);
  return self;
}

/* @snapshot: (inout): NULL: what the first session sees is what the others see, too */
static PgmConn *
open_session (const PgmCountOrder *order,
              char **snapshot,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr(PgmConn) conn =
                 pgm_conn_open_sync (order->server, order->database, cancellable, error);

  if (conn == NULL || !pgm_catalog_set_up_content_sync (conn, order->measure, cancellable, error) ||
      !pgm_catalog_set_lock_timeout_sync (conn, order->lock_wait_timeout_s, cancellable, error))
    return NULL;
  if (*snapshot != NULL)
    return pgm_catalog_import_snapshot_sync (conn, *snapshot, cancellable, error)
               ? g_steal_pointer (&conn)
               : NULL;
  *snapshot = pgm_catalog_export_snapshot_sync (conn, cancellable, error);
  return *snapshot != NULL ? g_steal_pointer (&conn) : NULL;
}

/* Opens the sessions, and lets them import the snapshot, before it returns: from then on the
 * exporting transaction may end. */
PgmCounter *
pgm_counter_start (const PgmCountOrder *order, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmCounter) self = pgm_counter_new (order, cancellable);
  g_autoptr(GPtrArray) conns = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_conn_free);
  g_autofree char *snapshot = g_strdup (order->snapshot);
  guint n = CLAMP (order->n_workers, 1, MAX (self->errands->len, 1));

  for (guint i = 0; i < n; i++)
    {
      PgmConn *conn = open_session (order, &snapshot, cancellable, error);

      if (conn == NULL)
        return NULL;
      g_ptr_array_add (conns, conn);
    }
  self->n_working = n;
  while (conns->len > 0)
    {
      Worker *worker = g_new (Worker, 1);

      *worker = (Worker){ self, g_ptr_array_steal_index (conns, conns->len - 1) };
      g_ptr_array_add (self->threads, g_thread_new ("pgm-counter", work_thread, worker));
    }
  return g_steal_pointer (&self);
}

/* Returns: TRUE when all is done, FALSE after @timeout_us otherwise */
gboolean
pgm_counter_wait (PgmCounter *self, gint64 timeout_us)
{
  gint64 deadline_us = g_get_monotonic_time () + timeout_us;
  gboolean is_done = FALSE;

  g_mutex_lock (&self->mutex);
  while (self->n_working > 0 && g_cond_wait_until (&self->cond, &self->mutex, deadline_us))
    ;
  is_done = self->n_working == 0;
  g_mutex_unlock (&self->mutex);
  return is_done;
}

void
pgm_counter_get_progress (PgmCounter *self, guint *ret_n_tables, guint64 *ret_bytes)
{
  g_mutex_lock (&self->mutex);
  *ret_n_tables = self->n_tables_done;
  *ret_bytes = self->bytes_done;
  g_mutex_unlock (&self->mutex);
}

/* Returns: FALSE when the work has failed already, and to go on would be in vain */
gboolean
pgm_counter_check (PgmCounter *self, GError **error)
{
  gboolean is_well = FALSE;

  g_mutex_lock (&self->mutex);
  is_well = self->error == NULL;
  if (!is_well)
    g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->mutex);
  return is_well;
}

static void
join_threads (PgmCounter *self)
{
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  g_ptr_array_set_size (self->threads, 0);
}

/* Waits for the end of the work; may be called again. */
gboolean
pgm_counter_join (PgmCounter *self, GError **error)
{
  join_threads (self);
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
                         &g_array_index (self->contents, PgmTableContent, i));
  return TRUE;
}

/* Once joined.
 *
 * Returns: (nullable): NULL for a table that was not ordered */
const PgmTableContent *
pgm_counter_get_table (PgmCounter *self, guint32 oid)
{
  return g_hash_table_lookup (self->by_oid, GUINT_TO_POINTER (oid));
}

/* Once joined.
 *
 * Returns: (nullable): oid → hash; NULL when not ordered */
GHashTable *
pgm_counter_get_large_objects (PgmCounter *self)
{
  return self->large_objects;
}

/* Once joined.
 *
 * Returns: (nullable) (transfer none): PgmInventoryItem; NULL when not ordered */
GPtrArray *
pgm_counter_get_inventory (PgmCounter *self)
{
  return self->inventory;
}

/* Ends work that is still going on. */
void
pgm_counter_free (PgmCounter *self)
{
  g_cancellable_disconnect (self->cancellable, self->cancel_id);
  g_cancellable_cancel (self->stop);
  join_threads (self);
  g_ptr_array_unref (self->threads);
  g_ptr_array_unref (self->tables);
  g_array_unref (self->errands);
  g_array_unref (self->contents);
  g_clear_pointer (&self->by_oid, g_hash_table_unref);
  g_clear_pointer (&self->large_objects, g_hash_table_unref);
  g_clear_pointer (&self->inventory, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_object_unref (self->cancellable);
  g_object_unref (self->stop);
  g_free (self);
}
