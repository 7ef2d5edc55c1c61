/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-event.h"
#include "pgm-logger.h"
#include "pgm-profile.h"
#include "pgm-question.h"
#include "pgm-report.h"

G_BEGIN_DECLS

/* One run of one profile.
 *
 * Signals, all in the main context:
 *   "event" (PgmEvent)        what happens, in order
 *   "question" (PgmQuestion)  what only a person can say; refused when nobody keeps it
 */
#define PGM_TYPE_MIRROR (pgm_mirror_get_type ())
G_DECLARE_FINAL_TYPE (PgmMirror, pgm_mirror, PGM, MIRROR, GObject)

typedef enum
{
  PGM_MIRROR_FLAGS_NONE = 0,
  PGM_MIRROR_DRY_RUN = 1 << 0,     /* find out and say what would be done; touch nothing */
  PGM_MIRROR_CHECK_ONLY = 1 << 1,  /* the checks, no plan; never asks to replace */
  PGM_MIRROR_SKIP_CHECKS = 1 << 2, /* do not look at the tools' versions beforehand */
  PGM_MIRROR_ASSUME_YES = 1 << 3,  /* replace without the question */
  PGM_MIRROR_VERIFY_ONLY = 1 << 4, /* compare the two databases as they are; change nothing */
} PgmMirrorFlags;

PgmMirror *pgm_mirror_new (PgmProfile *profile, PgmLogger *logger, PgmMirrorFlags flags);
void pgm_mirror_run_async (PgmMirror *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
PgmReport *pgm_mirror_run_finish (PgmMirror *self, GAsyncResult *result);
void pgm_mirror_give_up (PgmMirror *self);
const PgmProgress *pgm_mirror_get_progress (PgmMirror *self);

G_END_DECLS
