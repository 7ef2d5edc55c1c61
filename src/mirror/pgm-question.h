/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-endpoint.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_QUESTION_PASSWORD, /* answered with a secret */
  PGM_QUESTION_REPLACE,  /* answered with yes or no */
} PgmQuestionKind;

/* What would be replaced; all of the target as it was found. */
typedef struct
{
  char *database; /* raw bytes: what has to be typed */
  char *address;
  guint64 size_bytes;
  guint n_tables;
  guint n_sessions;
  char *last_activity; /* (nullable): ISO 8601, the latest of its sessions */
} PgmReplaceFacts;

/* Something that only a person can say. The first answer counts, from any thread; when the last
 * reference goes without one, the answer is no. */
#define PGM_TYPE_QUESTION (pgm_question_get_type ())
G_DECLARE_FINAL_TYPE (PgmQuestion, pgm_question, PGM, QUESTION, GObject)

PgmQuestionKind pgm_question_get_kind (PgmQuestion *self);
PgmEndpoint *pgm_question_get_endpoint (PgmQuestion *self);
const PgmReplaceFacts *pgm_question_get_facts (PgmQuestion *self);
void pgm_question_answer (PgmQuestion *self, gboolean yes);
void pgm_question_answer_secret (PgmQuestion *self, PgmSecret *secret);
void pgm_question_refuse (PgmQuestion *self, const char *reason);

/* The other end: who asked waits here. */
typedef struct _PgmReply PgmReply;

PgmQuestion *pgm_question_new (PgmQuestionKind kind,
                               PgmEndpoint *endpoint,
                               const PgmReplaceFacts *facts,
                               PgmReply **ret_reply);
gboolean pgm_reply_wait_sync (PgmReply *self, PgmSecret **ret_secret, GCancellable *cancellable);
char *pgm_reply_dup_reason (PgmReply *self);
void pgm_reply_unref (PgmReply *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmReply, pgm_reply_unref)

G_END_DECLS
