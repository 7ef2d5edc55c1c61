/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile-key.h"

#include "pgm-endpoint.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Returns: FALSE when @value is not what the row asks for; a more precise fault is added by the
 * reader itself, which then returns TRUE. */
typedef gboolean (*ReadFunc) (const PgmProfileKey *self,
                              const char *path,
                              JsonNode *value,
                              gpointer section,
                              PgmProfileCheck *check);

#define ENV_PREFIX "env:"
#define FILE_PREFIX "file:"

#define FIELD(type, self, section) (&G_STRUCT_MEMBER (type, (section), (self)->offset))

static gboolean
has_type (JsonNode *value, GType type)
{
  return JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == type;
}

/* Returns: (transfer none) (nullable): NULL when @value is no string. A string that another
 * part of the program made, from a command line for instance, need not be UTF-8. */
static const char *
get_text (JsonNode *value)
{
  const char *text = has_type (value, G_TYPE_STRING) ? json_node_get_string (value) : NULL;

  return text != NULL && g_utf8_validate (text, -1, NULL) ? text : NULL;
}

static gboolean
is_not_yet (const PgmProfileKey *self, const char *word)
{
  return self->not_yet != NULL && g_strv_contains (self->not_yet, word);
}

static void
refuse_not_yet (const PgmProfileKey *self,
                const char *path,
                const char *value,
                PgmProfileCheck *check)
{
  pgm_profile_check_fault (check, path,
                           _("%s is not available in this version, use %s"), value, self->instead);
}

/* Returns: (transfer full): `"a", "b" or "c"` of the words that this version can honour */
static char *
dup_enum_words (const PgmProfileKey *self)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (self->enum_type ());
  g_autoptr(GString) words = g_string_new (NULL);
  g_autofree char *last = NULL;

  for (guint i = 0; i < klass->n_values; i++)
    {
      const char *word = klass->values[i].value_nick;

      if (is_not_yet (self, word))
        continue;
      if (last != NULL)
        g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", last);
      g_free (last);
      last = g_strdup_printf ("\"%s\"", word);
    }
  if (words->len == 0)
    return g_steal_pointer (&last);
  return g_strdup_printf (_("%s or %s"), words->str, last);
}

/* Returns: (transfer full): what kind of value the key takes, in words */
char *
pgm_profile_key_dup_noun (const PgmProfileKey *self)
{
  switch (self->kind)
    {
    case PGM_KEY_INTEGER:
      return g_strdup_printf (_("an integer from %u to %u"), self->min, self->max);
    case PGM_KEY_BOOLEAN:
      return g_strdup (_("true or false"));
    case PGM_KEY_ENUM:
      return dup_enum_words (self);
    case PGM_KEY_TEXTS:
    case PGM_KEY_PATHS:
      return g_strdup (_("an array of strings"));
    case PGM_KEY_TEXT:
    case PGM_KEY_SECRET:
    case PGM_KEY_PATH:
    case PGM_KEY_PASSWORD_FROM:
    default:
      return g_strdup (_("a string"));
    }
}

/* What is wrong with a string is its form; what is wrong with anything else is its kind. */
static char *
dup_expected (const PgmProfileKey *self, gboolean is_text)
{
  if (is_text && self->form != NULL)
    return g_strdup (_(self->form));
  if (is_text && (self->kind == PGM_KEY_TEXT || self->kind == PGM_KEY_PATH))
    return g_strdup (_("a string that is not empty"));
  return pgm_profile_key_dup_noun (self);
}

static void
refuse_value (const PgmProfileKey *self, const char *path, JsonNode *value, PgmProfileCheck *check)
{
  gboolean is_text = get_text (value) != NULL;
  gboolean is_secret = self->kind == PGM_KEY_SECRET || self->kind == PGM_KEY_PASSWORD_FROM;
  g_autofree char *expected = dup_expected (self, is_text);
  g_autofree char *got = pgm_profile_check_describe (value, is_secret);

  pgm_profile_check_fault (check, path,
                           _("expected %s, got %s"), expected,
                              is_text && is_secret ? _("another string") : got);
}

static gboolean
is_valid_text (const PgmProfileKey *self, const char *text)
{
  if (text == NULL || text[0] == '\0')
    return FALSE;
  return self->is_valid == NULL || self->is_valid (text);
}

/* "~" is not a home directory here: only a shell makes it one. */
static char *
dup_absolute (const char *path, const char *folder)
{
  return g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (folder, path, NULL);
}

/* Returns: (transfer full): @text, where it is a path then from the root */
static char *
dup_field (const PgmProfileKey *self, const char *text, const char *folder)
{
  gboolean is_path = self->kind == PGM_KEY_PATH || self->kind == PGM_KEY_PATHS;

  if (is_path && g_strcmp0 (text, self->literal) != 0)
    return dup_absolute (text, folder);
  if (self->kind == PGM_KEY_PASSWORD_FROM && g_str_has_prefix (text, FILE_PREFIX))
    {
      g_autofree char *absolute = dup_absolute (text + strlen (FILE_PREFIX), folder);

      return g_strconcat (FILE_PREFIX, absolute, NULL);
    }
  return g_strdup (text);
}

static gboolean
read_text (const PgmProfileKey *self,
           const char *path,
           JsonNode *value,
           gpointer section,
           PgmProfileCheck *check)
{
  const char *text = get_text (value);

  if (!is_valid_text (self, text))
    return FALSE;
  g_free (*FIELD (char *, self, section));
  *FIELD (char *, self, section) = dup_field (self, text, check->folder);
  return TRUE;
}

static gboolean
read_secret (const PgmProfileKey *self,
             const char *path,
             JsonNode *value,
             gpointer section,
             PgmProfileCheck *check)
{
  const char *text = get_text (value);

  if (text == NULL)
    return FALSE;
  *FIELD (PgmSecret *, self, section) = pgm_secret_new (text);
  return TRUE;
}

static gboolean
read_integer (const PgmProfileKey *self,
              const char *path,
              JsonNode *value,
              gpointer section,
              PgmProfileCheck *check)
{
  gint64 number = has_type (value, G_TYPE_INT64) ? json_node_get_int (value) : -1;
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  if (number < self->min || number > self->max)
    return FALSE;
  if (self->instead != NULL && !g_str_equal (digits, self->instead))
    refuse_not_yet (self, path, digits, check);
  *FIELD (guint, self, section) = number;
  return TRUE;
}

static gboolean
read_boolean (const PgmProfileKey *self,
              const char *path,
              JsonNode *value,
              gpointer section,
              PgmProfileCheck *check)
{
  if (!has_type (value, G_TYPE_BOOLEAN))
    return FALSE;
  *FIELD (gboolean, self, section) = json_node_get_boolean (value);
  return TRUE;
}

static gboolean
read_enum (const PgmProfileKey *self,
           const char *path,
           JsonNode *value,
           gpointer section,
           PgmProfileCheck *check)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (self->enum_type ());
  g_autofree char *shown = pgm_profile_check_describe (value, FALSE);
  const char *word = get_text (value);
  GEnumValue *found = word != NULL ? g_enum_get_value_by_nick (klass, word) : NULL;

  if (found == NULL)
    return FALSE;
  if (is_not_yet (self, word))
    refuse_not_yet (self, path, shown, check);
  *FIELD (guint, self, section) = found->value;
  return TRUE;
}

static gboolean
read_texts (const PgmProfileKey *self,
            const char *path,
            JsonNode *value,
            gpointer section,
            PgmProfileCheck *check)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;
  g_autoptr(GStrvBuilder) texts = g_strv_builder_new ();

  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      g_autofree char *element_path = g_strdup_printf ("%s[%u]", path, i);
      g_autofree char *got = pgm_profile_check_describe (element, FALSE);
      g_autofree char *text = NULL;

      if (is_valid_text (self, get_text (element)))
        text = dup_field (self, get_text (element), check->folder);
      else
        pgm_profile_check_fault (check, element_path,
                                 _("expected a string that is not empty, got %s"), got);
      g_strv_builder_add (texts, text != NULL ? text : "");
    }
  g_strfreev (*FIELD (char **, self, section));
  *FIELD (char **, self, section) = g_strv_builder_end (texts);
  return TRUE;
}

/* A name that a shell can set. */
static gboolean
is_variable (const char *name)
{
  return name[0] != '\0' && !g_ascii_isdigit (name[0]) &&
         name[strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_")] == '\0';
}

/* @ref: (nullable). Returns: TRUE, so that a reader can return it. */
static gboolean
set_password_from (PgmEndpoint *endpoint, PgmPasswordFrom from, const char *ref)
{
  endpoint->password_from = from;
  endpoint->password_ref = g_strdup (ref);
  return TRUE;
}

static gboolean
read_password_from (const PgmProfileKey *self,
                    const char *path,
                    JsonNode *value,
                    gpointer section,
                    PgmProfileCheck *check)
{
  const char *text = get_text (value);
  g_autofree char *full = text != NULL ? dup_field (self, text, check->folder) : NULL;

  if (text == NULL)
    return FALSE;
  if (is_not_yet (self, text))
    {
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

      refuse_not_yet (self, path, quoted, check);
    }
  if (g_str_equal (text, "keyring"))
    return set_password_from (section, PGM_PASSWORD_KEYRING, NULL);
  if (g_str_equal (text, "prompt"))
    return set_password_from (section, PGM_PASSWORD_PROMPT, NULL);
  if (g_str_equal (text, "pgpass"))
    return set_password_from (section, PGM_PASSWORD_PGPASS, NULL);
  if (g_str_has_prefix (text, ENV_PREFIX) && is_variable (text + strlen (ENV_PREFIX)))
    return set_password_from (section, PGM_PASSWORD_ENV, text + strlen (ENV_PREFIX));
  if (g_str_has_prefix (text, FILE_PREFIX) && text[strlen (FILE_PREFIX)] != '\0')
    return set_password_from (section, PGM_PASSWORD_FILE, full + strlen (FILE_PREFIX));
  return FALSE;
}

/* Puts @value into its field of @section, or adds a fault.
 * @path: the key with its section, as messages call it
 * @section: the struct that the row's offset is of */
void
pgm_profile_key_read (const PgmProfileKey *self,
                      const char *path,
                      JsonNode *value,
                      gpointer section,
                      PgmProfileCheck *check)
{
  static const ReadFunc readers[] = {
    [PGM_KEY_TEXT] = read_text,
    [PGM_KEY_SECRET] = read_secret,
    [PGM_KEY_PATH] = read_text,
    [PGM_KEY_INTEGER] = read_integer,
    [PGM_KEY_BOOLEAN] = read_boolean,
    [PGM_KEY_ENUM] = read_enum,
    [PGM_KEY_TEXTS] = read_texts,
    [PGM_KEY_PATHS] = read_texts,
    [PGM_KEY_PASSWORD_FROM] = read_password_from,
  };

  if (!readers[self->kind](self, path, value, section, check))
    refuse_value (self, path, value, check);
}

/* @value: of a document without faults
 *
 * Returns: (transfer full): @value with every path in it starting at the root */
JsonNode *
pgm_profile_key_dup_absolute (const PgmProfileKey *self, JsonNode *value, const char *folder)
{
  g_autoptr(JsonArray) paths = json_array_new ();
  g_autofree char *text = NULL;
  JsonArray *array = NULL;

  if (self->kind != PGM_KEY_PATHS)
    {
      text = dup_field (self, json_node_get_string (value), folder);
      return json_node_init_string (json_node_alloc (), text);
    }
  array = json_node_get_array (value);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *path = dup_field (self, json_array_get_string_element (array, i), folder);

      json_array_add_string_element (paths, path);
    }
  return json_node_init_array (json_node_alloc (), paths);
}
