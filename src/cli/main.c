/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>

#include "pgm-cli.h"
#include "pgm-process.h"
#include "pgm-server.h"

static char **
dup_argv (char **argv)
{
#ifdef G_OS_WIN32
  return g_win32_get_command_line ();
#else
  return g_strdupv (argv);
#endif
}

int
main (int argc, char **argv)
{
  g_auto(GStrv) args = dup_argv (argv);

  pgm_process_forbid_core (/* also_tracing= */ TRUE);
  pgm_server_forget_environment ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE); /* ngettext() looks there alone */
#ifdef SIGPIPE
  signal (SIGPIPE, SIG_IGN); /* a reader that goes away is an error of that write, not our end */
#endif
  return pgm_cli_run (&args);
}
