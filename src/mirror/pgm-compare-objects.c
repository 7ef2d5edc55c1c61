/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The inventories of both sides, object by object. Of a run only what its archive brings is
 * expected (pgm-travel.h). */

#include "pgm-compare.h"

#include "pgm-travel.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PgmComparison *comparison;
  PgmTravel travel;
  gboolean same_major;
  GHashTable *absent; /* owned: objects that one side lacks: what belongs to them is not told */
} ObjectComparison;

static char *
dup_key (const PgmInventoryItem *item)
{
  return g_strconcat (item->kind, "\n", item->identity, NULL);
}

static GHashTable *
index_items (GPtrArray *items)
{
  GHashTable *by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < items->len; i++)
    g_hash_table_insert (by_key, dup_key (items->pdata[i]), items->pdata[i]);
  return by_key;
}

static const PgmInventoryItem *
find_item (GHashTable *by_key, const PgmInventoryItem *item)
{
  g_autofree char *key = dup_key (item);

  return g_hash_table_lookup (by_key, key);
}

static gboolean
stands_alone (const PgmInventoryItem *item)
{
  return item->carriage == PGM_CARRIED_BY_ITSELF && item->part == PGM_INVENTORY_OBJECTS;
}

/* The inventories have rights on large objects alone.
 *
 * @some, @others: (nullable): oid → hash */
static void
find_absent_large_objects (ObjectComparison *self, GHashTable *some, GHashTable *others)
{
  GHashTableIter iter;
  gpointer oid = NULL;

  if (some == NULL || others == NULL)
    return;
  g_hash_table_iter_init (&iter, some);
  while (g_hash_table_iter_next (&iter, &oid, NULL))
    if (!g_hash_table_contains (others, oid))
      pgm_oid_pairs_add (self->absent, PGM_LARGE_OBJECT_CLASS, GPOINTER_TO_UINT (oid));
}

static void
find_absent (ObjectComparison *self, GPtrArray *items, GHashTable *others)
{
  g_clear_pointer (&self->absent, g_hash_table_unref);
  self->absent = pgm_oid_pairs_new ();
  for (guint i = 0; i < items->len; i++)
    {
      const PgmInventoryItem *item = items->pdata[i];

      if (stands_alone (item) && find_item (others, item) == NULL)
        pgm_oid_pairs_add (self->absent, item->class_oid, item->oid);
    }
}

/* Whether it is absent only because what it belongs to is. */
static gboolean
goes_with_absent (ObjectComparison *self, const PgmInventoryItem *item)
{
  return pgm_oid_pairs_have (self->absent, item->owner_class_oid, item->owner_oid) ||
         (!stands_alone (item) && pgm_oid_pairs_have (self->absent, item->class_oid, item->oid));
}

static void
add_differing (ObjectComparison *self, const PgmInventoryItem *item)
{
  pgm_comparison_add (self->comparison, "object-differs",
                      _("%s %s is defined differently on the target"), _(item->kind),
                                                                           item->identity);
}

/* Which version an extension has is the server's business; of a run the checks have told it. */
static void
tell_version (ObjectComparison *self, const PgmInventoryItem *item)
{
  if (self->travel.entries == NULL)
    pgm_job_add_finding (
        self->comparison->job, NULL,
        pgm_finding_new (PGM_SEVERITY_WARNING, "extension-version", NULL,
                         _("extension %s has another version on the target"), item->identity));
}

/* What pg_restore made from the archive's own words, and reads differently, is the same object;
 * between two databases of which that is not known it is a difference. Another version writes
 * in its own way. */
static void
compare_words (ObjectComparison *self, const PgmInventoryItem *item, const PgmInventoryItem *other)
{
  PgmComparison *comparison = self->comparison;

  if (g_strcmp0 (item->words, other->words) == 0)
    return;
  if (g_str_equal (item->kind, "extension"))
    tell_version (self, item);
  else if (!self->same_major)
    return;
  else if (self->travel.entries == NULL)
    add_differing (self, item);
  else
    pgm_job_add_finding (
        comparison->job, NULL,
        pgm_finding_new (
            PGM_SEVERITY_WARNING, "reads-differently", NULL,
            _("%s %s was restored, but its definition reads differently on the target"),
               _(item->kind), item->identity));
}

static void
compare_item (ObjectComparison *self, const PgmInventoryItem *item, const PgmInventoryItem *other)
{
  self->comparison->n_objects++;
  if (g_strcmp0 (item->definition, other->definition) != 0)
    add_differing (self, item);
  else
    compare_words (self, item, other);
}

/* Of a run, it is told as left behind. */
static void
tell_not_compared (ObjectComparison *self, const PgmInventoryItem *item)
{
  if (self->travel.entries == NULL &&
      (item->carriage == PGM_CARRIED_BY_NOTHING || item->carriage == PGM_CARRIED_BY_HAND))
    pgm_job_add_finding (self->comparison->job, NULL,
                         pgm_finding_new (PGM_SEVERITY_WARNING, "not-compared", NULL,
                                          _("%s %s of the source is not compared"),
                                             _(item->kind), item->identity));
}

/* Rights that are as they come with their object are in no inventory: an object of which only one
 * side has them is on both. */
static gboolean
differs_where_one_sided (const PgmInventoryItem *item)
{
  return item->part != PGM_INVENTORY_OBJECTS && item->carriage != PGM_CARRIED_AS_DEFAULT;
}

static void
tell_missing (ObjectComparison *self, const PgmInventoryItem *item)
{
  if (differs_where_one_sided (item))
    add_differing (self, item);
  else if (!self->comparison->only_common)
    pgm_comparison_add (self->comparison, "object-missing",
                        _("%s %s is missing on the target"), _(item->kind), item->identity);
}

static void
tell_extra (ObjectComparison *self, const PgmInventoryItem *item)
{
  if (differs_where_one_sided (item))
    add_differing (self, item);
  else
    pgm_comparison_add (self->comparison, "object-extra",
                        _("%s %s is only on the target"), _(item->kind), item->identity);
}

static void
look_for (ObjectComparison *self, const PgmInventoryItem *item, GHashTable *others)
{
  const PgmInventoryItem *other = find_item (others, item);

  if (pgm_travel_has_failed (&self->travel, item))
    return;
  if (!pgm_travel_expects (&self->travel, item))
    tell_not_compared (self, item);
  else if (other != NULL)
    compare_item (self, item, other);
  else if (!goes_with_absent (self, item))
    tell_missing (self, item);
}

static void
look_for_extras (ObjectComparison *self, GPtrArray *items, GHashTable *others)
{
  for (guint i = 0; i < items->len; i++)
    {
      const PgmInventoryItem *item = items->pdata[i];

      if (find_item (others, item) == NULL && !goes_with_absent (self, item) &&
          (item->carriage != PGM_CARRIED_WITH_ALL || pgm_travel_expects (&self->travel, item)))
        tell_extra (self, item);
    }
}

static void
compare_sides (ObjectComparison *self, GPtrArray *source, GPtrArray *target)
{
  g_autoptr(GHashTable) sources = index_items (source);
  g_autoptr(GHashTable) targets = index_items (target);
  PgmInventoryParts parts = pgm_comparison_get_parts (self->comparison);

  find_absent (self, source, targets);
  find_absent_large_objects (self, pgm_counter_get_large_objects (self->comparison->source),
                             pgm_counter_get_large_objects (self->comparison->target));
  for (guint i = 0; i < source->len; i++)
    if ((((PgmInventoryItem *) source->pdata[i])->part & parts) != 0)
      look_for (self, source->pdata[i], targets);
  if (self->comparison->tells_extras)
    {
      find_absent (self, target, sources);
      find_absent_large_objects (self, pgm_counter_get_large_objects (self->comparison->target),
                                 pgm_counter_get_large_objects (self->comparison->source));
      look_for_extras (self, target, sources);
    }
}

void
pgm_comparison_compare_objects (PgmComparison *self)
{
  PgmJob *job = self->job;
  ObjectComparison objects = { .comparison = self };

  objects.same_major = pgm_server_get_major (job->source) == pgm_server_get_major (job->target);
  pgm_travel_init (&objects.travel, job);
  compare_sides (&objects, pgm_counter_get_inventory (self->source),
                 pgm_counter_get_inventory (self->target));
  pgm_travel_clear (&objects.travel);
  g_clear_pointer (&objects.absent, g_hash_table_unref);
}
