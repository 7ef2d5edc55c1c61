/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-leftover.h"

PgmLeftover *
pgm_leftover_new (PgmLeftoverKind kind, const char *name)
{
  PgmLeftover *self = g_new0 (PgmLeftover, 1);

  self->kind = kind;
  self->name = g_strdup (name);
  self->size_bytes = -1;
  return self;
}

void
pgm_leftover_free (PgmLeftover *self)
{
  g_free (self->name);
  g_free (self->of);
  g_free (self->run);
  g_free (self->host);
  g_free (self->comment);
  g_free (self->message);
  g_free (self->hint);
  g_free (self->sql);
  g_free (self);
}

/* Whether there is still something to be done about it. */
gboolean
pgm_leftover_is_open (const PgmLeftover *self)
{
  return self->state == PGM_LEFTOVER_FOUND || self->state == PGM_LEFTOVER_FAILED;
}

const char *
pgm_leftover_kind_get_nick (PgmLeftoverKind kind)
{
  static const char *const nicks[] = { "staging",  "replaced", "nameless", "returned", "incomplete",
                                       "unmarked", "renamed",  "folder",   "schema" };

  return nicks[kind];
}

const char *
pgm_leftover_state_get_nick (PgmLeftoverState state)
{
  static const char *const nicks[] = { "found", "in-use", "done", "failed" };

  return nicks[state];
}

const char *
pgm_remedy_get_nick (PgmRemedy remedy)
{
  static const char *const nicks[] = { "none", "remove", "rename", "unmark", "on-wish" };

  return nicks[remedy];
}

static void
set_text (JsonObject *object, const char *key, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, key, text);
  else
    json_object_set_null_member (object, key);
}

static void
set_time (JsonObject *object, const char *key, gint64 time_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autofree char *stamp = time_us != 0 ? g_date_time_format_iso8601 (time) : NULL;

  set_text (object, key, stamp);
}

/* Returns: (transfer full): names in it may be no UTF-8 */
JsonNode *
pgm_leftover_to_json (const PgmLeftover *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  set_text (object, "event", "leftover");
  set_text (object, "kind", pgm_leftover_kind_get_nick (self->kind));
  set_text (object, "state", pgm_leftover_state_get_nick (self->state));
  set_text (object, "remedy", pgm_remedy_get_nick (self->remedy));
  set_text (object, "name", self->name);
  set_text (object, "of", self->of);
  set_text (object, "run", self->run);
  set_text (object, "host", self->host);
  set_time (object, "started", self->started_us);
  if (self->size_bytes >= 0)
    json_object_set_int_member (object, "size_bytes", self->size_bytes);
  else
    json_object_set_null_member (object, "size_bytes");
  set_text (object, "message", self->message);
  set_text (object, "hint", self->hint);
  return node;
}
