/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-archive-engine.h"

#include "pgm-archive-command.h"
#include "pgm-error.h"
#include "pgm-subprocess.h"
#include "pgm-text.h"
#include "pgm-tool-output.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

struct _PgmArchiveEngine
{
  /* owned */
  PgmOptions *options;
  PgmLogger *logger;
  GCancellable *kill; /* (nullable) */
  char *archive;
  char *list_file;

  /* borrowed */
  const PgmToolSet *tools;

  PgmEngineObserver observer;
};

/* @tools, @folder: must outlive the engine
 * @kill: (nullable): ends the tools at once */
PgmArchiveEngine *
pgm_archive_engine_new (PgmOptions *options,
                        const PgmToolSet *tools,
                        PgmRunFolder *folder,
                        PgmLogger *logger,
                        const PgmEngineObserver *observer,
                        GCancellable *kill)
{
  PgmArchiveEngine *self = g_new0 (PgmArchiveEngine, 1);

  self->options = pgm_options_ref (options);
  self->logger = g_object_ref (logger);
  self->kill = kill != NULL ? g_object_ref (kill) : NULL;
  self->archive = pgm_run_folder_dup_file (folder, "archive.dump");
  self->list_file = pgm_run_folder_dup_file (folder, "archive.list");
  self->tools = tools;
  self->observer = *observer;
  return self;
}

void
pgm_archive_engine_free (PgmArchiveEngine *self)
{
  pgm_options_unref (self->options);
  g_object_unref (self->logger);
  g_clear_object (&self->kill);
  g_free (self->archive);
  g_free (self->list_file);
  g_free (self);
}

/* Returns: the archive's size so far */
guint64
pgm_archive_engine_get_archive_bytes (PgmArchiveEngine *self)
{
  GStatBuf status;

  return g_stat (self->archive, &status) == 0 ? (guint64) status.st_size : 0;
}

/* Beside the life signs of the tool, for systems that do not show any. */
static guint64
movement_cb (gpointer user_data)
{
  const PgmToolOutput *output = user_data;

  return output->copied_bytes + pgm_archive_engine_get_archive_bytes (output->engine);
}

/* Neither pg_dump nor an archive sets these: a value would be written as one side's role or
 * database has it, and read as the other's has. */
#define AS_VALUES_TRAVEL "-c lc_monetary=C -c array_nulls=on "

/* Runs one of the tools and says FALSE for any status but 0. */
static gboolean
run_tool (PgmArchiveEngine *self,
          GPtrArray *argv,
          PgmServer *server,
          const char *settings,
          PgmToolOutput *output,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *all_settings = g_strconcat (AS_VALUES_TRAVEL, settings, NULL);
  char **envp = server != NULL ? pgm_server_dup_environ (server, all_settings) : NULL;
  static const char *const bare_envp[] = { "LC_ALL=C", NULL };
  PgmCommand command = { .envp = envp != NULL ? (const char *const *) envp : bare_envp,
                         .stderr_line = pgm_tool_output_line_cb,
                         .tick = output->observer != NULL ? pgm_tool_output_tick_cb : NULL,
                         .user_data = output,
                         .server = server,
                         .movement = movement_cb,
                         .kill = self->kill };
  int status = -1;

  g_ptr_array_add (argv, NULL);
  command.argv = (const char *const *) argv->pdata;
  status = pgm_subprocess_run_sync (&command, cancellable, error);
  pgm_environ_free (envp);
  if (status > 0)
    {
      g_autofree char *reason = pgm_tool_output_dup_reason (output);

      g_set_error_literal (error, PGM_ERROR, PGM_ERROR_TOOL, reason);
    }
  return status == 0;
}

/* Of a stall it was not the tool that failed. */
static void
prefix_failure (GError **error, const char *prefix)
{
  if (error != NULL && !g_error_matches (*error, PGM_ERROR, PGM_ERROR_STALLED))
    g_prefix_error (error, "%s", prefix);
}

static PgmToolOutput
output_for (PgmArchiveEngine *self, PgmToolKind kind)
{
  return (PgmToolOutput){ .observer = &self->observer,
                          .engine = self,
                          .logger = self->logger,
                          .tool = pgm_tool_kind_get_name (kind) };
}

/* Dumps the source's database as @snapshot shows it into the run's folder. */
gboolean
pgm_archive_engine_backup_sync (PgmArchiveEngine *self,
                                PgmServer *source,
                                const char *snapshot,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr(GPtrArray) argv = pgm_archive_command_backup (self->options, self->tools, source,
                                                           self->archive, snapshot);
  g_auto(PgmToolOutput) output = output_for (self, PGM_TOOL_PG_DUMP);

  if (run_tool (self, argv, source, NULL, &output, cancellable, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_DUMP_FAILED);
  prefix_failure (error, _("pg_dump failed: "));
  return FALSE;
}

/* Reads every byte of the archive: `pg_restore -l` would not notice that its end is missing. For
 * any thread; the observer hears nothing of it. */
gboolean
pgm_archive_engine_check_sync (PgmArchiveEngine *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_auto(PgmToolOutput) output = output_for (self, PGM_TOOL_PG_RESTORE);

  output.observer = NULL;
  g_ptr_array_add (argv, g_strdup (pgm_tool_set_get_path (self->tools, PGM_TOOL_PG_RESTORE)));
#ifdef G_OS_WIN32
  g_ptr_array_add (argv, g_strdup ("--file=NUL"));
#else
  g_ptr_array_add (argv, g_strdup ("--file=/dev/null"));
#endif
  g_ptr_array_add (argv, g_strdup (self->archive));
  if (run_tool (self, argv, NULL, NULL, &output, cancellable, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_DUMP_FAILED);
  g_prefix_error (error, _("the archive is damaged: "));
  return FALSE;
}

static void
append_line_cb (const char *line, gpointer text)
{
  g_string_append (text, line);
  g_string_append_c (text, '\n');
}

/* Returns: (transfer full) */
PgmArchiveList *
pgm_archive_engine_read_list_sync (PgmArchiveEngine *self,
                                   GCancellable *cancellable,
                                   GError **error)
{
  const char *path = pgm_tool_set_get_path (self->tools, PGM_TOOL_PG_RESTORE);
  const char *argv[] = { path, "--list", self->archive, NULL };
  const char *envp[] = { "LC_ALL=C", NULL };
  g_autoptr(GString) text = g_string_new (NULL);
  PgmCommand command = {
    .argv = argv, .envp = envp, .stdout_line = append_line_cb, .user_data = text, .kill = self->kill
  };
  PgmArchiveList *list = NULL;
  int status = pgm_subprocess_run_sync (&command, cancellable, error);

  if (status == 0)
    list = pgm_archive_list_parse (text->str, error);
  else if (status > 0)
    g_set_error_literal (error, PGM_ERROR, PGM_ERROR_TOOL,
                         _("pg_restore cannot read the archive's table of contents"));
  if (list == NULL)
    pgm_error_recode (error, PGM_ERROR_DUMP_FAILED);
  return list;
}

static gboolean
write_list (PgmArchiveEngine *self, PgmArchiveList *list, PgmArchivePass pass, GError **error)
{
  g_autofree char *text = pgm_archive_list_to_text (list, pass);

  if (g_file_set_contents_full (self->list_file, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error))
    return TRUE;
  pgm_error_recode (error, PGM_ERROR_RESTORE_FAILED);
  return FALSE;
}

static gboolean
run_pass (PgmArchiveEngine *self,
          const PgmRestore *restore,
          PgmArchivePass pass,
          GArray *ret_failed_ids,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr(GPtrArray) argv = pgm_archive_command_restore (self->options, self->tools, restore,
                                                            pass, self->archive, self->list_file);
  g_auto(PgmToolOutput) output = output_for (self, PGM_TOOL_PG_RESTORE);
  g_autoptr(GError) local = NULL;

  if (!write_list (self, restore->list, pass, error))
    return FALSE;
  output.failed_ids = ret_failed_ids;
  if (run_tool (self, argv, restore->target, restore->settings, &output, cancellable, &local))
    return TRUE;
  if (self->options->on_error == PGM_ON_ERROR_REPORT && output.was_complete &&
      g_error_matches (local, PGM_ERROR, PGM_ERROR_TOOL))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  pgm_error_recode (error, PGM_ERROR_RESTORE_FAILED);
  prefix_failure (error, _("pg_restore failed: "));
  return FALSE;
}

/* Restores what the list leaves in. With `on_error: "report"` a restore that came to its end in
 * spite of errors is no failure: their entries are in @ret_failed_ids.
 *
 * @ret_failed_ids: guint dump ids are appended */
gboolean
pgm_archive_engine_restore_sync (PgmArchiveEngine *self,
                                 const PgmRestore *restore,
                                 GArray *ret_failed_ids,
                                 GCancellable *cancellable,
                                 GError **error)
{
  gboolean is_parallel = !restore->single_transaction && self->options->parallel_jobs > 1;

  if (!is_parallel || !pgm_archive_list_wants_passes (restore->list))
    return run_pass (self, restore, PGM_ARCHIVE_PASS_ALL, ret_failed_ids, cancellable, error);
  for (PgmArchivePass pass = PGM_ARCHIVE_PASS_DATA; pass <= PGM_ARCHIVE_PASS_TRIGGERS; pass++)
    if (!run_pass (self, restore, pass, ret_failed_ids, cancellable, error))
      return FALSE;
  return TRUE;
}
