/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-question.h"

/* Shared by the question and by the thread that waits for its answer. */
struct _PgmReply
{
  GMutex mutex;
  GCond cond;
  gboolean is_answered;
  gboolean yes;
  PgmSecret *secret; /* owned, nullable */
  char *reason;      /* owned, nullable: why there is no answer */
};

struct _PgmQuestion
{
  GObject parent_instance;

  /* owned */
  PgmEndpoint *endpoint;
  PgmReplaceFacts facts;
  PgmReply *reply;

  PgmQuestionKind kind;
};

G_DEFINE_FINAL_TYPE (PgmQuestion, pgm_question, G_TYPE_OBJECT)

static void
reply_clear (gpointer data)
{
  PgmReply *self = data;

  g_clear_pointer (&self->secret, pgm_secret_unref);
  g_free (self->reason);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
}

void
pgm_reply_unref (PgmReply *self)
{
  g_atomic_rc_box_release_full (self, reply_clear);
}

/* @secret: (nullable)
 * @reason: (nullable) */
static void
reply_give (PgmReply *self, gboolean yes, PgmSecret *secret, const char *reason)
{
  g_mutex_lock (&self->mutex);
  if (!self->is_answered)
    {
      self->is_answered = TRUE;
      self->yes = yes;
      self->secret = secret != NULL ? pgm_secret_ref (secret) : NULL;
      self->reason = g_strdup (reason);
      g_cond_broadcast (&self->cond);
    }
  g_mutex_unlock (&self->mutex);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer reply)
{
  reply_give (reply, FALSE, NULL, NULL);
}

/* Waits for the answer, in a thread that may wait; a cancel answers no.
 *
 * @ret_secret: (out) (transfer full) (nullable)
 *
 * Returns: whether the answer is yes */
gboolean
pgm_reply_wait_sync (PgmReply *self, PgmSecret **ret_secret, GCancellable *cancellable)
{
  gulong id = cancellable != NULL
                  ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL)
                  : 0;
  gboolean yes = FALSE;

  g_mutex_lock (&self->mutex);
  while (!self->is_answered)
    g_cond_wait (&self->cond, &self->mutex);
  yes = self->yes;
  if (ret_secret != NULL)
    *ret_secret = g_steal_pointer (&self->secret);
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, id);
  return yes;
}

/* Returns: (transfer full) (nullable): why the answer, which was waited for, is no */
char *
pgm_reply_dup_reason (PgmReply *self)
{
  char *reason = NULL;

  g_mutex_lock (&self->mutex);
  reason = g_strdup (self->reason);
  g_mutex_unlock (&self->mutex);
  return reason;
}

static void
pgm_question_finalize (GObject *object)
{
  PgmQuestion *self = PGM_QUESTION (object);

  reply_give (self->reply, FALSE, NULL, NULL);
  pgm_reply_unref (self->reply);
  pgm_endpoint_unref (self->endpoint);
  g_free (self->facts.database);
  g_free (self->facts.address);
  g_free (self->facts.last_activity);
  G_OBJECT_CLASS (pgm_question_parent_class)->finalize (object);
}

static void
pgm_question_class_init (PgmQuestionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_question_finalize;
}

static void
pgm_question_init (PgmQuestion *self)
{
  self->reply = g_atomic_rc_box_new0 (PgmReply);
  g_mutex_init (&self->reply->mutex);
  g_cond_init (&self->reply->cond);
}

/* @facts: (nullable): copied
 * @ret_reply: (out) (transfer full) */
PgmQuestion *
pgm_question_new (PgmQuestionKind kind,
                  PgmEndpoint *endpoint,
                  const PgmReplaceFacts *facts,
                  PgmReply **ret_reply)
{
  PgmQuestion *self = g_object_new (PGM_TYPE_QUESTION, NULL);

  self->kind = kind;
  self->endpoint = pgm_endpoint_ref (endpoint);
  if (facts != NULL)
    {
      self->facts = *facts;
      self->facts.database = g_strdup (facts->database);
      self->facts.address = g_strdup (facts->address);
      self->facts.last_activity = g_strdup (facts->last_activity);
    }
  *ret_reply = g_atomic_rc_box_acquire (self->reply);
  return self;
}

PgmQuestionKind
pgm_question_get_kind (PgmQuestion *self)
{
  g_return_val_if_fail (PGM_IS_QUESTION (self), PGM_QUESTION_REPLACE);

  return self->kind;
}

/* Returns: (transfer none): the server that the question is about */
PgmEndpoint *
pgm_question_get_endpoint (PgmQuestion *self)
{
  g_return_val_if_fail (PGM_IS_QUESTION (self), NULL);

  return self->endpoint;
}

/* Returns: (transfer none): only of use for PGM_QUESTION_REPLACE */
const PgmReplaceFacts *
pgm_question_get_facts (PgmQuestion *self)
{
  g_return_val_if_fail (PGM_IS_QUESTION (self), NULL);

  return &self->facts;
}

void
pgm_question_answer (PgmQuestion *self, gboolean yes)
{
  g_return_if_fail (PGM_IS_QUESTION (self));

  reply_give (self->reply, yes, NULL, NULL);
}

/* @secret: (nullable): NULL refuses */
void
pgm_question_answer_secret (PgmQuestion *self, PgmSecret *secret)
{
  g_return_if_fail (PGM_IS_QUESTION (self));

  reply_give (self->reply, secret != NULL, secret, NULL);
}

/* Answers no, where nobody could be asked, or nobody answered. */
void
pgm_question_refuse (PgmQuestion *self, const char *reason)
{
  g_return_if_fail (PGM_IS_QUESTION (self));

  reply_give (self->reply, FALSE, NULL, reason);
}
