/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Folders of temporary files on this machine, in the words of recovering. */

#include "pgm-recover-look.h"

#include "pgm-run-folder-find.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>

static void
add_folder (GPtrArray *list, const PgmFoundFolder *found)
{
  PgmLeftover *self = pgm_leftover_new (PGM_LEFTOVER_FOLDER, found->path);

  self->run = g_strdup (found->run);
  self->host = g_strdup (found->host);
  self->started_us = found->started_us;
  self->size_bytes = (gint64) found->size_bytes;
  switch (found->state)
    {
    case PGM_FOLDER_ALIVE:
      self->state = PGM_LEFTOVER_IN_USE;
      self->message = g_strdup (_("folder of a run that is at work"));
      break;
    case PGM_FOLDER_DEAD:
      self->remedy = PGM_REMEDY_REMOVE;
      self->message = g_strdup (_("data of the source, from a run that is over"));
      break;
    case PGM_FOLDER_FOREIGN:
      self->message = g_strdup_printf (_("data of the source, from a run on \"%s\""), found->host);
      self->hint = g_strdup (_("run recover there, or remove it by hand if that run is over"));
      break;
    case PGM_FOLDER_UNKNOWN:
    default:
      self->message = g_strdup (_("named like a run's folder, and nothing proves that it is one"));
      self->hint = g_strdup (_("look into it, and remove it by hand if it is not needed"));
    }
  g_ptr_array_add (list, self);
}

static gboolean
is_same_folder (const char *a, const char *b)
{
  g_autofree char *first = g_canonicalize_filename (a, NULL);
  g_autofree char *second = g_canonicalize_filename (b, NULL);
  struct stat info[2];

  if (g_str_equal (first, second))
    return TRUE;
  return stat (first, &info[0]) == 0 && stat (second, &info[1]) == 0 && info[0].st_ino != 0 &&
         info[0].st_ino == info[1].st_ino && info[0].st_dev == info[1].st_dev;
}

static gboolean
add_folders_in (GPtrArray *list, const char *parent, GError **error)
{
  g_autoptr(GPtrArray) found = pgm_run_folder_find_sync (parent, error);

  for (guint i = 0; found != NULL && i < found->len; i++)
    add_folder (list, found->pdata[i]);
  return found != NULL;
}

/* Looks into the system's folder for temporary files and into @temp_dir.
 *
 * @temp_dir: (nullable): of a profile
 *
 * Returns: (transfer full) (element-type PgmLeftover) */
GPtrArray *
pgm_recover_look_at_folders_sync (const char *temp_dir, GError **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_leftover_free);

  if (!add_folders_in (list, g_get_tmp_dir (), error))
    return NULL;
  if (temp_dir != NULL && !is_same_folder (temp_dir, g_get_tmp_dir ()) &&
      !add_folders_in (list, temp_dir, error))
    return NULL;
  return g_steal_pointer (&list);
}

/* Returns: (transfer full): set of the ids of runs that hold a folder on this machine; a parent
 * that cannot be read says nothing */
GHashTable *
pgm_recover_find_local_runs (const char *temp_dir)
{
  GHashTable *runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) folders = pgm_recover_look_at_folders_sync (temp_dir, NULL);

  for (guint i = 0; folders != NULL && i < folders->len; i++)
    {
      const PgmLeftover *folder = folders->pdata[i];

      if (folder->state == PGM_LEFTOVER_IN_USE)
        g_hash_table_add (runs, g_strdup (folder->run));
    }
  return runs;
}
