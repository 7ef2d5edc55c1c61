/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The schema that every database has from the start on: an archive changes it, but neither takes
 * it away nor takes away from everybody what the target's version lets them do (CVE-2018-1058;
 * since 15 pg_dump takes it for granted that PUBLIC may not create in it). */

#include "pgm-job.h"

#include "pgm-catalog-filter.h"
#include "pgm-error.h"

#include <glib/gi18n-lib.h>

static gboolean
is_new (PgmJob *self)
{
  return self->plan != PGM_PLAN_MERGE && !self->options->data_only;
}

/* A new database of which everything is to be as on the source. */
static gboolean
is_ours (PgmJob *self)
{
  return is_new (self) && pgm_catalog_filter_takes_everything (self->options) &&
         self->options->exclude_schemas[0] == NULL;
}

/* Where a filter names it, pg_dump would create it. */
static void
leave_out_entry (PgmJob *self, guint32 oid)
{
  g_autoptr(GPtrArray) entries = pgm_archive_list_select (self->list, "SCHEMA");

  for (guint i = 0; i < entries->len; i++)
    {
      PgmArchiveEntry *entry = entries->pdata[i];

      entry->is_excluded = entry->is_excluded || (oid != 0 && entry->oid == oid);
    }
}

/* Once the archive is read. */
gboolean
pgm_job_look_at_public_sync (PgmJob *self, GError **error)
{
  guint32 oid = 0;

  if (!pgm_catalog_find_public_schema_sync (self->source_conn, &oid, &self->public_is_open,
                                            self->cancellable, error))
    return FALSE;
  self->lacks_public = oid == 0;
  if (self->options->schemas[0] != NULL || self->plan == PGM_PLAN_MERGE)
    leave_out_entry (self, oid);
  return TRUE;
}

/* Once the database is made. */
gboolean
pgm_job_drop_public_sync (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();

  if (!self->lacks_public || !is_ours (self))
    return TRUE;
  pgm_script_add (script, "DROP SCHEMA public");
  if (pgm_psql_run_sync (self->psql, pgm_job_get_working_database (self), script, NULL,
                         self->cancellable, error))
    return TRUE;
  g_prefix_error (error, _("the source has no schema \"public\": "));
  return FALSE;
}

static gboolean
is_open_on_target (PgmJob *self, gboolean *ret_is_open, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, pgm_job_get_working_database (self),
                                                 self->cancellable, error);
  guint32 oid = 0;

  return conn != NULL &&
         pgm_catalog_find_public_schema_sync (conn, &oid, ret_is_open, self->cancellable, error);
}

/* Once all is restored, or the part that was asked for. The role may not be the schema's owner. */
gboolean
pgm_job_close_public_sync (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  gboolean is_open = FALSE;

  if (self->public_is_open || !is_new (self))
    return TRUE;
  if (!is_open_on_target (self, &is_open, error))
    return FALSE;
  if (!is_open)
    return TRUE;
  pgm_script_add (script, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  pgm_psql_run_sync (self->psql, pgm_job_get_working_database (self), script, NULL,
                     self->cancellable, NULL);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !is_open_on_target (self, &self->public_stays_open, error))
    return FALSE;
  if (self->public_stays_open)
    pgm_job_add_finding (
        self, self->result->left_behind,
        pgm_finding_new (PGM_SEVERITY_WARNING, "public-open",
                         _("have a superuser run in this database of the target: REVOKE CREATE ON "
                           "SCHEMA public FROM PUBLIC"),
                            _("everybody may create objects in the schema \"public\" of the "
                              "target, but not in that of the source")));
  return TRUE;
}
