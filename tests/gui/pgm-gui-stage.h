/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A window that shows one widget, and what a test does with it. For pictures, PGM_SHOTS names a
 * folder, and PGM_SHOT_WIDTH, PGM_SHOT_DPI (192 for twice the text) and PGM_SHOT_RTL change how
 * the window looks. */
int pgm_gui_stage_run_tests (int argc, char **argv, void (*add_tests) (void));
GtkWindow *pgm_gui_stage_new (GtkWidget *widget, int width, int height);
GtkWidget *pgm_gui_find (GtkWidget *root, GType type, const char *label);
GtkWindow *pgm_gui_find_window (GType type);
void pgm_gui_settle (guint ms);
void pgm_gui_shot (GtkWidget *window, const char *name);

/* How long the main loop was away at most, in milliseconds, without the time in which the
 * machine gave the processor to others. */
void pgm_gui_gap_begin (void);
double pgm_gui_gap_end (void);
double pgm_gui_gap_get_limit (void);

int pgm_gui_get_patience (void);

#define pgm_gui_wait_until(condition, seconds)                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 until_ = g_get_monotonic_time () + (seconds) *pgm_gui_get_patience () * G_USEC_PER_SEC; \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (g_get_monotonic_time () > until_)                                                      \
          g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #condition);                      \
        pgm_gui_settle (10);                                                                       \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
