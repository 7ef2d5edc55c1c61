/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The target in bad times: the session that a run has there may have died with the server, or with
 * the network, and a server that was restarted comes back after a moment. */

#include "pgm-job.h"

#define RETRY_US (200 * G_TIME_SPAN_MILLISECOND)

/* Returns: whether there is a session on the target's maintenance database; that it is dead may
 * show only when it is used */
gboolean
pgm_job_reach_target (PgmJob *self)
{
  gint64 deadline_us =
      g_get_monotonic_time () + pgm_job_get_patience_ms (self) * G_TIME_SPAN_MILLISECOND;

  if (self->target_conn != NULL && pgm_conn_is_alive (self->target_conn))
    return TRUE;
  for (;;)
    {
      g_clear_pointer (&self->target_conn, pgm_conn_free);
      self->target_conn = pgm_conn_open_maintenance_sync (self->target, self->kill, NULL);
      if (self->target_conn != NULL)
        return TRUE;
      if (g_cancellable_is_cancelled (self->cancellable) || g_get_monotonic_time () > deadline_us)
        return FALSE;
      g_usleep (RETRY_US);
    }
}

static gboolean
find_oid (PgmJob *self, guint32 *ret_oid)
{
  for (guint i = 0; i < 2 && pgm_job_reach_target (self); i++)
    {
      pgm_conn_set_limit (self->target_conn, pgm_job_get_patience_ms (self));
      if (pgm_database_find_oid_sync (self->target_conn, self->source_endpoint->database, ret_oid,
                                      self->kill, NULL))
        return TRUE;
    }
  return FALSE;
}

static gboolean
end_all_sessions (PgmJob *self)
{
  for (guint i = 0; i < 2 && pgm_job_reach_target (self); i++)
    {
      pgm_conn_set_limit (self->target_conn, pgm_job_get_patience_ms (self));
      pgm_catalog_end_run_sessions_sync (self->target_conn, self->application_name, self->kill);
      if (pgm_catalog_await_run_sessions_sync (self->target_conn, self->application_name,
                                               self->kill))
        return TRUE;
    }
  return FALSE;
}

/* Whose name it is after a statement whose answer may have got lost. Somebody who was in the
 * middle of it may still be there, and nobody else sees an open commit: an answer counts only
 * after the end of all sessions that could change it.
 *
 * @wanted: what ends the search at once; 0: nothing
 * @ret_oid: (out): 0 where no database has the name
 *
 * Returns: FALSE where the target does not say */
gboolean
pgm_job_find_final_oid (PgmJob *self, guint32 wanted, guint32 *ret_oid)
{
  if (!find_oid (self, ret_oid))
    return FALSE;
  return (wanted != 0 && *ret_oid == wanted) ||
         (end_all_sessions (self) && find_oid (self, ret_oid));
}

static gboolean
still_answers (PgmJob *self, const char *name)
{
  guint32 oid = 0;

  pgm_conn_set_limit (self->target_conn, pgm_job_get_patience_ms (self));
  return pgm_database_find_oid_sync (self->target_conn, name, &oid, self->kill, NULL);
}

/* Drops a database of ours. When the server went away meanwhile, it is waited for and asked once
 * more.
 *
 * @oid: 0: whichever has the name */
gboolean
pgm_job_drop_sync (PgmJob *self, const char *name, guint32 oid, GError **error)
{
  g_autoptr(GError) local = NULL;

  if (pgm_database_drop_sync (self->psql, self->target_conn, name, oid, self->kill, &local))
    return TRUE;
  if (!still_answers (self, name) && pgm_job_reach_target (self))
    return pgm_database_drop_sync (self->psql, self->target_conn, name, oid, self->kill, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
