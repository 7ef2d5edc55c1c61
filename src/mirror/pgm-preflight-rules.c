/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* One row for each thing that a query can find: how bad it is, its sentence and its cure. */

#include "pgm-preflight.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Objects that a sentence names; the others are counted. */
#define MAX_NAMES 5

typedef struct
{
  const char *code;
  PgmSeverity severity;
  gboolean is_about_objects; /* one that cannot be restored: on_error "report" goes on */
  const char *sentence;      /* %s: the names */
  const char *hint;          /* (nullable): %s: SQL that the query made */
  const char *bare_hint;     /* (nullable): where it made none */
} Rule;

/* Laid out by hand: clang-format takes every N_() for a deeper level. */
/* clang-format off */
static const Rule rules[] = {
  /* source */
  { "schema-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the source's role may not use these schemas: %s"), N_ ("run on the source: %s") },
  { "table-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the source's role may not read these tables: %s"), N_ ("run on the source: %s") },
  { "sequence-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the source's role may not read these sequences: %s"), N_ ("run on the source: %s") },
  { "large-object-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the source's role may not read these large objects: %s"), N_ ("run on the source: %s") },
  { "row-security", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("row-level security hides rows of these tables from the source's role: %s"),
    N_ ("let a superuser run on the source: %s") },
  { "include-unmatched", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the source has nothing that matches these patterns of schemas or tables: %s"),
    N_ ("names in capitals need double quotes within the pattern") },
  { "exclude-unmatched", PGM_SEVERITY_WARNING, FALSE,
    N_ ("nothing is left out by these patterns, which match nothing on the source: %s"),
    N_ ("names in capitals need double quotes within the pattern") },
  { "partition-left-out", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these partitions stay behind with their rows, though their parent travels: %s"),
    N_ ("let a pattern of \"tables\" or \"schemas\" match them as well, or exclude them") },
  { "table-locked", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these tables of the source are locked, and the dump will have to wait for them: %s"),
    N_ ("wait for the session to end, or end it: %s") },
  { "constraint-unenforced", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these foreign keys of the source are switched off, and rows that they do not allow would "
        "end the restore: %s"),
    N_ ("look for such rows first; then, to switch the keys on, run on the source: %s") },
  { "tablespace-ignored", PGM_SEVERITY_NOTE, FALSE,
    N_ ("the copy will be in one tablespace; these of the source are not carried over: %s"), NULL },
  { "foreign-code", PGM_SEVERITY_WARNING, FALSE,
    N_ ("the target's role is a superuser, and restoring runs code of other roles of the source "
        "with its rights: %s"),
    N_ ("use a target role that is no superuser and may create databases") },
  { "foreign-code-later", PGM_SEVERITY_WARNING, FALSE,
    N_ ("the target's role is a superuser, and in the copy code of other roles of the source will "
        "run with the rights of whoever uses it, or of that superuser: %s"),
    N_ ("use a target role that is no superuser and may create databases") },

  /* what the target lacks */
  { "role-missing", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("these roles are named on the source and missing on the target: %s"),
    N_ ("run on the target: %s") },
  { "owner-denied", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("the target's role may not make objects belong to these roles: %s"),
    N_ ("set no_owner to true, or run on the target: %s") },
  { "owner-create-denied", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("these roles cannot own what they own on the source, because they may create nothing in "
        "its schema on the target: %s"),
    N_ ("set no_owner to true, or use a superuser on the target") },
  { "default-tablespace-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("new tables go to the tablespace %s of the target, where its role may create nothing"),
    N_ ("run on the target: %s") },
  { "collation-missing", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("these collations are used on the source and missing on the target: %s"),
    N_ ("install the locales on the target's machine, then run there in template0: "
        "SELECT pg_import_system_collations('pg_catalog')") },
  { "extension-missing", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("these extensions are not available on the target: %s"),
    N_ ("install their packages on the target's machine") },
  { "extension-denied", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("only a superuser can create these extensions on the target: %s"),
    N_ ("use a superuser on the target, or set on_error to \"report\"") },
  { "extension-version", PGM_SEVERITY_NOTE, FALSE,
    N_ ("these extensions will have another version on the target: %s"), NULL },
  { "row-security-forced", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the row-level security of these tables binds their owner, too, so the target's role "
        "could not read them back to verify them: %s"),
    N_ ("set verify to \"none\", or let a superuser run on the target: %s") },
  { "needs-superuser", PGM_SEVERITY_BLOCKER, TRUE, N_ ("only a superuser can restore these: %s"),
    N_ ("use a superuser on the target, or set on_error to \"report\"") },
  { "locale-missing", PGM_SEVERITY_WARNING, FALSE,
    N_ ("the target does not seem to have these locales: %s"),
    N_ ("install them on the target's machine") },

  /* target */
  { "session-stays", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these sessions are on the target database, and the role may not end them: %s"),
    N_ ("run on the target: %s") },
  { "superuser-session", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these sessions of superusers are on the target database, and only a superuser may end "
        "them: %s"),
    N_ ("end them before the databases change places") },
  { "prepared-transaction", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("prepared transactions keep the target database from being replaced: %s"),
    N_ ("end them in that database: %s") },
  { "tablespace-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the target's database lies in a tablespace where the role may create nothing: %s"),
    N_ ("run on the target: %s") },
  { "replication-slot", PGM_SEVERITY_WARNING, FALSE,
    N_ ("active replication slots keep the target database from being dropped: %s"),
    N_ ("end their replication first") },
  { "replication-slot-lost", PGM_SEVERITY_WARNING, FALSE,
    N_ ("these replication slots are dropped with the database that is replaced: %s"),
    N_ ("set keep_previous, or make them again afterwards") },
  { "create-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the target's role may create nothing in these places of the existing database: %s"),
    N_ ("set drop_existing, or run in that database: %s") },
  { "target-lacks", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("data_only needs these tables or columns, which the target does not have: %s"),
    N_ ("mirror once without data_only") },
  { "write-denied", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("the target's role may not write, or not read back, what comes for these: %s"),
    N_ ("run in that database: %s") },
  { "subscription", PGM_SEVERITY_BLOCKER, FALSE,
    N_ ("subscriptions keep the target database from being replaced: %s"),
    N_ ("end them in that database: %s; where the publisher cannot be reached, run ALTER "
        "SUBSCRIPTION … SET (slot_name = NONE) before the DROP, and drop the slot by hand") },
  { "setting-denied", PGM_SEVERITY_BLOCKER, TRUE,
    N_ ("the target's role may not carry over these settings of the database: %s"),
    N_ ("run as a superuser, set on_error to \"report\", or let one run on the target: %s"),
    N_ ("run as a superuser, or set on_error to \"report\"") },
};
/* clang-format on */

/* The objects of one code. */
typedef struct
{
  const char *code;
  GPtrArray *names; /* char *, borrowed from the rows */
  GString *cures;   /* one after the other, none twice */
  GString *wide;
} Group;

static void
group_free (gpointer data)
{
  Group *self = data;

  g_ptr_array_unref (self->names);
  g_string_free (self->cures, TRUE);
  g_string_free (self->wide, TRUE);
  g_free (self);
}

static Group *
group_new (const char *code)
{
  Group *self = g_new0 (Group, 1);

  self->code = code;
  self->names = g_ptr_array_new ();
  self->cures = g_string_new (NULL);
  self->wide = g_string_new (NULL);
  return self;
}

/* @seen: (element-type utf8): statements that were added before */
static void
add_statement (GString *statements, const char *sql, GHashTable *seen)
{
  if (sql == NULL || !g_hash_table_add (seen, (gpointer) sql))
    return;
  if (statements->len > 0)
    g_string_append (statements, "; ");
  g_string_append (statements, sql);
}

/* Returns: (transfer full) (nullable) */
static char *
dup_hint (const Rule *rule, const Group *group)
{
  gboolean is_wide = group->names->len > MAX_NAMES && group->wide->len > 0;
  const GString *sql = is_wide ? group->wide : group->cures;
  gboolean takes_sql = rule->hint != NULL && strstr (rule->hint, "%s") != NULL;
  GString *text = NULL;

  if (takes_sql && sql->len == 0)
    return rule->bare_hint != NULL ? g_strdup (_(rule->bare_hint)) : NULL;
  if (rule->hint == NULL)
    return NULL;
  text = g_string_new (_(rule->hint));
  g_string_replace (text, "%s", sql->str, 1);
  return g_string_free (text, FALSE);
}

static const Rule *
find_rule (const char *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (rules[i].code, code))
      return &rules[i];
  g_assert_not_reached ();
}

/* A merge is one transaction and ends with the first object that cannot be restored. */
static PgmSeverity
judge (PgmPreflight *self, const Rule *rule)
{
  const PgmJob *job = self->job;

  if (rule->is_about_objects && job->options->on_error == PGM_ON_ERROR_REPORT &&
      job->plan != PGM_PLAN_MERGE)
    return MIN (rule->severity, PGM_SEVERITY_WARNING);
  return rule->severity;
}

static void
add_group (PgmPreflight *self, const Group *group)
{
  const Rule *rule = find_rule (group->code);
  g_autofree char *names = pgm_text_join_names (group->names, MAX_NAMES);
  g_autofree char *hint = dup_hint (rule, group);
  g_autoptr(GString) sentence = g_string_new (_(rule->sentence));

  g_string_replace (sentence, "%s", names, 1);
  pgm_preflight_name_objects (
      self, pgm_preflight_add (self, judge (self, rule), rule->code, hint, "%s", sentence->str),
      group->names);
}

/* One finding for each code among @rows, in which the rows of a code stand together. */
void
pgm_preflight_add_rows (PgmPreflight *self, const PgmRows *rows)
{
  g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func (group_free);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Group *group = NULL;

  for (guint i = 0; i < pgm_rows_get_n (rows); i++)
    {
      const char *code = pgm_rows_get (rows, i, PGM_FACT_CODE);

      if (group == NULL || !g_str_equal (group->code, code))
        g_ptr_array_add (groups, group = group_new (code));
      g_ptr_array_add (group->names, (gpointer) pgm_rows_get (rows, i, PGM_FACT_NAME));
      add_statement (group->cures, pgm_rows_get (rows, i, PGM_FACT_CURE), seen);
      add_statement (group->wide, pgm_rows_get (rows, i, PGM_FACT_WIDE), seen);
    }
  for (guint i = 0; i < groups->len; i++)
    add_group (self, groups->pdata[i]);
}
