/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <gio/gio.h>

#include "pgm-console.h"
#include "pgm-profile.h"

G_BEGIN_DECLS

#define PGM_EXIT_OK 0
#define PGM_EXIT_FAILED 1
#define PGM_EXIT_USAGE 2
#define PGM_EXIT_DIFFERENCES 3

#define PGM_DEFAULT_CONFIG "config.json"

/* Options that several commands have; a table of them wants <glib/gi18n-lib.h>. */
#define PGM_OPTION_CONFIG(variable)                                                     \
  {                                                                                     \
    "config", 'c', 0, G_OPTION_ARG_FILENAME, (variable), N_("Config file"), N_("FILE") \
  }
#define PGM_OPTION_PROFILE(variable)                                                     \
  {                                                                                      \
    "profile", 0, 0, G_OPTION_ARG_FILENAME, (variable), N_("Saved profile"), N_("NAME") \
  }
#define PGM_OPTION_JSON(variable)                                                           \
  {                                                                                         \
    "json", 0, 0, G_OPTION_ARG_NONE, (variable), N_("Print JSON, one object a line"), NULL \
  }

typedef struct _PgmCli PgmCli;

typedef struct
{
  const char *name;
  const char *summary;
  const char *description; /* of its --help, below the options */
  int (*run) (PgmCli *cli, char ***argv);
} PgmCliCommand;

/* What the program's commands share. */
struct _PgmCli
{
  /* owned */
  PgmConsole *console;
  PgmLogger *logger;
  char *log_file;

  /* borrowed */
  const PgmCliCommand *commands; /* ends with a NULL name */
  const PgmCliCommand *command;  /* (nullable): before it is known */

  gboolean verbose;
  gboolean quiet;
  gboolean no_color;
  gboolean help;
  gboolean version;
  gboolean json;
  gboolean has_results; /* standard output says what matters: the log is for what fails */
};

int pgm_cli_run (char ***argv);
char *pgm_cli_dup_version (void);

/* pgm-cli-parse.c */
gboolean pgm_cli_parse (PgmCli *self, const GOptionEntry *entries, char ***argv, int *status);
char *pgm_cli_dup_help (PgmCli *self);
int pgm_cli_refuse (PgmCli *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* pgm-cli-log.c */
gboolean pgm_cli_open_log (PgmCli *self, GError **error);
void pgm_cli_log_to_json (PgmCli *self);
void pgm_cli_log_lines (PgmCli *self, PgmLogLevel level, const char *text);
int pgm_cli_fail (PgmCli *self, const GError *error);

/* pgm-cli-profile.c */
PgmProfile *
pgm_cli_load_profile (PgmCli *self, const char *config, const char *name, GError **error);

/* pgm-cli.c */
void pgm_cli_await (GAsyncResult **result);
void pgm_cli_store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data);

G_END_DECLS
