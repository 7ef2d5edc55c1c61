/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-cli.h"
#include "pgm-mirror.h"

G_BEGIN_DECLS

PgmReport *pgm_run_profile (PgmCli *cli, PgmProfile *profile, PgmMirrorFlags flags, int *status);
PgmReport *pgm_run_refuse_profile (PgmCli *cli, const GError *error, int *status);
void pgm_run_print_report (PgmCli *cli, PgmReport *report, int status);

G_END_DECLS
