/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The databases of a server with their sizes, to choose one.
 *
 * Signal: "chosen" (char *), its name */
#define PGM_TYPE_DATABASE_MENU (pgm_database_menu_get_type ())
G_DECLARE_FINAL_TYPE (PgmDatabaseMenu, pgm_database_menu, PGM, DATABASE_MENU, GtkPopover)

void pgm_database_menu_set_databases (PgmDatabaseMenu *self, GPtrArray *databases);
void pgm_database_menu_set_message (PgmDatabaseMenu *self, const char *message);
guint pgm_database_menu_get_n_databases (PgmDatabaseMenu *self);

G_END_DECLS
