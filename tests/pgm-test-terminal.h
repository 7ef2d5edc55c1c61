/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-test-program.h"

G_BEGIN_DECLS

/* A terminal of its own for the program: what it asks there, and what the terminal shows. Its
 * standard output goes nowhere. */
typedef struct
{
  int master;
  GString *shown;
  GSubprocess *process;
} PgmTestTerminal;

void pgm_test_terminal_start (PgmTestTerminal *self, PgmTestProgram *fx, const char *const *args);
void pgm_test_terminal_expect (PgmTestTerminal *self, const char *text);
void pgm_test_terminal_type (PgmTestTerminal *self, const char *text);
int pgm_test_terminal_end (PgmTestTerminal *self);

G_END_DECLS
