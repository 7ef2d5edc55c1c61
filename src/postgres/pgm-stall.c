/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-stall.h"

#include "pgm-error.h"

#include <glib/gi18n-lib.h>

/* A session may be seen between two statements, or an answer be on its way. */
#define BAD_LOOKS 3
#define LOOK_AGAIN_US (500 * G_TIME_SPAN_MILLISECOND)

/* @server: (nullable): NULL, or one without a stall time-out: nothing is watched
 * @pid: of the session; 0: the tools of the run */
void
pgm_stall_init (PgmStall *self, PgmServer *server, int pid)
{
  *self = (PgmStall){ .server = server, .pid = pid };
  pgm_stall_moved (self);
}

void
pgm_stall_moved (PgmStall *self)
{
  gint64 timeout_us =
      self->server != NULL ? pgm_server_get_stall_timeout (self->server) * G_TIME_SPAN_SECOND : 0;

  self->moved_us = g_get_monotonic_time ();
  self->look_us = timeout_us > 0 ? self->moved_us + timeout_us : G_MAXINT64;
  self->n_bad_looks = 0;
}

/* @movement: any number that is another one whenever something has moved */
void
pgm_stall_note (PgmStall *self, guint64 movement)
{
  if (movement == self->movement)
    return;
  self->movement = movement;
  pgm_stall_moved (self);
}

static const char *
look_to_words (PgmLook look)
{
  switch (look)
    {
    case PGM_LOOK_WAITING:
      return _("its session waits for us, so something on the way lets nothing through");
    case PGM_LOOK_NO_SESSION:
      return _("the session is gone there");
    case PGM_LOOK_SILENT:
    case PGM_LOOK_UNKNOWN:
    case PGM_LOOK_AT_WORK:
    default:
      return _("it does not answer a new connection either");
    }
}

static void
set_error (const PgmStall *self, PgmLook look, GError **error)
{
  const PgmEndpoint *endpoint = pgm_server_get_endpoint (self->server);
  g_autofree char *address = pgm_endpoint_dup_address (endpoint);
  guint s = (guint) ((g_get_monotonic_time () - self->moved_us) / G_TIME_SPAN_SECOND);

  if (endpoint->side == PGM_SIDE_SOURCE)
    g_set_error (error, PGM_ERROR, PGM_ERROR_STALLED,
                 _("no byte arrived from the source (%s) for %u s: %s"), address, s,
                    look_to_words (look));
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_STALLED,
                 _("no byte moved between here and the target (%s) for %u s: %s"), address, s,
                    look_to_words (look));
}

/* To be called when @self's time to look has come. It takes the connect time-out at most, and
 * ends at a cancel, of which it says nothing.
 *
 * Returns: FALSE with PGM_ERROR_STALLED */
gboolean
pgm_stall_look_sync (PgmStall *self, GCancellable *cancellable, GError **error)
{
  PgmLook look =
      pgm_lookout_ask_sync (pgm_server_get_lookout (self->server), self->pid, cancellable);

  if (look == PGM_LOOK_UNKNOWN || look == PGM_LOOK_AT_WORK)
    {
      pgm_stall_moved (self);
      return TRUE;
    }
  if (look != PGM_LOOK_SILENT && ++self->n_bad_looks < BAD_LOOKS)
    {
      self->look_us = g_get_monotonic_time () + LOOK_AGAIN_US;
      return TRUE;
    }
  set_error (self, look, error);
  return FALSE;
}
