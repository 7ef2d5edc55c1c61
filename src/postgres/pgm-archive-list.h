/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One line of `pg_restore -l`. Names in it are for people only: pg_restore puts blanks where a
 * name has newlines, and a name may look like anything. What is decided about an entry is
 * decided by dump id, class and oid. */
typedef struct
{
  guint dump_id;
  guint32 class_oid; /* the catalog that @oid is of: 1259 is pg_class */
  guint32 oid;       /* on the source; 0 for entries that are no catalog object */
  char *kind;        /* "TABLE DATA", "INDEX", "COMMENT", … */
  char *rest;        /* schema, name, owner as one text */
  gboolean is_excluded;
  gboolean has_failed; /* when it was restored */
} PgmArchiveEntry;

/* A restore in one go, or the parts of one in which nothing comes too early. */
typedef enum
{
  PGM_ARCHIVE_PASS_ALL,
  PGM_ARCHIVE_PASS_DATA,     /* all up to the rows */
  PGM_ARCHIVE_PASS_INDEXES,  /* all after the rows but the next */
  PGM_ARCHIVE_PASS_TRIGGERS, /* and foreign keys */
} PgmArchivePass;

typedef struct _PgmArchiveList PgmArchiveList;

PgmArchiveList *pgm_archive_list_parse (const char *text, GError **error);
void pgm_archive_list_free (PgmArchiveList *self);
guint pgm_archive_list_get_n_entries (PgmArchiveList *self);
PgmArchiveEntry *pgm_archive_list_get_entry (PgmArchiveList *self, guint index);
PgmArchiveEntry *pgm_archive_list_find (PgmArchiveList *self, guint dump_id);
GPtrArray *pgm_archive_list_select (PgmArchiveList *self, const char *kind);
gboolean pgm_archive_list_wants_passes (PgmArchiveList *self);
char *pgm_archive_list_to_text (PgmArchiveList *self, PgmArchivePass pass);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmArchiveList, pgm_archive_list_free)

G_END_DECLS
