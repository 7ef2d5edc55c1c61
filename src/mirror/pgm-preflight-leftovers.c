/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What earlier runs left behind, told before a new one starts. Each cure is there twice: for who
 * has the command line, and as SQL for who has a window only. */

#include "pgm-preflight.h"

#include "pgm-recover-look.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* Names that a sentence names; the others are counted. */
#define MAX_NAMES 5

/* Leftovers that are told of in one sentence. */
typedef struct
{
  GString *names;
  GString *sql;
  guint n;
} Group;

static void
group_clear (Group *self)
{
  if (self->names != NULL)
    g_string_free (self->names, TRUE);
  if (self->sql != NULL)
    g_string_free (self->sql, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Group, group_clear)

static void
group_init (Group *self)
{
  self->names = g_string_new (NULL);
  self->sql = g_string_new (NULL);
}

static void
group_add (Group *self, const char *name, const char *sql)
{
  if (self->n++ >= MAX_NAMES)
    return;
  g_string_append_printf (self->names, "%s%s", self->n > 1 ? ", " : "", name);
  if (sql != NULL)
    g_string_append_printf (self->sql, "%s%s", self->sql->len > 0 ? "; " : "", sql);
}

static void
group_end (Group *self)
{
  guint n_more = self->n > MAX_NAMES ? self->n - MAX_NAMES : 0;

  if (n_more > 0)
    g_string_append_printf (self->names, ngettext (" and %u more", " and %u more", n_more), n_more);
}

static Group *
choose_group (const PgmLeftover *leftover, Group *certain, Group *incomplete, Group *suspect)
{
  switch (leftover->kind)
    {
    case PGM_LEFTOVER_INCOMPLETE:
      return incomplete;
    case PGM_LEFTOVER_UNMARKED:
    case PGM_LEFTOVER_RENAMED:
      return suspect;
    case PGM_LEFTOVER_STAGING:
    case PGM_LEFTOVER_REPLACED:
    case PGM_LEFTOVER_NAMELESS:
    case PGM_LEFTOVER_RETURNED:
    case PGM_LEFTOVER_FOLDER:
    case PGM_LEFTOVER_SCHEMA:
    default:
      return certain;
    }
}

static void
tell_certain (PgmPreflight *self, Group *group)
{
  g_autofree char *hint = NULL;

  if (group->n == 0)
    return;
  group_end (group);
  hint = g_strdup_printf (
      _("\"pg-mirror-cli recover\" sees to them; or look at them, then run on the target: %s"),
         group->sql->str);
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "leftover-database", hint,
                     _("earlier runs left these databases on the target: %s"), group->names->str);
}

static void
tell_incomplete (PgmPreflight *self, Group *group)
{
  g_autofree char *hint = NULL;

  if (group->n == 0)
    return;
  group_end (group);
  hint = g_strdup_printf (_("mirror them again, or drop them with \"pg-mirror-cli recover "
                            "--remove-incomplete\"; or run on the target: %s"),
                             group->sql->str);
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "incomplete-database", hint,
                     _("these databases of the target are incomplete, because their replacement "
                       "in place did not end: %s"),
                        group->names->str);
}

static void
tell_suspect (PgmPreflight *self, Group *group)
{
  g_autofree char *hint = NULL;

  if (group->n == 0)
    return;
  group_end (group);
  hint = g_strdup_printf (
      _("\"pg-mirror-cli recover\" says more; or look at them first, then run on the target: %s"),
         group->sql->str);
  pgm_preflight_add (self, PGM_SEVERITY_NOTE, "leftover-suspect", hint,
                     _("these databases of the target look as if a run had left them: %s"),
                        group->names->str);
}

static void
tell (PgmPreflight *self, GPtrArray *list)
{
  g_auto(Group) certain = { 0 };
  g_auto(Group) incomplete = { 0 };
  g_auto(Group) suspect = { 0 };

  group_init (&certain);
  group_init (&incomplete);
  group_init (&suspect);
  for (guint i = 0; i < list->len; i++)
    {
      const PgmLeftover *leftover = list->pdata[i];
      g_autofree char *name = pgm_text_quote_name (leftover->name);

      if (pgm_leftover_is_open (leftover))
        group_add (choose_group (leftover, &certain, &incomplete, &suspect), name, leftover->sql);
    }
  tell_certain (self, &certain);
  tell_incomplete (self, &incomplete);
  tell_suspect (self, &suspect);
}

/* Databases on the target. */
gboolean
pgm_preflight_look_for_databases_sync (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  GError *failure = NULL;
  g_autoptr(GPtrArray) list = pgm_recover_look_at_databases_sync (
      job->target_conn, NULL, job->options->temp_dir, job->cancellable, &failure);

  if (list == NULL)
    return pgm_preflight_take_rows (self, NULL, failure, error);
  tell (self, list);
  return TRUE;
}

/* Folders on this machine. That a folder cannot be looked into is for who needs it. */
void
pgm_preflight_look_for_folders (PgmPreflight *self)
{
  g_autoptr(GPtrArray) list =
                 pgm_recover_look_at_folders_sync (self->job->options->temp_dir, NULL);
  g_auto(Group) dead = { 0 };

  group_init (&dead);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const PgmLeftover *leftover = list->pdata[i];

      if (pgm_leftover_is_open (leftover) && leftover->remedy == PGM_REMEDY_REMOVE)
        group_add (&dead, leftover->name, NULL);
    }
  if (dead.n == 0)
    return;
  group_end (&dead);
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "leftover-folder",
                     _("\"pg-mirror-cli recover --remove\" removes them; or remove them by hand"),
                        _("earlier runs left these folders with data of their sources: %s"),
                           dead.names->str);
}

/* A source that was itself the target of a run. */
void
pgm_preflight_look_at_source_marker (PgmPreflight *self)
{
  if (self->job->source_traits->is_incomplete)
    pgm_preflight_add (
        self, PGM_SEVERITY_WARNING, "source-incomplete",
        _("mirror it again from where it came from"),
           _("database \"%s\" of the source is incomplete itself: a run that was to "
                            "fill it did not end"),
              self->job->source_endpoint->database);
}
