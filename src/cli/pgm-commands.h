/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-cli.h"

G_BEGIN_DECLS

int pgm_command_mirror (PgmCli *cli, char ***argv);
int pgm_command_check (PgmCli *cli, char ***argv);
int pgm_command_validate (PgmCli *cli, char ***argv);
int pgm_command_verify (PgmCli *cli, char ***argv);
int pgm_command_databases (PgmCli *cli, char ***argv);
int pgm_command_profiles (PgmCli *cli, char ***argv);
int pgm_command_history (PgmCli *cli, char ***argv);
int pgm_command_recover (PgmCli *cli, char ***argv);
int pgm_command_version (PgmCli *cli, char ***argv);

G_END_DECLS
