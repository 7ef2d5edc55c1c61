/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "pgm-text.h"

#define PROGRAM "pg-mirror-cli"

static char *
dup_command_line (PgmCli *self)
{
  if (self->command == NULL)
    return g_strdup (PROGRAM);
  return g_strdup_printf (PROGRAM " %s", self->command->name);
}

/* Says what is wrong with the command line and where to read how it should be.
 *
 * Returns: PGM_EXIT_USAGE */
int
pgm_cli_refuse (PgmCli *self, const char *format, ...)
{
  g_autofree char *command_line = dup_command_line (self);
  g_autofree char *reason = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  escaped = pgm_text_escape (reason);
  text = g_strdup_printf (_("%s: %s\nTry '%s --help'."), PROGRAM, escaped, command_line);
  pgm_console_complain (self->console, text);
  return PGM_EXIT_USAGE;
}

/* Returns: (transfer full): @entries and the options that every command has */
static GArray *
dup_entries (PgmCli *self, const GOptionEntry *entries)
{
  /* clang-format off */
  const GOptionEntry globals[] = {
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose, N_("Say more"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, N_("Say only what went wrong"), NULL },
    { "log-file", 0, 0, G_OPTION_ARG_FILENAME, &self->log_file,
      N_("Append the log to this file too"), N_("FILE") },
    { "no-color", 0, 0, G_OPTION_ARG_NONE, &self->no_color, N_("Use no colors"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help, N_("Show this help"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, N_("Show the version"), NULL },
  };
  /* clang-format on */
  GArray *all = g_array_new (TRUE, FALSE, sizeof (GOptionEntry));

  for (; entries != NULL && entries->long_name != NULL; entries++)
    g_array_append_vals (all, entries, 1);
  g_array_append_vals (all, globals, G_N_ELEMENTS (globals));
  return all;
}

/* GOptionContext takes "--drop-existing=no" for "--drop-existing". */
static const char *
find_needless_value (char **argv, GArray *entries)
{
  for (; *argv != NULL && !g_str_equal (*argv, "--"); argv++)
    for (guint i = 0; i < entries->len; i++)
      {
        const GOptionEntry *entry = &g_array_index (entries, GOptionEntry, i);
        g_autofree char *start = g_strdup_printf ("--%s=", entry->long_name);

        if (entry->arg == G_OPTION_ARG_NONE && g_str_has_prefix (*argv, start))
          return entry->long_name;
      }
  return NULL;
}

static const GOptionEntry *
find_by_letter (GArray *entries, char letter)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_array_index (entries, GOptionEntry, i).short_name == letter)
      return &g_array_index (entries, GOptionEntry, i);
  return NULL;
}

/* Returns: where the value begins in @arg, letters such as "-nj4" of which the last one that is an
 * option wants one; NULL where there is none */
static const char *
find_short_value (const char *arg, GArray *entries)
{
  for (const char *letter = arg + 1; *letter != '\0'; letter++)
    {
      const GOptionEntry *entry = find_by_letter (entries, *letter);

      if (entry == NULL)
        return NULL;
      if (entry->arg != G_OPTION_ARG_NONE)
        return letter[1] != '\0' ? letter + 1 : NULL;
    }
  return NULL;
}

/* GOptionContext knows "-j 4" but not "-j4", which everybody types. */
static char **
split_short_values (char **argv, GArray *entries)
{
  g_autoptr(GStrvBuilder) out = g_strv_builder_new ();
  gboolean is_literal = FALSE;

  for (; *argv != NULL; argv++)
    {
      const char *arg = *argv;
      const char *value = NULL;
      g_autofree char *letters = NULL;

      is_literal = is_literal || g_str_equal (arg, "--");
      if (!is_literal && arg[0] == '-' && arg[1] != '-')
        value = find_short_value (arg, entries);
      if (value == NULL)
        {
          g_strv_builder_add (out, arg);
          continue;
        }
      letters = g_strndup (arg, value - arg);
      g_strv_builder_add_many (out, letters, value, NULL);
    }
  return g_strv_builder_end (out);
}

static char *
dup_commands_help (PgmCli *self)
{
  GString *text = g_string_new (_("Commands:\n"));

  for (const PgmCliCommand *command = self->commands; command->name != NULL; command++)
    g_string_append_printf (text, "  %-12s%s\n", command->name, _(command->summary));
  g_string_append_printf (text, _("\n'%s COMMAND --help' says more about a command."), PROGRAM);
  return g_string_free (text, FALSE);
}

static GOptionContext *
new_context (PgmCli *self, GArray *entries)
{
  GOptionContext *context = g_option_context_new (self->command == NULL ? _("COMMAND") : NULL);
  g_autofree char *commands = dup_commands_help (self);

  g_option_context_add_main_entries (context, &g_array_index (entries, GOptionEntry, 0),
                                     GETTEXT_PACKAGE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_strict_posix (context, self->command == NULL);
  g_option_context_set_summary (context, self->command != NULL
                                ? _(self->command->summary)
                                : _("Clones a PostgreSQL database from one server to another."));
  g_option_context_set_description (context, self->command != NULL ? _(self->command->description)
                                                                   : commands);
  return context;
}

static char *
dup_help (PgmCli *self, GOptionContext *context)
{
  g_autofree char *command_line = dup_command_line (self);
  g_autofree char *help = NULL;

  g_set_prgname (command_line);
  help = g_option_context_get_help (context, TRUE, NULL);
  g_set_prgname (PROGRAM);
  return g_strdup (g_strchomp (help));
}

/* GLib's messages begin as a sentence does. */
static int
refuse_parse_error (PgmCli *self, const GError *error)
{
  g_autofree char *first = g_utf8_substring (error->message, 0, 1);
  g_autofree char *lower = g_utf8_strdown (first, -1);

  return pgm_cli_refuse (self, "%s%s", lower, error->message + strlen (first));
}

static int
refuse_option (PgmCli *self, const char *option, GArray *entries)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *word = g_strndup (option, strcspn (option, "="));
  g_auto(GStrv) names = NULL;
  const char *nearest = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      g_autofree char *name =
          g_strconcat ("--", g_array_index (entries, GOptionEntry, i).long_name, NULL);

      g_strv_builder_add (builder, name);
    }
  names = g_strv_builder_end (builder);
  if (strlen (word) > 2)
    nearest = pgm_text_find_nearest (word, (const char *const *) names);
  if (nearest != NULL)
    return pgm_cli_refuse (self, _("unknown option \"%s\"; did you mean \"%s\"?"), word, nearest);
  if (self->command == NULL)
    return pgm_cli_refuse (self, _("unknown option \"%s\" before the command"), word);
  return pgm_cli_refuse (self, _("unknown option \"%s\""), word);
}

static gboolean
is_option (const char *arg)
{
  return arg[0] == '-' && arg[1] != '\0';
}

/* Looks at what the context left over: of a command's line nothing may remain. */
static gboolean
check_rest (PgmCli *self, char **rest, GArray *entries, int *status)
{
  gboolean is_literal = rest[0] != NULL && g_str_equal (rest[0], "--");

  if (rest[0] != NULL && !is_literal && is_option (rest[0]))
    *status = refuse_option (self, rest[0], entries);
  else if (self->command != NULL && rest[0] != NULL)
    *status = pgm_cli_refuse (self, _("unexpected argument \"%s\""), rest[is_literal ? 1 : 0]);
  else if (self->verbose && self->quiet)
    *status = pgm_cli_refuse (self, _("--verbose and --quiet exclude each other"));
  return *status == PGM_EXIT_OK;
}

/* What is wrong with the line itself, whatever the command makes of it. */
static gboolean
take_options (PgmCli *self, GOptionContext *context, GArray *entries, char ***argv, int *status)
{
  g_autoptr(GError) error = NULL;
  const char *needless = find_needless_value (*argv, entries);
  char **split = split_short_values (*argv, entries);

  g_strfreev (*argv);
  *argv = split;
  if (needless != NULL)
    *status = pgm_cli_refuse (self, _("option \"--%s\" takes no value"), needless);
  else if (!g_option_context_parse_strv (context, argv, &error))
    *status = refuse_parse_error (self, error);
  else
    check_rest (self, *argv + 1, entries, status);
  return *status == PGM_EXIT_OK;
}

/* An answer that needs no command to run. */
static gboolean
is_answered (PgmCli *self, GOptionContext *context)
{
  g_autofree char *text = NULL;

  if (self->help)
    text = dup_help (self, context);
  else if (self->version)
    text = pgm_cli_dup_version ();
  if (text != NULL)
    pgm_console_print (self->console, text);
  return text != NULL;
}

/* @entries: (nullable): of the command
 * @status: (out): set when it returns FALSE: the program ends with it
 *
 * Takes the options out of @argv: before the command its own stay, with the command all go. */
gboolean
pgm_cli_parse (PgmCli *self, const GOptionEntry *entries, char ***argv, int *status)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) all = dup_entries (self, entries);
  g_autoptr(GOptionContext) context = new_context (self, all);

  *status = PGM_EXIT_OK;
  if (!take_options (self, context, all, argv, status))
    return FALSE;
  if (is_answered (self, context))
    return FALSE;
  if (self->command == NULL)
    return TRUE;
  pgm_console_set_color (self->console, !self->no_color);
  pgm_console_set_progress (self->console, !self->quiet && !self->json);
  if (pgm_cli_open_log (self, &error))
    return TRUE;
  *status = pgm_cli_fail (self, error);
  return FALSE;
}

/* Returns: (transfer full): the help of the program as a whole */
char *
pgm_cli_dup_help (PgmCli *self)
{
  g_autoptr(GArray) all = dup_entries (self, NULL);
  g_autoptr(GOptionContext) context = new_context (self, all);

  return dup_help (self, context);
}
