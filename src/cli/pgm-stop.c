/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-stop.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#ifdef G_OS_UNIX
#include <glib-unix.h>
#endif

#define N_SIGNALS 3
#define DEFAULT_SIGNAL 2 /* SIGINT everywhere */

struct _PgmStop
{
  /* owned */
  PgmLogger *logger;
  GCancellable *cancellable;
  guint source_ids[N_SIGNALS]; /* 0: not watched */

  /* borrowed */
  PgmStopFunc give_up; /* (nullable) */
  gpointer user_data;

  int first_signal; /* 0: none came */
};

#ifdef G_OS_UNIX

static gboolean
stop (PgmStop *self, int signal_number)
{
  if (self->first_signal == 0)
    {
      self->first_signal = signal_number;
      g_cancellable_cancel (self->cancellable);
      pgm_warning (self->logger, "%s", _("stopping; press Ctrl-C again to stop at once"));
    }
  else if (self->give_up != NULL)
    {
      pgm_warning (self->logger, "%s", _("stopping at once"));
      self->give_up (self->user_data);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
interrupted_cb (gpointer user_data)
{
  return stop (user_data, SIGINT);
}

static gboolean
terminated_cb (gpointer user_data)
{
  return stop (user_data, SIGTERM);
}

static gboolean
hung_up_cb (gpointer user_data)
{
  return stop (user_data, SIGHUP);
}

/* Who started us may have had a signal ignored, as nohup does; that stays. */
static guint
watch (int signal_number, GSourceFunc func, PgmStop *self)
{
  struct sigaction old;

  if (sigaction (signal_number, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
    return 0;
  return g_unix_signal_add (signal_number, func, self);
}

static void
watch_all (PgmStop *self)
{
  self->source_ids[0] = watch (SIGINT, interrupted_cb, self);
  self->source_ids[1] = watch (SIGTERM, terminated_cb, self);
  self->source_ids[2] = watch (SIGHUP, hung_up_cb, self);
}

#else

/* Elsewhere the system ends the process, and the next run finds what is left. */
static void
watch_all (PgmStop *self)
{
}

#endif

PgmStop *
pgm_stop_new (PgmLogger *logger)
{
  PgmStop *self = g_new0 (PgmStop, 1);

  self->logger = g_object_ref (logger);
  self->cancellable = g_cancellable_new ();
  watch_all (self);
  return self;
}

void
pgm_stop_free (PgmStop *self)
{
  for (guint i = 0; i < N_SIGNALS; i++)
    g_clear_handle_id (&self->source_ids[i], g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->logger);
  g_free (self);
}

GCancellable *
pgm_stop_get_cancellable (PgmStop *self)
{
  return self->cancellable;
}

/* Returns: what a shell makes of the signal that came first: 130 for SIGINT, 143 for SIGTERM */
int
pgm_stop_get_exit_status (PgmStop *self)
{
  return 128 + (self->first_signal != 0 ? self->first_signal : DEFAULT_SIGNAL);
}

/* @give_up: (nullable): takes @user_data; NULL before that goes away */
void
pgm_stop_set_give_up (PgmStop *self, PgmStopFunc give_up, gpointer user_data)
{
  self->give_up = give_up;
  self->user_data = user_data;
}
