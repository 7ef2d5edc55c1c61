/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-subprocess.h"

G_BEGIN_DECLS

/* A process and the group that it leads: the part of pgm-subprocess.c that differs between
 * systems. Windows has no groups here; the child itself can be ended there. */
typedef struct _PgmChild PgmChild;

PgmChild *pgm_child_spawn (const PgmCommand *command, GError **error);
void pgm_child_free (PgmChild *self);
GSubprocess *pgm_child_get_process (PgmChild *self);
guint64 pgm_child_get_life_signs (PgmChild *self, guint *ret_n_children);
int pgm_child_get_signal (PgmChild *self);
gboolean pgm_child_has_group (PgmChild *self);
void pgm_child_stop (PgmChild *self, PgmStopSignal stop_signal);
void pgm_child_stop_group (PgmChild *self);
void pgm_child_kill (PgmChild *self);

G_END_DECLS
