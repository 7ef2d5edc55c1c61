/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-connection-test.h"
#include "pgm-database-info.h"

G_BEGIN_DECLS

PgmConnectionReport *pgm_connection_report_new (void);
void
pgm_connection_report_fail (PgmConnectionReport *self, PgmConnectCause cause, const char *message);
void pgm_connection_report_suggest (PgmConnectionReport *self, const char *database);

G_END_DECLS
