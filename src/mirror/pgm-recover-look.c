/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What a leftover is, and what may be done about it:
 *
 *   staging     dropped: it never had a name that anybody knows
 *   replaced    dropped: the swap was committed, so that its successor is complete and verified;
 *               not while the name is that of a database that is incomplete, invalid or empty, or
 *               cannot be looked into
 *   nameless    gets its name back: somebody used two statements
 *   returned    gets its comment back
 *   incomplete  dropped on wish only: it has the name that users know
 *   unmarked    between CREATE DATABASE and COMMENT a staging database has no marker. It is
 *               dropped where nothing can be lost by that: it has a staging database's name, was
 *               made by this role, nobody is on it, and there is nothing in it. All others are
 *               told of only
 *   renamed     left alone: somebody wanted to keep it
 *   folder      removed
 *   schema      dropped where it is empty, otherwise only its marker (pgm-recover-schemas.c)
 *
 * Nothing of it while the run lives: a session of it is on the server, or it holds the lock of
 * its folder on this machine. */

#include "pgm-recover-look.h"

#include "pgm-catalog-leftovers.h"
#include "pgm-catalog.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PgmServer *server;      /* (nullable): to look into databases */
  GPtrArray *found;       /* PgmFoundDatabase */
  GHashTable *local_runs; /* that hold a folder on this machine */
  GCancellable *cancellable;
} Look;

static char *
dup_drop_sql (const char *name)
{
  g_autofree char *quoted = pgm_text_quote_name (name);

  return g_strconcat ("DROP DATABASE ", quoted, NULL);
}

static char *
dup_rename_sql (const char *name, const char *to)
{
  g_autofree char *quoted = pgm_text_quote_name (name);
  g_autofree char *quoted_to = pgm_text_quote_name (to);

  return g_strconcat ("ALTER DATABASE ", quoted, " RENAME TO ", quoted_to, NULL);
}

static char *
dup_unmark_sql (const char *name)
{
  g_autofree char *quoted = pgm_text_quote_name (name);

  return g_strconcat ("COMMENT ON DATABASE ", quoted, " IS NULL", NULL);
}

/* @format: %s: the statement, as far as it can be shown */
static void
set_hint_with_sql (PgmLeftover *self, const char *format)
{
  g_autofree char *sql = pgm_text_escape (self->sql);
  GString *hint = g_string_new (format);

  g_string_replace (hint, "%s", sql, 1);
  self->hint = g_string_free (hint, FALSE);
}

static void
describe_denied (PgmLeftover *self, const PgmFoundDatabase *found)
{
  g_autofree char *owner = pgm_text_escape (found->owner);
  g_autofree char *sql = pgm_text_escape (self->sql);

  self->remedy = PGM_REMEDY_NONE;
  self->hint = g_strdup_printf (
      _("let its owner \"%s\" or a superuser run recover, or run on the target: %s"), owner, sql);
}

/* Whether the database that users know is itself only half there. */
static gboolean
has_incomplete_heir (const Look *look, const PgmFoundDatabase *found)
{
  for (guint i = 0; i < look->found->len; i++)
    {
      const PgmFoundDatabase *other = look->found->pdata[i];

      if (other->marker != NULL && other->place == PGM_MARKER_IN_PLACE &&
          g_str_equal (other->name, found->of))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_rival (const Look *look, const PgmFoundDatabase *found)
{
  for (guint i = 0; i < look->found->len; i++)
    {
      const PgmFoundDatabase *other = look->found->pdata[i];

      if (other != found && other->marker != NULL && other->place == PGM_MARKER_REPLACED &&
          g_str_equal (other->of, found->of))
        return TRUE;
    }
  return FALSE;
}

static void
describe_nameless (const Look *look, const PgmFoundDatabase *found, PgmLeftover *self)
{
  g_autofree char *of = pgm_text_escape (found->of);

  self->kind = PGM_LEFTOVER_NAMELESS;
  self->remedy = PGM_REMEDY_RENAME;
  self->sql = dup_rename_sql (found->name, found->of);
  self->message = g_strdup_printf (_("the former \"%s\", a name that no database has now"), of);
  if (has_rival (look, found))
    {
      self->remedy = PGM_REMEDY_NONE;
      set_hint_with_sql (self,
                         _("there are several of them: choose one, and run on the target: %s"));
    }
  else if (!found->may_rename)
    describe_denied (self, found);
}

typedef enum
{
  CONTENT_UNSEEN,   /* it could not be looked into */
  CONTENT_PRISTINE, /* as CREATE DATABASE makes it */
  CONTENT_NONE,     /* nothing that anybody would miss, but perhaps extensions */
  CONTENT_SOME,
} Content;

static Content
look_inside (const Look *look, const char *name)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (look->server, name, look->cancellable, NULL);
  g_autoptr(GPtrArray) objects = NULL;
  gint64 n_large_objects = -1;
  gboolean is_pristine = FALSE;

  if (conn == NULL)
    return CONTENT_UNSEEN;
  objects = pgm_catalog_list_objects_sync (conn, look->cancellable, NULL);
  n_large_objects = pgm_catalog_count_large_objects_sync (conn, look->cancellable, NULL);
  if (objects == NULL || n_large_objects < 0 ||
      !pgm_catalog_is_pristine_sync (conn, &is_pristine, look->cancellable, NULL))
    return CONTENT_UNSEEN;
  if (is_pristine)
    return CONTENT_PRISTINE;
  return objects->len > 0 || n_large_objects > 0 ? CONTENT_SOME : CONTENT_NONE;
}

/* Why a database that was replaced is not dropped. The name may be another database's by now,
 * which somebody has just made and not yet filled.
 *
 * Returns: (nullable): %s: the name that users know */
static const char *
find_reason_to_keep (const Look *look, const PgmFoundDatabase *found)
{
  Content content = CONTENT_SOME;

  if (has_incomplete_heir (look, found))
    return _("it stays as long as \"%s\" is incomplete: mirror that again first");
  if (found->has_invalid_heir)
    return _("it stays as long as \"%s\" is invalid, since a DROP DATABASE that did not end: drop "
             "that first");
  if (look->server != NULL && found->may_drop)
    content = look_inside (look, found->of);
  if (content == CONTENT_UNSEEN)
    return _("it stays as long as \"%s\" cannot be looked into");
  if (content != CONTENT_SOME && look_inside (look, found->name) != content)
    return _("it stays as long as \"%s\" is empty: fill or drop that first");
  return NULL;
}

static void
describe_replaced (const Look *look, const PgmFoundDatabase *found, PgmLeftover *self)
{
  g_autofree char *of = pgm_text_escape (found->of);
  const char *reason = find_reason_to_keep (look, found);

  self->kind = PGM_LEFTOVER_REPLACED;
  self->sql = dup_drop_sql (found->name);
  self->remedy = PGM_REMEDY_REMOVE;
  self->message = g_strdup_printf (_("the former \"%s\", which was replaced"), of);
  if (reason != NULL)
    {
      GString *hint = g_string_new (reason);

      g_string_replace (hint, "%s", of, 1);
      self->remedy = PGM_REMEDY_NONE;
      self->hint = g_string_free (hint, FALSE);
    }
  else if (!found->may_drop)
    describe_denied (self, found);
}

static void
describe_staged (const PgmFoundDatabase *found, PgmLeftover *self)
{
  g_autofree char *of = pgm_text_escape (found->of);

  self->kind = PGM_LEFTOVER_STAGING;
  self->remedy = PGM_REMEDY_REMOVE;
  self->sql = dup_drop_sql (found->name);
  self->message = g_strdup_printf (_("unfinished copy of \"%s\""), of);
  if (!found->may_drop)
    describe_denied (self, found);
}

static void
describe_incomplete (const PgmFoundDatabase *found, PgmLeftover *self)
{
  self->kind = PGM_LEFTOVER_INCOMPLETE;
  self->remedy = PGM_REMEDY_ON_WISH;
  self->sql = dup_drop_sql (found->name);
  self->message = g_strdup (_("an incomplete database: its replacement in place did not end"));
  if (found->may_drop)
    self->hint = g_strdup (_("mirror it again, or drop it with --remove-incomplete"));
  else
    describe_denied (self, found);
}

static void
describe_returned (const PgmFoundDatabase *found, PgmLeftover *self)
{
  self->kind = PGM_LEFTOVER_RETURNED;
  self->remedy = PGM_REMEDY_UNMARK;
  self->sql = dup_unmark_sql (found->name);
  self->message = g_strdup (_("has its name again; its comment is still the marker of a run"));
  if (!found->may_drop)
    describe_denied (self, found);
}

static void
describe_renamed (const PgmFoundDatabase *found, PgmLeftover *self)
{
  self->kind = PGM_LEFTOVER_RENAMED;
  self->sql = dup_unmark_sql (found->name);
  self->message =
      g_strdup (_("has the marker of a run as its comment, but no name that a run gave"));
  set_hint_with_sql (self, _("if it is to stay, take the marker away; run on the target: %s"));
}

static void
describe_unmarked (const Look *look, const PgmFoundDatabase *found, PgmLeftover *self)
{
  gboolean is_harmless = found->is_own && found->is_invalid;

  if (look->server != NULL && found->is_own && found->is_plain && !found->is_invalid)
    is_harmless = look_inside (look, found->name) == CONTENT_PRISTINE;
  self->kind = PGM_LEFTOVER_UNMARKED;
  self->sql = dup_drop_sql (found->name);
  if (is_harmless)
    {
      self->remedy = PGM_REMEDY_REMOVE;
      self->message =
          g_strdup (_("looks like a staging database that was just made: it is empty"));
      return;
    }
  self->message = g_strdup (_("looks like a staging database, but has no marker"));
  set_hint_with_sql (self, _("look at it; if it is not needed, run on the target: %s"));
}

static void
describe_marked (const Look *look, const PgmFoundDatabase *found, PgmLeftover *self)
{
  switch (found->place)
    {
    case PGM_MARKER_STAGED:
      describe_staged (found, self);
      break;
    case PGM_MARKER_IN_PLACE:
      describe_incomplete (found, self);
      break;
    case PGM_MARKER_REPLACED:
      if (found->has_heir)
        describe_replaced (look, found, self);
      else
        describe_nameless (look, found, self);
      break;
    case PGM_MARKER_RETURNED:
      describe_returned (found, self);
      break;
    case PGM_MARKER_ELSEWHERE:
    default:
      describe_renamed (found, self);
    }
}

/* Whatever it is: its run will see to it. */
static void
describe_living (PgmLeftover *self)
{
  self->state = PGM_LEFTOVER_IN_USE;
  self->remedy = PGM_REMEDY_NONE;
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->hint, g_free);
  g_clear_pointer (&self->sql, g_free);
  self->message = g_strdup (_("database of a run that is at work"));
}

static void
describe (const Look *look, const PgmFoundDatabase *found, PgmLeftover *self)
{
  gboolean is_living = found->is_alive || g_hash_table_contains (look->local_runs, found->run);
  const Look outside = { NULL, look->found, look->local_runs, look->cancellable };
  const Look *how = is_living ? &outside : look;

  if (found->marker != NULL)
    describe_marked (how, found, self);
  else
    describe_unmarked (how, found, self);
  if (is_living)
    describe_living (self);
}

static PgmLeftover *
make_leftover (const Look *look, const PgmFoundDatabase *found)
{
  PgmLeftover *self = pgm_leftover_new (PGM_LEFTOVER_UNMARKED, found->name);

  self->oid = found->oid;
  self->of = g_strdup (found->of);
  self->run = g_strdup (found->run);
  self->size_bytes = found->size_bytes;
  if (found->marker != NULL)
    {
      self->host = g_strdup (found->marker->host);
      self->comment = g_strdup (found->marker->comment);
      self->started_us = found->marker->started_us;
    }
  describe (look, found, self);
  return self;
}

/* @server: (nullable): NULL leaves out to look into databases without a marker
 * @temp_dir: (nullable): of the profile
 *
 * Returns: (transfer full) (element-type PgmLeftover): also those of living runs, as such */
GPtrArray *
pgm_recover_look_at_databases_sync (PgmConn *maintenance,
                                    PgmServer *server,
                                    const char *temp_dir,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autoptr(GHashTable) runs = pgm_recover_find_local_runs (temp_dir);
  g_autoptr(GPtrArray) found = pgm_catalog_find_leftovers_sync (maintenance, cancellable, error);
  const Look look = { server, found, runs, cancellable };
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_leftover_free);

  for (guint i = 0; found != NULL && i < found->len; i++)
    g_ptr_array_add (list, make_leftover (&look, found->pdata[i]));
  if (found == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&list);
}
