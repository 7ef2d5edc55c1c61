/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A desktop's session manager on the bus of the test, which keeps account of who wants to keep
 * the session awake. In a thread of its own, because GTK waits for it. To be started before the
 * application is registered; lives as long as the program. */
typedef struct
{
  guint n_taken; /* so far */
  guint n_held;  /* now */
  guint flags;   /* of the last: GtkApplicationInhibitFlags */
  char *reason;  /* of the last */
} PgmGuiAwake;

void pgm_gui_session_start (void);
void pgm_gui_session_get (PgmGuiAwake *ret_awake);
void pgm_gui_awake_clear (PgmGuiAwake *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PgmGuiAwake, pgm_gui_awake_clear)

G_END_DECLS
