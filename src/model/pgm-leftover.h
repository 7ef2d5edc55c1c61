/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  PGM_LEFTOVER_STAGING,    /* a copy that never got its name */
  PGM_LEFTOVER_REPLACED,   /* the old database, its successor has the name */
  PGM_LEFTOVER_NAMELESS,   /* the old database, and nobody has the name */
  PGM_LEFTOVER_RETURNED,   /* the old database under its name again, with a marker as comment */
  PGM_LEFTOVER_INCOMPLETE, /* half a database under the real name: replaced in place */
  PGM_LEFTOVER_UNMARKED,   /* named like a copy, and nothing says what it is */
  PGM_LEFTOVER_RENAMED,    /* marked, under a name that no run gave */
  PGM_LEFTOVER_FOLDER,     /* of temporary files on this machine */
  PGM_LEFTOVER_SCHEMA,     /* made in a database that stays, ahead of its tables */
} PgmLeftoverKind;

/* What recovering does about it. */
typedef enum
{
  PGM_REMEDY_NONE,    /* only a person can: the hint says what */
  PGM_REMEDY_REMOVE,  /* drop the database or the schema, remove the folder */
  PGM_REMEDY_RENAME,  /* give the database its name back */
  PGM_REMEDY_UNMARK,  /* give the database its comment back, take the schema's away */
  PGM_REMEDY_ON_WISH, /* drop it where that was asked for by name */
} PgmRemedy;

typedef enum
{
  PGM_LEFTOVER_FOUND,
  PGM_LEFTOVER_IN_USE, /* its run is at work: nobody touches it */
  PGM_LEFTOVER_DONE,
  PGM_LEFTOVER_FAILED, /* the message says why */
} PgmLeftoverState;

/* Something that a run made and did not take away again. */
typedef struct
{
  PgmLeftoverKind kind;
  PgmLeftoverState state;
  PgmRemedy remedy;
  guint32 oid;       /* of the database or the schema; 0: it is a folder */
  char *name;        /* raw bytes: of the database or the schema, or the folder's path */
  char *of;          /* (nullable): raw bytes: the run's database, where that is known */
  char *run;         /* (nullable): eight hexadecimal digits */
  char *host;        /* (nullable): where the run's program was */
  char *comment;     /* (nullable): that it had before the marker */
  char *message;     /* what it is, or what became of it: one line */
  char *hint;        /* (nullable): the cure for what recovering does not do */
  char *sql;         /* (nullable): the cure by hand: one statement for the target */
  gint64 started_us; /* real time; 0: not known */
  gint64 size_bytes; /* -1: not known */
} PgmLeftover;

PgmLeftover *pgm_leftover_new (PgmLeftoverKind kind, const char *name);
void pgm_leftover_free (PgmLeftover *self);
gboolean pgm_leftover_is_open (const PgmLeftover *self);
const char *pgm_leftover_kind_get_nick (PgmLeftoverKind kind);
const char *pgm_leftover_state_get_nick (PgmLeftoverState state);
const char *pgm_remedy_get_nick (PgmRemedy remedy);
JsonNode *pgm_leftover_to_json (const PgmLeftover *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmLeftover, pgm_leftover_free)

G_END_DECLS
