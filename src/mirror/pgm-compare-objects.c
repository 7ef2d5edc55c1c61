/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The inventories of both sides, object by object. Of a run only what its archive brings is
 * expected, found there by class and oid; what else the source has is told as left behind. */

#include "pgm-compare.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* Of a long list of names. */
#define N_NAMES 20

typedef struct
{
  PgmComparison *comparison;
  gboolean same_major;

  /* owned; the first three NULL where no archive limits what is expected */
  GHashTable *entries;  /* objects of the archive, as pairs of class and oid */
  GHashTable *contents; /* those that the archive has content for; it tells no class then */
  GHashTable *failed;   /* objects that are told as not restored already */
  GHashTable *absent;   /* objects that one side lacks: what belongs to them is not told */
} ObjectComparison;

static gint64
pair (guint32 class_oid, guint32 oid)
{
  return (gint64) (((guint64) class_oid << 32) | oid);
}

static void
add_pair (GHashTable *pairs, guint32 class_oid, guint32 oid)
{
  gint64 key = pair (class_oid, oid);

  g_hash_table_add (pairs, g_memdup2 (&key, sizeof key));
}

static gboolean
has_pair (GHashTable *pairs, guint32 class_oid, guint32 oid)
{
  gint64 key = pair (class_oid, oid);

  return oid != 0 && g_hash_table_contains (pairs, &key);
}

static GHashTable *
new_pairs (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
read_archive (ObjectComparison *self, PgmArchiveList *list)
{
  self->entries = new_pairs ();
  self->contents = new_pairs ();
  self->failed = new_pairs ();
  for (guint i = 0; i < pgm_archive_list_get_n_entries (list); i++)
    {
      const PgmArchiveEntry *entry = pgm_archive_list_get_entry (list, i);
      gboolean is_content =
          g_str_has_suffix (entry->kind, " DATA") || g_str_equal (entry->kind, "SEQUENCE SET");

      if (entry->has_failed)
        add_pair (self->failed, entry->class_oid, entry->oid);
      if (!entry->is_excluded && is_content)
        add_pair (self->contents, 0, entry->oid);
      else if (!entry->is_excluded)
        add_pair (self->entries, entry->class_oid, entry->oid);
    }
}

static gboolean
is_expected (ObjectComparison *self, const PgmInventoryItem *item)
{
  const PgmJob *job = self->comparison->job;
  gboolean has_owner = FALSE;

  if (item->carriage == PGM_CARRIED_BY_NOTHING || item->carriage == PGM_CARRIED_BY_HAND)
    return FALSE;
  if (item->carriage == PGM_CARRIED_UNNAMED && self->entries != NULL)
    return !pgm_options_has_filters (job->options) && job->plan != PGM_PLAN_MERGE;
  if (self->entries == NULL)
    return item->carriage != PGM_CARRIED_AS_CONTENT || !job->options->schema_only;
  has_owner = has_pair (self->entries, item->owner_class_oid, item->owner_oid);
  if (item->carriage == PGM_CARRIED_AS_CONTENT)
    return has_pair (self->contents, 0, item->oid);
  return has_pair (self->entries, item->class_oid, item->oid) ||
         (item->carriage == PGM_CARRIED_BY_OWNER && has_owner);
}

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

static void
find_absent (ObjectComparison *self, GPtrArray *items, GHashTable *others)
{
  g_clear_pointer (&self->absent, g_hash_table_unref);
  self->absent = new_pairs ();
  for (guint i = 0; i < items->len; i++)
    {
      const PgmInventoryItem *item = items->pdata[i];

      if (stands_alone (item) && find_item (others, item) == NULL)
        add_pair (self->absent, item->class_oid, item->oid);
    }
}

/* Whether it is absent only because what it belongs to is. */
static gboolean
goes_with_absent (ObjectComparison *self, const PgmInventoryItem *item)
{
  return has_pair (self->absent, item->owner_class_oid, item->owner_oid) ||
         (!stands_alone (item) && has_pair (self->absent, item->class_oid, item->oid));
}

/* Which version an extension has is the server's business; of a run the checks have told it. */
static void
tell_version (ObjectComparison *self, const PgmInventoryItem *item)
{
  if (self->entries == NULL)
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
  else if (self->entries == NULL)
    pgm_comparison_add (comparison, "object-differs",
                        _("%s %s is defined differently on the target"), _(item->kind),
                                                                             item->identity);
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
    pgm_comparison_add (self->comparison, "object-differs",
                        _("%s %s is defined differently on the target"), _(item->kind),
                                                                             item->identity);
  else
    compare_words (self, item, other);
}

/* What the user asked not to bring need not be told. */
static gboolean
tells_left_behind (ObjectComparison *self)
{
  const PgmOptions *options = self->comparison->job->options;

  return self->entries != NULL && !pgm_options_has_filters (options) && !options->schema_only;
}

static void
leave_behind (ObjectComparison *self, const PgmInventoryItem *item)
{
  PgmJob *job = self->comparison->job;

  if (tells_left_behind (self) && item->carriage != PGM_CARRIED_BY_HAND)
    pgm_job_add_finding (
        job, job->result->left_behind,
        pgm_finding_new (PGM_SEVERITY_NOTE, "left-behind", NULL,
                         _("%s %s does not travel"), _(item->kind), item->identity));
  else if (self->entries == NULL && item->carriage != PGM_CARRIED_AS_CONTENT)
    pgm_job_add_finding (job, NULL,
                         pgm_finding_new (PGM_SEVERITY_WARNING, "not-compared", NULL,
                                          _("%s %s of the source is not compared"),
                                             _(item->kind), item->identity));
}

static void
look_for (ObjectComparison *self, const PgmInventoryItem *item, GHashTable *others)
{
  const PgmInventoryItem *other = find_item (others, item);

  if (self->failed != NULL && has_pair (self->failed, item->class_oid, item->oid))
    return;
  if (!is_expected (self, item))
    leave_behind (self, item);
  else if (other != NULL)
    compare_item (self, item, other);
  else if (!self->comparison->only_common && !goes_with_absent (self, item))
    pgm_comparison_add (self->comparison, "object-missing",
                        _("%s %s is missing on the target"), _(item->kind), item->identity);
}

static void
look_for_extras (ObjectComparison *self, GPtrArray *items, GHashTable *others)
{
  for (guint i = 0; i < items->len; i++)
    {
      const PgmInventoryItem *item = items->pdata[i];

      if (find_item (others, item) == NULL && !goes_with_absent (self, item) &&
          (self->entries == NULL || item->carriage != PGM_CARRIED_UNNAMED))
        pgm_comparison_add (self->comparison, "object-extra",
                            _("%s %s is only on the target"), _(item->kind), item->identity);
    }
}

/* Returns: (transfer full): the first names of @items, and how many more there are */
static char *
dup_names (GPtrArray *items)
{
  GString *text = g_string_new (NULL);
  guint n = MIN (items->len, N_NAMES);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            ((PgmInventoryItem *) items->pdata[i])->identity);
  if (n < items->len)
    g_string_append_printf (text, _(" and %u more"), items->len - n);
  return g_string_free (text, FALSE);
}

/* no_owner and no_acl are the default, so that nobody may have chosen them. */
static void
tell_rights (ObjectComparison *self, GPtrArray *items, PgmInventoryParts part)
{
  PgmJob *job = self->comparison->job;
  const char *role = job->target_endpoint->user;
  g_autofree char *own = g_compute_checksum_for_string (G_CHECKSUM_MD5, role, -1);
  g_autoptr(GPtrArray) left = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      PgmInventoryItem *item = items->pdata[i];

      if (item->part == part && is_expected (self, item) &&
          (part != PGM_INVENTORY_OWNERS || g_strcmp0 (item->definition, own) != 0))
        g_ptr_array_add (left, item);
    }
  if (left->len == 0)
    return;
  names = dup_names (left);
  if (part == PGM_INVENTORY_OWNERS)
    pgm_job_add_finding (
        job, job->result->left_behind,
        pgm_finding_new (PGM_SEVERITY_NOTE, "owners", NULL,
                         _("owners do not travel (no_owner); on the target these belong to "
                           "\"%s\": %s"),
                            role, names));
  else
    pgm_job_add_finding (
        job, job->result->left_behind,
        pgm_finding_new (PGM_SEVERITY_NOTE, "privileges", NULL,
                         _("privileges do not travel (no_acl): those on %s"), names));
}

static void
compare_sides (ObjectComparison *self, GPtrArray *source, GPtrArray *target)
{
  g_autoptr(GHashTable) sources = index_items (source);
  g_autoptr(GHashTable) targets = index_items (target);
  PgmInventoryParts parts = pgm_comparison_get_parts (self->comparison);

  find_absent (self, source, targets);
  for (guint i = 0; i < source->len; i++)
    if ((((PgmInventoryItem *) source->pdata[i])->part & parts) != 0)
      look_for (self, source->pdata[i], targets);
  if (self->comparison->tells_extras)
    {
      find_absent (self, target, sources);
      look_for_extras (self, target, sources);
    }
  if (self->entries != NULL && (parts & PGM_INVENTORY_OWNERS) == 0)
    tell_rights (self, source, PGM_INVENTORY_OWNERS);
  if (self->entries != NULL && (parts & PGM_INVENTORY_PRIVILEGES) == 0)
    tell_rights (self, source, PGM_INVENTORY_PRIVILEGES);
}

void
pgm_comparison_compare_objects (PgmComparison *self)
{
  PgmJob *job = self->job;
  ObjectComparison objects = { .comparison = self };

  objects.same_major = pgm_server_get_major (job->source) == pgm_server_get_major (job->target);
  if (job->list != NULL)
    read_archive (&objects, job->list);
  compare_sides (&objects, pgm_counter_get_inventory (self->source),
                 pgm_counter_get_inventory (self->target));
  g_clear_pointer (&objects.entries, g_hash_table_unref);
  g_clear_pointer (&objects.contents, g_hash_table_unref);
  g_clear_pointer (&objects.failed, g_hash_table_unref);
  g_clear_pointer (&objects.absent, g_hash_table_unref);
}
