/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-question.h"

G_BEGIN_DECLS

/* Asks before a database is replaced, and wants its name typed. It answers the question, with
 * no however it is closed. */
#define PGM_TYPE_REPLACE_DIALOG (pgm_replace_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PgmReplaceDialog, pgm_replace_dialog, PGM, REPLACE_DIALOG, AdwMessageDialog)

GtkWindow *pgm_replace_dialog_new (GtkWindow *parent, PgmQuestion *question);

G_END_DECLS
