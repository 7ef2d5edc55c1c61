/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Without privileges (no_acl) a new function may be called by everyone. That may widen rights:
 * one that runs with the rights of its owner, and that the source had closed, is closed again
 * before anybody can reach it; of the others it is told. One that would run with the rights of a
 * superuser, because that is who restores it, and did not on the source, is closed as well. */

#include "pgm-job.h"

#include "pgm-catalog-filter.h"
#include "pgm-error.h"
#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* Of a long list of names. */
#define N_NAMES 20

/* The target itself finds the function and writes down its name. Behind the last backslashes
 * there is an empty statement, which takes the semicolon of the script. */
#define REVOKE                                                                            \
  "SELECT 'REVOKE EXECUTE ON ROUTINE ' || quote_ident(n.nspname) || '.'"                  \
  " || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')'" \
  " || ' FROM PUBLIC' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"       \
  " WHERE n.nspname = %L AND p.proname = %L"                                              \
  " AND pg_get_function_identity_arguments(p.oid) = %L \\gexec \\\\"

static char *
dup_title (const PgmClosedFunction *function)
{
  return g_strdup_printf ("%s.%s(%s)", function->schema, function->name, function->arguments);
}

static GHashTable *
find_travelling_functions (PgmJob *self)
{
  GHashTable *oids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < pgm_archive_list_get_n_entries (self->list); i++)
    {
      const PgmArchiveEntry *entry = pgm_archive_list_get_entry (self->list, i);

      if (!entry->is_excluded &&
          (g_str_equal (entry->kind, "FUNCTION") || g_str_equal (entry->kind, "PROCEDURE") ||
           g_str_equal (entry->kind, "AGGREGATE")))
        g_hash_table_add (oids, GUINT_TO_POINTER (entry->oid));
    }
  return oids;
}

/* @titles: char * */
static void
tell (PgmJob *self, const char *code, PgmSeverity severity, GPtrArray *titles, const char *text)
{
  g_autofree char *names = NULL;

  if (titles->len == 0)
    return;
  names = pgm_text_join_names (titles, N_NAMES);
  pgm_job_add_finding (self, severity == PGM_SEVERITY_NOTE ? NULL : self->result->left_behind,
                       pgm_finding_new (severity, code, NULL, "%s: %s", text, names));
}

/* @ret_closed: char *: those that are closed on the target */
static gboolean
read_closed (PgmJob *self, GHashTable *ret_closed, GError **error)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (self->target, pgm_job_get_working_database (self),
                                                 self->cancellable, error);
  g_autoptr(GPtrArray) functions = NULL;

  if (conn == NULL)
    return FALSE;
  functions = pgm_catalog_list_closed_functions_sync (conn, FALSE, self->cancellable, error);
  for (guint i = 0; functions != NULL && i < functions->len; i++)
    g_hash_table_add (ret_closed, dup_title (functions->pdata[i]));
  return functions != NULL;
}

static gboolean
close_functions (PgmJob *self, PgmScript *script, GPtrArray *titles, GError **error)
{
  g_autoptr(GHashTable) closed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!pgm_psql_run_sync (self->psql, pgm_job_get_working_database (self), script, NULL,
                          self->cancellable, error))
    return FALSE;
  if (self->options->on_error == PGM_ON_ERROR_REPORT)
    return TRUE; /* they may be among what could not be restored */
  if (!read_closed (self, closed, error))
    return FALSE;
  for (guint i = 0; i < titles->len; i++)
    if (!g_hash_table_contains (closed, titles->pdata[i]))
      {
        g_set_error (error, PGM_ERROR, PGM_ERROR_RESTORE_FAILED,
                     _("function %s is still open"), (char *) titles->pdata[i]);
        return FALSE;
      }
  return TRUE;
}

/* Each char *, owned. */
typedef struct
{
  GPtrArray *closed;   /* all that are closed on the target */
  GPtrArray *as_there; /* of them, those that are closed on the source */
  GPtrArray *raised;   /* of them, those that run with the rights of a superuser only now */
  GPtrArray *open;     /* closed on the source alone */
} Sorted;

static void
sorted_init (Sorted *self)
{
  self->closed = g_ptr_array_new_with_free_func (g_free);
  self->as_there = g_ptr_array_new_with_free_func (g_free);
  self->raised = g_ptr_array_new_with_free_func (g_free);
  self->open = g_ptr_array_new_with_free_func (g_free);
}

static void
sorted_clear (Sorted *self)
{
  g_ptr_array_unref (self->closed);
  g_ptr_array_unref (self->as_there);
  g_ptr_array_unref (self->raised);
  g_ptr_array_unref (self->open);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sorted, sorted_clear)

/* Functions of extensions and the server's own belong to others on the target.
 *
 * @script, @sorted: are added to */
static void
sort_functions (PgmJob *self, PgmScript *script, Sorted *sorted)
{
  g_autoptr(GHashTable) oids = find_travelling_functions (self);
  gboolean takes_all = pgm_catalog_filter_takes_everything (self->options);

  pgm_script_add (script, "SET search_path = pg_catalog");
  for (guint i = 0; i < self->closed_functions->len; i++)
    {
      const PgmClosedFunction *function = self->closed_functions->pdata[i];

      if (!(function->is_of_server
                ? takes_all
                : g_hash_table_contains (oids, GUINT_TO_POINTER (function->oid))))
        continue;
      if (!function->is_definer || function->is_of_server)
        {
          g_ptr_array_add (sorted->open, dup_title (function));
          continue;
        }
      pgm_script_add (script, REVOKE, function->schema, function->name, function->arguments);
      g_ptr_array_add (sorted->closed, dup_title (function));
      g_ptr_array_add (function->is_closed ? sorted->as_there : sorted->raised,
                       dup_title (function));
    }
}

static gboolean
keep_closed (PgmJob *self, GError **error)
{
  g_auto(Sorted) sorted = { 0 };
  g_autoptr(PgmScript) script = pgm_script_new ();

  sorted_init (&sorted);
  if (self->closed_functions == NULL || self->closed_functions->len == 0)
    return TRUE;
  sort_functions (self, script, &sorted);
  if (sorted.closed->len > 0 && !close_functions (self, script, sorted.closed, error))
    {
      g_prefix_error (error, _("could not close functions to PUBLIC: "));
      pgm_error_recode (error, PGM_ERROR_RESTORE_FAILED);
      return FALSE;
    }
  tell (self, "functions-closed", PGM_SEVERITY_NOTE, sorted.as_there,
        _("closed to PUBLIC as on the source, because they run with the rights of their owner"));
  tell (self, "functions-raised", PGM_SEVERITY_WARNING, sorted.raised,
        _("closed to PUBLIC, because on the target they run with the rights of a superuser"));
  tell (self, "functions-open", PGM_SEVERITY_WARNING, sorted.open,
        _("closed to PUBLIC on the source, but open on the target (no_acl)"));
  return TRUE;
}

gboolean
pgm_job_keep_rights_sync (PgmJob *self, GError **error)
{
  return keep_closed (self, error) && pgm_job_close_public_sync (self, error);
}
