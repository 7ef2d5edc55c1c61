/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Each code answers "what can the user do now?". The nick of a code ("same-server") is the
 * stable `code` of reports and JSON output. The first group ends a run; the second is how
 * src/postgres says what a server or a tool did, and is recoded by the step that asked. */
typedef enum
{
  PGM_ERROR_FAILED,
  PGM_ERROR_CONFIG,             /* the profile cannot be used as it is */
  PGM_ERROR_TOOLS,              /* a client tool is missing, too old or too new */
  PGM_ERROR_SOURCE_UNREACHABLE, /* no session on the source */
  PGM_ERROR_TARGET_UNREACHABLE, /* no session on the target */
  PGM_ERROR_PREFLIGHT,          /* a name, a right or a setting stands in the way */
  PGM_ERROR_SAME_SERVER,        /* source and target are one database */
  PGM_ERROR_BUSY,               /* another run writes to this target database */
  PGM_ERROR_REFUSED,            /* the user did not agree, or the target is protected */
  PGM_ERROR_DUMP_FAILED,
  PGM_ERROR_RESTORE_FAILED,
  PGM_ERROR_SCRIPT_FAILED, /* pre_sql or post_sql */
  PGM_ERROR_VERIFY_FAILED,
  PGM_ERROR_REPLACE_FAILED,
  PGM_ERROR_STALLED, /* nothing moved any more, and no server was at work */

  PGM_ERROR_CONNECT, /* a server could not be reached, or went away */
  PGM_ERROR_AUTH,    /* reached, but it refused the role or password */
  PGM_ERROR_DENIED,  /* the role lacks a privilege */
  PGM_ERROR_MISSING, /* no such database or object */
  PGM_ERROR_IN_USE,  /* SQLSTATE 55006 or 55P03: others hold it */
  PGM_ERROR_SQL,     /* any other statement failure */
  PGM_ERROR_TOOL,    /* a client tool left with a status other than 0, or by a signal */
} PgmError;

#define PGM_TYPE_ERROR (pgm_error_get_type ())
#define PGM_ERROR (pgm_error_quark ())

GType pgm_error_get_type (void);
GQuark pgm_error_quark (void);
const char *pgm_error_get_code (const GError *error);
void pgm_error_recode (GError **error, PgmError code);
gboolean pgm_error_is_cancelled (const GError *error);
const char *pgm_error_get_reason (const GError *error);
PgmError pgm_error_from_sqlstate (const char *sqlstate);

G_END_DECLS
