/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-window.h"

#include "pgm-profile-list.h"
#include "pgm-profile-page.h"
#include "pgm-run-guard.h"
#include "pgm-run-page.h"
#include "pgm-sample.h"
#include "pgm-welcome-page.h"

G_BEGIN_DECLS

/* Shared by the files of the window: pgm-window.c shows things, pgm-window-profiles.c has what
 * is done with profiles, pgm-window-runs.c what is done with runs. */
struct _PgmWindow
{
  AdwApplicationWindow parent_instance;

  /* owned */
  PgmProfileList *profiles;
  PgmProfileItem *item;  /* (nullable): the selected one */
  GHashTable *run_pages; /* PgmProfileItem → PgmRunPage in the stack (borrowed) */
  PgmRunGuard *guard;
  PgmSample *sample;             /* (nullable) */
  PgmProfileItem *sample_item;   /* (nullable): goes with the sample's servers */
  GtkFileChooserNative *chooser; /* (nullable): as long as it is open */
  GCancellable *cancellable;     /* of what the window waits for; cancelled with it */

  gboolean has_keyring;
  gboolean is_sample_offered;
  gboolean is_sample_starting;
  gboolean shows_history;
  guint age_id;

  /* template children */
  GtkWidget *back_button;
  AdwStatusPage *broken_page;
  GtkWidget *check_button;
  GtkWidget *content;
  AdwHeaderBar *content_header;
  GtkWidget *history_page;
  AdwLeaflet *leaflet;
  GtkWidget *menu_button;
  GtkWidget *mirror_button;
  GtkWidget *narrow_bar;
  PgmProfilePage *profile_page;
  GtkListBox *profile_view;
  GtkWidget *sidebar;
  GtkStack *stack;
  AdwWindowTitle *title;
  AdwToastOverlay *toasts;
  PgmWelcomePage *welcome_page;
};

/* pgm-window.c */
void pgm_window_select (PgmWindow *self, PgmProfileItem *item);
void pgm_window_update (PgmWindow *self);
GtkListBoxRow *pgm_window_find_row (PgmWindow *self, PgmProfileItem *item);
void pgm_window_toast (PgmWindow *self, const char *text);

/* pgm-window-profiles.c */
void pgm_window_install_profile_actions (GtkWidgetClass *widget_class);
void pgm_window_follow_profiles (PgmWindow *self);
void pgm_window_probe (PgmWindow *self);
void pgm_window_end_sample (PgmWindow *self);

/* pgm-window-runs.c */
void pgm_window_install_run_actions (GtkWidgetClass *widget_class);
GtkWidget *pgm_window_find_run_page (PgmWindow *self, PgmProfileItem *item);
gboolean pgm_window_is_running (PgmWindow *self, PgmProfileItem *item);
void pgm_window_update_outcomes (PgmWindow *self);

G_END_DECLS
