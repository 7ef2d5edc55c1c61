/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A target that is reused must have nothing of what is coming: a table of the same name would
 * stop the restore half-way, or its rows would double. */

#include "pgm-collision.h"

#include "pgm-error.h"
#include "pgm-made-schemas.h"
#include "pgm-positions.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

#define MAX_NAMES 5 /* that a message has room for */

/* Returns: (transfer full) (element-type PgmObjectKey): the user's objects in the target
 * database */
GPtrArray *
pgm_job_list_target_objects_sync (PgmJob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, self->source_endpoint->database,
                                                 cancellable, error);

  return conn != NULL ? pgm_catalog_list_objects_sync (conn, cancellable, error) : NULL;
}

/* @ret_is_pristine: (out): whether nobody has made anything in the target database */
gboolean
pgm_job_is_target_pristine_sync (PgmJob *self,
                                 gboolean *ret_is_pristine,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, self->source_endpoint->database,
                                                 cancellable, error);

  return conn != NULL && pgm_catalog_is_pristine_sync (conn, ret_is_pristine, cancellable, error);
}

static GHashTable *
index_keys (GPtrArray *objects)
{
  GHashTable *keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < objects->len; i++)
    g_hash_table_add (keys, ((PgmObjectKey *) objects->pdata[i])->key);
  return keys;
}

static gint64
pair (guint32 class_oid, guint32 oid)
{
  return ((gint64) class_oid << 32) | oid;
}

/* Returns: (transfer full): what the archive creates, by class and oid */
static GHashTable *
index_entries (PgmArchiveList *list)
{
  GHashTable *pairs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < pgm_archive_list_get_n_entries (list); i++)
    {
      const PgmArchiveEntry *entry = pgm_archive_list_get_entry (list, i);
      gint64 key = pair (entry->class_oid, entry->oid);

      if (!entry->is_excluded)
        g_hash_table_add (pairs, g_memdup2 (&key, sizeof key));
    }
  return pairs;
}

static gboolean
refuse (PgmJob *self, guint n, const char *first, GError **error)
{
  if (n == 0)
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
               ngettext ("database \"%s\" of the target already has %u object that is coming "
                         "(%s); set drop_existing to replace the database",
                         "database \"%s\" of the target already has %u objects that are coming "
                         "(the first: %s); set drop_existing to replace the database",
                         n),
               self->source_endpoint->database, n, first);
  return FALSE;
}

/* @target_objects: PgmObjectKey
 * @list: (nullable): compare only what it brings; NULL for all objects of the source */
gboolean
pgm_job_check_collisions_sync (PgmJob *self,
                               GPtrArray *target_objects,
                               PgmArchiveList *list,
                               GError **error)
{
  g_autoptr(GPtrArray) objects =
                 pgm_catalog_list_objects_sync (self->source_conn, self->cancellable, error);
  g_autoptr(GHashTable) keys = index_keys (target_objects);
  g_autoptr(GHashTable) pairs = list != NULL ? index_entries (list) : NULL;
  const char *first = NULL;
  guint n = 0;

  if (objects == NULL)
    return FALSE;
  for (guint i = 0; i < objects->len; i++)
    {
      const PgmObjectKey *object = objects->pdata[i];
      gint64 key = pair (object->class_oid, object->oid);

      if (g_str_has_prefix (object->key, "schema ") || !g_hash_table_contains (keys, object->key) ||
          (pairs != NULL && !g_hash_table_contains (pairs, &key)))
        continue;
      first = first != NULL ? first : object->key;
      n++;
    }
  return refuse (self, n, first, error);
}

/* Returns: (transfer full): the tables of what travels that have rows on the target, as people
 * read them; NULL with @error */
static GPtrArray *
list_tables_with_rows (PgmJob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, self->source_endpoint->database,
                                                 cancellable, error);
  g_autoptr(GArray) counts = g_array_new (FALSE, FALSE, sizeof (gint64));
  GPtrArray *titles = NULL;

  if (conn == NULL ||
      !pgm_catalog_count_rows_sync (conn, self->expected.tables, counts, cancellable, error))
    return NULL;
  titles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < counts->len; i++)
    if (g_array_index (counts, gint64, i) > 0)
      g_ptr_array_add (titles, pgm_table_dup_title (self->expected.tables->pdata[i]));
  return titles;
}

/* For data_only: the tables have to be there, without rows. */
gboolean
pgm_job_check_tables_empty_sync (PgmJob *self, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(GPtrArray) titles = list_tables_with_rows (self, self->cancellable, &local);
  g_autofree char *names = NULL;

  if (titles != NULL && titles->len == 0)
    return TRUE;
  if (g_error_matches (local, PGM_ERROR, PGM_ERROR_MISSING))
    g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
                 _("data_only needs the tables on the target: %s"), local->message);
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  if (titles == NULL)
    return FALSE;
  names = pgm_text_join_names (titles, MAX_NAMES);
  g_set_error (error, PGM_ERROR, PGM_ERROR_PREFLIGHT,
               _("these tables of the target are not empty, so that their rows would double: %s; "
                 "empty them, or leave them out with exclude_tables"),
                  names);
  return FALSE;
}

/* After a failure in the one transaction of a merge, the answer to whose COMMIT may have been
 * lost: looks whether anything of it arrived. Also after a cancel. */
PgmTargetState
pgm_job_look_at_merged_target (PgmJob *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) objects = NULL;
  g_autoptr(GPtrArray) filled = NULL;
  gboolean are_back = TRUE;

  if (!pgm_job_end_all_sessions (self))
    return PGM_TARGET_UNKNOWN;
  pgm_job_drop_made_schemas (self);
  if (self->options->data_only)
    filled = list_tables_with_rows (self, self->kill, &error);
  else
    objects = pgm_job_list_target_objects_sync (self, self->kill, &error);
  if (error == NULL && (filled == NULL || filled->len == 0) && self->target_positions != NULL)
    pgm_job_take_back_positions_sync (self, &are_back, &error);
  if (error != NULL)
    return PGM_TARGET_UNKNOWN;
  if ((filled != NULL && filled->len > 0) || !are_back ||
      (objects != NULL && objects->len != self->n_target_objects))
    return PGM_TARGET_FILLED;
  return PGM_TARGET_UNCHANGED;
}
