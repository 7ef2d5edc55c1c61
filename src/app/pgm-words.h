/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

#include "pgm-profile.h"

G_BEGIN_DECLS

/* Words and small things that several pages share. */
char *pgm_words_sentence (const char *message);
char *pgm_words_hint (const char *hint);
char *pgm_words_begin (const char *text);
char *pgm_words_moment (gint64 time_us);
char *pgm_words_route (const char *database, const char *source, const char *target);
char *pgm_words_rate (double bytes_per_s);
char *pgm_words_time_left (gint64 time_left_us);
const char *pgm_words_stopping (PgmProfile *profile);
char *pgm_words_without_mnemonic (const char *label);
void pgm_words_drop_mnemonics (GtkWidget *widget);
void pgm_words_keep_names (GtkWidget *widget);
void pgm_words_leave_room (GtkWidget *widget);
void pgm_words_label_accessible (GtkWidget *widget, const char *label);
void pgm_words_follow_focus (GtkWidget *shown);
void pgm_words_toast (GtkWidget *widget, const char *text);

G_END_DECLS
