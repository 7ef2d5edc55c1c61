/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-finding.h"

#include "pgm-text.h"

G_DEFINE_ENUM_TYPE (PgmSeverity,
                    pgm_severity,
                    G_DEFINE_ENUM_VALUE (PGM_SEVERITY_NOTE, "note"),
                    G_DEFINE_ENUM_VALUE (PGM_SEVERITY_WARNING, "warning"),
                    G_DEFINE_ENUM_VALUE (PGM_SEVERITY_BLOCKER, "blocker"))

G_DEFINE_BOXED_TYPE (PgmFinding, pgm_finding, pgm_finding_ref, pgm_finding_unref)

static void
finding_clear (gpointer data)
{
  PgmFinding *self = data;

  g_free (self->code);
  g_free (self->message);
  g_free (self->hint);
  g_strfreev (self->objects);
}

/* Names stand in a sentence as they are: here it becomes one line that can be shown anywhere.
 *
 * @hint: (nullable) */
PgmFinding *
pgm_finding_new (PgmSeverity severity, const char *code, const char *hint, const char *format, ...)
{
  PgmFinding *self = g_atomic_rc_box_new (PgmFinding);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  *self = (PgmFinding){ severity, g_strdup (code), pgm_text_escape (message),
                        hint != NULL ? pgm_text_escape (hint) : NULL, NULL };
  return self;
}

/* Only for who has just built it.
 *
 * @objects: (transfer full) */
void
pgm_finding_take_objects (PgmFinding *self, char **objects)
{
  g_strfreev (self->objects);
  self->objects = objects;
}

PgmFinding *
pgm_finding_ref (PgmFinding *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
pgm_finding_unref (PgmFinding *self)
{
  g_atomic_rc_box_release_full (self, finding_clear);
}

const char *
pgm_severity_get_nick (PgmSeverity severity)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (PGM_TYPE_SEVERITY);

  return g_enum_get_value (klass, severity)->value_nick;
}

static JsonArray *
objects_to_json (char **objects)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; objects[i] != NULL; i++)
    json_array_add_string_element (array, objects[i]);
  return array;
}

/* Returns: (transfer full) */
JsonNode *
pgm_finding_to_json (const PgmFinding *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (object, "severity", pgm_severity_get_nick (self->severity));
  json_object_set_string_member (object, "code", self->code);
  json_object_set_string_member (object, "message", self->message);
  if (self->hint != NULL)
    json_object_set_string_member (object, "hint", self->hint);
  if (self->objects != NULL)
    json_object_set_array_member (object, "objects", objects_to_json (self->objects));
  json_node_take_object (node, object);
  return node;
}
