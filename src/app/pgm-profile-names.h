/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef gboolean (*PgmIsTaken) (const char *name, gpointer user_data);

char *pgm_profile_names_dup_stem (const char *path);
char *pgm_profile_names_dup_title (const char *title, PgmIsTaken is_taken, gpointer user_data);
char *pgm_profile_names_dup_path (const char *folder,
                                  const char *title,
                                  PgmIsTaken is_taken,
                                  gpointer user_data);

G_END_DECLS
