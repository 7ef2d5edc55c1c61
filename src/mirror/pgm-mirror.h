/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-event.h"
#include "pgm-logger.h"
#include "pgm-profile.h"
#include "pgm-report.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_QUESTION_PASSWORD, /* answered with a secret */
  PGM_QUESTION_REPLACE,  /* answered with yes or no */
} PgmQuestionKind;

/* Something that only a person can say. It reaches the observer as the "question" signal in the
 * main context; the run waits until it is answered. Dropping the last reference without an
 * answer refuses. */
#define PGM_TYPE_QUESTION (pgm_question_get_type ())
G_DECLARE_FINAL_TYPE (PgmQuestion, pgm_question, PGM, QUESTION, GObject)

/* What would be replaced; all of the target as it was found. */
typedef struct
{
  char *database;
  char *address;
  guint64 size_bytes;
  guint n_tables;
  guint n_sessions;
  char *last_activity; /* (nullable): ISO 8601, the latest of its sessions */
} PgmReplaceFacts;

PgmQuestionKind pgm_question_get_kind (PgmQuestion *self);
PgmEndpoint *pgm_question_get_endpoint (PgmQuestion *self);
const PgmReplaceFacts *pgm_question_get_facts (PgmQuestion *self);
void pgm_question_answer (PgmQuestion *self, gboolean yes);
void pgm_question_answer_secret (PgmQuestion *self, PgmSecret *secret);

/* One run of one profile.
 *
 * Signals, all in the main context:
 *   "event" (PgmEvent)        what happens, in order
 *   "question" (PgmQuestion)  returns TRUE when a handler took it; no handler: refused
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
