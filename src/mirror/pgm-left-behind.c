/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What of the source does not travel, though no filter asks for that, is told by kind and name. */

#include "pgm-catalog-filter.h"
#include "pgm-text.h"
#include "pgm-travel.h"

#include <glib/gi18n-lib.h>

/* Of a long list of names. */
#define N_NAMES 20

static void
add_finding (PgmTravel *self, PgmFinding *finding)
{
  pgm_job_add_finding (self->job, self->job->result->left_behind, finding);
}

/* no_owner and no_acl are the default, so that nobody may have chosen them. An archive without
 * privileges has no entries for those of objects that are yet to be made. */
static gboolean
would_travel (PgmTravel *self, const PgmInventoryItem *item)
{
  if (item->carriage == PGM_CARRIED_AS_DEFAULT && self->job->options->no_acl)
    return pgm_catalog_filter_takes_everything (self->job->options);
  return pgm_travel_expects (self, item);
}

static void
tell_rights (PgmTravel *self, GPtrArray *inventory, PgmInventoryParts part)
{
  const char *role = self->job->target_endpoint->user;
  g_autofree char *own = g_compute_checksum_for_string (G_CHECKSUM_MD5, role, -1);
  g_autoptr(GPtrArray) left = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; i < inventory->len; i++)
    {
      PgmInventoryItem *item = inventory->pdata[i];

      if (item->part == part && would_travel (self, item) &&
          (part != PGM_INVENTORY_OWNERS || g_strcmp0 (item->definition, own) != 0))
        g_ptr_array_add (left, item->identity);
    }
  if (left->len == 0)
    return;
  names = pgm_text_join_names (left, N_NAMES);
  if (part == PGM_INVENTORY_OWNERS)
    add_finding (self, pgm_finding_new (PGM_SEVERITY_NOTE, "owners", NULL,
                                        _("owners do not travel (no_owner); on the target these "
                                          "belong to \"%s\": %s"),
                                           role, names));
  else
    add_finding (self,
                 pgm_finding_new (PGM_SEVERITY_NOTE, "privileges", NULL,
                                  _("privileges do not travel (no_acl): those on %s"), names));
}

static void
tell_objects (PgmTravel *self, GPtrArray *inventory)
{
  const PgmOptions *options = self->job->options;

  for (guint i = 0; i < inventory->len; i++)
    {
      const PgmInventoryItem *item = inventory->pdata[i];
      gboolean is_told_with_others = (item->part == PGM_INVENTORY_OWNERS && options->no_owner) ||
                                     (item->part == PGM_INVENTORY_PRIVILEGES && options->no_acl);

      if (!is_told_with_others && item->carriage != PGM_CARRIED_BY_HAND &&
          !pgm_travel_expects (self, item) && !pgm_travel_has_failed (self, item))
        add_finding (self,
                     pgm_finding_new (PGM_SEVERITY_NOTE, "left-behind", NULL,
                                      _("%s %s does not travel"), _(item->kind), item->identity));
    }
}

/* @inventory: of the source, of a run that has its archive. What the user asked not to bring need
 * not be told. */
void
pgm_travel_tell_left_behind (PgmTravel *self, GPtrArray *inventory)
{
  const PgmOptions *options = self->job->options;

  if (!pgm_options_has_filters (options) && !options->schema_only)
    tell_objects (self, inventory);
  if (options->no_owner)
    tell_rights (self, inventory, PGM_INVENTORY_OWNERS);
  if (options->no_acl)
    tell_rights (self, inventory, PGM_INVENTORY_PRIVILEGES);
}
