/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-profile-item.h"

G_BEGIN_DECLS

gboolean pgm_uri_paste_fill (
    PgmProfileItem *item, PgmSide side, const char *text, PgmSecret **ret_password, GError **error);

G_END_DECLS
