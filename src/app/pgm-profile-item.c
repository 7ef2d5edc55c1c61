/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Saving: the first edit makes the item dirty and starts a timer; the timer writes in a worker
 * thread. One write at a time, so that an older text never comes after a newer one. */

#include "config.h"

#include "pgm-profile-item.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-profile-names.h"
#include "pgm-text.h"
#include "pgm-words.h"

#define SAVE_DELAY_MS 500

struct _PgmProfileItem
{
  GObject parent_instance;

  /* owned */
  PgmProfileFile *file;
  PgmPasswordMemory *passwords;
  PgmProfileFile *theirs; /* (nullable): what came from outside and waits for an answer */
  char *writing;          /* (nullable): checksum of what is being written */
  char *title;
  char *sort_key; /* of the title */
  char *route;
  char *outcome;      /* (nullable) */
  char *outcome_icon; /* (nullable) */

  guint save_id;
  gboolean is_new;
  gboolean is_dirty;
  gboolean is_forgotten; /* deleted: nothing is written any more */
};

enum
{
  PROP_TITLE = 1,
  PROP_ROUTE,
  PROP_PATH,
  PROP_FAULT,
  PROP_OUTCOME,
  PROP_OUTCOME_ICON,
  N_PROPS,
};

enum
{
  CHANGED,
  SAVE_FAILED,
  CONFLICT,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PgmProfileItem, pgm_profile_item, G_TYPE_OBJECT)

static const char *
get_or (const char *text, const char *fallback)
{
  return text[0] != '\0' ? text : fallback;
}

static char *
dup_route (PgmProfileDraft *draft)
{
  g_autofree char *database = pgm_profile_draft_dup_text (draft, "source.database");
  g_autofree char *source = pgm_profile_draft_dup_text (draft, "source.host");
  g_autofree char *target = pgm_profile_draft_dup_text (draft, "target.host");

  if (database[0] == '\0' && source[0] == '\0' && target[0] == '\0')
    return g_strdup (_("Not filled in yet"));
  return pgm_words_route (get_or (database, _("no database")), get_or (source, "?"),
                                  get_or (target, "?"));
}

static char *
dup_title (PgmProfileItem *self)
{
  g_autofree char *stem = pgm_profile_names_dup_stem (self->file->path);
  g_autofree char *name = self->file->draft != NULL
                              ? pgm_profile_draft_dup_text (self->file->draft, "name")
                              : g_strdup ("");

  return name[0] != '\0' ? pgm_text_escape (name) : g_steal_pointer (&stem);
}

/* @value: (transfer full) */
static void
take_string (PgmProfileItem *self, char **field, char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    {
      g_free (value);
      return;
    }
  g_free (*field);
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
update_words (PgmProfileItem *self)
{
  PgmProfileDraft *draft = self->file->draft;
  g_autofree char *title = dup_title (self);
  g_autofree char *folded = g_utf8_casefold (title, -1);

  g_free (self->sort_key); /* before anybody is told of the title */
  self->sort_key = g_utf8_collate_key (folded, -1);
  take_string (self, &self->title, g_steal_pointer (&title), PROP_TITLE);
  take_string (self, &self->route,
               draft != NULL ? dup_route (draft) : g_strdup (_("Cannot be read")), PROP_ROUTE);
}

static gboolean
save_timeout_cb (gpointer user_data)
{
  PgmProfileItem *self = user_data;

  self->save_id = 0;
  pgm_profile_item_save_now (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_save (PgmProfileItem *self)
{
  self->is_dirty = TRUE;
  if (self->save_id == 0) /* who types on and on must not lose it all */
    self->save_id = g_timeout_add (SAVE_DELAY_MS, save_timeout_cb, self);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(PgmProfileItem) self = user_data;
  g_autoptr(GError) error = NULL;
  GApplication *application = g_application_get_default ();

  if (application != NULL)
    g_application_release (application);
  if (pgm_profile_io_write_finish (result, &error))
    {
      g_free (self->file->checksum);
      self->file->checksum = g_steal_pointer (&self->writing);
    }
  g_clear_pointer (&self->writing, g_free);
  if (error != NULL)
    {
      self->is_dirty = TRUE;
      g_signal_emit (self, signals[SAVE_FAILED], 0, error);
      return;
    }
  if (self->is_dirty && self->save_id == 0)
    pgm_profile_item_save_now (self);
}

/* Writes what is not saved yet, without waiting for the timer or for the disk. The program does
 * not end before it is written. */
void
pgm_profile_item_save_now (PgmProfileItem *self)
{
  GApplication *application = g_application_get_default ();
  char *text = NULL;

  g_clear_handle_id (&self->save_id, g_source_remove);
  if (!self->is_dirty || self->writing != NULL || self->theirs != NULL || self->is_forgotten)
    return;
  self->is_dirty = FALSE;
  text = pgm_profile_draft_write (self->file->draft);
  self->writing = pgm_profile_io_dup_checksum (text);
  if (application != NULL)
    g_application_hold (application);
  pgm_profile_io_write_async (self->file->path, text, written_cb, g_object_ref (self));
}

/* Whether it was made in this session: the form may still propose things. */
gboolean
pgm_profile_item_is_new (PgmProfileItem *self)
{
  return self->is_new;
}

/* Whether closing now would lose something. */
gboolean
pgm_profile_item_is_dirty (PgmProfileItem *self)
{
  return !self->is_forgotten && (self->is_dirty || self->writing != NULL);
}

/* The profile is deleted: a late save must not bring it back. */
void
pgm_profile_item_forget (PgmProfileItem *self)
{
  self->is_forgotten = TRUE;
  pgm_password_memory_forget (self->passwords);
  g_clear_handle_id (&self->save_id, g_source_remove);
}

/* The deletion was undone: what was not saved then is saved now. */
void
pgm_profile_item_remember (PgmProfileItem *self)
{
  self->is_forgotten = FALSE;
  if (self->is_dirty)
    schedule_save (self);
}

/* Returns: (transfer full): the document for a file in another folder; to be wiped */
char *
pgm_profile_item_write_portable (PgmProfileItem *self)
{
  char *text = pgm_profile_draft_write (self->file->draft);
  g_autoptr(PgmProfileDraft) copy = pgm_profile_draft_parse (text, -1, self->file->path, NULL);

  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  pgm_profile_draft_make_absolute (copy);
  return pgm_profile_draft_write (copy);
}

/* Saves a profile that has no file yet. */
void
pgm_profile_item_touch (PgmProfileItem *self)
{
  self->is_new = TRUE;
  schedule_save (self);
}

static void
set_file (PgmProfileItem *self, PgmProfileFile *file)
{
  g_clear_pointer (&self->file, pgm_profile_file_free);
  self->file = file;
  self->is_dirty = FALSE;
  g_clear_handle_id (&self->save_id, g_source_remove);
  pgm_password_memory_follow (self->passwords, file->draft);
  update_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FAULT]);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* What the folder's watch found. @file: (transfer full) */
void
pgm_profile_item_take_file (PgmProfileItem *self, PgmProfileFile *file)
{
  gboolean is_ours = g_strcmp0 (file->checksum, self->file->checksum) == 0 ||
                     g_strcmp0 (file->checksum, self->writing) == 0;

  if ((is_ours && file->checksum != NULL) || self->is_forgotten)
    {
      pgm_profile_file_free (file);
      return;
    }
  if (!pgm_profile_item_is_dirty (self))
    {
      set_file (self, file);
      return;
    }
  g_clear_pointer (&self->theirs, pgm_profile_file_free);
  self->theirs = file;
  g_clear_handle_id (&self->save_id, g_source_remove);
  g_signal_emit (self, signals[CONFLICT], 0);
}

/* The answer to "conflict" that drops the edits. They may be in the file by now: a write that
 * was on when the other one came. */
void
pgm_profile_item_take_theirs (PgmProfileItem *self)
{
  if (self->theirs == NULL)
    return;
  set_file (self, g_steal_pointer (&self->theirs));
  if (self->file->draft != NULL)
    schedule_save (self);
}

/* The answer to "conflict" that keeps the edits. */
void
pgm_profile_item_keep_mine (PgmProfileItem *self)
{
  g_clear_pointer (&self->theirs, pgm_profile_file_free);
  self->is_dirty = TRUE;
  pgm_profile_item_save_now (self);
}

static void
changed (PgmProfileItem *self, gboolean is_changed)
{
  if (!is_changed)
    return;
  schedule_save (self);
  pgm_password_memory_follow (self->passwords, self->file->draft);
  update_words (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* @text: (nullable): NULL removes the key */
void
pgm_profile_item_set_text (PgmProfileItem *self, const char *key, const char *text)
{
  changed (self, pgm_profile_draft_set_text (self->file->draft, key, text));
}

void
pgm_profile_item_set_integer (PgmProfileItem *self, const char *key, gint64 number)
{
  changed (self, pgm_profile_draft_set (self->file->draft, key,
                                        json_node_init_int (json_node_alloc (), number)));
}

void
pgm_profile_item_set_boolean (PgmProfileItem *self, const char *key, gboolean value)
{
  changed (self, pgm_profile_draft_set (self->file->draft, key,
                                        json_node_init_boolean (json_node_alloc (), value)));
}

void
pgm_profile_item_set_texts (PgmProfileItem *self, const char *key, const char *const *texts)
{
  changed (self, pgm_profile_draft_set_texts (self->file->draft, key, texts));
}

void
pgm_profile_item_swap_servers (PgmProfileItem *self)
{
  pgm_profile_draft_swap_servers (self->file->draft);
  pgm_password_memory_swap (self->passwords);
  changed (self, TRUE);
}

/* @outcome: (nullable): a few words for a list; @icon: (nullable) */
void
pgm_profile_item_set_outcome (PgmProfileItem *self, const char *outcome, const char *icon)
{
  take_string (self, &self->outcome, g_strdup (outcome), PROP_OUTCOME);
  take_string (self, &self->outcome_icon, g_strdup (icon), PROP_OUTCOME_ICON);
}

static void
pgm_profile_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PgmProfileItem *self = PGM_PROFILE_ITEM (object);
  const char *const strings[] = {
    [PROP_TITLE] = self->title,     [PROP_ROUTE] = self->route,
    [PROP_PATH] = self->file->path, [PROP_FAULT] = self->file->fault,
    [PROP_OUTCOME] = self->outcome, [PROP_OUTCOME_ICON] = self->outcome_icon,
  };

  if (id < N_PROPS)
    g_value_set_string (value, strings[id]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pgm_profile_item_finalize (GObject *object)
{
  PgmProfileItem *self = PGM_PROFILE_ITEM (object);

  g_clear_handle_id (&self->save_id, g_source_remove);
  g_clear_object (&self->passwords);
  g_clear_pointer (&self->file, pgm_profile_file_free);
  g_clear_pointer (&self->theirs, pgm_profile_file_free);
  g_free (self->title);
  g_free (self->sort_key);
  g_free (self->route);
  g_free (self->outcome);
  g_free (self->outcome_icon);
  G_OBJECT_CLASS (pgm_profile_item_parent_class)->finalize (object);
}

static void
pgm_profile_item_class_init (PgmProfileItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[] = { NULL,    "title",   "route",       "path",
                                       "fault", "outcome", "outcome-icon" };

  object_class->get_property = pgm_profile_item_get_property;
  object_class->finalize = pgm_profile_item_finalize;
  for (guint i = 1; i < N_PROPS; i++)
    properties[i] =
        g_param_spec_string (names[i], NULL, NULL, NULL,
                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGED] = g_signal_new ("changed", PGM_TYPE_PROFILE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[SAVE_FAILED] = g_signal_new ("save-failed", PGM_TYPE_PROFILE_ITEM, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[CONFLICT] = g_signal_new ("conflict", PGM_TYPE_PROFILE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
pgm_profile_item_init (PgmProfileItem *self)
{
  self->passwords = pgm_password_memory_new ();
}

/* @file: (transfer full) */
PgmProfileItem *
pgm_profile_item_new (PgmProfileFile *file)
{
  PgmProfileItem *self = g_object_new (PGM_TYPE_PROFILE_ITEM, NULL);

  self->file = file;
  update_words (self);
  return self;
}

const char *
pgm_profile_item_get_title (PgmProfileItem *self)
{
  return self->title;
}

/* Returns: as strcmp(): by title, as the user's language sorts; capitals make no difference */
int
pgm_profile_item_compare (PgmProfileItem *self, PgmProfileItem *other)
{
  int order = strcmp (self->sort_key, other->sort_key);

  return order != 0 ? order : strcmp (self->file->path, other->file->path);
}

const char *
pgm_profile_item_get_path (PgmProfileItem *self)
{
  return self->file->path;
}

/* Returns: (transfer none) (nullable): why the file cannot be shown as a form */
const char *
pgm_profile_item_get_fault (PgmProfileItem *self)
{
  return self->file->fault;
}

/* Returns: (transfer none) (nullable): NULL where the file has no readable document */
PgmProfileDraft *
pgm_profile_item_get_draft (PgmProfileItem *self)
{
  return self->file->draft;
}

/* Returns: (transfer none): those that are asked for each time */
PgmPasswordMemory *
pgm_profile_item_get_passwords (PgmProfileItem *self)
{
  return self->passwords;
}
