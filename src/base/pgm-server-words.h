/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where an error happened, as the server's fields say. All are nullable and names. */
typedef struct
{
  const char *schema;
  const char *table;
  const char *column;
  const char *constraint;
  const char *function; /* of the server's source, that raised it */
} PgmErrorPlace;

/* What of a server's error message may be shown. `invalid input syntax for type integer: "123-45"`
 * has a row in it, and so may have whatever a function of the user's raises. */
char *pgm_server_words_dup (const char *sqlstate, const char *primary, const PgmErrorPlace *place);
char *pgm_server_words_dup_of_tool (const char *text);

G_END_DECLS
