/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-json-line.h"

#include "pgm-json-write.h"

/* Words of ours; a password that happens to be "restore" must not break who reads them. */
static const char *const vocabulary[] = {
  "code",     "event",   "kind",  "level",        "phase", "remedy", "run",
  "severity", "started", "state", "target_state", "time",  NULL,
};

static void clean_node (JsonNode *node, PgmLogger *logger);

static void
clean_element (JsonArray *array, guint index, JsonNode *node, gpointer logger)
{
  clean_node (node, logger);
}

static void
clean_member (JsonObject *object, const char *name, JsonNode *node, gpointer logger)
{
  if (!g_strv_contains (vocabulary, name))
    clean_node (node, logger);
}

/* Names of an SQL_ASCII database may be no UTF-8, and JSON allows nothing else. */
static void
clean_node (JsonNode *node, PgmLogger *logger)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), clean_element, logger);
  else if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), clean_member, logger);
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *valid = g_utf8_make_valid (json_node_get_string (node), -1);
      g_autofree char *redacted =
          logger != NULL ? pgm_logger_redact (logger, valid) : g_strdup (valid);

      json_node_set_string (node, redacted);
    }
}

/* @node: changed: each string in it becomes valid UTF-8 without any known secret
 * @logger: (nullable): knows the secrets
 *
 * Returns: (transfer full): one line without its end */
char *
pgm_json_line_format (JsonNode *node, PgmLogger *logger)
{
  clean_node (node, logger);
  return pgm_json_write_line (node);
}
