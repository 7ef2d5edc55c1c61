/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a run writes onto what it makes, so that it is known as the run's after a crash: the
 * comment of a database, the lock file of a folder. Immutable. */
typedef struct
{
  char *state;       /* "staging", "old", "folder" */
  char *of;          /* (nullable): the run's database; not its bytes where those are no UTF-8 */
  char *run;         /* eight hexadecimal digits */
  char *host;        /* where the run's program was */
  char *comment;     /* (nullable): what the database's own comment was before */
  gint64 started_us; /* real time; 0: not said */
} PgmMarker;

/* How the name of a database goes with its marker. */
typedef enum
{
  PGM_MARKER_STAGED,    /* "staging" on `shop__pgm_7f3a91c2` */
  PGM_MARKER_IN_PLACE,  /* "staging" on "shop" itself */
  PGM_MARKER_REPLACED,  /* "old" on `shop__old_7f3a91c2` */
  PGM_MARKER_RETURNED,  /* "old" on "shop" itself: somebody renamed it back */
  PGM_MARKER_ELSEWHERE, /* on a name that no run gave */
} PgmMarkerPlace;

#define PGM_RUN_ID_LENGTH 8

gboolean pgm_marker_is_run_id (const char *text);
char *pgm_marker_dup_text (const char *state, const char *of, const char *run, const char *comment);
PgmMarker *pgm_marker_parse (const char *text);
void pgm_marker_free (PgmMarker *self);
PgmMarkerPlace pgm_marker_find_place (const PgmMarker *self, const char *name, char **ret_of);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmMarker, pgm_marker_free)

G_END_DECLS
