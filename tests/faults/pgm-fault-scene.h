/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include "pgm-fault-proxy.h"
#include "pgm-test-pair.h"

G_BEGIN_DECLS

typedef struct _PgmFaultScene PgmFaultScene;
typedef void (*PgmFaultFunc) (PgmFaultScene *self);

/* Where a run stands when something happens to it. */
typedef struct
{
  PgmSide side;
  const char *sessions;   /* (nullable): a condition of pg_stat_activity; NULL: before the run */
  const char *source_sql; /* what makes a run stay there */
  const char *role;       /* (nullable): NULL for the superuser */
  const char *options;    /* (nullable): of the profile, each after a comma */
  PgmFaultFunc prepare;   /* (nullable): before the run */
  PgmFaultFunc arrive;    /* (nullable): what it takes beside waiting */
  PgmFaultFunc depart;    /* (nullable): lets it go on, once the thing has happened */
} PgmFaultMoment;

/* What the target's name holds in the end, and whether the report knows. */
typedef enum
{
  PGM_FAULT_OLD,
  PGM_FAULT_NEW,
  PGM_FAULT_EITHER, /* and the report says that it is not known */
} PgmFaultContent;

typedef enum
{
  PGM_FAULT_SLOW = 1 << 0, /* only where all cases are asked for */
  PGM_FAULT_ROOT = 1 << 1, /* only as root */
} PgmFaultFlags;

/* One case. Its name begins with what the list in tests/faults/README.md calls it. */
typedef struct
{
  const char *name;
  const PgmFaultMoment *moment;
  PgmSide side; /* to which it happens */
  PgmFaultFunc inject;
  PgmFault fault;      /* for pgm_fault_wire() */
  const char *options; /* (nullable): as of the moment */
  const char *code;
  const char *message; /* a part of it */
  PgmFaultContent content;
  const char *leftovers; /* (nullable): the codes of what may be left, and then is named */
  PgmFaultFlags flags;
  const char *source_sql; /* (nullable): in place of the moment's */
} PgmFaultCase;

/* One case at work. */
struct _PgmFaultScene
{
  const PgmFaultCase *c;
  PgmTestPair *pair;
  PgmTestRun *run; /* NULL before it is started */
  GCancellable *cancellable;
  PgmConn *holder; /* (nullable): somebody else's session */
  char *tools;     /* (nullable): of pgm_test_fake_begin() */
  char *script;    /* (nullable): path of a file that is removed in the end */
  char *undo;      /* (nullable): SQL that sets both servers right again */
};

/* Both servers, and the proxies that every run goes through. */
extern PgmTestServer *pgm_fault_servers[2]; /* by PgmSide */
extern PgmFaultProxy *pgm_fault_proxies[2];

#define PGM_FAULT_ROLE "app" /* may create databases */

void pgm_fault_init (int *argc, char ***argv, const PgmTestServerOptions *options);
void pgm_fault_add (const char *program, const PgmFaultCase *cases, gsize n_cases);
int pgm_fault_end (int status);
int pgm_fault_main (
    int argc, char **argv, const char *program, const PgmFaultCase *cases, gsize n_cases);

extern const PgmFaultMoment pgm_fault_at_start;
extern const PgmFaultMoment pgm_fault_in_dump;
extern const PgmFaultMoment pgm_fault_in_count;  /* on the source, beside the dump */
extern const PgmFaultMoment pgm_fault_in_script; /* of the user's, before the restore */
extern const PgmFaultMoment pgm_fault_in_copy;
extern const PgmFaultMoment pgm_fault_in_index;
extern const PgmFaultMoment pgm_fault_in_verify;
extern const PgmFaultMoment pgm_fault_in_swap;
extern const PgmFaultMoment pgm_fault_in_drop; /* of the old database, after the swap */

void pgm_fault_open_gate (PgmFaultScene *self);

/* What may happen. What is broken stays so until the run has ended, unless it says otherwise. */
void pgm_fault_none (PgmFaultScene *self);
void pgm_fault_wire (PgmFaultScene *self);
void pgm_fault_wire_once (PgmFaultScene *self);   /* only to the connections that are there */
void pgm_fault_wire_newest (PgmFaultScene *self); /* only to the last one; the holder lets go */
void pgm_fault_terminate (PgmFaultScene *self);
void pgm_fault_cancel_query (PgmFaultScene *self);
void pgm_fault_kill_backend (PgmFaultScene *self);
void pgm_fault_stop (PgmFaultScene *self);
void pgm_fault_stop_fast (PgmFaultScene *self);
void pgm_fault_restart (PgmFaultScene *self);
void pgm_fault_freeze (PgmFaultScene *self);
void pgm_fault_cancel_run (PgmFaultScene *self);

void pgm_fault_heal (void);

/* For tables: what happens, and the fault of the wire or none. */
#define PGM_DO(func) \
  pgm_fault_##func, { 0 }
#define PGM_WIRE(kind, ways, amount) \
  pgm_fault_wire, { PGM_FAULT_##kind, PGM_FAULT_##ways, amount, 0 }
#define PGM_WIRE_NEWEST(kind, ways, amount) \
  pgm_fault_wire_newest, { PGM_FAULT_##kind, PGM_FAULT_##ways, amount, 0 }
#define PGM_WIRE_ONCE(kind) \
  pgm_fault_wire_once, { PGM_FAULT_##kind, PGM_FAULT_BOTH, 0, 0 }

G_END_DECLS
