/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  PGM_SEVERITY_NOTE,
  PGM_SEVERITY_WARNING,
  PGM_SEVERITY_BLOCKER,
} PgmSeverity;

/* Something the user should know about a run. Immutable once built: may cross threads. */
typedef struct
{
  PgmSeverity severity;
  char *code;    /* stable, for programs: "insecure-connection" */
  char *message; /* one sentence that names the objects */
  char *hint;    /* (nullable): the cure */
  char *
      *objects; /* (nullable): all of them, where the message only counts those behind the first */
} PgmFinding;

#define PGM_TYPE_FINDING (pgm_finding_get_type ())
#define PGM_TYPE_SEVERITY (pgm_severity_get_type ())

GType pgm_finding_get_type (void);
GType pgm_severity_get_type (void);
PgmFinding *
pgm_finding_new (PgmSeverity severity, const char *code, const char *hint, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
void pgm_finding_take_objects (PgmFinding *self, char **objects);
PgmFinding *pgm_finding_ref (PgmFinding *self);
void pgm_finding_unref (PgmFinding *self);
const char *pgm_severity_get_nick (PgmSeverity severity);
JsonNode *pgm_finding_to_json (const PgmFinding *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmFinding, pgm_finding_unref)

G_END_DECLS
