/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-job.h"

struct _PgmArchiveCheck
{
  PgmArchiveEngine *engine; /* borrowed */
  GCancellable *cancellable;
  GError *error;   /* owned, nullable; the thread's alone until it is joined */
  GThread *thread; /* owned, nullable once joined */
};

static gpointer
check_thread (gpointer user_data)
{
  PgmArchiveCheck *self = user_data;

  pgm_archive_engine_check_sync (self->engine, self->cancellable, &self->error);
  return NULL;
}

/* Reads the archive whole while other things go on.
 *
 * @engine: must outlive the check */
PgmArchiveCheck *
pgm_archive_check_start (PgmArchiveEngine *engine, GCancellable *cancellable)
{
  PgmArchiveCheck *self = g_new0 (PgmArchiveCheck, 1);

  self->engine = engine;
  self->cancellable = g_object_ref (cancellable);
  self->thread = g_thread_new ("pgm-archive", check_thread, self);
  return self;
}

/* Waits for the result; may be called again.
 *
 * Returns: FALSE with @error when the archive is damaged, or on a cancel */
gboolean
pgm_archive_check_join (PgmArchiveCheck *self, GError **error)
{
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

void
pgm_archive_check_free (PgmArchiveCheck *self)
{
  pgm_archive_check_join (self, NULL);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_free (self);
}
