/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-cli.h"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "pgm-commands.h"
#include "pgm-text.h"

#define LIST_STATUS N_("Exit status: 0 done, 1 failed, 2 wrong usage.")

/* clang-format off */
static const PgmCliCommand commands[] = {
  { "mirror", N_("Clone the source database to the target server"),
    N_("Without --config and --profile it takes config.json of the current folder. The target\n"
        "database gets the name of the source database. On a terminal, a database that would be\n"
        "replaced and is not empty has to be named once more; --yes answers for you.\n"
        "\n"
        "With --json, standard output has one event a line and the report as the last line;\n"
        "standard error has only errors then, or the whole log with --verbose.\n"
        "\n"
        "Exit status: 0 done and verified (or not verified because the config says so), 1 failed,\n"
        "2 wrong usage, 3 done, with listed differences that the config allows, 129, 130 or 143\n"
        "stopped by a signal. The last line says whether the target was changed."),
    pgm_command_mirror },
  { "check", N_("Show the installed tools; with a config, check both servers too"),
    N_("Nothing is changed on either server.\n"
        "\n"
        "Exit status: 0 a run can start, 1 something stands in the way, 2 wrong usage."),
    pgm_command_check },
  { "validate", N_("Check a config without a server"),
    N_("Exit status: 0 valid, 1 the config has faults, 2 wrong usage."), pgm_command_validate },
  { "verify", N_("Compare source and target as they are, and change nothing"),
    N_("How it compares is the config's \"verify\": row counts, sequences, the list of large\n"
        "objects and all definitions, and with \"full\" the content of every row and large "
        "object.\n"
        "\n"
        "Exit status: 0 equal, 1 it could not be compared, 2 wrong usage, 3 there are "
        "differences."),
    pgm_command_verify },
  { "databases", N_("List the databases of the source server"), LIST_STATUS,
    pgm_command_databases },
  { "profiles", N_("List the saved profiles"), LIST_STATUS, pgm_command_profiles },
  { "history", N_("List the runs of the past, or print a log of one"), LIST_STATUS,
    pgm_command_history },
  { "recover", N_("List what runs that were cut short left behind, and remove it"),
    N_("It looks at the target of the config for unfinished copies and replaced databases, and on\n"
        "this machine for temporary folders. Without --config and --profile it takes config.json of\n"
        "the current folder; where there is none, it looks at this machine only. What belongs to a\n"
        "run that is at work is never touched.\n"
        "\n"
        "Without --remove nothing is changed. With it, unfinished copies, databases that were\n"
        "replaced and folders are removed, and a database that has lost its name gets it back. On\n"
        "a terminal it asks before; without one it needs --yes.\n"
        "\n"
        "Exit status: 0 nothing is left, 1 it could not look everywhere, or not remove everything\n"
        "that it should, 2 wrong usage, 3 something is left."),
    pgm_command_recover },
  { "version", N_("Show the versions of the program and its libraries"), LIST_STATUS,
    pgm_command_version },
  { NULL },
};
/* clang-format on */

static PgmCli *
pgm_cli_new (void)
{
  PgmCli *self = g_new0 (PgmCli, 1);

  self->commands = commands;
  self->logger = pgm_logger_new ();
  self->console = pgm_console_new (stdout, stderr);
  pgm_console_set_logger (self->console, self->logger);
  return self;
}

static void
pgm_cli_free (PgmCli *self)
{
  pgm_console_set_logger (self->console, NULL); /* whose sinks hold the console */
  g_clear_object (&self->logger);
  g_clear_object (&self->console);
  g_free (self->log_file);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PgmCli, pgm_cli_free)

/* Returns: (transfer full): the first line of `version` */
char *
pgm_cli_dup_version (void)
{
  return g_strdup ("pg-mirror-cli " PGM_VERSION);
}

static int
refuse_command (PgmCli *self, const char *word)
{
  const char *names[G_N_ELEMENTS (commands)] = { NULL };
  const char *nearest = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  nearest = pgm_text_find_nearest (word, names);
  if (nearest != NULL)
    return pgm_cli_refuse (self, _("unknown command \"%s\"; did you mean \"%s\"?"), word, nearest);
  return pgm_cli_refuse (self, _("unknown command \"%s\""), word);
}

static const PgmCliCommand *
find_command (const char *word)
{
  for (gsize i = 0; commands[i].name != NULL; i++)
    if (g_str_equal (commands[i].name, word))
      return &commands[i];
  return NULL;
}

static void
take_command_word (char ***argv)
{
  g_autoptr(GStrvBuilder) rest = g_strv_builder_new ();
  char **old = *argv;

  g_strv_builder_add (rest, old[0]);
  g_strv_builder_addv (rest, (const char **) old + 2);
  *argv = g_strv_builder_end (rest);
  g_strfreev (old);
}

/* What could not be printed is lost, and a command that was to find it out has failed; a run has
 * done more than that. */
static int
judge_output (PgmCli *self, int status)
{
  gboolean is_flushed = pgm_console_flush (self->console);
  gboolean is_run = self->command != NULL && self->command->run == pgm_command_mirror &&
                    !self->help && !self->version;

  return is_flushed || is_run || status != PGM_EXIT_OK ? status : PGM_EXIT_FAILED;
}

/* @argv: in GLib's encoding of file names; changed
 *
 * Returns: the program's exit status */
int
pgm_cli_run (char ***argv)
{
  g_autoptr(PgmCli) self = pgm_cli_new ();
  g_autofree char *help = NULL;
  int status = PGM_EXIT_OK;

  g_set_prgname ("pg-mirror-cli");
  if (!pgm_cli_parse (self, NULL, argv, &status))
    return judge_output (self, status);
  if ((*argv)[0] == NULL || (*argv)[1] == NULL)
    {
      help = pgm_cli_dup_help (self);
      pgm_console_complain (self->console, help);
      return PGM_EXIT_USAGE;
    }
  self->command = find_command ((*argv)[1]);
  if (self->command == NULL)
    return refuse_command (self, (*argv)[1]);
  take_command_word (argv);
  return judge_output (self, self->command->run (self, argv));
}

/* For the callback of an async call that pgm_cli_await() waits for. */
void
pgm_cli_store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **stored = user_data;

  *stored = g_object_ref (result);
}

/* @result: (out): NULL before the call that sets it */
void
pgm_cli_await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}
