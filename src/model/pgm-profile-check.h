/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What is found while a document is checked. One thread, one document. */
typedef struct
{
  const char *file_label; /* how messages call the file */
  const char *folder;     /* absolute; relative paths start there */
  GPtrArray *faults;      /* owned char * */
  GPtrArray *warnings;    /* owned char * */
} PgmProfileCheck;

void pgm_profile_check_fault (PgmProfileCheck *self, const char *key, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void pgm_profile_check_warn (PgmProfileCheck *self, const char *key, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean pgm_profile_check_has_room (PgmProfileCheck *self);
char *pgm_profile_check_dup_shown (const char *text);
char *pgm_profile_check_describe (JsonNode *value, gboolean is_secret);

G_END_DECLS
