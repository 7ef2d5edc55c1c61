/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-travel.h"

#include "pgm-catalog-filter.h"

static gint64
pair (guint32 class_oid, guint32 oid)
{
  return (gint64) (((guint64) class_oid << 32) | oid);
}

GHashTable *
pgm_oid_pairs_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

void
pgm_oid_pairs_add (GHashTable *pairs, guint32 class_oid, guint32 oid)
{
  gint64 key = pair (class_oid, oid);

  g_hash_table_add (pairs, g_memdup2 (&key, sizeof key));
}

/* An @oid of 0, which is none, is in no set. */
gboolean
pgm_oid_pairs_have (GHashTable *pairs, guint32 class_oid, guint32 oid)
{
  gint64 key = pair (class_oid, oid);

  return oid != 0 && g_hash_table_contains (pairs, &key);
}

/* The text of a comment's entry begins with the kind of its object. */
static gboolean
is_public_comment (const PgmArchiveEntry *entry)
{
  return g_str_equal (entry->kind, "COMMENT") && g_str_has_prefix (entry->rest, "- SCHEMA public ");
}

static void
read_entry (PgmTravel *self, const PgmArchiveEntry *entry)
{
  gboolean is_content =
      g_str_has_suffix (entry->kind, " DATA") || g_str_equal (entry->kind, "SEQUENCE SET");

  if (entry->has_failed)
    pgm_oid_pairs_add (self->failed, entry->class_oid, entry->oid);
  if (entry->is_excluded)
    self->leaves_public_comment = self->leaves_public_comment || is_public_comment (entry);
  else if (is_content)
    pgm_oid_pairs_add (self->contents, 0, entry->oid);
  else
    pgm_oid_pairs_add (self->entries, entry->class_oid, entry->oid);
}

/* @job: its archive, if it has one, as it was restored or is about to be */
void
pgm_travel_init (PgmTravel *self, PgmJob *job)
{
  *self = (PgmTravel){ .job = job };
  if (job->list == NULL)
    return;
  self->entries = pgm_oid_pairs_new ();
  self->contents = pgm_oid_pairs_new ();
  self->failed = pgm_oid_pairs_new ();
  for (guint i = 0; i < pgm_archive_list_get_n_entries (job->list); i++)
    read_entry (self, pgm_archive_list_get_entry (job->list, i));
}

void
pgm_travel_clear (PgmTravel *self)
{
  g_clear_pointer (&self->entries, g_hash_table_unref);
  g_clear_pointer (&self->contents, g_hash_table_unref);
  g_clear_pointer (&self->failed, g_hash_table_unref);
}

/* What is done to what every database has, or an extension brings, comes with everything else; a
 * target that is added to keeps its own beside that. */
static gboolean
expects_of_others (PgmTravel *self, const PgmInventoryItem *item)
{
  const PgmOptions *options = self->job->options;

  if (!pgm_catalog_filter_takes_everything (options) || options->exclude_schemas[0] != NULL ||
      self->job->plan == PGM_PLAN_MERGE)
    return FALSE;
  if (item->part == PGM_INVENTORY_PRIVILEGES)
    return !self->job->public_stays_open;
  return !self->leaves_public_comment || !g_str_equal (item->kind, "comment");
}

/* Whether the target is to have @item, an object of the source, or a right on one. */
gboolean
pgm_travel_expects (PgmTravel *self, const PgmInventoryItem *item)
{
  switch (item->carriage)
    {
    case PGM_CARRIED_BY_NOTHING:
    case PGM_CARRIED_BY_HAND:
      return FALSE;
    case PGM_CARRIED_WITH_ALL:
      return expects_of_others (self, item);
    case PGM_CARRIED_WITH_LARGE:
      return self->job->expected.large_objects &&
             pgm_catalog_filter_takes_everything (self->job->options);
    case PGM_CARRIED_AS_CONTENT:
      return self->entries == NULL ? !self->job->options->schema_only
                                   : pgm_oid_pairs_have (self->contents, 0, item->oid);
    case PGM_CARRIED_BY_OWNER:
      if (self->entries != NULL &&
          pgm_oid_pairs_have (self->entries, item->owner_class_oid, item->owner_oid))
        return TRUE;
      break;
    case PGM_CARRIED_BY_ITSELF:
    case PGM_CARRIED_AS_DEFAULT:
    default:
      break;
    }
  return self->entries == NULL || pgm_oid_pairs_have (self->entries, item->class_oid, item->oid);
}

gboolean
pgm_travel_has_failed (PgmTravel *self, const PgmInventoryItem *item)
{
  return self->failed != NULL && pgm_oid_pairs_have (self->failed, item->class_oid, item->oid);
}
