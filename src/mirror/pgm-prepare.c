/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The third step: what is known to do no good is taken out of the archive, and the database that
 * it goes into is made. */

#include "pgm-collision.h"

#include "pgm-error.h"
#include "pgm-made-schemas.h"
#include "pgm-marker.h"
#include "pgm-positions.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Entries that are left out beforehand, each named in the report. The text of a comment's entry
 * begins with the kind of its object, so no name can pass for one of these. */
typedef struct
{
  const char *kind;
  const char *prefix;     /* of the entry's text */
  guint target_below;     /* only for targets older than this major; 0: all */
  gboolean for_superuser; /* also when the role is superuser */
  const char *reason;
} Harmless;

/* clang-format off */
static const Harmless harmless[] = {
  { "COMMENT", "- EXTENSION ", 0, FALSE, N_("only the owner of an extension may comment on it") },
  { "COMMENT", "- SCHEMA public ", 15, FALSE,
    N_("before PostgreSQL 15 the schema \"public\" belongs to the superuser") },
  { "SUBSCRIPTION", "", 0, TRUE,
    N_("a copy must not take the place of its original, and the definition holds a password") },
  { "COMMENT", "- SUBSCRIPTION ", 0, TRUE, N_("its subscription is left out") },
  { "SECURITY LABEL", "- SUBSCRIPTION ", 0, TRUE, N_("its subscription is left out") },
  { "USER MAPPING", "", 0, TRUE, N_("its definition may hold a password") },
};
/* clang-format on */

static const Harmless *
find_harmless (PgmJob *self, const PgmArchiveEntry *entry)
{
  for (gsize i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      const Harmless *rule = &harmless[i];

      if (g_str_equal (entry->kind, rule->kind) && g_str_has_prefix (entry->rest, rule->prefix) &&
          (rule->target_below == 0 || pgm_server_get_major (self->target) < rule->target_below) &&
          (rule->for_superuser || !self->target_facts.is_superuser))
        return rule;
    }
  return NULL;
}

static void
leave_out (PgmJob *self, PgmArchiveEntry *entry, const char *reason)
{
  g_autofree char *code = g_ascii_strdown (entry->kind, -1);

  entry->is_excluded = TRUE;
  pgm_job_add_finding (
      self, self->result->left_behind,
      pgm_finding_new (PGM_SEVERITY_NOTE, g_strdelimit (code, " ", '-'), NULL,
                       _("left out: %s %s: %s"), entry->kind, entry->rest, reason));
}

static void
leave_out_harmless (PgmJob *self)
{
  for (guint i = 0; i < pgm_archive_list_get_n_entries (self->list); i++)
    {
      PgmArchiveEntry *entry = pgm_archive_list_get_entry (self->list, i);
      const Harmless *rule = find_harmless (self, entry);

      if (rule != NULL)
        leave_out (self, entry, _(rule->reason));
    }
}

/* A schema that the target has already is not created again. */
static gboolean
leave_out_schemas (PgmJob *self, GPtrArray *target_objects, GError **error)
{
  g_autoptr(GPtrArray) objects =
                 pgm_catalog_list_objects_sync (self->source_conn, self->cancellable, error);
  g_autoptr(GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) entries = pgm_archive_list_select (self->list, "SCHEMA");

  for (guint i = 0; i < target_objects->len; i++)
    g_hash_table_add (there, ((PgmObjectKey *) target_objects->pdata[i])->key);
  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      const PgmObjectKey *object = objects->pdata[i];

      for (guint k = 0; k < entries->len; k++)
        {
          PgmArchiveEntry *entry = entries->pdata[k];

          if (entry->class_oid == object->class_oid && entry->oid == object->oid &&
              g_hash_table_contains (there, object->key))
            leave_out (self, entry, _("the target has it already"));
        }
    }
  return objects != NULL;
}

static gboolean
prepare_merge (PgmJob *self, GError **error)
{
  g_autoptr(GPtrArray) objects = NULL;

  if (self->options->data_only)
    return pgm_job_check_tables_empty_sync (self, error) &&
           pgm_job_note_positions_sync (self, error);
  objects = pgm_job_list_target_objects_sync (self, self->cancellable, error);
  self->n_target_objects = objects != NULL ? objects->len : 0;
  return objects != NULL && pgm_job_check_collisions_sync (self, objects, self->list, error) &&
         leave_out_schemas (self, objects, error);
}

/* psql says whether the target exists, and it must still be the one that the plan found. */
static gboolean
check_still_as_planned (PgmJob *self, GError **error)
{
  const char *name = self->source_endpoint->database;
  const PgmDatabaseTraits *planned = self->target_traits;
  gboolean exists = FALSE;
  guint32 oid = 0;

  if (!pgm_database_exists_sync (self->psql, name, &exists, self->cancellable, error) ||
      !pgm_database_find_oid_sync (self->target_conn, name, &oid, self->cancellable, error))
    return FALSE;
  if (exists == (planned != NULL) && oid == (planned != NULL ? planned->oid : 0))
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
               !exists ? _("database \"%s\" of the target went away during the run")
                       : planned != NULL
               ? _("database \"%s\" of the target was made anew during the run")
               : _("database \"%s\" of the target came into being during the run"), name);
  return FALSE;
}

/* From here on the database is ours to drop, whatever happens, also when the answer to CREATE
 * DATABASE got lost; but not when the server refused to make it. */
static gboolean
create_staging (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autofree char *name =
      pgm_database_dup_name (self->source_endpoint->database, "pgm", self->run_id);
  g_autofree char *marker =
      pgm_marker_dup_text ("staging", self->source_endpoint->database, self->run_id, NULL);
  const PgmDatabaseTraits *old = self->target_traits;
  gboolean moves = old != NULL && !g_str_equal (old->tablespace, "pg_default");
  g_auto(PgmScriptResult) result = { 0 };

  pgm_info (self->logger, _("creating staging database \"%s\""), name);
  pgm_database_traits_add_create (self->source_traits, script, name, moves ? old->tablespace : NULL,
                                  pgm_server_get_major (self->target));
  pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", name, marker);
  self->staging = g_strdup (name);
  if (pgm_psql_run_sync (self->psql, NULL, script, &result, self->cancellable, error))
    return TRUE;
  if (result.failed_line == 1)
    g_clear_pointer (&self->staging, g_free);
  g_prefix_error (error, _("could not create a database on the target: "));
  return FALSE;
}

/* The name that users know is never that of a database that does not say what it is. When the
 * answer got lost, the oid behind the name tells. */
static gboolean
name_staging (PgmJob *self, GError **error)
{
  g_autoptr(PgmScript) script = pgm_script_new ();
  g_autoptr(GError) local = NULL;
  const char *name = self->source_endpoint->database;
  guint32 oid = 0;

  if (!pgm_database_find_oid_sync (self->target_conn, self->staging, &self->in_place_oid,
                                   self->cancellable, error))
    return FALSE;
  pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", self->staging, name);
  if (!pgm_psql_run_sync (self->psql, NULL, script, NULL, self->cancellable, &local) &&
      (!pgm_job_find_final_oid (self, self->in_place_oid, &oid) || oid != self->in_place_oid))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_free (self->staging);
  self->staging = g_strdup (name);
  return TRUE;
}

/* A database that cannot be made must not cost the one that is there. */
static gboolean
replace_in_place (PgmJob *self, GError **error)
{
  const char *name = self->source_endpoint->database;

  if (!create_staging (self, error))
    return FALSE;
  pgm_info (self->logger, _("dropping database \"%s\" of the target"), name);
  self->result->target_state = PGM_TARGET_UNKNOWN;
  if (!pgm_database_drop_sync (self->psql, self->target_conn, name, self->target_traits->oid, NULL,
                               self->cancellable, error))
    {
      guint32 oid = 0;

      if (pgm_job_find_final_oid (self, 0, &oid))
        self->result->target_state = oid != 0 ? PGM_TARGET_UNCHANGED : PGM_TARGET_DROPPED;
      return FALSE;
    }
  self->result->target_state = PGM_TARGET_DROPPED;
  return name_staging (self, error);
}

static gboolean
prepare_target (PgmJob *self, GError **error)
{
  gboolean is_ready = FALSE;

  switch (self->plan)
    {
    case PGM_PLAN_MERGE:
      is_ready = prepare_merge (self, error);
      break;
    case PGM_PLAN_REPLACE_IN_PLACE:
      is_ready = replace_in_place (self, error);
      break;
    case PGM_PLAN_CREATE:
    case PGM_PLAN_REPLACE:
    case PGM_PLAN_FILL:
    default:
      is_ready = create_staging (self, error);
    }
  return is_ready && pgm_job_drop_public_sync (self, error) &&
         pgm_job_make_schemas_sync (self, error);
}

/* A staged restore is itself the reading of the whole archive: no entry with data is ever left out
 * (see above), it decompresses every block of it as the check would, and one that fails is dropped
 * again. What cannot be taken back is preceded by a reading of its own. */
static gboolean
check_archive (PgmJob *self, GError **error)
{
  gboolean is_final = self->plan == PGM_PLAN_REPLACE_IN_PLACE || self->plan == PGM_PLAN_MERGE;

  return !is_final || pgm_archive_engine_check_sync (self->engine, self->cancellable, error);
}

gboolean
pgm_job_prepare_sync (PgmJob *self, GError **error)
{
  leave_out_harmless (self);
  if (pgm_job_look_at_public_sync (self, error) && check_still_as_planned (self, error) &&
      check_archive (self, error) && prepare_target (self, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_RESTORE_FAILED);
  return FALSE;
}
