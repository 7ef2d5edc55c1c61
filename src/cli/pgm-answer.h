/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-console.h"
#include "pgm-mirror.h"

G_BEGIN_DECLS

gboolean pgm_answer_is_interactive (void);
char *pgm_answer_dup_password_prompt (PgmEndpoint *endpoint);
void pgm_answer_question (PgmQuestion *question, PgmConsole *console, GCancellable *cancellable);

G_END_DECLS
