/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *pgm_profile_file_dup_folder (const char *path);
char *pgm_profile_file_read (const char *path, gsize *length, gboolean *is_exposed, GError **error);
gboolean pgm_profile_file_write (const char *path, const char *text, GError **error);

G_END_DECLS
