/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* A strict RFC 8259 reader. JsonParser is not used for files of the user: it takes comments and
 * `var x =`, reads 99999999999999999999 as -1 and 1e400 as infinity, keeps the last of two equal
 * keys in silence, recurses without a limit, and quotes what it did not understand, which may be
 * a password. No message from here contains a value of the document. */

#include "pgm-json-parse.h"

#include "pgm-error.h"
#include "pgm-secret.h"
#include "pgm-text.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_DEPTH 64
#define MAX_SHOWN_KEY_BYTES 60

/* Valid UTF-8 without NUL, ended by a NUL that is not part of it: looking at *at is always
 * allowed, and so is at[1] where *at is not the NUL. */
typedef struct
{
  const char *start;
  const char *at;
  const char *file_label;
  guint depth;
  GError *error; /* owned; the first one stays */
} Reader;

static JsonNode *read_value (Reader *reader);

/* Returns: NULL, so that a caller can return it. */
static gpointer
fail (Reader *reader, const char *message)
{
  const char *line_start = reader->start;
  guint line = 1;

  for (const char *p = reader->start; p < reader->at; p++)
    if (*p == '\n')
      {
        line++;
        line_start = p + 1;
      }
  g_set_error (&reader->error, PGM_ERROR, PGM_ERROR_CONFIG, "%s:%u:%ld: %s", reader->file_label,
               line, g_utf8_pointer_to_offset (line_start, reader->at) + 1, message);
  return NULL;
}

static void
skip_space (Reader *reader)
{
  reader->at += strspn (reader->at, " \t\r\n");
}

static gboolean
skip_char (Reader *reader, char c)
{
  skip_space (reader);
  if (*reader->at != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

/* Reads the four digits of a \u escape. Returns: -1 when they are not there. */
static int
read_hex4 (const char *digits)
{
  int unit = 0;

  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (digits[i]))
        return -1;
      unit = unit * 16 + g_ascii_xdigit_value (digits[i]);
    }
  return unit;
}

/* Appends what the \u escape at reader->at stands for; a pair of surrogates is one character. */
static gboolean
read_unicode_escape (Reader *reader, GString *out)
{
  int unit = read_hex4 (reader->at + 2);
  int low = -1;
  gsize length = 6;

  if (unit >= 0xD800 && unit <= 0xDBFF && reader->at[6] == '\\' && reader->at[7] == 'u')
    {
      low = read_hex4 (reader->at + 8);
      if (low < 0xDC00 || low > 0xDFFF)
        return fail (reader, _("a \\u escape that is half a character")) != NULL;
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      length = 12;
    }
  if (unit < 0)
    return fail (reader, _("expected four hexadecimal digits after \\u")) != NULL;
  if (unit == 0)
    return fail (reader, _("\\u0000 is not allowed")) != NULL;
  if (unit >= 0xD800 && unit <= 0xDFFF)
    return fail (reader, _("a \\u escape that is half a character")) != NULL;
  g_string_append_unichar (out, unit);
  reader->at += length;
  return TRUE;
}

static gboolean
read_escape (Reader *reader, GString *out)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  char letter = reader->at[1];
  const char *known = letter != '\0' ? strchr (letters, letter) : NULL;

  if (letter == 'u')
    return read_unicode_escape (reader, out);
  if (known == NULL)
    return fail (reader, _("unknown escape in a string, write a backslash as \\\\")) != NULL;
  g_string_append_c (out, meanings[known - letters]);
  reader->at += 2;
  return TRUE;
}

/* How many bytes the string at @text needs at most, so that the buffer never has to grow and
 * leave pieces of a password behind. */
static gsize
find_string_length (const char *text)
{
  const char *p = text;

  while (*p != '\0' && *p != '"')
    p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
  return p - text;
}

/* Wipes and frees: any string of a profile may be a password. */
static void
wipe_string (GString *string)
{
  pgm_secret_wipe (string->str, string->len);
  g_string_free (string, TRUE);
}

/* Returns: (transfer full) (nullable): the string that begins at reader->at */
static GString *
read_string (Reader *reader)
{
  const char *opening = reader->at++;
  GString *out = g_string_sized_new (find_string_length (reader->at) + 1);

  while (reader->error == NULL && *reader->at != '"')
    {
      if (*reader->at == '\0')
        {
          reader->at = opening;
          fail (reader, _("this string has no end"));
        }
      else if ((guchar) *reader->at < 0x20)
        fail (reader, _("a control character in a string, write it as an escape such as \\n"));
      else if (*reader->at == '\\')
        read_escape (reader, out);
      else
        g_string_append_c (out, *reader->at++);
    }
  if (reader->error == NULL)
    {
      reader->at++;
      return out;
    }
  wipe_string (out);
  return NULL;
}

static JsonNode *
read_string_value (Reader *reader)
{
  JsonNode *node = NULL;
  GString *text = read_string (reader);

  if (text == NULL)
    return NULL;
  node = json_node_init_string (json_node_alloc (), text->str);
  wipe_string (text);
  return node;
}

static gsize
count_digits (const char *text)
{
  return strspn (text, "0123456789");
}

/* Returns: the length of the number at @text by the grammar, 0 when there is none. */
static gsize
match_number (const char *text, gboolean *is_integer)
{
  const char *p = text + (*text == '-');
  gsize n_digits = *p == '0' ? 1 : count_digits (p);

  p += n_digits;
  *is_integer = *p != '.' && *p != 'e' && *p != 'E';
  if (n_digits > 0 && *p == '.')
    {
      n_digits = count_digits (p + 1);
      p += 1 + n_digits;
    }
  if (n_digits > 0 && (*p == 'e' || *p == 'E'))
    {
      p += 1 + (p[1] == '+' || p[1] == '-');
      n_digits = count_digits (p);
      p += n_digits;
    }
  return n_digits > 0 ? p - text : 0;
}

static JsonNode *
read_number (Reader *reader)
{
  gboolean is_integer = FALSE;
  gsize length = match_number (reader->at, &is_integer);
  gint64 whole = 0;
  double real = 0;

  if (length == 0 || g_ascii_isalnum (reader->at[length]) || reader->at[length] == '.')
    return fail (reader, _("malformed number"));
  errno = 0;
  if (is_integer)
    whole = g_ascii_strtoll (reader->at, NULL, 10);
  else
    real = g_ascii_strtod (reader->at, NULL);
  if ((is_integer && errno == ERANGE) || !isfinite (real))
    return fail (reader, _("number too large"));
  reader->at += length;
  if (is_integer)
    return json_node_init_int (json_node_alloc (), whole);
  return json_node_init_double (json_node_alloc (), real);
}

static JsonNode *
read_word (Reader *reader)
{
  gsize length = 0;

  while (g_ascii_isalnum (reader->at[length]) || reader->at[length] == '_')
    length++;
  reader->at += length;
  if (length == 4 && strncmp (reader->at - length, "true", length) == 0)
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (length == 5 && strncmp (reader->at - length, "false", length) == 0)
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (length == 4 && strncmp (reader->at - length, "null", length) == 0)
    return json_node_init_null (json_node_alloc ());
  reader->at -= length;
  if (*reader->at == '/' || *reader->at == '#')
    return fail (reader, _("comments are not allowed"));
  if (*reader->at == '\0')
    return fail (reader, _("expected a value, got the end of the file"));
  return fail (reader, _("expected a value (text needs double quotes)"));
}

static JsonNode *
read_array (Reader *reader)
{
  g_autoptr(JsonArray) array = json_array_new ();
  gboolean is_done = skip_char (reader, ']');

  while (!is_done)
    {
      JsonNode *value = read_value (reader);

      if (value == NULL)
        return NULL;
      json_array_add_element (array, value);
      is_done = skip_char (reader, ']');
      if (!is_done && !skip_char (reader, ','))
        return fail (reader, _("expected \",\" or \"]\""));
    }
  return json_node_init_array (json_node_alloc (), array);
}

/* Returns: (transfer full) (nullable): the key at reader->at and the colon after it */
static char *
read_key (Reader *reader, JsonObject *object)
{
  g_autofree char *key = NULL;
  GString *text = NULL;
  const char *start = NULL;

  skip_space (reader);
  start = reader->at;
  if (*start != '"')
    return fail (reader, _("expected a key in double quotes"));
  text = read_string (reader);
  if (text == NULL)
    return NULL;
  key = g_string_free (text, FALSE);
  if (json_object_has_member (object, key))
    {
      g_autofree char *cut = pgm_text_cut_bytes (key, MAX_SHOWN_KEY_BYTES);
      g_autofree char *shown = pgm_text_escape (cut);
      g_autofree char *message =
          g_strdup_printf (_("the key \"%s\" is here a second time"), shown);

      reader->at = start;
      return fail (reader, message);
    }
  if (!skip_char (reader, ':'))
    return fail (reader, _("expected \":\" after the key"));
  return g_steal_pointer (&key);
}

static JsonNode *
read_object (Reader *reader)
{
  g_autoptr(JsonObject) object = json_object_new ();
  gboolean is_done = skip_char (reader, '}');

  while (!is_done)
    {
      g_autofree char *key = read_key (reader, object);
      JsonNode *value = key != NULL ? read_value (reader) : NULL;

      if (value == NULL)
        return NULL;
      json_object_set_member (object, key, value);
      is_done = skip_char (reader, '}');
      if (!is_done && !skip_char (reader, ','))
        return fail (reader, _("expected \",\" or \"}\""));
    }
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
read_container (Reader *reader)
{
  char opening = *reader->at;
  JsonNode *node = NULL;

  if (reader->depth == MAX_DEPTH)
    return fail (reader, _("nested too deeply"));
  reader->at++;
  reader->depth++;
  node = opening == '{' ? read_object (reader) : read_array (reader);
  reader->depth--;
  return node;
}

static JsonNode *
read_value (Reader *reader)
{
  skip_space (reader);
  if (*reader->at == '{' || *reader->at == '[')
    return read_container (reader);
  if (*reader->at == '"')
    return read_string_value (reader);
  if (*reader->at == '-' || g_ascii_isdigit (*reader->at))
    return read_number (reader);
  return read_word (reader);
}

static gboolean
check_bytes (Reader *reader, const char *data, gsize length)
{
  const char *end = NULL;

  if (g_utf8_validate_len (data, length, &end))
    return TRUE;
  reader->at = end;
  fail (reader, *end == '\0' ? _("a NUL byte") : _("not valid UTF-8"));
  return FALSE;
}

/* @data: @length bytes, or up to its NUL when @length is -1; need not end in a NUL otherwise
 * @file_label: how messages call the file
 *
 * Returns: (transfer full): the document, or NULL with a PGM_ERROR_CONFIG of the form
 * `FILE:LINE:COLUMN: what is wrong`; columns count characters, from 1. */
JsonNode *
pgm_json_parse (const char *data, gssize length, const char *file_label, GError **error)
{
  g_autoptr(JsonNode) node = NULL;
  gsize n_bytes = length < 0 ? strlen (data) : (gsize) length;
  char *text = NULL;
  Reader reader = { .file_label = file_label };

  if (n_bytes > MAX_BYTES)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_CONFIG, _("%s: larger than 4 MiB"), file_label);
      return NULL;
    }
  text = g_malloc (n_bytes + 1);
  if (n_bytes > 0)
    memcpy (text, data, n_bytes);
  text[n_bytes] = '\0';
  reader.start = text + (g_str_has_prefix (text, "\xEF\xBB\xBF") ? 3 : 0);
  reader.at = reader.start;
  if (check_bytes (&reader, text, n_bytes))
    node = read_value (&reader);
  skip_space (&reader);
  if (node != NULL && *reader.at != '\0')
    {
      g_clear_pointer (&node, json_node_unref);
      fail (&reader, _("expected the end of the file"));
    }
  pgm_secret_wipe (text, n_bytes);
  g_free (text);
  if (reader.error != NULL)
    g_propagate_error (error, reader.error);
  return g_steal_pointer (&node);
}
