/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The one table of all keys of the config file, and the rules that join several of them. */

#include "config.h"

#include "pgm-profile-schema.h"

#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef enum
{
  SECTION_ROOT = 1 << 0,
  SECTION_SOURCE = 1 << 1,
  SECTION_TARGET = 1 << 2,
  SECTION_OPTIONS = 1 << 3,
} PgmSection;

#define SECTION_SERVERS (SECTION_SOURCE | SECTION_TARGET)

static const struct
{
  PgmSection bit;
  const char *name; /* NULL: the document itself */
} sections[] = {
  { SECTION_ROOT, NULL },
  { SECTION_SOURCE, "source" },
  { SECTION_TARGET, "target" },
  { SECTION_OPTIONS, "options" },
};

static const char *const later_engines[] = { "stream", "auto", NULL };
static const char *const later_password_sources[] = {
#ifndef HAVE_LIBSECRET
  "keyring",
#endif
  NULL,
};

/* libpq splits a list of hosts at its commas. A folder may have blanks in its name. */
static gboolean
is_host (const char *text)
{
  gboolean is_folder = text[0] == '/';

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == ',' || g_unichar_iscntrl (c) || (!is_folder && (c == '/' || g_unichar_isspace (c))))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_name (const char *text)
{
  return strlen (text) <= PGM_NAME_MAX_BYTES;
}

static gboolean
is_sslmode (const char *text)
{
  static const char *const modes[] = { "disable",   "allow",       "prefer", "require",
                                       "verify-ca", "verify-full", NULL };

  return g_strv_contains (modes, text);
}

/* The levels are those of pg_dump's manual page. */
static gboolean
is_compression (const char *text)
{
  static const struct
  {
    const char *method;
    guint64 max_level;
  } methods[] = { { "gzip", 9 }, { "lz4", 12 }, { "zstd", 22 } };
  const char *colon = strchr (text, ':');
  g_autofree char *method = colon != NULL ? g_strndup (text, colon - text) : g_strdup (text);

  if (g_str_equal (text, "auto") || g_str_equal (text, "none"))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (method, methods[i].method))
      return colon == NULL ||
             g_ascii_string_to_unsigned (colon + 1, 10, 1, methods[i].max_level, NULL, NULL);
  return FALSE;
}

#define NAME_FORM N_("a name of 1 to 63 bytes")
#define AT_ROOT(member) .offset = G_STRUCT_OFFSET (PgmProfileParts, member)
#define AT_SERVER(member) .offset = G_STRUCT_OFFSET (PgmEndpoint, member)
#define AT_OPTIONS(member) .offset = G_STRUCT_OFFSET (PgmOptions, member)

/* clang-format off */
static const PgmProfileKey keys[] = {
  { SECTION_ROOT, "name", PGM_KEY_TEXT, AT_ROOT (name) },

  { SECTION_SERVERS, "host", PGM_KEY_TEXT, AT_SERVER (host), .is_required = TRUE,
    .is_valid = is_host, .form = N_("one host without blanks, commas and slashes, or the absolute "
                                    "path of a socket folder") },
  { SECTION_SERVERS, "port", PGM_KEY_INTEGER, AT_SERVER (port), .min = 1, .max = 65535 },
  { SECTION_SOURCE, "database", PGM_KEY_TEXT, AT_SERVER (database), .is_required = TRUE,
    .is_valid = is_name, .form = NAME_FORM },
  { SECTION_TARGET, "database", PGM_KEY_TEXT, AT_SERVER (database),
    .is_valid = is_name, .form = NAME_FORM },
  { SECTION_SERVERS, "user", PGM_KEY_TEXT, AT_SERVER (user), .is_required = TRUE,
    .is_valid = is_name, .form = NAME_FORM },
  { SECTION_SERVERS, "password", PGM_KEY_SECRET, AT_SERVER (password) },
  { SECTION_SERVERS, "password_from", PGM_KEY_PASSWORD_FROM,
    .form = N_("\"keyring\", \"prompt\", \"pgpass\", \"env:NAME\" or \"file:PATH\""),
    .not_yet = later_password_sources, .instead = "\"prompt\"" },
  { SECTION_SERVERS, "sslmode", PGM_KEY_TEXT, AT_SERVER (sslmode), .is_valid = is_sslmode,
    .form = N_("\"disable\", \"allow\", \"prefer\", \"require\", \"verify-ca\" or "
               "\"verify-full\"") },
  { SECTION_SERVERS, "sslrootcert", PGM_KEY_PATH, AT_SERVER (sslrootcert), .literal = "system" },
  { SECTION_SERVERS, "sslcert", PGM_KEY_PATH, AT_SERVER (sslcert) },
  { SECTION_SERVERS, "sslkey", PGM_KEY_PATH, AT_SERVER (sslkey) },
  { SECTION_TARGET, "protected", PGM_KEY_BOOLEAN, AT_SERVER (is_protected) },

  { SECTION_OPTIONS, "drop_existing", PGM_KEY_BOOLEAN, AT_OPTIONS (drop_existing) },
  { SECTION_OPTIONS, "parallel_jobs", PGM_KEY_INTEGER, AT_OPTIONS (parallel_jobs),
    .min = 1, .max = 64 },
  { SECTION_OPTIONS, "engine", PGM_KEY_ENUM, AT_OPTIONS (engine),
    .enum_type = pgm_engine_kind_get_type, .not_yet = later_engines, .instead = "\"archive\"" },
  { SECTION_OPTIONS, "compression", PGM_KEY_TEXT, AT_OPTIONS (compression),
    .is_valid = is_compression,
    .form = N_("\"auto\", \"none\", \"gzip\", \"lz4\" or \"zstd\", the last three also with a "
               "level (\"gzip:1\" to \"gzip:9\", \"lz4:12\", \"zstd:22\")") },
  { SECTION_OPTIONS, "replace", PGM_KEY_ENUM, AT_OPTIONS (replace),
    .enum_type = pgm_replace_get_type },
  { SECTION_OPTIONS, "keep_previous", PGM_KEY_BOOLEAN, AT_OPTIONS (keep_previous) },
  { SECTION_OPTIONS, "no_owner", PGM_KEY_BOOLEAN, AT_OPTIONS (no_owner) },
  { SECTION_OPTIONS, "no_acl", PGM_KEY_BOOLEAN, AT_OPTIONS (no_acl) },
  { SECTION_OPTIONS, "schemas", PGM_KEY_TEXTS, AT_OPTIONS (schemas) },
  { SECTION_OPTIONS, "exclude_schemas", PGM_KEY_TEXTS, AT_OPTIONS (exclude_schemas) },
  { SECTION_OPTIONS, "tables", PGM_KEY_TEXTS, AT_OPTIONS (tables) },
  { SECTION_OPTIONS, "exclude_tables", PGM_KEY_TEXTS, AT_OPTIONS (exclude_tables) },
  { SECTION_OPTIONS, "exclude_table_data", PGM_KEY_TEXTS, AT_OPTIONS (exclude_table_data) },
  { SECTION_OPTIONS, "schema_only", PGM_KEY_BOOLEAN, AT_OPTIONS (schema_only) },
  { SECTION_OPTIONS, "data_only", PGM_KEY_BOOLEAN, AT_OPTIONS (data_only) },
  { SECTION_OPTIONS, "verify", PGM_KEY_ENUM, AT_OPTIONS (verify),
    .enum_type = pgm_verify_get_type },
  { SECTION_OPTIONS, "on_error", PGM_KEY_ENUM, AT_OPTIONS (on_error),
    .enum_type = pgm_on_error_get_type },
  { SECTION_OPTIONS, "analyze", PGM_KEY_BOOLEAN, AT_OPTIONS (analyze) },
  { SECTION_OPTIONS, "pre_sql", PGM_KEY_PATHS, AT_OPTIONS (pre_sql) },
  { SECTION_OPTIONS, "post_sql", PGM_KEY_PATHS, AT_OPTIONS (post_sql) },
  { SECTION_OPTIONS, "temp_dir", PGM_KEY_PATH, AT_OPTIONS (temp_dir) },
  { SECTION_OPTIONS, "lock_wait_timeout", PGM_KEY_INTEGER, AT_OPTIONS (lock_wait_timeout_s),
    .min = 1, .max = 86400 },
  { SECTION_OPTIONS, "connect_timeout", PGM_KEY_INTEGER, AT_OPTIONS (connect_timeout_s),
    .min = 1, .max = 3600 },
  { SECTION_OPTIONS, "stall_timeout", PGM_KEY_INTEGER, AT_OPTIONS (stall_timeout_s),
    .min = 0, .max = 86400 },
};
/* clang-format on */

/* Returns: (transfer container): every name that a document may have there, NULL-terminated */
static const char **
list_names (PgmSection section)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].sections & section)
      g_ptr_array_add (names, (char *) keys[i].name);
  for (gsize i = 0; section == SECTION_ROOT && i < G_N_ELEMENTS (sections); i++)
    if (sections[i].name != NULL)
      g_ptr_array_add (names, (char *) sections[i].name);
  g_ptr_array_add (names, NULL);
  return (const char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* Returns: (transfer full): "options.tables", to be read by people */
static char *
dup_path (const char *section, const char *key)
{
  g_autofree char *shown = pgm_profile_check_dup_shown (key);

  return section != NULL ? g_strdup_printf ("%s.%s", section, shown) : g_strdup (shown);
}

static void
warn_of_unknown (JsonObject *object,
                 const char *section,
                 const char *const *names,
                 PgmProfileCheck *check)
{
  JsonObjectIter iter;
  const char *name = NULL;

  json_object_iter_init_ordered (&iter, object);
  while (pgm_profile_check_has_room (check) && json_object_iter_next_ordered (&iter, &name, NULL))
    {
      g_autofree char *path = dup_path (section, name);
      const char *nearest = NULL;

      if (g_strv_contains (names, name))
        continue;
      nearest = pgm_text_find_nearest (name, names);
      if (nearest != NULL)
        pgm_profile_check_warn (check, path,
                                _("unknown key, ignored; did you mean \"%s\"?"), nearest);
      else
        pgm_profile_check_warn (check, path, _("unknown key, ignored"));
    }
}

/* @object: (nullable) */
static void
check_password_source (JsonObject *object, const char *section, PgmProfileCheck *check)
{
  gboolean has_text = object != NULL && json_object_has_member (object, "password");
  gboolean has_source = object != NULL && json_object_has_member (object, "password_from");
  g_autofree char *path = dup_path (section, "password");

  if (has_text && has_source)
    pgm_profile_check_fault (check, path,
                             _("given together with \"password_from\", use only one"));
  if (!has_text && !has_source)
    pgm_profile_check_fault (check, path,
                             _("missing, expected a string, or \"password_from\" beside it"));
}

/* @object: (nullable) */
static void
read_section (JsonObject *object, gsize index, gpointer base, PgmProfileCheck *check)
{
  const char *section = sections[index].name;
  g_autofree const char **names = list_names (sections[index].bit);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      JsonNode *value = NULL;
      g_autofree char *path = dup_path (section, keys[i].name);
      g_autofree char *noun = pgm_profile_key_dup_noun (&keys[i]);

      if (!(keys[i].sections & sections[index].bit))
        continue;
      value = object != NULL ? json_object_get_member (object, keys[i].name) : NULL;
      if (value != NULL)
        pgm_profile_key_read (&keys[i], path, value, base, check);
      else if (keys[i].is_required)
        pgm_profile_check_fault (check, path, _("missing, expected %s"), noun);
    }
  if (sections[index].bit & SECTION_SERVERS)
    check_password_source (object, section, check);
  if (object != NULL)
    warn_of_unknown (object, section, names, check);
}

/* A document without "source" lacks each of its keys; one where it is something else has one
 * fault, which does not quote it: it may be a connection string. */
static void
read_sections (JsonObject *root, gpointer const *bases, PgmProfileCheck *check)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      JsonNode *node =
          sections[i].name != NULL ? json_object_get_member (root, sections[i].name) : NULL;
      g_autofree char *got = node != NULL ? pgm_profile_check_describe (node, TRUE) : NULL;

      if (sections[i].name == NULL)
        read_section (root, i, bases[i], check);
      else if (node == NULL)
        read_section (NULL, i, bases[i], check);
      else if (JSON_NODE_HOLDS_OBJECT (node))
        read_section (json_node_get_object (node), i, bases[i], check);
      else
        pgm_profile_check_fault (check, sections[i].name, _("expected an object, got %s"), got);
    }
}

/* Returns: (transfer none) (nullable): the section @name of @root */
static JsonObject *
get_section (JsonObject *root, const char *name)
{
  JsonNode *node = json_object_get_member (root, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
check_target_database (PgmProfileParts *parts, PgmProfileCheck *check)
{
  g_autofree char *source = NULL;
  g_autofree char *target = NULL;

  if (parts->target->database == NULL || parts->source->database == NULL ||
      g_str_equal (parts->target->database, parts->source->database))
    return;
  source = pgm_profile_check_dup_shown (parts->source->database);
  target = pgm_profile_check_dup_shown (parts->target->database);
  pgm_profile_check_fault (
      check, "target.database",
      _("the target always has the source's name, expected \"%s\", got \"%s\""), source, target);
}

static void
check_together (PgmProfileParts *parts, PgmProfileCheck *check)
{
  check_target_database (parts, check);
  if (parts->options->schema_only && parts->options->data_only)
    pgm_profile_check_fault (check, "options.data_only",
                             _("given together with \"schema_only\", nothing would be left"));
  if (parts->options->keep_previous && parts->options->replace == PGM_REPLACE_IN_PLACE)
    pgm_profile_check_fault (
        check, "options.keep_previous",
        _("given together with \"replace\": \"in-place\", which drops the old "
                               "database first"));
  if (parts->options->drop_existing && parts->options->data_only)
    pgm_profile_check_fault (check, "options.data_only",
                             _("given together with \"drop_existing\", there would be no tables "
                               "to put the rows in"));
}

/* A key that nobody knows may be why another is missing, so that the warnings come after them. */
static gboolean
raise_faults (PgmProfileCheck *check, GError **error)
{
  g_autofree char *message = NULL;

  if (check->faults->len == 0)
    return TRUE;
  for (guint i = 0; i < check->warnings->len; i++)
    g_ptr_array_add (check->faults, g_strdup (check->warnings->pdata[i]));
  g_ptr_array_add (check->faults, NULL);
  message = g_strjoinv ("\n", (char **) check->faults->pdata);
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_CONFIG, message);
  return FALSE;
}

static void
read_document (JsonNode *document, PgmProfileParts *parts, PgmProfileCheck *check)
{
  parts->source = pgm_endpoint_new (PGM_SIDE_SOURCE);
  parts->target = pgm_endpoint_new (PGM_SIDE_TARGET);
  parts->options = pgm_options_new ();
  if (!JSON_NODE_HOLDS_OBJECT (document))
    return;
  read_sections (json_node_get_object (document),
                 (gpointer[]){ parts, parts->source, parts->target, parts->options }, check);
  check_together (parts, check);
}

/* @document: an object
 * @folder: absolute; where relative paths start
 * @parts: (out caller-allocates): all zero before; the values that have no fault, else defaults
 *   or NULL
 *
 * Returns: (transfer full): PgmProfileFault, by key as the document has them */
GPtrArray *
pgm_profile_schema_list_faults (JsonNode *document, const char *folder, PgmProfileParts *parts)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *by_key = g_ptr_array_new_with_free_func ((GDestroyNotify) pgm_profile_fault_free);
  PgmProfileCheck check = { "", folder, lines, notes, by_key };

  read_document (document, parts, &check);
  return by_key;
}

/* @path: "name", "source.port"
 *
 * Returns: (transfer none) (nullable): NULL when there is no such key */
const PgmProfileKey *
pgm_profile_schema_find (const char *path)
{
  const char *dot = strchr (path, '.');
  g_autofree char *section = dot != NULL ? g_strndup (path, dot - path) : NULL;
  const char *name = dot != NULL ? dot + 1 : path;

  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (keys); j++)
      if (g_strcmp0 (sections[i].name, section) == 0 && (keys[j].sections & sections[i].bit) &&
          g_str_equal (keys[j].name, name))
        return &keys[j];
  return NULL;
}

/* @file_label: how messages call the file
 * @folder: absolute; where relative paths start
 * @parts: (out caller-allocates): all zero before
 * @warnings: (out) (transfer full): set only on success
 *
 * Returns: FALSE with a PGM_ERROR_CONFIG that has one line for each fault. */
gboolean
pgm_profile_schema_read (JsonNode *document,
                         const char *file_label,
                         const char *folder,
                         PgmProfileParts *parts,
                         char ***warnings,
                         GError **error)
{
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  PgmProfileCheck check = { file_label, folder, faults, notes };
  g_autofree char *got = pgm_profile_check_describe (document, TRUE);

  read_document (document, parts, &check);
  if (!JSON_NODE_HOLDS_OBJECT (document))
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG,
                   _("%s: expected an object, got %s"), file_label, got);
      return FALSE;
    }
  if (!raise_faults (&check, error))
    return FALSE;
  g_free (parts->target->database);
  parts->target->database = g_strdup (parts->source->database);
  g_ptr_array_add (notes, NULL);
  *warnings = (char **) g_ptr_array_steal (notes, NULL);
  return TRUE;
}

/* Makes the paths in @document, which has no faults, independent of where its file is. */
void
pgm_profile_schema_make_absolute (JsonNode *document, const char *folder)
{
  JsonObject *root = json_node_get_object (document);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    for (gsize j = 1; j < G_N_ELEMENTS (sections); j++)
      {
        JsonObject *object = get_section (root, sections[j].name);
        JsonNode *value = NULL;

        if (keys[i].kind != PGM_KEY_PATH && keys[i].kind != PGM_KEY_PATHS &&
            keys[i].kind != PGM_KEY_PASSWORD_FROM)
          continue;
        if (object != NULL && (keys[i].sections & sections[j].bit))
          value = json_object_get_member (object, keys[i].name);
        if (value != NULL)
          json_object_set_member (object, keys[i].name,
                                  pgm_profile_key_dup_absolute (&keys[i], value, folder));
      }
}

void
pgm_profile_parts_clear (PgmProfileParts *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->source, pgm_endpoint_unref);
  g_clear_pointer (&self->target, pgm_endpoint_unref);
  g_clear_pointer (&self->options, pgm_options_unref);
}
