/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The engine tells titles and dump ids. Titles are a tool's text and untrusted: a wrong one costs
 * a wrong bar and nothing else. How far a table is, is asked of the server. */

#include "pgm-job.h"

#include "pgm-error.h"
#include "pgm-lock-wait.h"
#include "pgm-mirror-private.h"
#include "pgm-rewritten.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* How often to look, and how well a wait is known in time. */
#define LOCK_LOOK_US (500 * G_TIME_SPAN_MILLISECOND)
#define LOCK_ERROR_US (2 * G_TIME_SPAN_SECOND)

struct _PgmWatch
{
  PgmJob *job;            /* borrowed */
  GHashTable *by_title;   /* owned: "schema.name" → PgmTable, borrowed */
  GHashTable *done;       /* owned: PgmTable of the present phase, borrowed */
  PgmServer *server;      /* borrowed: where COPY is at work */
  PgmTable *present;      /* borrowed, nullable: what a tool with one job has in work */
  gboolean is_parallel;   /* several tables at once; each one's end is told */
  PgmLockWait *lock_wait; /* owned, nullable: what the source was last seen to wait for */
  gint64 lock_looked_us;
  gint64 lock_since_us;
  guint n_done;
  guint64 bytes_done;
  guint64 bytes_total;
};

PgmWatch *
pgm_watch_new (PgmJob *job)
{
  PgmWatch *self = g_new0 (PgmWatch, 1);

  self->job = job;
  self->done = g_hash_table_new (NULL, NULL);
  self->by_title = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < job->all_tables->len; i++)
    g_hash_table_insert (self->by_title, pgm_table_dup_title (job->all_tables->pdata[i]),
                         job->all_tables->pdata[i]);
  return self;
}

void
pgm_watch_free (PgmWatch *self)
{
  g_hash_table_unref (self->by_title);
  g_hash_table_unref (self->done);
  g_clear_pointer (&self->lock_wait, pgm_lock_wait_free);
  g_free (self);
}

/* @tables: PgmTable: those whose rows travel
 * @server: where COPY runs */
void
pgm_watch_begin (PgmWatch *self, PgmPhase phase, GPtrArray *tables, PgmServer *server)
{
  self->server = server;
  self->present = NULL;
  g_clear_pointer (&self->lock_wait, pgm_lock_wait_free);
  self->is_parallel = phase == PGM_PHASE_RESTORE && self->job->options->parallel_jobs > 1 &&
                      self->job->plan != PGM_PLAN_MERGE;
  g_hash_table_remove_all (self->done);
  self->n_done = 0;
  self->bytes_done = 0;
  self->bytes_total = 0;
  for (guint i = 0; i < tables->len; i++)
    self->bytes_total += ((PgmTable *) tables->pdata[i])->size_bytes;
  pgm_meter_begin (self->job->meter, phase, tables->len, self->bytes_total,
                   g_get_monotonic_time ());
  pgm_mirror_post (self->job->mirror,
                   pgm_event_new_tables (pgm_meter_get_progress (self->job->meter), tables));
}

/* Gives back the session that progress was asked through. */
void
pgm_watch_end (PgmWatch *self)
{
  pgm_lookout_close (pgm_server_get_lookout (self->server));
}

static void
finish_table (PgmWatch *self, PgmTable *table)
{
  if (table == NULL || !g_hash_table_add (self->done, table))
    return;
  self->n_done++;
  self->bytes_done += table->size_bytes;
  pgm_job_post_table (self->job, table);
}

static void
table_begun_cb (const char *title, gpointer user_data)
{
  PgmWatch *self = user_data;

  if (self->job->list == NULL) /* it is pg_dump */
    pgm_job_note_rewritten (self->job);
  if (!self->is_parallel)
    finish_table (self, self->present);
  self->present = g_hash_table_lookup (self->by_title, title);
  if (self->present != NULL)
    pgm_mirror_post (self->job->mirror, pgm_event_new (PGM_EVENT_TABLE_BEGUN,
                                                       pgm_meter_get_progress (self->job->meter),
                                                       self->present, NULL));
}

static void
table_done_cb (guint dump_id, gpointer user_data)
{
  PgmWatch *self = user_data;
  PgmArchiveEntry *entry = pgm_archive_list_find (self->job->list, dump_id);

  if (entry != NULL)
    finish_table (self, pgm_job_find_table (self->job, entry->oid));
}

/* Returns: (transfer full): `table "public.orders"` */
static char *
dup_locked (PgmWatch *self, const PgmLockWait *wait)
{
  PgmTable *table = wait->relation != 0 ? pgm_job_find_table (self->job, wait->relation) : NULL;
  g_autofree char *title = table != NULL ? pgm_table_dup_title (table) : NULL;
  g_autofree char *shown = title != NULL ? pgm_text_escape (title) : NULL;

  return shown != NULL ? g_strdup_printf (_("table \"%s\""), shown) : g_strdup (_("an object"));
}

static gboolean
is_same_wait (const PgmLockWait *one, const PgmLockWait *other)
{
  return one != NULL && other != NULL && one->pid == other->pid && one->relation == other->relation;
}

/* Whoever waits is told for whom while there is still time to do something about it. */
static void
look_for_locks (PgmWatch *self)
{
  g_autoptr(PgmLockWait) wait = NULL;

  if (self->job->list != NULL || g_get_monotonic_time () < self->lock_looked_us + LOCK_LOOK_US)
    return;
  self->lock_looked_us = g_get_monotonic_time ();
  wait = pgm_lookout_find_lock_wait_sync (pgm_server_get_lookout (self->server),
                                          self->job->cancellable);
  if (wait != NULL && !is_same_wait (wait, self->lock_wait))
    {
      g_autofree char *what = dup_locked (self, wait);
      g_autofree char *who = pgm_lock_wait_describe (wait);

      if (self->lock_wait == NULL)
        self->lock_since_us = self->lock_looked_us;
      pgm_warning (self->job->logger, _("waiting for a lock on %s of the source, held by %s"),
                                         what, who);
    }
  g_clear_pointer (&self->lock_wait, pgm_lock_wait_free);
  self->lock_wait = g_steal_pointer (&wait);
}

/* After a dump that failed: who was in its way up to then, if anybody was.
 *
 * Returns: whether the failure is explained, which is in @error then */
gboolean
pgm_watch_explain_lock (PgmWatch *self, GError **error)
{
  const PgmLockWait *wait = self->lock_wait;
  g_autofree char *what = NULL;
  g_autofree char *who = NULL;
  g_autofree char *hint = NULL;

  if (wait == NULL || error == NULL ||
      !g_error_matches (*error, PGM_ERROR, PGM_ERROR_DUMP_FAILED) ||
      g_get_monotonic_time () - self->lock_since_us + LOCK_ERROR_US <
          self->job->options->lock_wait_timeout_s * G_TIME_SPAN_SECOND)
    return FALSE;
  what = dup_locked (self, wait);
  who = pgm_lock_wait_describe (wait);
  if (wait->pid > 0)
    hint = g_strdup_printf (_("wait for the session to end, or run on the source: SELECT "
                              "pg_terminate_backend(%d)"),
                               wait->pid);
  pgm_job_add_finding (
      self->job, NULL,
      pgm_finding_new (PGM_SEVERITY_WARNING, "lock-wait", hint,
                       _("the dump waited for a lock on %s, held by %s"), what, who));
  g_clear_error (error);
  g_set_error (error, PGM_ERROR, PGM_ERROR_DUMP_FAILED,
               _("%s of the source stayed locked for %u s (lock_wait_timeout) by %s"), what,
                  self->job->options->lock_wait_timeout_s, who);
  return TRUE;
}

/* A text row and its place in a table differ in size, so what is at work is held below the
 * whole until the tables are counted as done. */
static guint64
tick_cb (gpointer user_data)
{
  PgmWatch *self = user_data;
  guint64 copied = pgm_lookout_get_copied_bytes_sync (pgm_server_get_lookout (self->server),
                                                      self->job->cancellable);
  guint64 left = self->bytes_total - MIN (self->bytes_done, self->bytes_total);

  look_for_locks (self);
  pgm_job_show_progress (self->job, self->n_done, self->bytes_done + MIN (copied, left));
  return copied;
}

PgmEngineObserver
pgm_watch_get_observer (PgmWatch *self)
{
  return (PgmEngineObserver){ table_begun_cb, table_done_cb, tick_cb, self };
}
