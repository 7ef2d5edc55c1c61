/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a session could not be opened, as far as that tells what to do. */
typedef enum
{
  PGM_CONNECT_OK,
  PGM_CONNECT_UNKNOWN_HOST,
  PGM_CONNECT_REFUSED, /* nothing listens there */
  PGM_CONNECT_SILENT,  /* no answer within the time-out */
  PGM_CONNECT_NOT_POSTGRES,
  PGM_CONNECT_NO_PASSWORD,
  PGM_CONNECT_WRONG_PASSWORD, /* or role: a server does not say which */
  PGM_CONNECT_NOT_ALLOWED,    /* pg_hba.conf */
  PGM_CONNECT_TLS,            /* encryption or certificate */
  PGM_CONNECT_NO_DATABASE,
  PGM_CONNECT_DENIED,         /* no CONNECT privilege */
  PGM_CONNECT_FULL,           /* no free connection slot */
  PGM_CONNECT_STARTING,       /* or shutting down */
  PGM_CONNECT_PASSWORD_STORE, /* keyring, file or variable of the profile gave no password */
  PGM_CONNECT_OTHER,
} PgmConnectCause;

G_END_DECLS
