/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The steps of a run, in their order. */
typedef enum
{
  PGM_PHASE_IDLE,
  PGM_PHASE_CHECK,   /* tools, servers, names, rights */
  PGM_PHASE_BACKUP,  /* pg_dump */
  PGM_PHASE_PREPARE, /* archive checked, staging database made */
  PGM_PHASE_RESTORE, /* pg_restore */
  PGM_PHASE_VERIFY,
  PGM_PHASE_REPLACE,
  PGM_PHASE_CLEAN_UP,
  PGM_PHASE_DONE,
} PgmPhase;

/* A snapshot of how far the present phase is. Plain value, copied. */
typedef struct
{
  PgmPhase phase;
  guint tables_done;
  guint tables_total;
  guint64 bytes_done;      /* of table data, as the server counts it */
  guint64 bytes_total;     /* an estimate; 0: not known */
  double rate_bytes_per_s; /* smoothed; 0: not known yet */
  gint64 time_left_us;     /* -1: not known */
} PgmProgress;

#define PGM_TYPE_PHASE (pgm_phase_get_type ())

GType pgm_phase_get_type (void);
const char *pgm_phase_get_nick (PgmPhase phase);
const char *pgm_phase_get_title (PgmPhase phase);
double pgm_progress_get_fraction (const PgmProgress *self);

G_END_DECLS
