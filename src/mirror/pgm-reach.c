/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The target in bad times: the session that a run has there may have died with the server, or with
 * the network, and a server that was restarted comes back after a moment. */

#include "pgm-job.h"

#define RETRY_US (200 * G_TIME_SPAN_MILLISECOND)

/* For one round trip after a cancel. */
#define VIGIL_MS 1500

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

/* Ends what the run has on the target but its own session there, and waits for it: nobody else sees
 * what one of them is about to commit.
 *
 * Returns: FALSE where the target does not say that they are gone */
gboolean
pgm_job_end_all_sessions (PgmJob *self)
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
 * middle of it may still be there: an answer counts only after the end of all sessions that could
 * change it.
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
         (pgm_job_end_all_sessions (self) && find_oid (self, ret_oid));
}

static gboolean
still_answers (PgmJob *self, const char *name)
{
  guint32 oid = 0;

  pgm_conn_set_limit (self->target_conn, pgm_job_get_patience_ms (self));
  return pgm_database_find_oid_sync (self->target_conn, name, &oid, self->kill, NULL);
}

/* After a cancel nobody waits long for a server that says nothing, whatever psql is in the middle
 * of. One that is at work answers our own session all the same, and that costs one round trip. */
typedef struct
{
  PgmJob *job;
  GCancellable *silence; /* owned: ends psql at once, as the job's kill does */
  gulong kill_id;
  GError *error; /* owned, nullable: how the silence showed */
} Vigil;

static void
ask_cb (gpointer user_data)
{
  Vigil *vigil = user_data;
  PgmConn *conn = vigil->job->target_conn;

  if (!g_cancellable_is_cancelled (vigil->job->cancellable) || conn == NULL ||
      !pgm_conn_is_alive (conn))
    return;
  pgm_conn_set_limit (conn, VIGIL_MS);
  if (pgm_conn_exec_sync (conn, "SELECT 1", vigil->job->kill, &vigil->error))
    return;
  if (pgm_conn_is_silent (conn))
    g_cancellable_cancel (vigil->silence);
  else
    g_clear_error (&vigil->error);
}

static void
kill_cb (GCancellable *kill, gpointer silence)
{
  g_cancellable_cancel (silence);
}

static void
vigil_begin (Vigil *vigil, PgmJob *job)
{
  *vigil = (Vigil){ .job = job, .silence = g_cancellable_new () };
  vigil->kill_id = g_cancellable_connect (job->kill, G_CALLBACK (kill_cb), vigil->silence, NULL);
  pgm_psql_set_kill (job->psql, vigil->silence);
  pgm_psql_set_tick (job->psql, ask_cb, vigil);
}

/* @failure: (transfer full) (nullable): of psql */
static gboolean
vigil_end (Vigil *vigil, GError *failure, GError **error)
{
  gboolean is_done = failure == NULL;

  pgm_psql_set_tick (vigil->job->psql, NULL, NULL);
  pgm_psql_set_kill (vigil->job->psql, vigil->job->kill);
  g_cancellable_disconnect (vigil->job->kill, vigil->kill_id);
  if (!is_done && vigil->error != NULL)
    {
      g_clear_error (&failure);
      failure = g_steal_pointer (&vigil->error);
    }
  if (!is_done)
    g_propagate_error (error, failure);
  g_clear_error (&vigil->error);
  g_object_unref (vigil->silence);
  return is_done;
}

static gboolean
drop (PgmJob *self, const char *name, guint32 oid, GError **error)
{
  GError *failure = NULL;
  Vigil vigil;

  vigil_begin (&vigil, self);
  pgm_database_drop_sync (self->psql, self->target_conn, name, oid, self->cancellable,
                          vigil.silence, &failure);
  return vigil_end (&vigil, failure, error);
}

/* Drops a database of ours. When the server went away meanwhile, it is waited for and asked once
 * more.
 *
 * @oid: 0: whichever has the name */
gboolean
pgm_job_drop_sync (PgmJob *self, const char *name, guint32 oid, GError **error)
{
  g_autoptr(GError) local = NULL;

  if (drop (self, name, oid, &local))
    return TRUE;
  if (!still_answers (self, name) && pgm_job_reach_target (self))
    return drop (self, name, oid, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Runs what takes something of ours out of a database of the target that stays. */
gboolean
pgm_job_take_back_sync (PgmJob *self, const PgmScript *script, GError **error)
{
  GError *failure = NULL;
  Vigil vigil;

  vigil_begin (&vigil, self);
  pgm_psql_run_sync (self->psql, self->source_endpoint->database, script, NULL, vigil.silence,
                     &failure);
  return vigil_end (&vigil, failure, error);
}
