/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile-store.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SUFFIX ".json"

/* Returns: (transfer full): it need not exist */
char *
pgm_profile_store_dup_folder (void)
{
  return g_build_filename (g_get_user_config_dir (), "pg-mirror", "profiles", NULL);
}

void
pgm_stored_profile_free (PgmStoredProfile *self)
{
  g_free (self->path);
  g_free (self->title);
  g_clear_pointer (&self->profile, pgm_profile_unref);
  g_free (self->fault);
  g_free (self);
}

/* Returns: (transfer full): the file's name without its end, as UTF-8 */
static char *
dup_stem (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *shown = g_filename_display_name (name);

  return g_strndup (shown, strlen (shown) - strlen (SUFFIX));
}

/* @path: (transfer full) */
static PgmStoredProfile *
stored_profile_new (char *path)
{
  g_autoptr(GError) error = NULL;
  PgmStoredProfile *self = g_new0 (PgmStoredProfile, 1);

  self->path = path;
  self->profile = pgm_profile_load (path, &error);
  if (self->profile != NULL)
    self->title = g_strdup (pgm_profile_get_title (self->profile));
  else
    {
      self->title = dup_stem (path);
      self->fault = g_strdup (error->message);
    }
  return self;
}

static int
compare_titles (gconstpointer a, gconstpointer b)
{
  const PgmStoredProfile *first = *(PgmStoredProfile *const *) a;
  const PgmStoredProfile *second = *(PgmStoredProfile *const *) b;
  int order = g_utf8_collate (first->title, second->title);

  return order != 0 ? order : strcmp (first->path, second->path);
}

/* Returns: (transfer full): PgmStoredProfile, by title; empty when nothing was ever saved. A
 * file with faults is in it, and says which. */
GPtrArray *
pgm_profile_store_list (GError **error)
{
  g_autoptr(GPtrArray) list =
                 g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_stored_profile_free);
  g_autofree char *folder = pgm_profile_store_dup_folder ();
  g_autoptr(GError) local = NULL;
  g_autoptr(GDir) dir = g_dir_open (folder, 0, &local);
  const char *name = NULL;

  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&list);
  if (dir == NULL)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_FAILED,
                   _("could not list the profiles: %s"), local->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, SUFFIX) && name[0] != '.')
      g_ptr_array_add (list, stored_profile_new (g_build_filename (folder, name, NULL)));
  g_ptr_array_sort (list, compare_titles);
  return g_steal_pointer (&list);
}

/* Returns: (transfer none) (nullable): the one that @name is the title of
 * @other: (out): a second one, if there is */
static PgmStoredProfile *
find_by_title (GPtrArray *list, const char *name, PgmStoredProfile **other)
{
  PgmStoredProfile *found = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      PgmStoredProfile *stored = list->pdata[i];

      if (stored->profile == NULL || !g_str_equal (stored->title, name))
        continue;
      if (found != NULL)
        *other = stored;
      else
        found = stored;
    }
  return found;
}

static PgmStoredProfile *
find_by_file (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    {
      PgmStoredProfile *stored = list->pdata[i];
      g_autofree char *stem = dup_stem (stored->path);

      if (g_str_equal (stem, name))
        return stored;
    }
  return NULL;
}

static void
set_ambiguous (GError **error, const char *name, PgmStoredProfile *a, PgmStoredProfile *b)
{
  g_autofree char *shown = pgm_text_escape (name);
  g_autofree char *first = pgm_text_escape (a->path);
  g_autofree char *second = pgm_text_escape (b->path);

  g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
               _("more than one profile is called \"%s\": \"%s\" and \"%s\""), shown, first,
                  second);
}

static void
set_not_found (GError **error, const char *name, GPtrArray *list)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *shown = pgm_text_escape (name);
  g_autofree char *meant = NULL;
  const char *nearest = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      PgmStoredProfile *stored = list->pdata[i];

      g_ptr_array_add (names, g_strdup (stored->title));
      g_ptr_array_add (names, dup_stem (stored->path));
    }
  g_ptr_array_add (names, NULL);
  nearest = pgm_text_find_nearest (name, (const char *const *) names->pdata);
  meant = nearest != NULL ? pgm_text_escape (nearest) : NULL;
  if (meant != NULL)
    g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
                 _("no profile is called \"%s\"; did you mean \"%s\"?"), shown, meant);
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG, _("no profile is called \"%s\""), shown);
}

/* @name: a title, or the name of a file in the folder without ".json"
 *
 * Returns: (transfer full): the profile, or NULL with a PGM_ERROR_CONFIG */
PgmProfile *
pgm_profile_store_load (const char *name, GError **error)
{
  g_autoptr(GPtrArray) list = pgm_profile_store_list (error);
  PgmStoredProfile *other = NULL;
  PgmStoredProfile *found = NULL;

  if (list == NULL)
    return NULL;
  found = find_by_title (list, name, &other);
  if (other != NULL)
    {
      set_ambiguous (error, name, found, other);
      return NULL;
    }
  if (found == NULL)
    found = find_by_file (list, name);
  if (found == NULL)
    {
      set_not_found (error, name, list);
      return NULL;
    }
  if (found->profile != NULL)
    return pgm_profile_ref (found->profile);
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_CONFIG, found->fault);
  return NULL;
}
