/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include "pgm-profile-list.h"

#include <glib/gi18n-lib.h>

#include "pgm-profile-names.h"

struct _PgmProfileList
{
  GObject parent_instance;

  /* owned */
  char *folder;
  GListStore *items;
  GHashTable *removed;   /* paths that are not to come back by a late look at the folder */
  GFileMonitor *monitor; /* (nullable) */
  GCancellable *cancellable;

  gboolean is_loaded;
};

enum
{
  PROP_IS_LOADED = 1,
  N_PROPS,
};

enum
{
  FAILED,
  ADDED,
  CONFLICT,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static GType
list_get_item_type (GListModel *model)
{
  return PGM_TYPE_PROFILE_ITEM;
}

static guint
list_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (PGM_PROFILE_LIST (model)->items));
}

static gpointer
list_get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (PGM_PROFILE_LIST (model)->items), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = list_get_item_type;
  iface->get_n_items = list_get_n_items;
  iface->get_item = list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PgmProfileList,
                               pgm_profile_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
item_failed_cb (PgmProfileItem *item, GError *error, PgmProfileList *self)
{
  g_signal_emit (self, signals[FAILED], 0, error->message);
}

static void
item_conflict_cb (PgmProfileItem *item, PgmProfileList *self)
{
  g_signal_emit (self, signals[CONFLICT], 0, item);
}

static void
insert (PgmProfileList *self, PgmProfileItem *item)
{
  g_signal_connect_object (item, "save-failed", G_CALLBACK (item_failed_cb), self, 0);
  g_signal_connect_object (item, "conflict", G_CALLBACK (item_conflict_cb), self, 0);
  g_list_store_append (self->items, item);
}

/* Returns: (transfer none) (nullable) */
PgmProfileItem *
pgm_profile_list_find (PgmProfileList *self, const char *path)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (g_str_equal (pgm_profile_item_get_path (item), path))
        return item;
    }
  return NULL;
}

static void
take_out (PgmProfileList *self, PgmProfileItem *item)
{
  guint position = 0;

  if (g_list_store_find (self->items, item, &position))
    g_list_store_remove (self->items, position);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmProfileList) self = user_data;
  g_autoptr(PgmProfileFile) file = pgm_profile_io_read_finish (result, NULL);
  PgmProfileItem *item = pgm_profile_list_find (self, file->path);
  g_autoptr(PgmProfileItem) added = NULL;

  if (item != NULL)
    {
      pgm_profile_item_take_file (item, g_steal_pointer (&file));
      return;
    }
  if (file->checksum == NULL || g_hash_table_contains (self->removed, file->path))
    return; /* gone again */
  added = pgm_profile_item_new (g_steal_pointer (&file));
  insert (self, added);
}

static void
folder_changed_cb (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, PgmProfileList *self)
{
  GFile *at = event == G_FILE_MONITOR_EVENT_RENAMED ? other : file;
  g_autofree char *path = at != NULL ? g_file_get_path (at) : NULL;
  g_autofree char *name = at != NULL ? g_file_get_basename (at) : NULL;
  PgmProfileItem *item = path != NULL ? pgm_profile_list_find (self, path) : NULL;

  if (name == NULL || name[0] == '.' || !g_str_has_suffix (name, ".json"))
    return;
  if (event != G_FILE_MONITOR_EVENT_DELETED && event != G_FILE_MONITOR_EVENT_MOVED_OUT)
    pgm_profile_io_read_async (path, read_cb, g_object_ref (self));
  else if (item != NULL && !pgm_profile_item_is_dirty (item))
    take_out (self, item);
}

static void
watch (PgmProfileList *self)
{
  g_autoptr(GFile) folder = g_file_new_for_path (self->folder);

  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (folder_changed_cb), self, 0);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmProfileList) self = user_data;
  g_autoptr(GPtrArray) files = pgm_profile_io_list_finish (result, NULL);

  if (files == NULL)
    return; /* cancelled */
  for (guint i = 0; i < files->len; i++)
    {
      PgmProfileFile *file = g_ptr_array_index (files, i);
      g_autoptr(PgmProfileItem) item = NULL;

      if (pgm_profile_list_find (self, file->path) != NULL)
        continue;
      item = pgm_profile_item_new (file);
      files->pdata[i] = g_new0 (PgmProfileFile, 1);
      insert (self, item);
    }
  watch (self);
  self->is_loaded = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_LOADED]);
}

gboolean
pgm_profile_list_is_loaded (PgmProfileList *self)
{
  return self->is_loaded;
}

static gboolean
is_taken (const char *path, gpointer user_data)
{
  return pgm_profile_list_find (user_data, path) != NULL;
}

static gboolean
is_title_taken (const char *title, gpointer user_data)
{
  PgmProfileList *self = user_data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (g_str_equal (pgm_profile_item_get_title (item), title))
        return TRUE;
    }
  return FALSE;
}

/* @draft: (transfer full)
 *
 * Returns: (transfer none): saved soon, under a file name of its own that is like @title */
static PgmProfileItem *
add_draft (PgmProfileList *self, PgmProfileDraft *draft, const char *title)
{
  g_autofree char *own_title = pgm_profile_names_dup_title (title, is_title_taken, self);
  PgmProfileFile *file = g_new0 (PgmProfileFile, 1);
  g_autoptr(PgmProfileItem) item = NULL;

  file->draft = draft;
  file->path = pgm_profile_names_dup_path (self->folder, own_title, is_taken, self);
  pgm_profile_draft_set_path (draft, file->path);
  item = pgm_profile_item_new (file);
  pgm_profile_item_set_text (item, "name", own_title);
  pgm_profile_item_touch (item);
  insert (self, item);
  return item;
}

/* @password_from: (nullable): NULL keeps passwords in the profile
 *
 * Returns: (transfer none) */
PgmProfileItem *
pgm_profile_list_add_new (PgmProfileList *self, const char *password_from)
{
  static const char *const sections[] = { "source", "target" };
  PgmProfileDraft *draft = pgm_profile_draft_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      g_autofree char *key =
          g_strdup_printf ("%s.%s", sections[i], password_from ? "password_from" : "password");

      pgm_profile_draft_set_text (draft, key, password_from != NULL ? password_from : "");
    }
  return add_draft (self, draft, _("New Profile"));
}

/* @text: (transfer full): a whole document; wiped
 * @name: the title, where the document has none
 *
 * Returns: (transfer none) (nullable): NULL with an error when @text is no JSON object */
PgmProfileItem *
pgm_profile_list_add_text (PgmProfileList *self, char *text, const char *name, GError **error)
{
  PgmProfileDraft *draft = pgm_profile_draft_parse (text, -1, NULL, error);
  g_autofree char *title = NULL;

  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  if (draft == NULL)
    return NULL;
  title = pgm_profile_draft_dup_text (draft, "name");
  return add_draft (self, draft, title[0] != '\0' ? title : name);
}

PgmProfileItem *
pgm_profile_list_duplicate (PgmProfileList *self, PgmProfileItem *item)
{
  /* Translators: the title of a duplicated profile */
  g_autofree char *title = g_strdup_printf (_("%s (copy)"), pgm_profile_item_get_title (item));
  char *text = pgm_profile_draft_write (pgm_profile_item_get_draft (item));
  PgmProfileDraft *draft =
      pgm_profile_draft_parse (text, -1, pgm_profile_item_get_path (item), NULL);

  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  return add_draft (self, draft, title);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmProfileList) self = user_data;
  g_autoptr(PgmProfileFile) file = pgm_profile_io_read_finish (result, NULL);
  g_autofree char *stem = NULL;
  g_autofree char *title = NULL;
  PgmProfileDraft *draft = NULL;

  if (file->draft == NULL)
    {
      /* Translators: %s names the file and what is wrong with it */
      g_autofree char *text = g_strdup_printf (_("Could not import: %s"), file->fault);

      g_signal_emit (self, signals[FAILED], 0, text);
      return;
    }
  stem = pgm_profile_names_dup_stem (file->path);
  draft = g_steal_pointer (&file->draft);
  pgm_profile_draft_make_absolute (draft);
  title = pgm_profile_draft_dup_text (draft, "name");
  g_signal_emit (self, signals[ADDED], 0, add_draft (self, draft, title[0] != '\0' ? title : stem));
}

/* Copies the profile into the folder; "added" follows, or "failed". */
void
pgm_profile_list_import (PgmProfileList *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL)
    pgm_profile_io_read_async (path, imported_cb, g_object_ref (self));
  else
    g_signal_emit (self, signals[FAILED], 0, _("Only files of this computer can be imported"));
}

static char *
dup_deleted_path (PgmProfileItem *item)
{
  g_autofree char *folder = g_path_get_dirname (pgm_profile_item_get_path (item));
  g_autofree char *name = g_path_get_basename (pgm_profile_item_get_path (item));
  g_autofree char *hidden = g_strdup_printf (".%s.deleted", name);

  return g_build_filename (folder, hidden, NULL);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmProfileList) self = user_data;
  g_autoptr(GError) error = NULL;
  GApplication *application = g_application_get_default ();

  if (application != NULL)
    g_application_release (application);
  if (!pgm_profile_io_move_finish (result, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

/* The program does not end before it is done. @new_path: (nullable): NULL removes the file */
static void
move_file (PgmProfileList *self, const char *path, const char *new_path)
{
  GApplication *application = g_application_get_default ();

  if (application != NULL)
    g_application_hold (application);
  pgm_profile_io_move_async (path, new_path, moved_cb, g_object_ref (self));
}

/* Removes @item and its file for good. */
void
pgm_profile_list_discard (PgmProfileList *self, PgmProfileItem *item)
{
  pgm_profile_item_forget (item);
  g_hash_table_add (self->removed, g_strdup (pgm_profile_item_get_path (item)));
  take_out (self, item);
  move_file (self, pgm_profile_item_get_path (item), NULL);
}

/* Takes @item out of the list; its file is out of the way until undo or forget. */
void
pgm_profile_list_remove (PgmProfileList *self, PgmProfileItem *item)
{
  g_autofree char *deleted = dup_deleted_path (item);

  pgm_profile_item_forget (item);
  g_hash_table_add (self->removed, g_strdup (pgm_profile_item_get_path (item)));
  take_out (self, item);
  move_file (self, pgm_profile_item_get_path (item), deleted);
}

void
pgm_profile_list_undo_remove (PgmProfileList *self, PgmProfileItem *item)
{
  g_autofree char *deleted = dup_deleted_path (item);

  move_file (self, deleted, pgm_profile_item_get_path (item));
  pgm_profile_item_remember (item);
  g_hash_table_remove (self->removed, pgm_profile_item_get_path (item));
  g_list_store_append (self->items, item);
}

/* The undo is over: the file goes. */
void
pgm_profile_list_forget (PgmProfileList *self, PgmProfileItem *item)
{
  g_autofree char *deleted = dup_deleted_path (item);

  g_hash_table_remove (self->removed, pgm_profile_item_get_path (item));
  move_file (self, deleted, NULL);
}

gboolean
pgm_profile_list_is_dirty (PgmProfileList *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (pgm_profile_item_is_dirty (item))
        return TRUE;
    }
  return FALSE;
}

void
pgm_profile_list_save_now (PgmProfileList *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(PgmProfileItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      pgm_profile_item_save_now (item);
    }
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, GListModel *self)
{
  g_list_model_items_changed (self, position, removed, added);
}

static void
pgm_profile_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_IS_LOADED)
    g_value_set_boolean (value, PGM_PROFILE_LIST (object)->is_loaded);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_profile_list_dispose (GObject *object)
{
  PgmProfileList *self = PGM_PROFILE_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->monitor);
  G_OBJECT_CLASS (pgm_profile_list_parent_class)->dispose (object);
}

static void
pgm_profile_list_finalize (GObject *object)
{
  PgmProfileList *self = PGM_PROFILE_LIST (object);

  g_free (self->folder);
  g_object_unref (self->items);
  g_hash_table_unref (self->removed);
  G_OBJECT_CLASS (pgm_profile_list_parent_class)->finalize (object);
}

static void
pgm_profile_list_class_init (PgmProfileListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = pgm_profile_list_get_property;
  object_class->dispose = pgm_profile_list_dispose;
  object_class->finalize = pgm_profile_list_finalize;
  properties[PROP_IS_LOADED] =
      g_param_spec_boolean ("is-loaded", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[FAILED] = g_signal_new ("failed", PGM_TYPE_PROFILE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ADDED] = g_signal_new ("added", PGM_TYPE_PROFILE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, PGM_TYPE_PROFILE_ITEM);
  signals[CONFLICT] = g_signal_new ("conflict", PGM_TYPE_PROFILE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, PGM_TYPE_PROFILE_ITEM);
}

static void
pgm_profile_list_init (PgmProfileList *self)
{
  self->items = g_list_store_new (PGM_TYPE_PROFILE_ITEM);
  self->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (self->items, "items-changed", G_CALLBACK (items_changed_cb), self, 0);
}

/* Starts to read @folder; "is-loaded" tells when that is done. */
PgmProfileList *
pgm_profile_list_new (const char *folder)
{
  PgmProfileList *self = g_object_new (PGM_TYPE_PROFILE_LIST, NULL);

  self->folder = g_strdup (folder);
  pgm_profile_io_list_async (folder, self->cancellable, listed_cb, g_object_ref (self));
  return self;
}
