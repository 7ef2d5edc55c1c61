/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells whether the process that once wrote down its number still lives: numbers are used
 * again, a number together with its start is not. */
void pgm_process_forbid_core (gboolean also_tracing);
gint64 pgm_process_get_own (void);
guint64 pgm_process_get_start (gint64 pid);
gboolean pgm_process_is_alive (gint64 pid, guint64 start);

G_END_DECLS
