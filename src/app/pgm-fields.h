/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-profile-item.h"

G_BEGIN_DECLS

/* A word of the config file and what the form calls it. */
typedef struct
{
  const char *word;
  const char *label; /* untranslated: N_() */
} PgmChoice;

/* Keeps the widgets of a form and the keys of one profile in step, and says under a widget what
 * is wrong with its value. Borrows the widgets: it belongs to the widget that holds them.
 *
 * Signals:
 *   "pasted" (char *)  a connection string was pasted; the field stays as it was */
#define PGM_TYPE_FIELDS (pgm_fields_get_type ())
G_DECLARE_FINAL_TYPE (PgmFields, pgm_fields, PGM, FIELDS, GObject)

PgmFields *pgm_fields_new (void);
void pgm_fields_add_entry (
    PgmFields *self, AdwEntryRow *row, const char *key, const char *missing, const char *invalid);
void pgm_fields_add_number (PgmFields *self, GtkSpinButton *spin, const char *key);
void pgm_fields_add_switch (PgmFields *self, GtkSwitch *toggle, const char *key);
void pgm_fields_add_choice (PgmFields *self,
                            AdwComboRow *row,
                            const char *key,
                            const PgmChoice *choices);
void pgm_fields_set_item (PgmFields *self, PgmProfileItem *item);
PgmProfileItem *pgm_fields_get_item (PgmFields *self);
gboolean pgm_fields_is_refreshing (PgmFields *self);
GtkWidget *pgm_fields_show_faults (PgmFields *self);

G_END_DECLS
