/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Schemas that a run made in the target's own database, ahead of tables that then did not come
 * (pgm-made-schemas.c). An empty one is dropped; one that somebody uses keeps all but the marker.
 */

#include "pgm-recover-look.h"

#include "pgm-catalog-leftovers.h"
#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

static void
describe (PgmLeftover *self, const PgmFoundSchema *found)
{
  g_autofree char *quoted = pgm_text_quote_name (found->name);
  g_autofree char *of = pgm_text_escape (self->of);

  self->remedy = found->is_empty ? PGM_REMEDY_REMOVE : PGM_REMEDY_UNMARK;
  self->sql = found->is_empty ? g_strconcat ("DROP SCHEMA ", quoted, NULL)
                              : g_strconcat ("COMMENT ON SCHEMA ", quoted, " IS NULL", NULL);
  self->message = found->is_empty
      ? g_strdup_printf (_("empty schema in \"%s\", made for tables that did not "
                                           "come"),
                            of)
      : g_strdup_printf (_("schema in \"%s\"; its comment is still the marker of a "
                                           "run"),
                            of);
  if (found->is_own)
    return;
  self->remedy = PGM_REMEDY_NONE;
  self->hint =
      g_strdup_printf (_("let its owner or a superuser run recover, or run on the target: "
                                  "%s"),
                          self->sql);
}

static PgmLeftover *
make_leftover (const PgmFoundSchema *found, const char *database)
{
  PgmLeftover *self = pgm_leftover_new (PGM_LEFTOVER_SCHEMA, found->name);

  self->oid = found->oid;
  self->of = g_strdup (database);
  self->run = g_strdup (found->marker->run);
  self->host = g_strdup (found->marker->host);
  self->started_us = found->marker->started_us;
  describe (self, found);
  return self;
}

/* Who cannot get into @database, or finds none of that name, made nothing in it. A living run will
 * see to its own.
 *
 * @temp_dir: (nullable): of the profile
 *
 * Returns: (transfer full) (element-type PgmLeftover) */
GPtrArray *
pgm_recover_look_at_schemas_sync (PgmServer *server,
                                  const char *database,
                                  const char *temp_dir,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr(GHashTable) runs = pgm_recover_find_local_runs (temp_dir);
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (server, database, cancellable, NULL);
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_leftover_free);
  g_autoptr(GPtrArray) found =
                 conn != NULL ? pgm_catalog_find_schemas_sync (conn, cancellable, error) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const PgmFoundSchema *schema = found->pdata[i];

      if (!schema->is_alive && !g_hash_table_contains (runs, schema->marker->run))
        g_ptr_array_add (list, make_leftover (schema, database));
    }
  if (conn != NULL && found == NULL)
    return NULL;
  if (conn == NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&list);
}

gboolean
pgm_recover_give_up_schema_sync (PgmServer *server,
                                 const PgmLeftover *leftover,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (server, leftover->of, cancellable, error);

  return conn != NULL && pgm_catalog_give_up_schema_sync (conn, leftover->name,
                                                          leftover->remedy == PGM_REMEDY_REMOVE,
                                                          cancellable, error);
}
