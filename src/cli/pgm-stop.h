/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-logger.h"

G_BEGIN_DECLS

/* Turns the signals that ask a program to end into a cancel: the first one cancels, a further
 * one calls the "give up" function. */
typedef struct _PgmStop PgmStop;

typedef void (*PgmStopFunc) (gpointer user_data);

PgmStop *pgm_stop_new (PgmLogger *logger);
void pgm_stop_free (PgmStop *self);
GCancellable *pgm_stop_get_cancellable (PgmStop *self);
int pgm_stop_get_exit_status (PgmStop *self);
void pgm_stop_set_give_up (PgmStop *self, PgmStopFunc give_up, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmStop, pgm_stop_free)

G_END_DECLS
