/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile-check.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_KEY_TEXT,          /* char * */
  PGM_KEY_SECRET,        /* PgmSecret *; its value is in no message */
  PGM_KEY_PATH,          /* char *, made absolute */
  PGM_KEY_INTEGER,       /* guint */
  PGM_KEY_BOOLEAN,       /* gboolean */
  PGM_KEY_ENUM,          /* a registered enumeration; its nicks are the words */
  PGM_KEY_TEXTS,         /* char ** */
  PGM_KEY_PATHS,         /* char **, each made absolute */
  PGM_KEY_PASSWORD_FROM, /* two fields of a PgmEndpoint; its value is in no message */
} PgmKeyKind;

/* One row of the schema: a key, what it may hold and where its value goes. */
typedef struct
{
  guint sections; /* bits of PgmSection */
  const char *name;
  PgmKeyKind kind;
  gsize offset; /* of the field, in the struct of the section */
  gboolean is_required;
  guint min; /* integers: both ends are allowed */
  guint max;
  GType (*enum_type) (void);
  gboolean (*is_valid) (const char *text); /* (nullable): any text that is not empty */
  const char *form;                        /* (nullable): what is_valid() takes; untranslated */
  const char *literal;                     /* (nullable): the one text that is not a path */
  const char *const *not_yet;              /* (nullable): words that this version cannot honour */
  const char *instead; /* (nullable): what to write; of an integer: all it can honour */
} PgmProfileKey;

char *pgm_profile_key_dup_noun (const PgmProfileKey *self);
void pgm_profile_key_read (const PgmProfileKey *self,
                           const char *path,
                           JsonNode *value,
                           gpointer section,
                           PgmProfileCheck *check);
JsonNode *
pgm_profile_key_dup_absolute (const PgmProfileKey *self, JsonNode *value, const char *folder);

G_END_DECLS
