/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-cli.h"
#include "pgm-endpoint.h"
#include "pgm-stop.h"

G_BEGIN_DECLS

/* For commands that ask a server without a run. */
gboolean pgm_cli_find_password (
    PgmCli *cli, PgmEndpoint *endpoint, PgmStop *stop, PgmSecret **ret_password, GError **error);

G_END_DECLS
