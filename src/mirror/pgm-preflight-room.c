/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Whether the run fits: into the temp folder, into the servers' sessions and locks; and with what
 * it would be done. */

#include "pgm-preflight.h"

#include "pgm-text.h"

#include <glib/gi18n-lib.h>

/* Sessions on the source beside the one that is there and those that count: pg_dump, and the
 * lookout. */
#define SOURCE_SESSIONS 2

/* Sessions on the target beside those of the jobs and the one that is there: psql, and the
 * statistics. */
#define TARGET_SESSIONS 2

/* A compressed archive is commonly less than half of what the tables take on disk. */
#define ARCHIVE_SHARE 2

/* The oldest releases without a known fault in the client tools that a hostile server could use
 * (CVE-2026-6477, CVE-2026-18408). */
static const struct
{
  guint major;
  guint minor;
} safe_tools[] = { { 14, 24 }, { 15, 19 }, { 16, 15 }, { 17, 11 }, { 18, 6 } };

static gboolean
is_safe (const PgmTool *tool)
{
  for (gsize i = 0; i < G_N_ELEMENTS (safe_tools); i++)
    if (tool->major == safe_tools[i].major)
      return tool->minor >= safe_tools[i].minor;
  return tool->major > safe_tools[G_N_ELEMENTS (safe_tools) - 1].major;
}

static char *
dup_update_hint (const PgmTool *tool)
{
  g_autofree char *command = pgm_tools_dup_install_hint (tool->major);

  for (gsize i = 0; i < G_N_ELEMENTS (safe_tools); i++)
    if (tool->major == safe_tools[i].major)
      return g_strdup_printf (_("update them to %u.%u or later: %s"), tool->major,
                                 safe_tools[i].minor, command);
  return g_strdup_printf (_("update them: %s"), command);
}

void
pgm_preflight_look_at_tools (PgmPreflight *self)
{
  const PgmToolSet *tools = self->job->tools;
  g_autoptr(GString) names = g_string_new (NULL);
  g_autofree char *hint = NULL;

  for (gsize i = 0; tools != NULL && i < PGM_N_TOOLS; i++)
    if (!is_safe (tools->tools[i]))
      g_string_append_printf (names, "%s%s %u.%u", names->len > 0 ? ", " : "",
                              pgm_tool_kind_get_name (tools->tools[i]->kind),
                              tools->tools[i]->major, tools->tools[i]->minor);
  if (names->len == 0)
    return;
  hint = dup_update_hint (tools->tools[PGM_TOOL_PG_DUMP]);
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "tools-insecure", hint,
                     _("these client tools have known security faults: %s"), names->str);
}

/* The folder is made as the run will make it, and removed again. */
static void
look_at_temp_folder (PgmPreflight *self, guint64 n_bytes)
{
  PgmJob *job = self->job;
  gboolean is_compressed = !g_str_equal (job->options->compression, "none");
  guint64 estimate = is_compressed ? n_bytes / ARCHIVE_SHARE : n_bytes;
  g_autoptr(GError) failure = NULL;
  g_autoptr(PgmRunFolder) folder =
                 pgm_run_folder_new (job->options->temp_dir, job->run_id, &failure);
  g_autofree char *needed = pgm_text_format_size (estimate);
  g_autofree char *found = NULL;
  guint64 n_free = folder != NULL ? pgm_run_folder_get_free_bytes (folder) : 0;

  if (folder != NULL && !pgm_run_folder_remove (folder, &failure))
    pgm_job_add_finding (
        job, job->result->leftovers,
        pgm_finding_new (PGM_SEVERITY_WARNING, "leftover-folder", NULL, "%s", failure->message));
  if (folder == NULL)
    {
      pgm_preflight_add (self, PGM_SEVERITY_BLOCKER, "temp-folder",
                         _("set temp_dir to a folder that can be written to"), "%s",
                            failure->message);
      return;
    }
  if (n_free >= estimate)
    return;
  found = pgm_text_format_size (n_free);
  pgm_preflight_add (
      self, PGM_SEVERITY_WARNING, "temp-space",
      _("set temp_dir to a folder with more space"),
         _("the archive may need about %s, and \"%s\" has %s free"), needed,
            job->options->temp_dir != NULL ? job->options->temp_dir : g_get_tmp_dir (), found);
}

static char *
dup_slots_hint (PgmPreflight *self, const PgmEndpoint *endpoint, const PgmServerRoom *room)
{
  gint64 n_spare = room->n_most - 1 - TARGET_SESSIONS;
  gint64 n_needed = self->job->options->parallel_jobs + 1 + TARGET_SESSIONS;
  g_autofree char *role = pgm_text_quote_name (endpoint->user);

  if (g_str_equal (room->limit, "role"))
    return g_strdup_printf (_("run on the %s: ALTER ROLE %s CONNECTION LIMIT %d"),
                               pgm_side_get_name (endpoint->side), role, (int) n_needed);
  if (endpoint->side == PGM_SIDE_TARGET && n_spare >= 1 && room->n_most < n_needed)
    return g_strdup_printf (_("set parallel_jobs to %d or less"), (int) n_spare);
  return g_strdup (_("end sessions that are not needed, or allow more of them"));
}

/* @n_needed: sessions beside the one that is there
 * @n_least: of them, without which the run fails for certain */
static void
look_at_slots (PgmPreflight *self,
               const PgmEndpoint *endpoint,
               const PgmServerRoom *room,
               gint64 n_needed,
               gint64 n_least)
{
  g_autofree char *hint = NULL;
  PgmSeverity severity = room->n_most < n_least + 1 ? PGM_SEVERITY_BLOCKER : PGM_SEVERITY_WARNING;

  if (room->n_free >= n_needed)
    return;
  hint = dup_slots_hint (self, endpoint, room);
  pgm_preflight_add (self, severity, "connection-slots", hint,
                     _("the %s has room for %d more sessions of the role \"%s\", and the run "
                       "needs %d"),
                        pgm_side_get_name (endpoint->side), (int) MAX (room->n_free, 0),
                        endpoint->user, (int) n_needed);
}

/* Past the limit a server takes what memory is left, so it is not certain. */
static void
look_at_locks (PgmPreflight *self, PgmSide side, const PgmServerRoom *room, gint64 n_needed)
{
  gint64 n_better = 0;
  g_autofree char *hint = NULL;

  if (n_needed <= room->n_locks)
    return;
  n_better = room->max_locks_per_transaction * (n_needed / MAX (room->n_locks, 1) + 1);
  hint = g_strdup_printf (_("set max_locks_per_transaction to %d on the %s and restart it"),
                             (int) n_better, pgm_side_get_name (side));
  pgm_preflight_add (self, PGM_SEVERITY_WARNING, "max-locks", hint,
                     _("the run takes about %d locks on the %s, which is set up for %d"),
                        (int) n_needed, pgm_side_get_name (side), (int) room->n_locks);
}

static void
look_for_pooler (PgmPreflight *self, PgmSide side, const PgmServerRoom *room)
{
  if (room->has_pooler)
    pgm_preflight_add (self, PGM_SEVERITY_WARNING, "pooler",
                       _("name the server itself: what a run sets for its sessions may not last "
                         "through a pooler, or be refused by it"),
                          _("a connection pooler stands between here and the %s"),
                             pgm_side_get_name (side));
}

static gboolean
look_at_source_room (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  g_auto(PgmServerRoom) room = { 0 };
  PgmDumpWeight weight = { 0 };
  gint64 n_sessions = 0;
  GError *failure = NULL;

  if (!pgm_catalog_read_room_sync (job->source_conn, job->source_endpoint->database, &room,
                                   job->cancellable, &failure) ||
      !pgm_catalog_read_weight_sync (job->source_conn, job->options, &weight, job->cancellable,
                                     &failure))
    return pgm_preflight_take_rows (self, NULL, failure, error);
  look_for_pooler (self, PGM_SIDE_SOURCE, &room);
  n_sessions = SOURCE_SESSIONS + pgm_job_get_n_source_counters (job);
  look_at_slots (self, job->source_endpoint, &room, n_sessions, n_sessions);
  look_at_locks (self, PGM_SIDE_SOURCE, &room, weight.n_tables);
  look_at_temp_folder (self, weight.n_bytes);
  if (job->plan == PGM_PLAN_MERGE && job->target_conn != NULL)
    {
      g_auto(PgmServerRoom) there = { 0 };

      if (!pgm_catalog_read_room_sync (job->target_conn, NULL, &there, job->cancellable, &failure))
        return pgm_preflight_take_rows (self, NULL, failure, error);
      look_at_locks (self, PGM_SIDE_TARGET, &there, weight.n_relations);
    }
  return TRUE;
}

static gboolean
look_at_target_room (PgmPreflight *self, GError **error)
{
  PgmJob *job = self->job;
  gboolean is_merge = job->plan == PGM_PLAN_MERGE;
  gint64 n_jobs = is_merge ? 1 : job->options->parallel_jobs;
  g_auto(PgmServerRoom) room = { 0 };
  GError *failure = NULL;

  if (!pgm_catalog_read_room_sync (job->target_conn,
                                   is_merge ? job->source_endpoint->database : NULL, &room,
                                   job->cancellable, &failure))
    return pgm_preflight_take_rows (self, NULL, failure, error);
  look_for_pooler (self, PGM_SIDE_TARGET, &room);
  look_at_slots (self, job->target_endpoint, &room, n_jobs + TARGET_SESSIONS,
                 n_jobs + 1); /* the lookout is there beside the jobs */
  return TRUE;
}

/* Looks at the sides that there are sessions on. */
gboolean
pgm_preflight_look_at_room_sync (PgmPreflight *self, GError **error)
{
  pgm_preflight_look_for_folders (self);
  return (self->job->dump_options == NULL || look_at_source_room (self, error)) &&
         (self->job->target_conn == NULL || look_at_target_room (self, error));
}
