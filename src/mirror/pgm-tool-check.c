/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tool-check.h"

#include "pgm-tools.h"

static void
find_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *tools = pgm_tools_find_sync (cancellable, &error);

  if (tools != NULL)
    g_task_return_pointer (task, tools, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
pgm_tool_check_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_tool_check_async);
  g_task_run_in_thread (task, find_in_thread);
}

/* Returns: (transfer full): PgmTool, newest first; NULL on a cancel */
GPtrArray *
pgm_tool_check_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
