/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Each database is dealt with under the run lock of the name that it belongs to, and is looked at
 * once more under that lock: a run that began meanwhile is not disturbed, and what changed since
 * it was listed stays. */

#include "pgm-recover-private.h"

#include "pgm-catalog.h"
#include "pgm-error.h"
#include "pgm-recover-look.h"
#include "pgm-run-folder-find.h"
#include "pgm-text.h"
#include "pgm-tools.h"

#include <glib/gi18n-lib.h>

static gboolean
prepare_psql (PgmRecoverRequest *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) tools = pgm_tools_find_sync (cancellable, error);
  const PgmTool *tool = tools != NULL ? pgm_tools_choose_psql (tools, error) : NULL;

  if (tool == NULL)
    return FALSE;
  self->psql = pgm_psql_new (tool->path, self->server, pgm_conn_get_database (self->conn),
                             self->logger, NULL);
  return TRUE;
}

static gboolean
is_unchanged (const PgmLeftover *then, const PgmLeftover *now)
{
  return then->oid == now->oid && g_str_equal (then->name, now->name) &&
         now->state == PGM_LEFTOVER_FOUND && then->kind == now->kind &&
         then->remedy == now->remedy && g_strcmp0 (then->run, now->run) == 0;
}

static gboolean
look_again (PgmRecoverRequest *self,
            const PgmLeftover *leftover,
            GCancellable *cancellable,
            GError **error)
{
  const char *temp_dir = pgm_recover_request_get_temp_dir (self);
  g_autoptr(GPtrArray) list = leftover->kind == PGM_LEFTOVER_SCHEMA
                                   ? pgm_recover_look_at_schemas_sync (self->server, leftover->of,
                                                                       temp_dir, cancellable, error)
                                   : pgm_recover_look_at_databases_sync (
                                         self->conn, self->server, temp_dir, cancellable, error);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (is_unchanged (leftover, list->pdata[i]))
      return TRUE;
  if (list != NULL)
    g_set_error_literal (error, PGM_ERROR, PGM_ERROR_FAILED,
                         _("it is no longer as it was listed"));
  return FALSE;
}

static gboolean
give_back (PgmRecoverRequest *self,
           const PgmLeftover *leftover,
           GCancellable *cancellable,
           GError **error)
{
  gboolean renames = leftover->remedy == PGM_REMEDY_RENAME;
  guint n_left = 0;

  if (renames &&
      !pgm_database_end_sessions_sync (self->conn, leftover->name, &n_left, cancellable, error))
    return FALSE;
  return pgm_database_give_back_sync (self->psql, renames ? leftover->name : NULL, leftover->of,
                                      leftover->comment, cancellable, error);
}

static gboolean
act (PgmRecoverRequest *self,
     const PgmLeftover *leftover,
     GCancellable *cancellable,
     GError **error)
{
  if (leftover->kind == PGM_LEFTOVER_SCHEMA)
    return pgm_recover_give_up_schema_sync (self->server, leftover, cancellable, error);
  switch (leftover->remedy)
    {
    case PGM_REMEDY_RENAME:
    case PGM_REMEDY_UNMARK:
      return give_back (self, leftover, cancellable, error);
    case PGM_REMEDY_REMOVE:
    case PGM_REMEDY_ON_WISH:
      if (leftover->kind == PGM_LEFTOVER_UNMARKED)
        return pgm_database_drop_unused_sync (self->psql, leftover->name, leftover->oid,
                                              cancellable, error);
      return pgm_database_drop_sync (self->psql, self->conn, leftover->name, leftover->oid, NULL,
                                     cancellable, error);
    case PGM_REMEDY_NONE:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
act_under_lock (PgmRecoverRequest *self,
                const PgmLeftover *leftover,
                GCancellable *cancellable,
                GError **error)
{
  gboolean is_taken = FALSE;
  gboolean is_done = FALSE;

  if (!pgm_catalog_take_run_lock_sync (self->conn, leftover->of, &is_taken, cancellable, error))
    return FALSE;
  if (is_taken)
    is_done =
        look_again (self, leftover, cancellable, error) && act (self, leftover, cancellable, error);
  else
    g_set_error (error, PGM_ERROR, PGM_ERROR_BUSY,
                 _("another run is writing to database \"%s\" of the target"), leftover->of);
  pgm_catalog_release_run_lock_sync (self->conn, leftover->of, NULL);
  return is_done;
}

static gboolean
clear_database (PgmRecoverRequest *self,
                const PgmLeftover *leftover,
                GCancellable *cancellable,
                GError **error)
{
  if (pgm_profile_get_target (self->profile)->is_protected)
    {
      g_set_error_literal (error, PGM_ERROR, PGM_ERROR_REFUSED,
                           _("the target is protected: the profile says that nobody may write "
                             "there"));
      return FALSE;
    }
  if (!pgm_recover_request_reach_target_sync (self, cancellable, error))
    return FALSE;
  if (self->psql == NULL && !prepare_psql (self, cancellable, error))
    return FALSE;
  return act_under_lock (self, leftover, cancellable, error);
}

static void
set_message (PgmLeftover *leftover, char *message, char *hint)
{
  g_free (leftover->message);
  g_free (leftover->hint);
  leftover->message = message;
  leftover->hint = hint;
}

static void
set_done (PgmRecoverRequest *self, PgmLeftover *leftover)
{
  g_autofree char *name = pgm_text_escape (leftover->name);
  g_autofree char *of = pgm_text_escape (leftover->of != NULL ? leftover->of : "");

  leftover->state = PGM_LEFTOVER_DONE;
  switch (leftover->remedy)
    {
    case PGM_REMEDY_RENAME:
      set_message (leftover, g_strdup_printf (_("\"%s\" is called \"%s\" again"), name, of), NULL);
      break;
    case PGM_REMEDY_UNMARK:
      set_message (leftover, g_strdup_printf (_("\"%s\" has its own comment again"), name), NULL);
      break;
    case PGM_REMEDY_REMOVE:
    case PGM_REMEDY_ON_WISH:
    case PGM_REMEDY_NONE:
    default:
      set_message (leftover, g_strdup_printf (_("\"%s\" was removed"), name), NULL);
    }
  pgm_info (self->logger, "%s", leftover->message);
}

/* Returns: (transfer full): what somebody can do about it */
static char *
dup_cure (const PgmLeftover *leftover, const GError *error)
{
  g_autofree char *sql = pgm_text_escape (leftover->sql != NULL ? leftover->sql : "");

  if (leftover->kind == PGM_LEFTOVER_FOLDER)
    return g_strdup (_("it holds data of the source; remove it by hand"));
  if (g_error_matches (error, PGM_ERROR, PGM_ERROR_BUSY))
    return g_strdup (_("run recover again when that run is over"));
  if (g_error_matches (error, PGM_ERROR, PGM_ERROR_CONNECT))
    return g_strdup (_("run recover again when the target can be reached"));
  if (g_error_matches (error, PGM_ERROR, PGM_ERROR_DENIED))
    return g_strdup_printf (_("let a superuser run recover, or run on the target: %s"), sql);
  if (g_error_matches (error, PGM_ERROR, PGM_ERROR_IN_USE))
    return g_strdup_printf (
        _("end what uses it, then run recover again, or run on the target: %s"), sql);
  return g_strdup_printf (_("look at it, then run on the target: %s"), sql);
}

static void
set_failed (PgmRecoverRequest *self, PgmLeftover *leftover, const GError *error)
{
  g_autofree char *name = pgm_text_escape (leftover->name);
  g_autofree char *reason = pgm_logger_redact (self->logger, error->message);

  leftover->state = PGM_LEFTOVER_FAILED;
  set_message (leftover, g_strdup_printf (_("\"%s\" could not be recovered: %s"), name, reason),
                                          dup_cure (leftover, error));
  pgm_warning (self->logger, "%s; %s", leftover->message, leftover->hint);
}

/* Whether recovering does something about it.
 *
 * @flags: what it may do */
gboolean
pgm_recover_is_wanted (const PgmLeftover *leftover, PgmRecoverFlags flags)
{
  if (leftover->state != PGM_LEFTOVER_FOUND)
    return FALSE;
  if (leftover->remedy == PGM_REMEDY_ON_WISH)
    return (flags & PGM_RECOVER_INCOMPLETE) != 0;
  return leftover->remedy != PGM_REMEDY_NONE;
}

static gboolean
clear_one (PgmRecoverRequest *self,
           PgmLeftover *leftover,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr(GError) local = NULL;
  gboolean is_done = leftover->kind == PGM_LEFTOVER_FOLDER
                         ? pgm_run_folder_remove_dead_sync (leftover->name, &local)
                         : clear_database (self, leftover, cancellable, &local);

  if (pgm_error_is_cancelled (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (is_done)
    set_done (self, leftover);
  else
    set_failed (self, leftover, local);
  return TRUE;
}

static gboolean
clear_all (PgmRecoverRequest *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < self->leftovers->len; i++)
    {
      PgmLeftover *leftover = self->leftovers->pdata[i];

      if (!pgm_recover_is_wanted (leftover, self->flags))
        continue;
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !clear_one (self, leftover, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static void
clear_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  gboolean is_done = clear_all (task_data, cancellable, &error);

  pgm_recover_request_disconnect (task_data);
  if (is_done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @profile: (nullable): NULL where there are folders only
 * @leftovers: as they were found; the call's own until its callback, and changed by it */
void
pgm_recover_clear_async (PgmProfile *profile,
                         PgmSecret *password,
                         GPtrArray *leftovers,
                         PgmRecoverFlags flags,
                         PgmLogger *logger,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  PgmRecoverRequest *request = pgm_recover_request_new (profile, password);

  request->leftovers = g_ptr_array_ref (leftovers);
  request->logger = g_object_ref (logger);
  request->flags = flags;
  g_task_set_source_tag (task, pgm_recover_clear_async);
  g_task_set_task_data (task, request, pgm_recover_request_free);
  g_task_set_check_cancellable (task, FALSE); /* the list says what happened */
  g_task_run_in_thread (task, clear_thread);
}

/* Returns: FALSE only on a cancel; what failed is in the list */
gboolean
pgm_recover_clear_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
