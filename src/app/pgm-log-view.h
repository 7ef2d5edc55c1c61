/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A log that can be searched, followed, copied and saved. */
#define PGM_TYPE_LOG_VIEW (pgm_log_view_get_type ())
G_DECLARE_FINAL_TYPE (PgmLogView, pgm_log_view, PGM, LOG_VIEW, AdwBin)

GtkWidget *pgm_log_view_new (void);
void pgm_log_view_set_model (PgmLogView *self, GListModel *lines);
void pgm_log_view_set_follow (PgmLogView *self, gboolean follow);
char *pgm_log_view_dup_text (PgmLogView *self);

G_END_DECLS
