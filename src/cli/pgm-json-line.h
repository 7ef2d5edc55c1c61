/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

#include "pgm-logger.h"

G_BEGIN_DECLS

char *pgm_json_line_format (JsonNode *node, PgmLogger *logger);

G_END_DECLS
