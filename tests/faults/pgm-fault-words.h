/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Short words for the columns of the tables; for the .c files that hold one. */

#pragma once

#include "pgm-fault-scene.h"

#define SOURCE PGM_SIDE_SOURCE
#define TARGET PGM_SIDE_TARGET

#define OLD PGM_FAULT_OLD
#define NEW PGM_FAULT_NEW
#define EITHER PGM_FAULT_EITHER

#define SLOW PGM_FAULT_SLOW

/* What may be left. */
#define STAGING "leftover-staging"
#define REPLACED "leftover-old"
#define BOTH_NAMES "leftover-staging leftover-old"

/* Options of profiles. A server that stays away is waited for as long as that. */
#define BRIEF ", \"connect_timeout\": 2"
#define PATIENT ", \"connect_timeout\": 120"
#define STALL ", \"connect_timeout\": 2, \"stall_timeout\": 2"
#define FULL ", \"verify\": \"full\""
#define JOBS_4 ", \"parallel_jobs\": 4"
