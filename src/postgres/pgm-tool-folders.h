/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char **pgm_tool_folders_split (const char *search_path);
void pgm_tool_folders_expand (GStrvBuilder *folders,
                              const char *parent,
                              const char *pattern,
                              const char *below);
void pgm_tool_folders_set_preferred (const char *folder);
char **pgm_tool_folders_dup_preferred (void);
char **pgm_tool_folders_dup_standard (void);

G_END_DECLS
