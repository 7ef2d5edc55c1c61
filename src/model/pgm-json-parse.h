/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonNode *pgm_json_parse (const char *data, gssize length, const char *file_label, GError **error);

G_END_DECLS
