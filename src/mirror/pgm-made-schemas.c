/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Tables that were chosen one by one come without their schemas, which are made before them. In a
 * database that stays, that is ahead of the one transaction that brings the tables. Each is made
 * together with a comment that says what it is, so that after a crash it is known for that; with
 * its tables it gets rid of it. */

#include "pgm-made-schemas.h"

#include "pgm-catalog-leftovers.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

/* Returns: (transfer full) (element-type utf8): where the relations of the archive belong */
static GPtrArray *
list_needed_schemas (PgmJob *self, GError **error)
{
  g_autoptr(GArray) oids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < pgm_archive_list_get_n_entries (self->list); i++)
    {
      const PgmArchiveEntry *entry = pgm_archive_list_get_entry (self->list, i);

      if (g_str_equal (entry->kind, "TABLE") || g_str_equal (entry->kind, "FOREIGN TABLE") ||
          g_str_has_suffix (entry->kind, "VIEW") || g_str_equal (entry->kind, "SEQUENCE"))
        g_array_append_val (oids, entry->oid);
    }
  return pgm_catalog_list_schemas_of_sync (self->source_conn, oids, self->cancellable, error);
}

/* Takes those that are there out of @schemas. */
static gboolean
remove_existing_schemas (PgmJob *self, GPtrArray *schemas, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_auto(PgmScriptResult) result = { 0 };

  for (guint i = 0; i < schemas->len; i++)
    pgm_script_add (script, "SELECT %d FROM pg_catalog.pg_namespace WHERE nspname = %L", (int) i,
                    schemas->pdata[i]);
  if (!pgm_psql_run_sync (self->psql, pgm_job_get_working_database (self), script, &result,
                          self->cancellable, error))
    return FALSE;
  for (guint i = result.lines->len; i > 0; i--)
    g_ptr_array_remove_index (schemas, (guint) atoi (result.lines->pdata[i - 1]));
  return TRUE;
}

/* In a merge all of them or none, and none without its marker. */
static PgmScript *
make_script (PgmJob *self, GPtrArray *schemas)
{
  PgmScript *script = pgm_script_new ();
  gboolean stays = self->plan == PGM_PLAN_MERGE;
  g_autofree char *marker =
      pgm_marker_dup_text ("schema", self->source_endpoint->database, self->run_id, NULL);

  if (stays)
    pgm_script_add (script, "BEGIN");
  for (guint i = 0; i < schemas->len; i++)
    {
      pgm_script_add (script, "CREATE SCHEMA %I", schemas->pdata[i]);
      if (stays)
        pgm_script_add (script, "COMMENT ON SCHEMA %I IS %L", schemas->pdata[i], marker);
    }
  if (stays)
    pgm_script_add (script, "COMMIT");
  return script;
}

gboolean
pgm_job_make_schemas_sync (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = NULL;
  g_autoptr(GPtrArray) schemas = NULL;

  if (self->options->tables[0] == NULL || self->options->data_only)
    return TRUE;
  schemas = list_needed_schemas (self, error);
  if (schemas == NULL || !remove_existing_schemas (self, schemas, error))
    return FALSE;
  if (self->plan == PGM_PLAN_MERGE)
    self->made_schemas = g_ptr_array_ref (schemas);
  script = make_script (self, schemas);
  return schemas->len == 0 || pgm_psql_run_sync (self->psql, pgm_job_get_working_database (self),
                                                 script, NULL, self->cancellable, error);
}

/* @error: (nullable): NULL: the server cannot be reached */
static void
add_leftover (PgmJob *self, const char *schema, const GError *error)
{
  g_autofree char *name = pgm_text_escape (schema);
  g_autofree char *what = g_strdup_printf (_("schema \"%s\" on the target"), name);

  pgm_job_add_finding (
      self, self->result->leftovers,
      pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-schema",
                       _("it is marked as made by this run; \"pg-mirror-cli recover\" sees to it"),
                          _("%s could not be removed: %s"), what,
                             error != NULL ? error->message : _("the server cannot be reached")));
}

static gboolean
drop_made (PgmJob *self, GError **error)
{
  GPtrArray *schemas = self->made_schemas;

  while (schemas != NULL && schemas->len > 0)
    {
      g_autoptr(PgmScript) script = pgm_script_new ();

      pgm_script_add (script, "DROP SCHEMA IF EXISTS %I", schemas->pdata[0]);
      if (self->target_conn == NULL || !pgm_job_take_back_sync (self, script, error))
        return FALSE;
      g_ptr_array_remove_index (schemas, 0);
    }
  return TRUE;
}

/* Takes back what was made ahead of a merge's transaction, as far as that can be done now; one that
 * is no longer empty stays. */
void
pgm_job_drop_made_schemas (PgmJob *self)
{
  drop_made (self, NULL);
}

/* The same, and names what is left. */
void
pgm_job_clear_made_schemas (PgmJob *self)
{
  g_autoptr(GError) error = NULL;

  if (!drop_made (self, &error))
    for (guint i = 0; i < self->made_schemas->len; i++)
      add_leftover (self, self->made_schemas->pdata[i], error);
  g_clear_pointer (&self->made_schemas, g_ptr_array_unref);
}

static gboolean
unmark (PgmJob *self, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, self->source_endpoint->database,
                                                 self->kill, error);
  g_autoptr(GPtrArray) found =
                 conn != NULL ? pgm_catalog_find_schemas_sync (conn, self->kill, error) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const PgmFoundSchema *schema = found->pdata[i];

      if (schema->is_own && !schema->is_empty &&
          !pgm_catalog_give_up_schema_sync (conn, schema->name, /* drops= */ FALSE, self->kill,
                                            error))
        return FALSE;
    }
  return found != NULL;
}

/* After the merge: what is filled now is the target's own, also where a run that died had made it
 * for the same tables. */
void
pgm_job_keep_made_schemas (PgmJob *self)
{
  g_autoptr(GError) error = NULL;

  if (self->plan == PGM_PLAN_MERGE && self->options->tables[0] != NULL && !unmark (self, &error))
    for (guint i = 0; self->made_schemas != NULL && i < self->made_schemas->len; i++)
      add_leftover (self, self->made_schemas->pdata[i], error);
  g_clear_pointer (&self->made_schemas, g_ptr_array_unref);
}
