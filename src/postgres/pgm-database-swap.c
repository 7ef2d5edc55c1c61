/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The swap is one transaction of two renames, so that at every instant, a crash of the server
 * included, the name belongs to the complete old or to the complete new database. Closing the
 * old database first (ALLOW_CONNECTIONS false) would be committed state of its own, and a crash
 * would leave it closed. A rename waits up to 5 s for the sessions on the database to end while
 * new ones wait for the rename; meanwhile the tick ends those that are left. */

#include "pgm-database-private.h"

#include "pgm-error.h"

#define TRIES 5

typedef struct
{
  PgmConn *maintenance;
  const PgmSwap *swap;
  GCancellable *cancellable;
  guint n_left;     /* sessions on the old database that the role may not end */
  guint n_visitors; /* those on the new one, which may leave by themselves */
} Clearing;

/* A failure shows by itself: the rename finds the database in use. Also the new database has
 * visitors: programs that watch over all databases of a server. */
static void
end_sessions_cb (gpointer user_data)
{
  Clearing *clearing = user_data;
  const PgmSwap *swap = clearing->swap;

  pgm_database_end_sessions_sync (clearing->maintenance, swap->staging, &clearing->n_visitors,
                                  clearing->cancellable, NULL);
  if (swap->old_name != NULL)
    pgm_database_end_sessions_sync (clearing->maintenance, swap->name, &clearing->n_left,
                                    clearing->cancellable, NULL);
}

/* @ret_guard_line: (out): of the line that fails where the old database is another one by now */
static PgmScript *
swap_script (const PgmSwap *swap, guint *ret_guard_line)
{
  PgmScript *script = pgm_script_new ();

  pgm_script_add (script, "BEGIN");
  pgm_script_add (script, "SET LOCAL lock_timeout = '5s'");
  pgm_script_add (script, "SET LOCAL statement_timeout = '15s'");
  pgm_script_add (script, "SET LOCAL idle_in_transaction_session_timeout = '15s'");
  if (swap->comment != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", swap->staging, swap->comment);
  else
    pgm_script_add (script, "COMMENT ON DATABASE %I IS NULL", swap->staging);
  if (swap->old_name != NULL && swap->marker != NULL)
    pgm_script_add (script, "COMMENT ON DATABASE %I IS %L", swap->name, swap->marker);
  if (swap->old_name != NULL)
    {
      pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", swap->name, swap->old_name);
      pgm_database_add_guard (script, swap->old_name, swap->old_oid);
      *ret_guard_line = pgm_script_get_n_lines (script);
    }
  pgm_script_add (script, "ALTER DATABASE %I RENAME TO %I", swap->staging, swap->name);
  if (swap->is_closed)
    pgm_script_add (script, "ALTER DATABASE %I ALLOW_CONNECTIONS false", swap->name);
  pgm_script_add (script, "COMMIT");
  return script;
}

/* Gives the staging database the name that users know. When it fails the caller has to look
 * whose name it is now (by oid): the transaction may have been committed without an answer. */
gboolean
pgm_database_swap_sync (PgmPsql *psql,
                        PgmConn *maintenance,
                        const PgmSwap *swap,
                        GCancellable *cancellable,
                        GError **error)
{
  guint guard_line = 0;
  g_autoptr(PgmScript) script = swap_script (swap, &guard_line);
  g_autoptr(GError) local = NULL;
  gboolean has_changed = FALSE;
  Clearing clearing = { maintenance, swap, cancellable, 0, 0 };
  gboolean is_done = FALSE;
  gboolean may_retry = TRUE;
  gboolean is_visited = FALSE;

  pgm_psql_set_tick (psql, end_sessions_cb, &clearing);
  end_sessions_cb (&clearing);
  for (guint i = 0; i < TRIES && !is_done && may_retry; i++)
    {
      g_auto(PgmScriptResult) result = { 0 };

      g_clear_error (&local);
      is_done = pgm_psql_run_sync (psql, NULL, script, &result, cancellable, &local);
      has_changed = !is_done && guard_line != 0 && result.failed_line == guard_line;
      may_retry =
          !is_done && clearing.n_left == 0 && g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE);
    }
  pgm_psql_set_tick (psql, NULL, NULL);
  if (is_done)
    return TRUE;
  is_visited = clearing.n_left == 0 && clearing.n_visitors > 0;
  if (has_changed)
    pgm_database_set_changed_error (error, swap->name);
  else if (g_error_matches (local, PGM_ERROR, PGM_ERROR_IN_USE))
    pgm_database_set_in_use_error (error, is_visited ? swap->staging : swap->name,
                                   is_visited ? clearing.n_visitors : clearing.n_left);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
