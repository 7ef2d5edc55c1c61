/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Two rings: lines that threads have brought, under a mutex, and objects that the list shows. The
 * first is emptied into the second ten times a second, with one change of the list each time, so
 * that the main loop pays for what can be seen and not for what is said. */

#include "pgm-log-model.h"

#include "pgm-log-model-private.h"

#include <string.h>

#define FLUSH_MS 100

typedef struct
{
  char *message; /* owned */
  gint64 time_us;
  PgmLogLevel level;
} Pending;

struct _PgmLogModel
{
  GObject parent_instance;

  /* owned */
  PgmLogLine **ring; /* PGM_LOG_MODEL_SIZE, main thread */
  guint first;       /* where in it the oldest is */
  guint n;
  guint64 n_dropped;

  /* owned; only under the mutex */
  GMutex mutex;
  Pending *pending;
  guint pending_first;
  guint n_pending;
  guint64 n_overrun;
  guint flush_id;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PgmLogModel,
                               pgm_log_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return PGM_TYPE_LOG_LINE;
}

static guint
get_n_items (GListModel *model)
{
  return PGM_LOG_MODEL (model)->n;
}

static gpointer
get_item (GListModel *model, guint position)
{
  PgmLogModel *self = PGM_LOG_MODEL (model);

  if (position >= self->n)
    return NULL;
  return g_object_ref (self->ring[(self->first + position) % PGM_LOG_MODEL_SIZE]);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
pgm_log_model_dispose (GObject *object)
{
  PgmLogModel *self = PGM_LOG_MODEL (object);

  g_mutex_lock (&self->mutex);
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_mutex_unlock (&self->mutex);
  G_OBJECT_CLASS (pgm_log_model_parent_class)->dispose (object);
}

static void
pgm_log_model_finalize (GObject *object)
{
  PgmLogModel *self = PGM_LOG_MODEL (object);

  for (guint i = 0; i < self->n_pending; i++)
    g_free (self->pending[(self->pending_first + i) % PGM_LOG_MODEL_SIZE].message);
  g_free (self->pending);
  for (guint i = 0; i < self->n; i++)
    g_object_unref (self->ring[(self->first + i) % PGM_LOG_MODEL_SIZE]);
  g_free (self->ring);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (pgm_log_model_parent_class)->finalize (object);
}

static void
pgm_log_model_class_init (PgmLogModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pgm_log_model_dispose;
  G_OBJECT_CLASS (klass)->finalize = pgm_log_model_finalize;
}

static void
pgm_log_model_init (PgmLogModel *self)
{
  g_mutex_init (&self->mutex);
  self->ring = g_new (PgmLogLine *, PGM_LOG_MODEL_SIZE);
  self->pending = g_new (Pending, PGM_LOG_MODEL_SIZE);
}

PgmLogModel *
pgm_log_model_new (void)
{
  return g_object_new (PGM_TYPE_LOG_MODEL, NULL);
}

static void
drop_oldest (PgmLogModel *self, guint n)
{
  for (guint i = 0; i < n; i++)
    g_object_unref (self->ring[(self->first + i) % PGM_LOG_MODEL_SIZE]);
  self->first = (self->first + n) % PGM_LOG_MODEL_SIZE;
  self->n -= n;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

static void
add_lines (PgmLogModel *self, Pending *pending, guint first, guint n)
{
  guint before = self->n;

  for (guint i = 0; i < n; i++)
    {
      Pending *line = &pending[(first + i) % PGM_LOG_MODEL_SIZE];

      self->ring[(self->first + self->n++) % PGM_LOG_MODEL_SIZE] =
          pgm_log_line_new (line->level, line->time_us, line->message);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, n);
}

static Pending *
take_pending (PgmLogModel *self, guint *n, guint *first, guint64 *n_overrun)
{
  Pending *pending = NULL;

  g_mutex_lock (&self->mutex);
  self->flush_id = 0;
  pending = self->pending;
  *first = self->pending_first;
  *n = self->n_pending;
  *n_overrun = self->n_overrun;
  self->pending = g_new (Pending, PGM_LOG_MODEL_SIZE);
  self->pending_first = 0;
  self->n_pending = 0;
  self->n_overrun = 0;
  g_mutex_unlock (&self->mutex);
  return pending;
}

static gboolean
flush_cb (gpointer user_data)
{
  PgmLogModel *self = user_data;
  guint n = 0;
  guint first = 0;
  guint64 n_overrun = 0;
  g_autofree Pending *pending = take_pending (self, &n, &first, &n_overrun);
  guint n_gone = self->n + n > PGM_LOG_MODEL_SIZE ? self->n + n - PGM_LOG_MODEL_SIZE : 0;

  self->n_dropped += n_gone + n_overrun;
  if (n_gone > 0)
    drop_oldest (self, n_gone);
  if (n > 0)
    add_lines (self, pending, first, n);
  return G_SOURCE_REMOVE;
}

/* Any thread. */
static void
log_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  PgmLogModel *self = user_data;
  Pending *slot = NULL;

  g_mutex_lock (&self->mutex);
  slot = &self->pending[(self->pending_first + self->n_pending) % PGM_LOG_MODEL_SIZE];
  if (self->n_pending < PGM_LOG_MODEL_SIZE)
    self->n_pending++;
  else
    {
      g_free (slot->message);
      self->pending_first = (self->pending_first + 1) % PGM_LOG_MODEL_SIZE;
      self->n_overrun++;
    }
  *slot = (Pending){ g_strdup (message), time_us, level };
  if (self->flush_id == 0)
    self->flush_id = g_timeout_add (FLUSH_MS, flush_cb, self);
  g_mutex_unlock (&self->mutex);
}

/* Takes every line of @logger from now on, for as long as that lives. */
void
pgm_log_model_listen (PgmLogModel *self, PgmLogger *logger)
{
  g_return_if_fail (PGM_IS_LOG_MODEL (self));

  pgm_logger_add_sink (logger, PGM_LOG_DEBUG, log_cb, g_object_ref (self), g_object_unref);
}

/* Shows at once what has come. */
void
pgm_log_model_flush (PgmLogModel *self)
{
  guint id = 0;

  g_return_if_fail (PGM_IS_LOG_MODEL (self));

  g_mutex_lock (&self->mutex);
  id = self->flush_id;
  g_mutex_unlock (&self->mutex);
  if (id == 0)
    return;
  g_source_remove (id);
  flush_cb (self);
}

/* Returns: how many lines have come that are no longer here */
guint64
pgm_log_model_get_n_dropped (PgmLogModel *self)
{
  g_return_val_if_fail (PGM_IS_LOG_MODEL (self), 0);

  return self->n_dropped;
}

static PgmLogLevel
parse_level (const char *name)
{
  for (int i = PGM_LOG_DEBUG; i < PGM_LOG_ERROR; i++)
    if (g_str_equal (pgm_log_level_get_name ((PgmLogLevel) i), name))
      return (PgmLogLevel) i;
  return PGM_LOG_ERROR;
}

/* A line as pgm_logger_format_line() makes it; anything else is shown as it is. */
static void
append_line (PgmLogModel *self, const char *line)
{
  g_auto(GStrv) parts = g_strsplit (line, " - ", 4);
  g_autoptr(GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr(GDateTime) time =
                 g_strv_length (parts) == 4 ? g_date_time_new_from_iso8601 (parts[0], zone) : NULL;

  if (time != NULL)
    log_cb (parse_level (parts[2]), g_date_time_to_unix (time) * G_USEC_PER_SEC, parts[3], self);
  else
    log_cb (PGM_LOG_INFO, 0, line, self);
}

/* Fills the model with a log that was kept. */
void
pgm_log_model_append_text (PgmLogModel *self, const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  g_return_if_fail (PGM_IS_LOG_MODEL (self));

  for (gsize i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      append_line (self, lines[i]);
  pgm_log_model_flush (self);
}
