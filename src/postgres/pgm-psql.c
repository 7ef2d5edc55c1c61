/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-psql.h"

#include "pgm-error.h"
#include "pgm-server-words.h"
#include "pgm-subprocess.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The last statement of every script asks for this, so that a script that was not read to its end
 * is not taken for one that was done. */
#define END_MARK "pg-mirror-end-of-script"

struct _PgmPsql
{
  /* owned */
  char *path;
  PgmServer *server;
  char *maintenance_database;
  PgmLogger *logger;
  GCancellable *kill; /* (nullable) */
  char *own_settings;

  void (*tick) (gpointer user_data);
  gpointer tick_data; /* borrowed */
};

/* A notice would look like an error, and its text may hold rows. */
#define NO_NOTICES "-c client_min_messages=error "

typedef struct
{
  PgmPsql *psql;
  PgmScriptResult *result; /* (nullable) */
  int line_offset;         /* of the script's lines to those that psql counts */
  guint last_line;         /* of the script; what comes after it is ours; 0: none of ours */
  const char *settings;    /* (nullable): of the session, as PGOPTIONS has them */
  char *message;           /* owned, nullable: of the first error */
  char sqlstate[6];        /* of it; empty when it is psql's own */
  guint line;              /* where it happened in what psql read; 0: nowhere */
  gboolean is_raised;      /* by a function of the user's */
  gboolean is_at_end;      /* of a script of ours */
} Run;

/* Of scripts of our own: nothing in the maintenance database stands in for what the server has
 * (CVE-2018-1058). */
#define OWN_SETTINGS "-c search_path=pg_catalog "

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
  self->own_settings = g_strdup (OWN_SETTINGS);
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
  g_free (self->own_settings);
  g_free (self);
}

/* @kill: (nullable): in place of the one before; between two scripts */
void
pgm_psql_set_kill (PgmPsql *self, GCancellable *kill)
{
  g_set_object (&self->kill, kill);
}

/* @encoding: of the names in scripts for databases other than the maintenance database; there a
 * name is the bytes that it is. SQL_ASCII: they are so everywhere. */
void
pgm_psql_set_encoding (PgmPsql *self, const char *encoding)
{
  g_free (self->own_settings);
  self->own_settings = g_str_equal (encoding, "SQL_ASCII")
                           ? g_strdup (OWN_SETTINGS)
                           : g_strdup_printf (OWN_SETTINGS "-c client_encoding=%s ", encoding);
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

  if (g_str_equal (line, END_MARK))
    run->is_at_end = TRUE;
  else if (run->result != NULL)
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

/* What is the server's own may hold rows, and says where it comes from only at its end.
 *
 * Returns: (transfer full): why psql failed */
static char *
dup_reason (const Run *run)
{
  const PgmErrorPlace place = { .function = run->is_raised ? "exec_stmt_raise" : NULL };
  g_autofree char *words = NULL;

  if (run->message == NULL)
    return g_strdup (_("psql did not say why"));
  if (run->sqlstate[0] == '\0')
    return g_strdup (run->message);
  words = pgm_server_words_dup (run->sqlstate, run->message, &place);
  if (run->result != NULL)
    return g_steal_pointer (&words);
  return g_strdup_printf (_("line %u: %s"), run->line, words); /* of a file of the user's */
}

/* Of a script of ours, where psql was in it means nothing to people.
 *
 * @text: `psql:<stdin>:3: error: connection to server was lost`, or with a file's name */
static char *
dup_own_error (const char *text)
{
  static const char mark[] = ": error: ";

  if (!g_str_has_prefix (text, "psql:<stdin>:"))
    return g_strdup (text);
  return g_strconcat ("psql: ", strstr (text, mark) + strlen (mark), NULL);
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
  g_autofree char *sqlstate = NULL;
  g_autofree char *number = NULL;

  if (g_once_init_enter (&regex))
    g_once_init_leave (&regex, g_regex_new ("^psql:.*?:([0-9]+): [^:]+:  ([0-9A-Z]{5}): (.*)$",
                                            G_REGEX_OPTIMIZE, 0, NULL));
  if (run->message != NULL || !g_regex_match (regex, clean, 0, &match))
    {
      if (run->message == NULL && g_regex_match_simple ("^psql(:.*:[0-9]+)?: error: ", clean, 0, 0))
        run->message = dup_own_error (clean);
      else if (g_str_has_prefix (clean, "LOCATION:  exec_stmt_raise,"))
        run->is_raised = TRUE;
      return;
    }
  run->message = g_match_info_fetch (match, 3);
  sqlstate = g_match_info_fetch (match, 2);
  g_strlcpy (run->sqlstate, sqlstate, sizeof run->sqlstate);
  number = g_match_info_fetch (match, 1);
  run->line = (guint) g_ascii_strtoull (number, NULL, 10);
  if (run->result != NULL)
    {
      guint failed_line = (guint) ((int) run->line + run->line_offset);

      if (failed_line > run->last_line)
        return;
      run->result->failed_line = failed_line;
      g_strlcpy (run->result->sqlstate, sqlstate, sizeof run->result->sqlstate);
    }
}

static gboolean
run (Run *state, GPtrArray *argv, GBytes *input, GCancellable *cancellable, GError **error)
{
  PgmPsql *self = state->psql;
  g_autofree char *settings =
      g_strconcat (NO_NOTICES, state->settings != NULL ? state->settings : "", NULL);
  char **envp = pgm_server_dup_environ (self->server, settings);
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

      g_autofree char *reason = dup_reason (state);

      g_set_error_literal (error, PGM_ERROR, (int) code, reason);
    }
  else if (status == 0 && input != NULL && !state->is_at_end)
    {
      g_set_error_literal (error, PGM_ERROR, PGM_ERROR_TOOL,
                           _("psql did not get all of its script"));
      status = -1;
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

static GBytes *
dup_input (const PgmScript *script, guint first_line)
{
  g_autoptr(GBytes) lines = pgm_script_dup_input (script, first_line);
  gsize length = 0;
  const char *bytes = g_bytes_get_data (lines, &length);
  GString *text = g_string_new_len (bytes, (gssize) length);

  g_string_append (text, "SELECT '" END_MARK "';\n");
  return g_string_free_to_bytes (text);
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
  g_autoptr(GBytes) input = dup_input (script, first_line);
  Run state = { .psql = self,
                .result = result,
                .line_offset = (int) first_line - 1 - (int) pgm_script_get_n_variables (script),
                .last_line = pgm_script_get_n_lines (script),
                .settings = database != NULL ? self->own_settings : OWN_SETTINGS };

  *result = (PgmScriptResult){ .lines = g_ptr_array_new_with_free_func (g_free) };
  for (guint i = first_line; i <= pgm_script_get_n_lines (script); i++)
    {
      g_autofree char *line = pgm_script_dup_line (script, i);

      pgm_debug (self->logger, "psql: %s", line);
    }
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
