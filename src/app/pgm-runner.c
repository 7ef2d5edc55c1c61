/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* IDLE → RUNNING → (STOPPING →) FINISHED. Only pgm_runner_start() and pgm_runner_stop() move it on,
 * and the end of the run. FINISHED is said when the report is there and the history is written. */

#include "pgm-runner.h"

#include "pgm-finding-item.h"
#include "pgm-history-writer.h"
#include "pgm-log-model.h"
#include "pgm-table-rows.h"

struct _PgmRunner
{
  GObject parent_instance;

  /* owned */
  PgmProfile *profile;
  PgmPasswordMemory *passwords; /* (nullable) */
  PgmLogger *logger;
  PgmMirror *mirror;
  PgmHistoryWriter *history; /* (nullable): a check leaves no entry */
  GCancellable *cancellable;
  PgmReport *report; /* (nullable): until it has ended */
  PgmLogModel *log;
  PgmTableRows *tables;
  GListStore *findings;
  PgmRateSeries *rates;

  PgmMirrorFlags flags;
  PgmRunnerState state;
  PgmProgress progress;
  double fraction;
  gint64 started_us; /* monotonic */
  gint64 ended_us;
};

enum
{
  PROP_STATE = 1,
  PROP_PROGRESS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint question_signal;

G_DEFINE_FINAL_TYPE (PgmRunner, pgm_runner, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (PgmRunnerState,
                    pgm_runner_state,
                    G_DEFINE_ENUM_VALUE (PGM_RUNNER_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (PGM_RUNNER_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (PGM_RUNNER_STOPPING, "stopping"),
                    G_DEFINE_ENUM_VALUE (PGM_RUNNER_FINISHED, "finished"))

/* How much of an ordinary run a phase takes, in percent; all of them are 100. */
static const guint weights[] = {
  [PGM_PHASE_IDLE] = 0,    [PGM_PHASE_CHECK] = 4,    [PGM_PHASE_BACKUP] = 36,
  [PGM_PHASE_PREPARE] = 2, [PGM_PHASE_RESTORE] = 44, [PGM_PHASE_VERIFY] = 10,
  [PGM_PHASE_REPLACE] = 2, [PGM_PHASE_CLEAN_UP] = 2, [PGM_PHASE_DONE] = 0,
};

static void
pgm_runner_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PgmRunner *self = PGM_RUNNER (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_PROGRESS:
      g_value_set_pointer (value, &self->progress);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pgm_runner_finalize (GObject *object)
{
  PgmRunner *self = PGM_RUNNER (object);

  g_clear_object (&self->mirror);
  g_clear_pointer (&self->history, pgm_history_writer_unref);
  g_clear_object (&self->logger);
  g_clear_pointer (&self->profile, pgm_profile_unref);
  g_clear_object (&self->passwords);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->report);
  g_clear_object (&self->log);
  g_clear_object (&self->tables);
  g_clear_object (&self->findings);
  g_clear_object (&self->rates);
  G_OBJECT_CLASS (pgm_runner_parent_class)->finalize (object);
}

static void
pgm_runner_class_init (PgmRunnerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = pgm_runner_finalize;
  object_class->get_property = pgm_runner_get_property;
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PGM_TYPE_RUNNER_STATE, PGM_RUNNER_IDLE, flags);
  properties[PROP_PROGRESS] = g_param_spec_pointer ("progress", NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  question_signal = g_signal_new ("question", PGM_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, PGM_TYPE_QUESTION);
}

static void
pgm_runner_init (PgmRunner *self)
{
  self->logger = pgm_logger_new ();
  self->cancellable = g_cancellable_new ();
  self->log = pgm_log_model_new ();
  self->tables = pgm_table_rows_new ();
  self->findings = g_list_store_new (PGM_TYPE_FINDING_ITEM);
  self->rates = pgm_rate_series_new ();
  self->progress.time_left_us = -1;
  pgm_log_model_listen (self->log, self->logger);
}

PgmRunner *
pgm_runner_new (PgmProfile *profile, PgmMirrorFlags flags)
{
  PgmRunner *self = g_object_new (PGM_TYPE_RUNNER, NULL);

  self->profile = pgm_profile_ref (profile);
  self->flags = flags;
  return self;
}

static void
set_state (PgmRunner *self, PgmRunnerState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
update_fraction (PgmRunner *self)
{
  double within = pgm_progress_get_fraction (&self->progress);
  double sum = 0.0;

  for (guint i = 0; i < self->progress.phase; i++)
    sum += weights[i];
  sum += weights[self->progress.phase] * MAX (within, 0.0);
  self->fraction = MAX (self->fraction, sum / 100.0);
}

static gboolean
moves_bytes (const PgmProgress *progress)
{
  return progress->phase == PGM_PHASE_BACKUP || progress->phase == PGM_PHASE_RESTORE;
}

static void
event_cb (PgmMirror *mirror, PgmEvent *event, gpointer user_data)
{
  PgmRunner *self = user_data;

  pgm_table_rows_take_event (self->tables, event);
  if (event->kind == PGM_EVENT_FINDING)
    {
      g_autoptr(PgmFindingItem) item = pgm_finding_item_new (event->finding);

      g_list_store_append (self->findings, item);
    }
  if (event->kind != PGM_EVENT_PROGRESS && event->kind != PGM_EVENT_PHASE)
    return;
  self->progress = event->progress;
  update_fraction (self);
  if (moves_bytes (&self->progress) && self->progress.rate_bytes_per_s > 0.0)
    pgm_rate_series_add (self->rates, pgm_runner_get_elapsed (self),
                         self->progress.rate_bytes_per_s);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

static void
question_cb (PgmMirror *mirror, PgmQuestion *question, gpointer user_data)
{
  PgmRunner *self = user_data;
  gboolean is_for_password = pgm_question_get_kind (question) == PGM_QUESTION_PASSWORD;
  g_autoptr(PgmSecret) known = is_for_password && self->passwords != NULL
                                    ? pgm_password_memory_dup (self->passwords,
                                                               pgm_question_get_endpoint (question))
                                    : NULL;

  if (known != NULL)
    pgm_question_answer_secret (question, known);
  else
    g_signal_emit (self, question_signal, 0, question);
}

/* The report does not say that it was the password; to ask once more is never wrong. */
static void
forget_rejected_passwords (PgmRunner *self)
{
  const char *code = pgm_report_get_data (self->report)->code;

  if (self->passwords == NULL)
    return;
  if (g_strcmp0 (code, "source-unreachable") == 0)
    pgm_password_memory_reject (self->passwords, PGM_SIDE_SOURCE);
  else if (g_strcmp0 (code, "target-unreachable") == 0)
    pgm_password_memory_reject (self->passwords, PGM_SIDE_TARGET);
}

static void
finish (PgmRunner *self)
{
  self->ended_us = g_get_monotonic_time ();
  pgm_log_model_flush (self->log);
  set_state (self, PGM_RUNNER_FINISHED);
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmRunner) self = user_data;

  pgm_history_writer_close_finish (result);
  finish (self);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmRunner) self = user_data;

  self->report = pgm_mirror_run_finish (self->mirror, result);
  forget_rejected_passwords (self);
  if (self->history != NULL)
    pgm_history_writer_close_async (self->history, self->report, history_cb, g_object_ref (self));
  else
    finish (self);
}

/* @passwords: those that need not be asked for; the answers are kept there */
void
pgm_runner_set_passwords (PgmRunner *self, PgmPasswordMemory *passwords)
{
  g_return_if_fail (PGM_IS_RUNNER (self));
  g_return_if_fail (self->state == PGM_RUNNER_IDLE);

  g_set_object (&self->passwords, passwords);
}

/* Once. The runner lives at least until the run has ended. */
void
pgm_runner_start (PgmRunner *self)
{
  g_return_if_fail (PGM_IS_RUNNER (self));
  g_return_if_fail (self->state == PGM_RUNNER_IDLE);

  self->started_us = g_get_monotonic_time ();
  if (!pgm_runner_is_check (self))
    self->history = pgm_history_writer_new (self->profile, self->logger, self->flags);
  self->mirror = pgm_mirror_new (self->profile, self->logger, self->flags);
  g_signal_connect_object (self->mirror, "event", G_CALLBACK (event_cb), self, 0);
  g_signal_connect_object (self->mirror, "question", G_CALLBACK (question_cb), self, 0);
  pgm_mirror_run_async (self->mirror, self->cancellable, ended_cb, g_object_ref (self));
  set_state (self, PGM_RUNNER_RUNNING);
}

/* Tidily: the target is as it was, nothing is left behind. */
void
pgm_runner_stop (PgmRunner *self)
{
  g_return_if_fail (PGM_IS_RUNNER (self));

  if (self->state != PGM_RUNNER_RUNNING)
    return;
  set_state (self, PGM_RUNNER_STOPPING);
  g_cancellable_cancel (self->cancellable);
}

/* Does not wait for the cleaning up; the report names what was left. */
void
pgm_runner_give_up (PgmRunner *self)
{
  g_return_if_fail (PGM_IS_RUNNER (self));

  pgm_runner_stop (self);
  if (self->state == PGM_RUNNER_STOPPING)
    pgm_mirror_give_up (self->mirror);
}

gboolean
pgm_runner_is_running (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), FALSE);

  return self->state == PGM_RUNNER_RUNNING || self->state == PGM_RUNNER_STOPPING;
}

/* Returns: whether it only looks, so that there is no result but findings */
gboolean
pgm_runner_is_check (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), FALSE);

  return (self->flags & (PGM_MIRROR_CHECK_ONLY | PGM_MIRROR_DRY_RUN)) != 0;
}

PgmRunnerState
pgm_runner_get_state (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), PGM_RUNNER_IDLE);

  return self->state;
}

/* Returns: (transfer none) */
PgmProfile *
pgm_runner_get_profile (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return self->profile;
}

/* Returns: (transfer none) (nullable) */
PgmPasswordMemory *
pgm_runner_get_passwords (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return self->passwords;
}

/* Returns: (transfer none) (nullable): of its entry in the history; NULL for a check, and before
 * the start */
const char *
pgm_runner_get_id (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return self->history != NULL ? pgm_history_writer_get_id (self->history) : NULL;
}

/* Returns: (transfer none): of the present phase */
const PgmProgress *
pgm_runner_get_progress (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return &self->progress;
}

/* Returns: (transfer none) (nullable): NULL until the run has ended */
PgmReport *
pgm_runner_get_report (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return self->report;
}

/* Returns: (transfer none): PgmLogLine */
GListModel *
pgm_runner_get_log (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return G_LIST_MODEL (self->log);
}

/* Returns: (transfer none): PgmTableItem */
GListModel *
pgm_runner_get_tables (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return G_LIST_MODEL (self->tables);
}

/* Returns: (transfer none): PgmFindingItem, as they come */
GListModel *
pgm_runner_get_findings (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return G_LIST_MODEL (self->findings);
}

/* Returns: (transfer none) */
PgmRateSeries *
pgm_runner_get_rates (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), NULL);

  return self->rates;
}

/* Returns: 0.0 to 1.0 of the whole run, never backwards; a guess */
double
pgm_runner_get_fraction (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), 0.0);

  return self->fraction;
}

/* Returns: microseconds since the start, or of the whole run once it has ended */
gint64
pgm_runner_get_elapsed (PgmRunner *self)
{
  g_return_val_if_fail (PGM_IS_RUNNER (self), 0);

  if (self->started_us == 0)
    return 0;
  return (self->ended_us > 0 ? self->ended_us : g_get_monotonic_time ()) - self->started_us;
}
