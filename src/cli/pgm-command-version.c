/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-commands.h"

#include <glib/gi18n-lib.h>

#include "pgm-conn.h"

/* libpq counts as servers do: 150020 is 15.20 (PQlibVersion). */
static char *
dup_libraries (void)
{
  int libpq = pgm_conn_get_libpq_version ();

  return g_strdup_printf ("GLib %u.%u.%u, json-glib %s, libpq %d.%d", glib_major_version,
                          glib_minor_version, glib_micro_version, JSON_VERSION_S, libpq / 10000,
                          libpq % 10000);
}

int
pgm_command_version (PgmCli *cli, char ***argv)
{
  g_autofree char *version = pgm_cli_dup_version ();
  g_autofree char *libraries = dup_libraries ();
  int status = PGM_EXIT_OK;

  if (!pgm_cli_parse (cli, NULL, argv, &status))
    return status;
  pgm_console_print (cli->console, version);
  pgm_console_print (cli->console, libraries);
  pgm_console_print (cli->console, _("License GPL-3.0-or-later; there is no warranty."));
  return PGM_EXIT_OK;
}
