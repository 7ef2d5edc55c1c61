/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-secret.h"

G_BEGIN_DECLS

typedef enum
{
  PGM_PROMPT_VISIBLE,
  PGM_PROMPT_HIDDEN, /* what is typed is not shown */
} PgmPromptMode;

gboolean pgm_prompt_has_terminal (void);
void pgm_prompt_ask_async (const char *question,
                           PgmPromptMode mode,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
PgmSecret *pgm_prompt_ask_finish (GAsyncResult *result, GError **error);

G_END_DECLS
