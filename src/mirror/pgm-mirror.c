/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* PgmMirror is the face of a run: it lives in the main context of who made it. The work is done
 * by a thread of its own (pgm-job.h), which speaks to the outside in two ways only: events go
 * through a queue that is emptied ten times a second, and questions are invoked here and wait
 * for their answer there. */

#include "pgm-mirror.h"

#include "pgm-job.h"
#include "pgm-mirror-private.h"

#include <glib/gi18n-lib.h>

#define DRAIN_MS 100

enum
{
  SIGNAL_EVENT,
  SIGNAL_QUESTION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _PgmMirror
{
  GObject parent_instance;

  /* owned */
  PgmProfile *profile;
  PgmLogger *logger;
  PgmReport *report;
  GCancellable *stop; /* the caller's cancel, or giving up */
  GCancellable *kill;
  GMainContext *context;
  GAsyncQueue *events; /* PgmEvent, from the run's thread */
  GSource *drain;      /* (nullable): while a run is on */
  GThread *thread;     /* (nullable): the same */

  gulong cancel_id; /* on the task's cancellable */
  PgmMirrorFlags flags;
  PgmProgress progress;
};

G_DEFINE_FINAL_TYPE (PgmMirror, pgm_mirror, G_TYPE_OBJECT)

static void
pgm_mirror_finalize (GObject *object)
{
  PgmMirror *self = PGM_MIRROR (object);

  pgm_profile_unref (self->profile);
  g_object_unref (self->logger);
  g_object_unref (self->report);
  g_object_unref (self->stop);
  g_object_unref (self->kill);
  g_main_context_unref (self->context);
  g_async_queue_unref (self->events);
  G_OBJECT_CLASS (pgm_mirror_parent_class)->finalize (object);
}

static void
pgm_mirror_class_init (PgmMirrorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_mirror_finalize;

  signals[SIGNAL_EVENT] = g_signal_new ("event", PGM_TYPE_MIRROR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, PGM_TYPE_EVENT);
  signals[SIGNAL_QUESTION] = g_signal_new ("question", PGM_TYPE_MIRROR, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, PGM_TYPE_QUESTION);
}

static void
pgm_mirror_init (PgmMirror *self)
{
  self->report = pgm_report_new ();
  self->stop = g_cancellable_new ();
  self->kill = g_cancellable_new ();
  self->context = g_main_context_ref_thread_default ();
  self->events = g_async_queue_new_full ((GDestroyNotify) pgm_event_unref);
  self->progress.time_left_us = -1;
}

/* Call it, and everything else here, in the context that shall receive the signals. */
PgmMirror *
pgm_mirror_new (PgmProfile *profile, PgmLogger *logger, PgmMirrorFlags flags)
{
  PgmMirror *self = g_object_new (PGM_TYPE_MIRROR, NULL);

  self->profile = pgm_profile_ref (profile);
  self->logger = g_object_ref (logger);
  self->flags = flags;
  return self;
}

/* Queues @event (transfer full) for the observers. */
void
pgm_mirror_post (PgmMirror *self, PgmEvent *event)
{
  g_async_queue_push (self->events, event);
}

static gboolean
drain_cb (gpointer user_data)
{
  PgmMirror *self = user_data;
  PgmEvent *event = NULL;

  while ((event = g_async_queue_try_pop (self->events)) != NULL)
    {
      self->progress = event->progress;
      g_signal_emit (self, signals[SIGNAL_EVENT], 0, event);
      pgm_event_unref (event);
    }
  return G_SOURCE_CONTINUE;
}

/* g_main_context_invoke() would run @func in the calling thread while nobody turns the context. */
static void
attach_call (PgmMirror *self, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, self->context);
}

typedef struct
{
  PgmMirror *mirror;
  PgmQuestion *question;
} Asking;

static gboolean
ask_cb (gpointer user_data)
{
  Asking *asking = user_data;

  drain_cb (asking->mirror);
  g_signal_emit (asking->mirror, signals[SIGNAL_QUESTION], 0, asking->question);
  return G_SOURCE_REMOVE;
}

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  g_object_unref (asking->question);
  g_free (asking);
}

/* Puts @question (transfer full) to the observers; the caller waits for the reply. */
void
pgm_mirror_ask (PgmMirror *self, PgmQuestion *question)
{
  Asking *asking = g_new (Asking, 1);

  *asking = (Asking){ self, question };
  attach_call (self, ask_cb, asking, asking_free);
}

static gboolean
finished_cb (gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  PgmMirror *self = g_task_get_source_object (task);

  /* It has nothing left to do but to end, and a program may exit when the run is over. */
  g_thread_join (g_steal_pointer (&self->thread));
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancel_id);
  drain_cb (self);
  g_source_destroy (self->drain);
  g_clear_pointer (&self->drain, g_source_unref);
  g_task_return_pointer (task, g_object_ref (self->report), g_object_unref);
  return G_SOURCE_REMOVE;
}

static gpointer
run_thread (gpointer user_data)
{
  GTask *task = user_data;
  PgmMirror *self = g_task_get_source_object (task);
  PgmJob job = { .mirror = self,
                 .logger = self->logger,
                 .report = self->report,
                 .result = pgm_report_get_data (self->report),
                 .cancellable = self->stop,
                 .kill = self->kill,
                 .options = pgm_profile_get_options (self->profile),
                 .source_endpoint = pgm_profile_get_source (self->profile),
                 .target_endpoint = pgm_profile_get_target (self->profile),
                 .flags = self->flags };

  pgm_job_run (&job);
  attach_call (self, finished_cb, task, NULL);
  return NULL;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

/* Runs the profile; once for each object. Cancelling @cancellable stops the run tidily: tools
 * and statements are ended, the target is as it was, nothing is left behind. */
void
pgm_mirror_run_async (PgmMirror *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = NULL;

  g_return_if_fail (PGM_IS_MIRROR (self));
  g_return_if_fail (self->drain == NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pgm_mirror_run_async);
  g_task_set_check_cancellable (task, FALSE); /* the report says what happened */
  self->drain = g_timeout_source_new (DRAIN_MS);
  g_source_set_callback (self->drain, drain_cb, self, NULL);
  g_source_attach (self->drain, self->context);
  if (cancellable != NULL)
    self->cancel_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self->stop, NULL);
  self->thread = g_thread_new ("pgm-run", run_thread, task);
}

/* Returns: (transfer full): always a report, whatever happened */
PgmReport *
pgm_mirror_run_finish (PgmMirror *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* A cancel for the user who does not want to wait: tools are killed, and cleaning up is cut
 * short; the report names what was left. */
void
pgm_mirror_give_up (PgmMirror *self)
{
  g_return_if_fail (PGM_IS_MIRROR (self));

  g_cancellable_cancel (self->kill);
  g_cancellable_cancel (self->stop);
}

/* Returns: (transfer none): as the last event told it */
const PgmProgress *
pgm_mirror_get_progress (PgmMirror *self)
{
  g_return_val_if_fail (PGM_IS_MIRROR (self), NULL);

  return &self->progress;
}
