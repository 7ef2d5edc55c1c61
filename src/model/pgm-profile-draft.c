/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile-draft.h"

#include "pgm-error.h"
#include "pgm-json-parse.h"
#include "pgm-json-write.h"
#include "pgm-profile-file.h"
#include "pgm-profile-schema.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PgmProfileDraft
{
  char *path;         /* (nullable) */
  char *folder;       /* absolute; where relative paths start */
  JsonNode *document; /* an object */
  GPtrArray *faults;  /* PgmProfileFault */
  PgmProfileParts parts;
};

static void
check (PgmProfileDraft *self)
{
  pgm_profile_parts_clear (&self->parts);
  g_clear_pointer (&self->faults, g_ptr_array_unref);
  self->faults = pgm_profile_schema_list_faults (self->document, self->folder, &self->parts);
}

/* @document: (transfer full): an object
 * @path: (nullable) */
static PgmProfileDraft *
draft_new (JsonNode *document, const char *path)
{
  PgmProfileDraft *self = g_new0 (PgmProfileDraft, 1);

  self->path = g_strdup (path);
  self->folder = pgm_profile_file_dup_folder (path);
  self->document = document;
  check (self);
  return self;
}

PgmProfileDraft *
pgm_profile_draft_new (void)
{
  JsonNode *document = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (document, json_object_new ());
  return draft_new (document, NULL);
}

/* @path: (nullable): where @data is from; read by nobody, but relative paths start in its folder
 *
 * Returns: (transfer full): a draft, faults and all; or NULL with a PGM_ERROR_CONFIG when @data
 * is not a JSON object */
PgmProfileDraft *
pgm_profile_draft_parse (const char *data, gssize length, const char *path, GError **error)
{
  g_autofree char *label = path != NULL ? g_path_get_basename (path) : g_strdup (_("profile"));
  JsonNode *document = pgm_json_parse (data, length, label, error);

  if (document == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (document))
    return draft_new (document, path);
  json_node_unref (document);
  g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG, _("%s: expected an object"), label);
  return NULL;
}

void
pgm_profile_draft_free (PgmProfileDraft *self)
{
  g_free (self->path);
  g_free (self->folder);
  json_node_unref (self->document);
  g_ptr_array_unref (self->faults);
  pgm_profile_parts_clear (&self->parts);
  g_free (self);
}

/* Where it will be saved; relative paths in it start there from now on. */
void
pgm_profile_draft_set_path (PgmProfileDraft *self, const char *path)
{
  g_free (self->path);
  g_free (self->folder);
  self->path = g_strdup (path);
  self->folder = pgm_profile_file_dup_folder (path);
  check (self);
}

/* Returns: (transfer none) (nullable): the object that @key is in, @ret_name its name there */
static JsonObject *
find_object (PgmProfileDraft *self, const char *key, const char **ret_name)
{
  const char *dot = strchr (key, '.');
  JsonObject *root = json_node_get_object (self->document);
  g_autofree char *section = NULL;
  JsonNode *node = NULL;

  *ret_name = dot != NULL ? dot + 1 : key;
  if (dot == NULL)
    return root;
  section = g_strndup (key, dot - key);
  node = json_object_get_member (root, section);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Returns: (transfer none) (nullable) */
static JsonNode *
find_value (PgmProfileDraft *self, const char *key)
{
  const char *name = NULL;
  JsonObject *object = find_object (self, key, &name);

  return object != NULL ? json_object_get_member (object, name) : NULL;
}

/* Returns: (transfer none): where the default of @key is kept, with @ret_row its row */
static gconstpointer
find_default (const char *key, PgmProfileParts *parts, const PgmProfileKey **ret_row)
{
  guint8 *section = NULL;

  *ret_row = pgm_profile_schema_find (key);
  g_return_val_if_fail (*ret_row != NULL, NULL);

  if (g_str_has_prefix (key, "options."))
    section = (guint8 *) parts->options;
  else
    section = (guint8 *) (g_str_has_prefix (key, "source.") ? parts->source : parts->target);
  return section + (*ret_row)->offset;
}

gboolean
pgm_profile_draft_has (PgmProfileDraft *self, const char *key)
{
  return find_value (self, key) != NULL;
}

/* Returns: (transfer full): as it is in the document, a default where the key takes words, else
 * ""; a number in digits. The caller wipes a secret. */
char *
pgm_profile_draft_dup_text (PgmProfileDraft *self, const char *key)
{
  JsonNode *value = find_value (self, key);
  const PgmProfileKey *row = pgm_profile_schema_find (key);
  GType type = value != NULL && JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value)
                                                              : G_TYPE_INVALID;

  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value));
  if (value != NULL)
    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? g_strchomp (pgm_json_write (value))
                                                         : g_strdup ("");
  if (row != NULL && row->kind == PGM_KEY_ENUM)
    {
      g_autoptr(GEnumClass) klass = g_type_class_ref (row->enum_type ());
      g_auto(PgmProfileParts) defaults = { .options = pgm_options_new () };
      const guint *number = find_default (key, &defaults, &row);

      return g_strdup (g_enum_get_value (klass, *number)->value_nick);
    }
  return g_strdup ("");
}

/* Returns: the number, or the default where the document has none */
gint64
pgm_profile_draft_get_integer (PgmProfileDraft *self, const char *key)
{
  JsonNode *value = find_value (self, key);
  const PgmProfileKey *row = NULL;
  g_auto(PgmProfileParts) defaults = { NULL, pgm_endpoint_new (PGM_SIDE_SOURCE),
                                        pgm_endpoint_new (PGM_SIDE_TARGET), pgm_options_new () };

  if (value != NULL && JSON_NODE_HOLDS_VALUE (value) &&
      json_node_get_value_type (value) == G_TYPE_INT64)
    return json_node_get_int (value);
  return *(const guint *) find_default (key, &defaults, &row);
}

/* Returns: the value, or the default where the document has none */
gboolean
pgm_profile_draft_get_boolean (PgmProfileDraft *self, const char *key)
{
  JsonNode *value = find_value (self, key);
  const PgmProfileKey *row = NULL;
  g_auto(PgmProfileParts) defaults = { NULL, pgm_endpoint_new (PGM_SIDE_SOURCE),
                                        pgm_endpoint_new (PGM_SIDE_TARGET), pgm_options_new () };

  if (value != NULL && JSON_NODE_HOLDS_VALUE (value) &&
      json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (value);
  return *(const gboolean *) find_default (key, &defaults, &row);
}

/* Returns: (transfer full): what is text in the array; never NULL */
char **
pgm_profile_draft_dup_texts (PgmProfileDraft *self, const char *key)
{
  JsonNode *value = find_value (self, key);
  g_autoptr(GStrvBuilder) texts = g_strv_builder_new ();
  JsonArray *array =
      value != NULL && JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
        g_strv_builder_add (texts, json_node_get_string (element));
    }
  return g_strv_builder_end (texts);
}

static gboolean
is_same (JsonNode *a, JsonNode *b)
{
  return a == NULL || b == NULL ? a == b : json_node_equal (a, b);
}

/* Makes the object that @key is in where there is none. What is there and is no object stays:
 * nothing of the user's is overwritten unseen. */
static JsonObject *
ensure_object (PgmProfileDraft *self, const char *key, const char **ret_name)
{
  JsonObject *root = json_node_get_object (self->document);
  JsonObject *object = find_object (self, key, ret_name);
  g_autofree char *section = g_strndup (key, strcspn (key, "."));

  if (object != NULL || json_object_has_member (root, section))
    return object;
  json_object_set_object_member (root, section, json_object_new ());
  return json_object_get_object_member (root, section);
}

/* @value: (transfer full) (nullable): NULL removes the key
 *
 * Returns: whether that changed anything */
gboolean
pgm_profile_draft_set (PgmProfileDraft *self, const char *key, JsonNode *value)
{
  g_autoptr(JsonNode) owned = value;
  const char *name = NULL;
  JsonObject *object = NULL;

  if (is_same (find_value (self, key), owned))
    return FALSE;
  object = ensure_object (self, key, &name);
  if (object == NULL)
    return FALSE;
  if (owned != NULL)
    json_object_set_member (object, name, g_steal_pointer (&owned));
  else
    json_object_remove_member (object, name);
  check (self);
  return TRUE;
}

/* @text: (nullable): NULL removes the key */
gboolean
pgm_profile_draft_set_text (PgmProfileDraft *self, const char *key, const char *text)
{
  return pgm_profile_draft_set (
      self, key, text != NULL ? json_node_init_string (json_node_alloc (), text) : NULL);
}

/* @texts: an empty array removes the key */
gboolean
pgm_profile_draft_set_texts (PgmProfileDraft *self, const char *key, const char *const *texts)
{
  g_autoptr(JsonArray) array = json_array_new ();

  if (texts[0] == NULL)
    return pgm_profile_draft_set (self, key, NULL);
  for (gsize i = 0; texts[i] != NULL; i++)
    json_array_add_string_element (array, texts[i]);
  return pgm_profile_draft_set (self, key, json_node_init_array (json_node_alloc (), array));
}

static void
take_section (JsonObject *root, const char *name, JsonNode *section)
{
  if (section != NULL)
    json_object_set_member (root, name, section);
  else if (json_object_has_member (root, name))
    json_object_remove_member (root, name);
}

/* The database's name stays with the source, and what may never be written to stays so too. */
void
pgm_profile_draft_swap_servers (PgmProfileDraft *self)
{
  JsonObject *root = json_node_get_object (self->document);
  JsonNode *database = find_value (self, "source.database");
  JsonNode *source = json_object_dup_member (root, "source");
  JsonNode *target = json_object_dup_member (root, "target");

  database = database != NULL ? json_node_copy (database) : NULL;
  take_section (root, "source", target);
  take_section (root, "target", source);
  if (pgm_profile_draft_has (self, "target.database"))
    pgm_profile_draft_set (self, "target.database", NULL);
  pgm_profile_draft_set (self, "source.database", database);
  check (self);
}

/* For a document that goes to another folder. One with faults stays as it is: what a path is
 * cannot be told. */
void
pgm_profile_draft_make_absolute (PgmProfileDraft *self)
{
  if (self->faults->len == 0)
    pgm_profile_schema_make_absolute (self->document, self->folder);
}

gboolean
pgm_profile_draft_is_faultless (PgmProfileDraft *self)
{
  return self->faults->len == 0;
}

static gboolean
is_about (const PgmProfileFault *fault, const char *key)
{
  gsize length = strlen (key);

  return strncmp (fault->key, key, length) == 0 &&
         (fault->key[length] == '\0' || fault->key[length] == '[');
}

/* Returns: (transfer none) (nullable): the first fault of @key or of an element of it */
const char *
pgm_profile_draft_get_fault (PgmProfileDraft *self, const char *key)
{
  for (guint i = 0; i < self->faults->len; i++)
    {
      const PgmProfileFault *fault = self->faults->pdata[i];

      if (is_about (fault, key))
        return fault->message;
    }
  return NULL;
}

static gboolean
has_connection_fault (PgmProfileDraft *self, const char *section)
{
  g_autofree char *prefix = g_strconcat (section, ".", NULL);
  g_autofree char *database = g_strconcat (section, ".database", NULL);

  for (guint i = 0; i < self->faults->len; i++)
    {
      const PgmProfileFault *fault = self->faults->pdata[i];

      if (g_str_equal (fault->key, section) ||
          (g_str_has_prefix (fault->key, prefix) && !g_str_equal (fault->key, database)))
        return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full) (nullable): a server that can be asked, its database "" where the
 * document has none; NULL as long as another key of it has a fault */
PgmEndpoint *
pgm_profile_draft_dup_endpoint (PgmProfileDraft *self, PgmSide side)
{
  g_auto(PgmProfileParts) parts = { NULL };
  g_autoptr(GPtrArray) faults = NULL;
  PgmEndpoint *endpoint = NULL;

  if (has_connection_fault (self, side == PGM_SIDE_SOURCE ? "source" : "target"))
    return NULL;
  faults = pgm_profile_schema_list_faults (self->document, self->folder, &parts);
  endpoint = side == PGM_SIDE_SOURCE ? parts.source : parts.target;
  if (endpoint->database == NULL)
    endpoint->database = g_strdup (parts.source->database != NULL ? parts.source->database : "");
  return pgm_endpoint_ref (endpoint);
}

/* Returns: (transfer none): what is without fault, defaults for the rest; until the next change */
PgmOptions *
pgm_profile_draft_get_options (PgmProfileDraft *self)
{
  return self->parts.options;
}

/* Returns: (transfer full): the whole document, to be wiped: it may hold passwords */
char *
pgm_profile_draft_write (PgmProfileDraft *self)
{
  return pgm_json_write (self->document);
}

/* Returns: (transfer full): a profile that can be run, or NULL with a PGM_ERROR_CONFIG */
PgmProfile *
pgm_profile_draft_build (PgmProfileDraft *self, GError **error)
{
  char *text = pgm_profile_draft_write (self);
  PgmProfile *profile = pgm_profile_parse (text, -1, self->path, error);

  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  return profile;
}

/* Returns: (transfer full): the words that @key takes and this version can honour; empty where
 * it takes something else */
char **
pgm_profile_draft_dup_words (const char *key)
{
  const PgmProfileKey *row = pgm_profile_schema_find (key);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr(GEnumClass) klass = NULL;

  if (row != NULL && row->kind == PGM_KEY_ENUM)
    klass = g_type_class_ref (row->enum_type ());
  for (guint i = 0; klass != NULL && i < klass->n_values; i++)
    if (row->not_yet == NULL || !g_strv_contains (row->not_yet, klass->values[i].value_nick))
      g_strv_builder_add (words, klass->values[i].value_nick);
  return g_strv_builder_end (words);
}

/* Whether this version can honour more than one value of the number @key. */
gboolean
pgm_profile_draft_can_choose (const char *key)
{
  const PgmProfileKey *row = pgm_profile_schema_find (key);

  return row != NULL && row->instead == NULL;
}
