/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-report.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_OUTCOME_GOOD,
  PGM_OUTCOME_WARNING,
  PGM_OUTCOME_BAD,
  PGM_OUTCOME_UNKNOWN,
} PgmOutcomeKind;

/* The head of a page that tells how something ended: an icon, a few words, a sentence. */
#define PGM_TYPE_OUTCOME (pgm_outcome_get_type ())
G_DECLARE_FINAL_TYPE (PgmOutcome, pgm_outcome, PGM, OUTCOME, AdwBin)

void pgm_outcome_show (PgmOutcome *self, PgmOutcomeKind kind, const char *title, const char *body);
void pgm_outcome_show_report (PgmOutcome *self, PgmReport *report);
PgmOutcomeKind pgm_outcome_kind_of_code (const char *code);
const char *pgm_outcome_kind_get_icon (PgmOutcomeKind kind);
const char *pgm_outcome_kind_get_class (PgmOutcomeKind kind);

G_END_DECLS
