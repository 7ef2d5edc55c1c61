/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A fault of one key, for a form that shows it beside the field. */
typedef struct
{
  char *key;     /* "source.port", "options.tables[1]" */
  char *message; /* one line, without the file and the key */
} PgmProfileFault;

/* What is found while a document is checked. One thread, one document. */
typedef struct
{
  const char *file_label; /* how messages call the file */
  const char *folder;     /* absolute; relative paths start there */
  GPtrArray *faults;      /* owned char * */
  GPtrArray *warnings;    /* owned char * */
  GPtrArray *by_key;      /* (nullable): PgmProfileFault, the same faults */
} PgmProfileCheck;

void pgm_profile_check_fault (PgmProfileCheck *self, const char *key, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void pgm_profile_check_warn (PgmProfileCheck *self, const char *key, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean pgm_profile_check_has_room (PgmProfileCheck *self);
char *pgm_profile_check_dup_shown (const char *text);
char *pgm_profile_check_describe (JsonNode *value, gboolean is_secret);
void pgm_profile_fault_free (PgmProfileFault *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmProfileFault, pgm_profile_fault_free)

G_END_DECLS
