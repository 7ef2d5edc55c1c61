/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-marker.h"

#include "pgm-database.h"
#include "pgm-json-parse.h"
#include "pgm-json-write.h"

#include <string.h>

#define VERSION 1

/* A marker travels to psql as an argument, of which Linux takes 128 KiB. */
#define MAX_COMMENT_BYTES (16 * 1024)

static void
set_text (JsonBuilder *builder, const char *key, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, valid);
}

/* @of: (nullable): the run's database
 * @comment: (nullable): what the marker takes the place of; left out where it is very long, or no
 *   UTF-8, which JSON cannot hold
 *
 * Returns: (transfer full) */
char *
pgm_marker_dup_text (const char *state, const char *of, const char *run, const char *comment)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *started = g_date_time_format_iso8601 (now);
  g_autoptr(JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "pgmirror");
  json_builder_add_int_value (builder, VERSION);
  set_text (builder, "state", state);
  if (of != NULL)
    set_text (builder, "of", of);
  set_text (builder, "run", run);
  set_text (builder, "host", g_get_host_name ());
  set_text (builder, "started", started);
  if (comment != NULL && strlen (comment) <= MAX_COMMENT_BYTES &&
      g_utf8_validate (comment, -1, NULL))
    set_text (builder, "comment", comment);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return pgm_json_write_line (root);
}

gboolean
pgm_marker_is_run_id (const char *text)
{
  return strlen (text) == PGM_RUN_ID_LENGTH &&
         strspn (text, "0123456789abcdef") == PGM_RUN_ID_LENGTH;
}

/* Returns: (transfer none) (nullable) */
static const char *
get_text (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  gboolean is_text = node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                     json_node_get_value_type (node) == G_TYPE_STRING;

  return is_text ? json_node_get_string (node) : NULL;
}

static gboolean
has_our_version (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "pgmirror");

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) == VERSION;
}

static gint64
read_time (const char *text)
{
  g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}

/* @text: (nullable): a comment; may be anything
 *
 * Returns: (transfer full) (nullable): NULL for what no run wrote */
PgmMarker *
pgm_marker_parse (const char *text)
{
  g_autoptr(JsonNode) node = text != NULL ? pgm_json_parse (text, -1, "marker", NULL) : NULL;
  JsonObject *object =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *state = object != NULL ? get_text (object, "state") : NULL;
  const char *run = object != NULL ? get_text (object, "run") : NULL;
  const char *host = object != NULL ? get_text (object, "host") : NULL;
  PgmMarker *self = NULL;

  if (state == NULL || run == NULL || !pgm_marker_is_run_id (run) || !has_our_version (object))
    return NULL;
  self = g_new (PgmMarker, 1);
  *self = (PgmMarker){ .state = g_strdup (state),
                       .of = g_strdup (get_text (object, "of")),
                       .run = g_strdup (run),
                       .host = g_strdup (host != NULL ? host : ""),
                       .comment = g_strdup (get_text (object, "comment")),
                       .started_us = read_time (get_text (object, "started")) };
  return self;
}

void
pgm_marker_free (PgmMarker *self)
{
  g_free (self->state);
  g_free (self->of);
  g_free (self->run);
  g_free (self->host);
  g_free (self->comment);
  g_free (self);
}

/* A name that is no UTF-8 is mended in the marker, and whole in the name made from it. */
static char *
dup_mended (const char *name)
{
  return g_utf8_make_valid (name, -1);
}

/* Returns: (transfer full) (nullable): the database whose @suffix name of the run @name is; NULL
 * where it is not that */
static char *
dup_base (const PgmMarker *self, const char *name, const char *suffix)
{
  g_autofree char *made = pgm_database_dup_name (self->of, suffix, self->run);
  g_autofree char *end = g_strconcat ("__", suffix, "_", self->run, NULL);
  g_autofree char *base = NULL;
  g_autofree char *mended = NULL;

  if (g_str_equal (made, name))
    return g_strdup (self->of);
  if (!g_str_has_suffix (name, end))
    return NULL;
  base = g_strndup (name, strlen (name) - strlen (end));
  mended = dup_mended (base);
  return g_str_equal (mended, self->of) ? g_steal_pointer (&base) : NULL;
}

/* @name: of the database that carries the marker, as the server has it
 * @ret_of: (out) (transfer full) (nullable): the name that users know, as the server has it; NULL
 *   where @name does not tell */
PgmMarkerPlace
pgm_marker_find_place (const PgmMarker *self, const char *name, char **ret_of)
{
  gboolean is_staging = g_str_equal (self->state, "staging");
  gboolean is_old = g_str_equal (self->state, "old");
  g_autofree char *mended = dup_mended (name);

  *ret_of = NULL;
  if (self->of == NULL || (!is_staging && !is_old))
    return PGM_MARKER_ELSEWHERE;
  if (g_str_equal (mended, self->of))
    {
      *ret_of = g_strdup (name);
      return is_staging ? PGM_MARKER_IN_PLACE : PGM_MARKER_RETURNED;
    }
  *ret_of = dup_base (self, name, is_staging ? "pgm" : "old");
  if (*ret_of == NULL)
    return PGM_MARKER_ELSEWHERE;
  return is_staging ? PGM_MARKER_STAGED : PGM_MARKER_REPLACED;
}
