/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

#include "pgm-password-memory.h"
#include "pgm-question.h"

G_BEGIN_DECLS

/* Asks for the password of one server. It answers the question, with no password when it is
 * closed in another way than by OK. */
#define PGM_TYPE_PASSWORD_DIALOG (pgm_password_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    PgmPasswordDialog, pgm_password_dialog, PGM, PASSWORD_DIALOG, AdwMessageDialog)

GtkWindow *
pgm_password_dialog_new (GtkWindow *parent, PgmQuestion *question, PgmPasswordMemory *memory);

G_END_DECLS
