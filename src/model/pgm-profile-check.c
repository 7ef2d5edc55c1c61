/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-profile-check.h"

#include "pgm-json-write.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A file of 4 MiB can be wrong in a million places. */
#define MAX_LINES 100
#define MAX_SHOWN_BYTES 60

static void
add_line (GPtrArray *lines, PgmProfileCheck *self, const char *key, const char *text)
{
  if (lines->len == MAX_LINES)
    g_ptr_array_add (lines, g_strdup_printf (_("%s: and more"), self->file_label));
  if (lines->len < MAX_LINES)
    g_ptr_array_add (lines, g_strdup_printf ("%s: %s: %s", self->file_label, key, text));
}

static void
add_by_key (GPtrArray *list, const char *key, const char *message)
{
  PgmProfileFault *fault = g_new (PgmProfileFault, 1);

  *fault = (PgmProfileFault){ g_strdup (key), g_strdup (message) };
  g_ptr_array_add (list, fault);
}

void
pgm_profile_fault_free (PgmProfileFault *self)
{
  g_free (self->key);
  g_free (self->message);
  g_free (self);
}

/* @key: as it is to be read, control characters escaped */
void
pgm_profile_check_fault (PgmProfileCheck *self, const char *key, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  add_line (self->faults, self, key, text);
  if (self->by_key != NULL && self->by_key->len < MAX_LINES)
    add_by_key (self->by_key, key, text);
}

void
pgm_profile_check_warn (PgmProfileCheck *self, const char *key, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  add_line (self->warnings, self, key, text);
}

/* Whether one more warning would be kept: some take time to word. */
gboolean
pgm_profile_check_has_room (PgmProfileCheck *self)
{
  return self->warnings->len < MAX_LINES;
}

/* Returns: (transfer full): @text on one line, and not longer than a line can be */
char *
pgm_profile_check_dup_shown (const char *text)
{
  g_autofree char *cut = pgm_text_cut_bytes (text, MAX_SHOWN_BYTES);
  g_autofree char *escaped = pgm_text_escape (cut);

  return g_strconcat (escaped, strlen (cut) < strlen (text) ? "…" : "", NULL);
}

/* A connection string in the wrong place may have a password in it. */
static char *
describe_text (const char *text)
{
  g_autofree char *shown = NULL;

  if (strstr (text, "://") != NULL || strstr (text, "password=") != NULL)
    return g_strdup (_("a connection string"));
  shown = pgm_profile_check_dup_shown (text);
  return g_strdup_printf ("\"%s\"", shown);
}

static char *
describe_scalar (JsonNode *value, gboolean is_secret)
{
  GType type = json_node_get_value_type (value);

  if (type == G_TYPE_STRING)
    return is_secret ? g_strdup (_("a string")) : describe_text (json_node_get_string (value));
  if (is_secret)
    return g_strdup (type == G_TYPE_BOOLEAN ? _("a boolean") : _("a number"));
  return g_strchomp (pgm_json_write (value));
}

/* Returns: (transfer full): @value as the second half of "expected …, got …"
 * @is_secret: say only what it is */
char *
pgm_profile_check_describe (JsonNode *value, gboolean is_secret)
{
  switch (json_node_get_node_type (value))
    {
    case JSON_NODE_OBJECT:
      return g_strdup (_("an object"));
    case JSON_NODE_ARRAY:
      return g_strdup (_("an array"));
    case JSON_NODE_VALUE:
      return describe_scalar (value, is_secret);
    case JSON_NODE_NULL:
    default:
      return g_strdup ("null");
    }
}
