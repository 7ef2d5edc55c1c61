/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-progress.h"

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (PgmPhase,
                    pgm_phase,
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_CHECK, "check"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_BACKUP, "backup"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_PREPARE, "prepare"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_RESTORE, "restore"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_VERIFY, "verify"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_REPLACE, "replace"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_CLEAN_UP, "clean-up"),
                    G_DEFINE_ENUM_VALUE (PGM_PHASE_DONE, "done"))

const char *
pgm_phase_get_nick (PgmPhase phase)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (PGM_TYPE_PHASE);

  return g_enum_get_value (klass, phase)->value_nick;
}

/* Returns: (transfer none): what the phase does, in the user's language */
const char *
pgm_phase_get_title (PgmPhase phase)
{
  switch (phase)
    {
    case PGM_PHASE_CHECK:
      return _("Checking");
    case PGM_PHASE_BACKUP:
      return _("Backing up");
    case PGM_PHASE_PREPARE:
      return _("Preparing");
    case PGM_PHASE_RESTORE:
      return _("Restoring");
    case PGM_PHASE_VERIFY:
      return _("Verifying");
    case PGM_PHASE_REPLACE:
      return _("Replacing");
    case PGM_PHASE_CLEAN_UP:
      return _("Cleaning up");
    case PGM_PHASE_DONE:
      return _("Done");
    case PGM_PHASE_IDLE:
    default:
      return _("Ready");
    }
}

/* Returns: 0.0 to 1.0, or -1.0 when there is no number to go by */
double
pgm_progress_get_fraction (const PgmProgress *self)
{
  if (self->bytes_total > 0)
    return MIN (1.0, (double) self->bytes_done / (double) self->bytes_total);
  if (self->tables_total > 0)
    return MIN (1.0, (double) self->tables_done / self->tables_total);
  return -1.0;
}
