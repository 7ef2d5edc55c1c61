/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

char *pgm_json_write (JsonNode *node);
char *pgm_json_write_line (JsonNode *node);

G_END_DECLS
