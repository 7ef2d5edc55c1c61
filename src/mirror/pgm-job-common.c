/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What the steps of a run have in common: what they tell, what they look up, how long they wait. */

#include "pgm-job.h"

#include "pgm-mirror-private.h"

/* After a cancel all servers together, beside the time that tools and statements get to end. */
#define PATIENCE_MS 2000
#define LEAST_PATIENCE_MS 100

/* Returns: how long a server may take to answer the next question; sessions that are opened from
 * now on take no longer either */
guint
pgm_job_get_patience_ms (PgmJob *self)
{
  gint64 now_us = g_get_monotonic_time ();
  guint patience_ms = self->options->connect_timeout_s * 1000;
  PgmServer *servers[] = { self->source, self->target };

  if (!g_cancellable_is_cancelled (self->cancellable))
    return patience_ms;
  if (self->patient_until_us == 0)
    self->patient_until_us = now_us + PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  patience_ms = (guint) CLAMP ((self->patient_until_us - now_us) / G_TIME_SPAN_MILLISECOND,
                               LEAST_PATIENCE_MS, patience_ms);
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    if (servers[i] != NULL)
      pgm_server_set_patience_ms (servers[i], patience_ms);
  return patience_ms;
}

/* Without a line in the log, for what that gets otherwise.
 *
 * @list: (nullable): of the report; NULL for its findings
 * @finding: (transfer full) */
void
pgm_job_record_finding (PgmJob *self, GPtrArray *list, PgmFinding *finding)
{
  pgm_mirror_post (
      self->mirror,
      pgm_event_new (PGM_EVENT_FINDING, pgm_meter_get_progress (self->meter), NULL, finding));
  g_ptr_array_add (list != NULL ? list : self->result->findings, finding);
}

static PgmLogLevel
get_level (const PgmFinding *finding)
{
  switch (finding->severity)
    {
    case PGM_SEVERITY_BLOCKER:
      return PGM_LOG_ERROR;
    case PGM_SEVERITY_WARNING:
      return PGM_LOG_WARNING;
    case PGM_SEVERITY_NOTE:
    default:
      return PGM_LOG_INFO;
    }
}

/* The same with a line in the log. */
void
pgm_job_add_finding (PgmJob *self, GPtrArray *list, PgmFinding *finding)
{
  pgm_logger_log (self->logger, get_level (finding), "%s%s%s", finding->message,
                  finding->hint != NULL ? "; " : "", finding->hint != NULL ? finding->hint : "");
  pgm_job_record_finding (self, list, finding);
}

/* Returns: (transfer none): the database that is being filled */
const char *
pgm_job_get_working_database (PgmJob *self)
{
  return self->staging != NULL ? self->staging : self->source_endpoint->database;
}

/* Returns: (transfer none) (nullable): a table of the source */
PgmTable *
pgm_job_find_table (PgmJob *self, guint32 oid)
{
  return g_hash_table_lookup (self->tables_by_oid, GUINT_TO_POINTER (oid));
}

/* Tells the observers that @table is done with in the present phase. */
void
pgm_job_post_table (PgmJob *self, PgmTable *table)
{
  pgm_mirror_post (self->mirror, pgm_event_new (PGM_EVENT_TABLE,
                                                pgm_meter_get_progress (self->meter), table, NULL));
}

void
pgm_job_show_progress (PgmJob *self, guint tables_done, guint64 bytes_done)
{
  if (pgm_meter_update (self->meter, tables_done, bytes_done, g_get_monotonic_time ()))
    pgm_mirror_post (
        self->mirror,
        pgm_event_new (PGM_EVENT_PROGRESS, pgm_meter_get_progress (self->meter), NULL, NULL));
}
