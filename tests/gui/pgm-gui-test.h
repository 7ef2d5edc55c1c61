/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-gui-stage.h"

G_BEGIN_DECLS

/* For tests that run the real application in their own process, under tests/gui/session. */

int pgm_gui_app_run_tests (int argc, char **argv, void (*add_tests) (void));
GtkWindow *pgm_gui_app_open (void);
void pgm_gui_app_close (GtkWindow *window);
GtkWidget *pgm_gui_find_mapped (gpointer root, GType type, const char *label);

char *pgm_gui_profile_path (const char *name);
void pgm_gui_profile_write (const char *name, const char *text);
char *pgm_gui_profile_read (const char *name);
gboolean pgm_gui_profile_has (const char *name, const char *text);
void pgm_gui_profile_remove_all (void);

G_END_DECLS
