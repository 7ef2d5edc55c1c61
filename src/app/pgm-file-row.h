/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The path of a file or folder: typed, or chosen in a dialog.
 *
 * Property: "chooses-folder" (gboolean) */
#define PGM_TYPE_FILE_ROW (pgm_file_row_get_type ())
G_DECLARE_FINAL_TYPE (PgmFileRow, pgm_file_row, PGM, FILE_ROW, AdwEntryRow)

G_END_DECLS
