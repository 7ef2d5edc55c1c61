/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#include "pgm-application.h"
#include "pgm-keyring.h"
#include "pgm-process.h"
#include "pgm-server.h"

int
main (int argc, char **argv)
{
  g_autoptr(PgmApplication) application = NULL;

  pgm_process_forbid_core (/* also_tracing= */ FALSE);
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
#ifdef SIGPIPE
  signal (SIGPIPE, SIG_IGN); /* a tool that goes away is an error of that write, not our end */
#endif
  pgm_server_forget_environment ();
  pgm_keyring_allow_prompts ();
  application = pgm_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
