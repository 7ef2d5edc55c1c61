/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-report.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_VERDICT_GOOD,
  PGM_VERDICT_WARNING,
  PGM_VERDICT_BAD,
  PGM_VERDICT_UNKNOWN,
} PgmVerdictKind;

/* The head of a page that tells how something ended: an icon, a few words, a sentence. */
#define PGM_TYPE_VERDICT (pgm_verdict_get_type ())
G_DECLARE_FINAL_TYPE (PgmVerdict, pgm_verdict, PGM, VERDICT, AdwBin)

void pgm_verdict_show (PgmVerdict *self, PgmVerdictKind kind, const char *title, const char *body);
void pgm_verdict_show_report (PgmVerdict *self, PgmReport *report);
PgmVerdictKind pgm_verdict_kind_of_code (const char *code);
const char *pgm_verdict_kind_get_icon (PgmVerdictKind kind);
const char *pgm_verdict_kind_get_class (PgmVerdictKind kind);

G_END_DECLS
