/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-archive-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-error.h"
#include "pgm-text.h"

/* Kinds of more than one word, as pg_dump 10 to 18 writes them; any other kind is its first
 * word. The list puts no mark between the kind and what follows, so that a table in a schema
 * "DATA" reads like a "TABLE DATA": then the catalog of the object decides. */
static const struct
{
  const char *name;
  guint32 other_class; /* catalog of the shorter kind that could be meant; 0: there is none */
} long_kinds[] = {
  { "ACCESS METHOD", 0 },
  { "ACL LANGUAGE", 0 },
  { "BLOB COMMENTS", 0 },
  { "BLOB METADATA", 0 },
  { "CHECK CONSTRAINT", 0 },
  { "DATABASE PROPERTIES", 0 },
  { "DEFAULT ACL", 2604 },
  { "EVENT TRIGGER", 0 },
  { "FK CONSTRAINT", 0 },
  { "FOREIGN DATA WRAPPER", 0 },
  { "FOREIGN TABLE", 0 },
  { "INDEX ATTACH", 1259 },
  { "MATERIALIZED VIEW", 0 },
  { "MATERIALIZED VIEW DATA", 1259 },
  { "OPERATOR CLASS", 2617 },
  { "OPERATOR FAMILY", 2617 },
  { "PROCEDURAL LANGUAGE", 0 },
  { "PUBLICATION TABLE", 0 },
  { "PUBLICATION TABLES IN SCHEMA", 0 },
  { "ROW SECURITY", 0 },
  { "SECURITY LABEL", 0 },
  { "SEQUENCE OWNED BY", 1259 },
  { "SEQUENCE SET", 1259 },
  { "SHELL TYPE", 0 },
  { "STATISTICS DATA", 3381 },
  { "SUBSCRIPTION TABLE", 0 },
  { "TABLE ATTACH", 1259 },
  { "TABLE DATA", 1259 },
  { "TEXT SEARCH CONFIGURATION", 0 },
  { "TEXT SEARCH DICTIONARY", 0 },
  { "TEXT SEARCH PARSER", 0 },
  { "TEXT SEARCH TEMPLATE", 0 },
  { "USER MAPPING", 0 },
};

struct _PgmArchiveList
{
  GPtrArray *entries; /* owned, in the archive's order */
  GHashTable *by_id;  /* dump id to entry; entries borrowed */
};

static void
entry_free (gpointer data)
{
  PgmArchiveEntry *entry = data;

  g_free (entry->kind);
  g_free (entry->rest);
  g_free (entry);
}

static gsize
measure_kind (const char *text, guint32 class_oid)
{
  gsize longest = strcspn (text, " ");

  for (gsize i = 0; i < G_N_ELEMENTS (long_kinds); i++)
    {
      gsize length = strlen (long_kinds[i].name);
      gboolean is_other = class_oid != 0 && class_oid == long_kinds[i].other_class;

      if (!is_other && length > longest && strncmp (text, long_kinds[i].name, length) == 0 &&
          (text[length] == ' ' || text[length] == '\0'))
        longest = length;
    }
  return longest;
}

/* Reads a number up to @max and the text @after it. */
static gboolean
read_number (const char **text, const char *after, guint64 max, guint64 *number)
{
  char *end = NULL;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *number = g_ascii_strtoull (*text, &end, 10);
  if (*number > max || !g_str_has_prefix (end, after))
    return FALSE;
  *text = end + strlen (after);
  return TRUE;
}

/* Returns: (transfer full) (nullable): NULL when @line is no entry */
static PgmArchiveEntry *
entry_new_from_line (const char *line)
{
  guint64 dump_id = 0;
  guint64 class_oid = 0;
  guint64 oid = 0;
  gsize kind_length = 0;
  PgmArchiveEntry *entry = NULL;

  if (!read_number (&line, "; ", G_MAXINT32, &dump_id) || dump_id == 0 ||
      !read_number (&line, " ", G_MAXUINT32, &class_oid) ||
      !read_number (&line, " ", G_MAXUINT32, &oid))
    return NULL;
  kind_length = measure_kind (line, class_oid);
  if (kind_length == 0)
    return NULL;
  entry = g_new0 (PgmArchiveEntry, 1);
  entry->dump_id = dump_id;
  entry->class_oid = class_oid;
  entry->oid = oid;
  entry->kind = g_strndup (line, kind_length);
  line += kind_length;
  entry->rest = pgm_text_escape (*line == ' ' ? line + 1 : line);
  return entry;
}

static gboolean
list_add_line (PgmArchiveList *self, const char *line, GError **error)
{
  PgmArchiveEntry *entry = NULL;

  if (*line == ';' || *line == '\0')
    return TRUE;
  entry = entry_new_from_line (line);
  if (entry == NULL)
    {
      g_autofree char *escaped = pgm_text_escape (line);
      g_autofree char *shown = pgm_text_cut_bytes (escaped, 80);

      g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                   _("the archive's list of contents has a line that is no entry: \"%s\""), shown);
      return FALSE;
    }
  g_ptr_array_add (self->entries, entry);
  if (g_hash_table_insert (self->by_id, GUINT_TO_POINTER (entry->dump_id), entry))
    return TRUE;
  g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
               _("the archive's list of contents has entry %u twice"), entry->dump_id);
  return FALSE;
}

/* @text: what `pg_restore -l` prints
 *
 * Returns: NULL and PGM_ERROR_TOOL when it is not such a list */
PgmArchiveList *
pgm_archive_list_parse (const char *text, GError **error)
{
  g_autoptr(PgmArchiveList) self = g_new (PgmArchiveList, 1);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_id = g_hash_table_new (NULL, NULL);
  for (char **line = lines; *line != NULL; line++)
    {
      if (g_str_has_suffix (*line, "\r"))
        (*line)[strlen (*line) - 1] = '\0';
      if (!list_add_line (self, *line, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

void
pgm_archive_list_free (PgmArchiveList *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

guint
pgm_archive_list_get_n_entries (PgmArchiveList *self)
{
  return self->entries->len;
}

/* Returns: (transfer none): the caller may set the two flags and nothing else */
PgmArchiveEntry *
pgm_archive_list_get_entry (PgmArchiveList *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, NULL);
  return self->entries->pdata[index];
}

/* Returns: (transfer none) (nullable) */
PgmArchiveEntry *
pgm_archive_list_find (PgmArchiveList *self, guint dump_id)
{
  return g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (dump_id));
}

/* Returns: (transfer container): the entries of that very kind, in the archive's order */
GPtrArray *
pgm_archive_list_select (PgmArchiveList *self, const char *kind)
{
  GPtrArray *selected = g_ptr_array_new ();

  for (guint i = 0; i < self->entries->len; i++)
    {
      PgmArchiveEntry *entry = self->entries->pdata[i];

      if (g_str_equal (entry->kind, kind))
        g_ptr_array_add (selected, entry);
    }
  return selected;
}

static gboolean
has_kind (PgmArchiveList *self, const char *kind)
{
  g_autoptr(GPtrArray) entries = pgm_archive_list_select (self, kind);

  return entries->len > 0;
}

/* A partitioned table has no data of its own. */
static gboolean
has_partitioned_table (PgmArchiveList *self)
{
  g_autoptr(GPtrArray) tables = pgm_archive_list_select (self, "TABLE");
  g_autoptr(GPtrArray) contents = pgm_archive_list_select (self, "TABLE DATA");
  g_autoptr(GHashTable) oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < contents->len; i++)
    g_hash_table_add (oids, GUINT_TO_POINTER (((PgmArchiveEntry *) contents->pdata[i])->oid));
  for (guint i = 0; i < tables->len; i++)
    if (!g_hash_table_contains (oids,
                                GUINT_TO_POINTER (((PgmArchiveEntry *) tables->pdata[i])->oid)))
      return TRUE;
  return FALSE;
}

/* In parallel pg_restore makes a trigger, a key or a check as soon as the table that it is on has
 * its data. One on a partitioned table also acts on its partitions, and a check that was never
 * valid also on children or through a domain: those may not have their data yet, so that a trigger
 * would change rows on their way. */
gboolean
pgm_archive_list_wants_passes (PgmArchiveList *self)
{
  if (!has_kind (self, "TABLE DATA"))
    return FALSE;
  return has_kind (self, "CHECK CONSTRAINT") ||
         ((has_kind (self, "TRIGGER") || has_kind (self, "FK CONSTRAINT")) &&
          has_partitioned_table (self));
}

/* What locks a partitioned table and then its partitions, where an index of a partition is attached
 * in the opposite order; and event triggers, which would act on that. Comments, of which no entry
 * says for certain what it is on, may be on one of these. */
static gboolean
comes_last (const PgmArchiveEntry *entry)
{
  static const char *const kinds[] = { "TRIGGER", "FK CONSTRAINT",  "EVENT TRIGGER",
                                       "COMMENT", "SECURITY LABEL", NULL };

  return g_strv_contains (kinds, entry->kind);
}

static gboolean
is_of_pass (const PgmArchiveEntry *entry, PgmArchivePass pass)
{
  switch (pass)
    {
    case PGM_ARCHIVE_PASS_INDEXES:
      return !comes_last (entry);
    case PGM_ARCHIVE_PASS_TRIGGERS:
      return comes_last (entry);
    case PGM_ARCHIVE_PASS_ALL:
    case PGM_ARCHIVE_PASS_DATA:
    default:
      return TRUE;
    }
}

/* Which entries are of which section is told apart by pg_restore itself (pgm-archive-command.c).
 *
 * Returns: (transfer full): a file for `pg_restore -L`. Only the number at the start of a line
 * counts there; a line that begins with ";" is left out. */
char *
pgm_archive_list_to_text (PgmArchiveList *self, PgmArchivePass pass)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->entries->len; i++)
    {
      PgmArchiveEntry *entry = self->entries->pdata[i];
      gboolean is_out = entry->is_excluded || !is_of_pass (entry, pass);

      g_string_append_printf (text, "%s%u; %u %u %s %s\n", is_out ? ";" : "", entry->dump_id,
                              entry->class_oid, entry->oid, entry->kind, entry->rest);
    }
  return g_string_free (text, FALSE);
}
