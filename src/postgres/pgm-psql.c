/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-psql.h"

#include "pgm-error.h"
#include "pgm-subprocess.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _PgmPsql
{
  /* owned */
  char *path;
  PgmServer *server;
  char *maintenance_database;
  PgmLogger *logger;
  GCancellable *kill; /* (nullable) */

  void (*tick) (gpointer user_data);
  gpointer tick_data; /* borrowed */
};

typedef struct
{
  PgmPsql *psql;
  PgmScriptResult *result; /* (nullable) */
  guint first_line;        /* of the script that psql reads; its own count starts at 1 */
  char *message;           /* owned: of the first error */
} Run;

/* @kill: (nullable): ends psql at once */
PgmPsql *
pgm_psql_new (const char *path,
              PgmServer *server,
              const char *maintenance_database,
              PgmLogger *logger,
              GCancellable *kill)
{
  PgmPsql *self = g_new0 (PgmPsql, 1);

  self->path = g_strdup (path);
  self->server = pgm_server_ref (server);
  self->maintenance_database = g_strdup (maintenance_database);
  self->logger = g_object_ref (logger);
  self->kill = kill != NULL ? g_object_ref (kill) : NULL;
  return self;
}

void
pgm_psql_free (PgmPsql *self)
{
  g_free (self->path);
  pgm_server_unref (self->server);
  g_free (self->maintenance_database);
  g_object_unref (self->logger);
  g_clear_object (&self->kill);
  g_free (self);
}

/* @tick: (nullable): called about five times a second while psql runs */
void
pgm_psql_set_tick (PgmPsql *self, void (*tick) (gpointer user_data), gpointer user_data)
{
  self->tick = tick;
  self->tick_data = user_data;
}

void
pgm_script_result_clear (PgmScriptResult *self)
{
  g_clear_pointer (&self->lines, g_ptr_array_unref);
}

static void
stdout_cb (const char *line, gpointer user_data)
{
  Run *run = user_data;

  if (run->result != NULL)
    g_ptr_array_add (run->result->lines, g_strdup (line));
  else
    pgm_debug (run->psql->logger, "psql: %s", line);
}

static void
tick_cb (gpointer user_data)
{
  Run *run = user_data;

  run->psql->tick (run->psql->tick_data);
}

/* Reads `psql:<stdin>:3: ERROR:  42P04: database "x" already exists`; only number and code are
 * relied on, the word ERROR is in the server's language. Other lines (DETAIL, CONTEXT) may hold
 * row data and go nowhere. */
static void
stderr_cb (const char *line, gpointer user_data)
{
  static GRegex *regex;
  Run *run = user_data;
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *clean = pgm_text_escape (line);

  if (g_once_init_enter (&regex))
    g_once_init_leave (&regex, g_regex_new ("^psql:.*?:([0-9]+): [^:]+:  ([0-9A-Z]{5}): (.*)$",
                                            G_REGEX_OPTIMIZE, 0, NULL));
  if (run->message != NULL || !g_regex_match (regex, clean, 0, &match))
    {
      if (run->message == NULL && strstr (clean, "error") != NULL)
        run->message = g_steal_pointer (&clean);
      return;
    }
  run->message = g_match_info_fetch (match, 3);
  if (run->result != NULL)
    {
      g_autofree char *number = g_match_info_fetch (match, 1);
      g_autofree char *sqlstate = g_match_info_fetch (match, 2);

      run->result->failed_line = (guint) g_ascii_strtoull (number, NULL, 10) + run->first_line - 1;
      g_strlcpy (run->result->sqlstate, sqlstate, sizeof run->result->sqlstate);
    }
}

static void
add_variables (GPtrArray *argv, const PgmScript *script)
{
  for (const char *const *v = pgm_script_get_variables (script); *v != NULL; v++)
    {
      g_ptr_array_add (argv, (char *) "-v");
      g_ptr_array_add (argv, (char *) *v);
    }
}

static gboolean
run (Run *state, GPtrArray *argv, GBytes *input, GCancellable *cancellable, GError **error)
{
  PgmPsql *self = state->psql;
  char **envp = pgm_server_dup_environ (self->server, NULL);
  PgmCommand command = { .argv = (const char *const *) argv->pdata,
                         .envp = (const char *const *) envp,
                         .input = input,
                         .stdout_line = stdout_cb,
                         .stderr_line = stderr_cb,
                         .tick = self->tick != NULL ? tick_cb : NULL,
                         .tick_ms = 200,
                         .user_data = state,
                         .stop_signal = PGM_STOP_BY_INT,
                         .server = self->server,
                         .may_gain_rights = TRUE,
                         .kill = self->kill };
  int status = pgm_subprocess_run_sync (&command, cancellable, error);

  pgm_environ_free (envp);
  if (status > 0)
    {
      gboolean is_statement = state->result != NULL && state->result->failed_line > 0;
      PgmError code =
          is_statement ? pgm_error_from_sqlstate (state->result->sqlstate) : PGM_ERROR_TOOL;

      g_set_error (error, PGM_ERROR, (int) code, "%s",
                   state->message != NULL ? state->message : _("psql did not say why"));
    }
  g_free (state->message);
  return status == 0;
}

static GPtrArray *
start_argv (PgmPsql *self, char *conninfo)
{
  static const char *const fixed[] = {
    "-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"
  };
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, self->path);
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (argv, (char *) fixed[i]);
  g_ptr_array_add (argv, (char *) "-d");
  g_ptr_array_add (argv, conninfo);
  return argv;
}

/* Runs @script from line @first_line on, and stops at its first error. The error has the meaning
 * of the statement's SQLSTATE, and the server's text.
 *
 * @database: (nullable): NULL for the maintenance database
 * @first_line: from 1
 * @ret_result: (out caller-allocates) (nullable): filled also on failure; to be cleared */
gboolean
pgm_psql_run_from_sync (PgmPsql *self,
                        const char *database,
                        const PgmScript *script,
                        guint first_line,
                        PgmScriptResult *ret_result,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto(PgmScriptResult) own = { 0 };
  PgmScriptResult *result = ret_result != NULL ? ret_result : &own;
  g_autofree char *conninfo = pgm_server_dup_conninfo (
      self->server, database != NULL ? database : self->maintenance_database);
  g_autoptr(GPtrArray) argv = start_argv (self, conninfo);
  g_autoptr(GBytes) input = pgm_script_dup_input (script, first_line);
  Run state = { .psql = self, .result = result, .first_line = first_line };

  *result = (PgmScriptResult){ .lines = g_ptr_array_new_with_free_func (g_free) };
  for (guint i = first_line; i <= pgm_script_get_n_lines (script); i++)
    {
      g_autofree char *line = pgm_script_dup_line (script, i);

      pgm_debug (self->logger, "psql: %s", line);
    }
  add_variables (argv, script);
  g_ptr_array_add (argv, (char *) "-f");
  g_ptr_array_add (argv, (char *) "-");
  g_ptr_array_add (argv, NULL);
  return run (&state, argv, input, cancellable, error);
}

gboolean
pgm_psql_run_sync (PgmPsql *self,
                   const char *database,
                   const PgmScript *script,
                   PgmScriptResult *ret_result,
                   GCancellable *cancellable,
                   GError **error)
{
  return pgm_psql_run_from_sync (self, database, script, 1, ret_result, cancellable, error);
}

/* Runs a script of the user's. What it prints goes to the log at the debug level. */
gboolean
pgm_psql_run_file_sync (PgmPsql *self,
                        const char *database,
                        const char *path,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *conninfo = pgm_server_dup_conninfo (self->server, database);
  g_autoptr(GPtrArray) argv = start_argv (self, conninfo);
  Run state = { .psql = self };

  g_ptr_array_add (argv, (char *) "-f");
  g_ptr_array_add (argv, (char *) path);
  g_ptr_array_add (argv, NULL);
  return run (&state, argv, NULL, cancellable, error);
}
