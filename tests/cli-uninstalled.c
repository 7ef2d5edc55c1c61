/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The program as it is, with the translations of the build folder. */

#include "config.h"

#undef LOCALEDIR
#define LOCALEDIR PGM_TEST_LOCALEDIR

#include "../src/cli/main.c"
