/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile.h"

#include "pgm-error.h"
#include "pgm-json-parse.h"
#include "pgm-json-write.h"
#include "pgm-profile-file.h"
#include "pgm-profile-schema.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PgmProfile
{
  char *path; /* (nullable): a profile that has no file yet */
  char *title;
  gboolean is_exposed; /* others than the owner can read or write the file */
  JsonNode *document;
  PgmProfileParts parts;
  char **warnings;
};

G_DEFINE_BOXED_TYPE (PgmProfile, pgm_profile, pgm_profile_ref, pgm_profile_unref)

static void
profile_clear (gpointer data)
{
  PgmProfile *self = data;

  g_free (self->path);
  g_free (self->title);
  g_clear_pointer (&self->document, json_node_unref);
  pgm_profile_parts_clear (&self->parts);
  g_strfreev (self->warnings);
}

PgmProfile *
pgm_profile_ref (PgmProfile *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_profile_unref (PgmProfile *self)
{
  g_atomic_rc_box_release_full (self, profile_clear);
}

/* Returns: (transfer full): how messages call the file at @path (nullable) */
static char *
dup_label (const char *path)
{
  return path != NULL ? pgm_text_escape (path) : g_strdup (_("profile"));
}

static char *
dup_title (const PgmProfileParts *parts)
{
  if (parts->name != NULL)
    return g_strdup (parts->name);
  return g_strdup_printf ("%s: %s → %s", parts->source->database, parts->source->host,
                          parts->target->host);
}

static gboolean
has_password (const PgmProfileParts *parts)
{
  return !pgm_secret_is_empty (parts->source->password) ||
         !pgm_secret_is_empty (parts->target->password);
}

static void
add_exposed_warning (PgmProfile *self, const char *label)
{
  g_autoptr(GStrvBuilder) all = g_strv_builder_new ();
  g_autofree char *text = g_strdup_printf (_("%s: other users can read or change this file, and it holds a password (chmod 600)"), label);

  g_strv_builder_add (all, text);
  g_strv_builder_addv (all, (const char **) self->warnings);
  g_strfreev (self->warnings);
  self->warnings = g_strv_builder_end (all);
}

/* @document: (transfer full) */
static PgmProfile *
profile_new (JsonNode *document, const char *path, gboolean is_exposed, GError **error)
{
  g_autoptr(PgmProfile) self = g_atomic_rc_box_new0 (PgmProfile);
  g_autofree char *label = dup_label (path);
  g_autofree char *folder = pgm_profile_file_dup_folder (path);

  self->path = g_strdup (path);
  self->document = document;
  self->is_exposed = is_exposed;
  if (!pgm_profile_schema_read (document, label, folder, &self->parts, &self->warnings, error))
    return NULL;
  self->title = dup_title (&self->parts);
  if (is_exposed && has_password (&self->parts))
    add_exposed_warning (self, label);
  return g_steal_pointer (&self);
}

/* @data: @length bytes, or up to its NUL when @length is -1
 * @path: (nullable): where @data is from; read by nobody, but relative paths start in its folder
 *
 * Returns: (transfer full): the profile, or NULL with a PGM_ERROR_CONFIG that has one line for
 * each fault */
PgmProfile *
pgm_profile_parse (const char *data, gssize length, const char *path, GError **error)
{
  g_autofree char *label = dup_label (path);
  JsonNode *document = pgm_json_parse (data, length, label, error);

  return document != NULL ? profile_new (document, path, FALSE, error) : NULL;
}

PgmProfile *
pgm_profile_load (const char *path, GError **error)
{
  g_autofree char *label = dup_label (path);
  gboolean is_exposed = FALSE;
  JsonNode *document = NULL;
  gsize length = 0;
  char *data = pgm_profile_file_read (path, &length, &is_exposed, error);

  if (data == NULL)
    return NULL;
  document = pgm_json_parse (data, length, label, error);
  pgm_secret_wipe (data, length);
  g_free (data);
  return document != NULL ? profile_new (document, path, is_exposed, error) : NULL;
}

/* json_node_copy() shares what is below the node. */
static JsonNode *
dup_document (PgmProfile *self, GError **error)
{
  char *text = pgm_json_write (self->document);
  JsonNode *copy = pgm_json_parse (text, -1, "", error);

  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  return copy;
}

/* Returns: (transfer none): the section @name of @root, which is made when it is not there */
static JsonObject *
ensure_section (JsonObject *root, const char *name)
{
  if (!json_object_has_member (root, name))
    json_object_set_object_member (root, name, json_object_new ());
  return json_object_get_object_member (root, name);
}

/* A copy with one key changed, checked like a file.
 * @key: "name", "source.password", "options.parallel_jobs"
 * @value: (transfer full) (nullable): NULL removes the key */
PgmProfile *
pgm_profile_new_with_member (PgmProfile *self, const char *key, JsonNode *value, GError **error)
{
  g_autoptr(JsonNode) owned = value;
  g_auto(GStrv) parts = g_strsplit (key, ".", 2);
  JsonNode *document = dup_document (self, error);
  JsonObject *object = NULL;
  const char *name = NULL;

  if (document == NULL)
    return NULL;
  object = json_node_get_object (document);
  if (parts[1] != NULL)
    object = ensure_section (object, parts[0]);
  name = parts[1] != NULL ? parts[1] : parts[0];
  if (owned != NULL)
    json_object_set_member (object, name, g_steal_pointer (&owned));
  else if (json_object_has_member (object, name))
    json_object_remove_member (object, name);
  return profile_new (document, self->path, self->is_exposed, error);
}

/* Writes the whole document, keys that this version does not know included.
 * @path: (nullable): NULL is where it was loaded from. In another folder relative paths would
 *   mean other files, so they are written from the root. */
gboolean
pgm_profile_save (PgmProfile *self, const char *path, GError **error)
{
  const char *goal = path != NULL ? path : self->path;
  g_autofree char *old_folder = pgm_profile_file_dup_folder (self->path);
  g_autofree char *new_folder = pgm_profile_file_dup_folder (goal);
  g_autoptr(JsonNode) document = dup_document (self, error);
  gboolean is_saved = FALSE;
  char *text = NULL;

  g_return_val_if_fail (goal != NULL, FALSE);

  if (document == NULL)
    return FALSE;
  if (!g_str_equal (old_folder, new_folder))
    pgm_profile_schema_make_absolute (document, old_folder);
  text = pgm_json_write (document);
  is_saved = pgm_profile_file_write (goal, text, error);
  pgm_secret_wipe (text, strlen (text));
  g_free (text);
  return is_saved;
}

/* Returns: (transfer none) (nullable): as it was given */
const char *
pgm_profile_get_path (PgmProfile *self)
{
  return self->path;
}

/* Returns: (transfer none): never NULL; not escaped */
const char *
pgm_profile_get_title (PgmProfile *self)
{
  return self->title;
}

PgmEndpoint *
pgm_profile_get_source (PgmProfile *self)
{
  return self->parts.source;
}

PgmEndpoint *
pgm_profile_get_target (PgmProfile *self)
{
  return self->parts.target;
}

PgmOptions *
pgm_profile_get_options (PgmProfile *self)
{
  return self->parts.options;
}

/* Returns: (transfer none): never NULL, one line each */
const char *const *
pgm_profile_get_warnings (PgmProfile *self)
{
  return (const char *const *) self->warnings;
}
