/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-mirror.h"

G_BEGIN_DECLS

/* For the thread of a run. */
void pgm_mirror_post (PgmMirror *self, PgmEvent *event);
void pgm_mirror_ask (PgmMirror *self, PgmQuestion *question);

G_END_DECLS
