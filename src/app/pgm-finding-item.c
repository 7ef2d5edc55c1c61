/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-finding-item.h"

struct _PgmFindingItem
{
  GObject parent_instance;

  PgmFinding *finding; /* owned */
};

G_DEFINE_FINAL_TYPE (PgmFindingItem, pgm_finding_item, G_TYPE_OBJECT)

static void
pgm_finding_item_finalize (GObject *object)
{
  pgm_finding_unref (PGM_FINDING_ITEM (object)->finding);
  G_OBJECT_CLASS (pgm_finding_item_parent_class)->finalize (object);
}

static void
pgm_finding_item_class_init (PgmFindingItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_finding_item_finalize;
}

static void
pgm_finding_item_init (PgmFindingItem *self)
{
}

PgmFindingItem *
pgm_finding_item_new (PgmFinding *finding)
{
  PgmFindingItem *self = g_object_new (PGM_TYPE_FINDING_ITEM, NULL);

  self->finding = pgm_finding_ref (finding);
  return self;
}

/* Returns: (transfer none) */
PgmFinding *
pgm_finding_item_get (PgmFindingItem *self)
{
  g_return_val_if_fail (PGM_IS_FINDING_ITEM (self), NULL);

  return self->finding;
}

/* Worst first, otherwise in their order. */
static int
compare_severity (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const PgmFinding *first = pgm_finding_item_get ((PgmFindingItem *) a);
  const PgmFinding *second = pgm_finding_item_get ((PgmFindingItem *) b);

  return (int) second->severity - (int) first->severity;
}

/* @findings: PgmFinding
 *
 * Returns: (transfer full): PgmFindingItem, worst first */
GListModel *
pgm_finding_item_list (GPtrArray *findings)
{
  GListStore *store = g_list_store_new (PGM_TYPE_FINDING_ITEM);

  for (guint i = 0; i < findings->len; i++)
    {
      g_autoptr(PgmFindingItem) item = pgm_finding_item_new (findings->pdata[i]);

      g_list_store_append (store, item);
    }
  g_list_store_sort (store, compare_severity, NULL);
  return G_LIST_MODEL (store);
}
