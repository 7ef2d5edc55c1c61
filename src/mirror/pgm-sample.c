/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-sample.h"

#include "pgm-conn.h"
#include "pgm-error.h"
#include "pgm-json-write.h"
#include "pgm-local-server.h"
#include "pgm-process.h"
#include "pgm-psql.h"
#include "pgm-run-folder.h"
#include "pgm-sample-files.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#define FILES "/io/github/pgmirror/PgMirror/sample"
#define DATABASE "shop"
#define FOLDER_PREFIX "pg-mirror-sample-"
#define OWNER_FILE "owner"
#define SOURCE_PORT 5432
#define TARGET_PORT 5433

struct _PgmSample
{
  GObject parent_instance;

  /* owned; only set by the thread that starts, only taken by the one that stops */
  PgmRunFolder *folder;
  PgmLocalServer *source;
  PgmLocalServer *target;
};

G_DEFINE_FINAL_TYPE (PgmSample, pgm_sample, G_TYPE_OBJECT)

static void
take_down (PgmSample *self)
{
  g_clear_pointer (&self->source, pgm_local_server_stop);
  g_clear_pointer (&self->target, pgm_local_server_stop);
  g_clear_pointer (&self->folder, pgm_run_folder_free);
}

static void
pgm_sample_finalize (GObject *object)
{
  take_down (PGM_SAMPLE (object));
  G_OBJECT_CLASS (pgm_sample_parent_class)->finalize (object);
}

static void
pgm_sample_class_init (PgmSampleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pgm_sample_finalize;
}

static void
pgm_sample_init (PgmSample *self)
{
}

/* The second server is made while the first is. */
typedef struct
{
  PgmSample *sample;  /* borrowed */
  const char *bindir; /* borrowed */
  GCancellable *cancellable;
  GError *error;
} TargetStart;

static gpointer
start_target_thread (gpointer user_data)
{
  TargetStart *start = user_data;

  start->sample->target =
      pgm_local_server_start_sync (start->bindir, pgm_run_folder_get_path (start->sample->folder),
                                   TARGET_PORT, start->cancellable, &start->error);
  return NULL;
}

static gboolean
start_servers (PgmSample *self, const char *bindir, GCancellable *cancellable, GError **error)
{
  TargetStart start = { self, bindir, cancellable, NULL };
  GThread *thread = g_thread_new ("pgm-sample", start_target_thread, &start);

  self->source = pgm_local_server_start_sync (bindir, pgm_run_folder_get_path (self->folder),
                                              SOURCE_PORT, cancellable, error);
  g_thread_join (thread);
  if (start.error != NULL && self->source != NULL)
    g_propagate_error (error, start.error);
  else
    g_clear_error (&start.error);
  return self->source != NULL && self->target != NULL;
}

static gboolean
write_files (PgmSample *self, GError **error)
{
  GResource *resource = pgm_sample_files_get_resource ();
  g_auto(GStrv) names =
              g_resource_enumerate_children (resource, FILES, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *inside = g_strconcat (FILES "/", names[i], NULL);
      g_autofree char *path = pgm_run_folder_dup_file (self->folder, names[i]);
      g_autoptr(GBytes) bytes =
                     g_resource_lookup_data (resource, inside, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

      if (bytes == NULL || !g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                                 (gssize) g_bytes_get_size (bytes), error))
        return FALSE;
    }
  return names != NULL;
}

/* Loads as a user does, with psql. */
static gboolean
load (PgmSample *self, const char *bindir, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (PGM_SIDE_TARGET);
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autofree char *psql_path = g_build_filename (bindir, "psql", NULL);
  g_autofree char *script = pgm_run_folder_dup_file (self->folder, "shop.sql");
  g_autoptr(PgmServer) server = NULL;
  g_autoptr(PgmConn) conn = NULL;
  g_autoptr(PgmPsql) psql = NULL;

  endpoint->host = g_strdup (pgm_run_folder_get_path (self->folder));
  endpoint->port = SOURCE_PORT;
  endpoint->user = g_strdup (PGM_LOCAL_SERVER_USER);
  server = pgm_server_new (endpoint, NULL, "pgmirror", 10);
  conn = pgm_conn_open_maintenance_sync (server, cancellable, error);
  if (conn == NULL || !pgm_conn_exec_sync (conn, "CREATE DATABASE " DATABASE, cancellable, error))
    return FALSE;
  psql = pgm_psql_new (psql_path, server, "postgres", logger, NULL);
  return pgm_psql_run_file_sync (psql, DATABASE, script, cancellable, error);
}

/* So that another program can tell whether the folder is still of use. */
static gboolean
write_owner (PgmSample *self, GError **error)
{
  g_autofree char *path = pgm_run_folder_dup_file (self->folder, OWNER_FILE);
  gint64 pid = pgm_process_get_own ();
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT "\n", pid,
                                           pgm_process_get_start (pid));

  return g_file_set_contents (path, text, -1, error);
}

static void
start_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr(PgmSample) self = g_object_new (PGM_TYPE_SAMPLE, NULL);
  GError *error = NULL;
  g_autofree char *bindir = pgm_local_server_find_bindir_sync (cancellable, &error);

  if (bindir != NULL)
    self->folder = pgm_run_folder_new (NULL, "sample", &error);
  if (self->folder != NULL && write_owner (self, &error) &&
      start_servers (self, bindir, cancellable, &error) && write_files (self, &error) &&
      load (self, bindir, cancellable, &error))
    g_task_return_pointer (task, g_steal_pointer (&self), g_object_unref);
  else
    g_task_return_error (task, error);
}

void
pgm_sample_start_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_sample_start_async);
  g_task_run_in_thread (task, start_thread);
}

/* Returns: (transfer full) */
PgmSample *
pgm_sample_start_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
probe_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autofree char *bindir = pgm_local_server_find_bindir_sync (cancellable, &error);

  if (bindir != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
pgm_sample_probe_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pgm_sample_probe_async);
  g_task_run_in_thread (task, probe_thread);
}

gboolean
pgm_sample_probe_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
add_server (JsonBuilder *builder, PgmSample *self, const char *side, int port)
{
  json_builder_set_member_name (builder, side);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "host");
  json_builder_add_string_value (builder, pgm_run_folder_get_path (self->folder));
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, port);
  if (port == SOURCE_PORT)
    {
      json_builder_set_member_name (builder, "database");
      json_builder_add_string_value (builder, DATABASE);
    }
  json_builder_set_member_name (builder, "user");
  json_builder_add_string_value (builder, PGM_LOCAL_SERVER_USER);
  json_builder_set_member_name (builder, "password");
  json_builder_add_string_value (builder, "");
  json_builder_end_object (builder);
}

/* Returns: (transfer full): for a sample that was not stopped */
char *
pgm_sample_dup_profile_json (PgmSample *self)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) node = NULL;

  g_return_val_if_fail (PGM_IS_SAMPLE (self) && self->folder != NULL, NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, _("Sample shop"));
  add_server (builder, self, "source", SOURCE_PORT);
  add_server (builder, self, "target", TARGET_PORT);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  return pgm_json_write (node);
}

static void
stop_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  PgmSample *self = PGM_SAMPLE (source);
  GError *error = NULL;
  gboolean success = TRUE;

  g_clear_pointer (&self->source, pgm_local_server_stop);
  g_clear_pointer (&self->target, pgm_local_server_stop);
  if (self->folder != NULL)
    success = pgm_run_folder_remove (self->folder, &error);
  g_clear_pointer (&self->folder, pgm_run_folder_free);
  if (success)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Before the program ends, so that nothing is left. A second call does nothing. */
void
pgm_sample_stop_async (PgmSample *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (PGM_IS_SAMPLE (self));

  g_task_set_source_tag (task, pgm_sample_stop_async);
  g_task_run_in_thread (task, stop_thread);
}

gboolean
pgm_sample_stop_finish (PgmSample *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_sample_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *temporary = g_canonicalize_filename (g_get_tmp_dir (), NULL);

  return g_str_equal (folder, temporary) && g_str_has_prefix (name, FOLDER_PREFIX);
}

/* Returns: whether @path has the note of an owner that has ended */
static gboolean
is_abandoned (const char *path)
{
  g_autofree char *owner = g_build_filename (path, OWNER_FILE, NULL);
  g_autofree char *text = NULL;
  gint64 pid = 0;
  guint64 start = 0;

  return g_file_get_contents (owner, &text, NULL, NULL) &&
         sscanf (text, "%" G_GINT64_MODIFIER "d %" G_GINT64_MODIFIER "u", &pid, &start) == 2 &&
         !pgm_process_is_alive (pid, start);
}

/* @host: of a profile. A folder is only touched where samples are, and with the note that it is
 * one.
 *
 * Returns: whether it was a sample's, and there is nothing any more that could be reached there */
gboolean
pgm_sample_sweep_sync (const char *host)
{
  g_autoptr(PgmRunFolder) folder = NULL;

  if (!g_path_is_absolute (host) || !is_sample_folder (host))
    return FALSE;
  if (!g_file_test (host, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!is_abandoned (host))
    return FALSE;
  folder = pgm_run_folder_new_left_over (host);
  return pgm_run_folder_remove (folder, NULL);
}
