/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* The server is a child like any other: a thread runs it until it is told to stop, and the kernel
 * ends it when we die (pgm-child.c). SIGINT is PostgreSQL's fast shutdown. */

#include "pgm-local-server.h"

#include "pgm-conn.h"
#include "pgm-error.h"
#include "pgm-subprocess.h"
#include "pgm-text.h"
#include "pgm-tools.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#ifdef G_OS_UNIX
#include <unistd.h>
#endif

#define START_LIMIT_US (30 * G_TIME_SPAN_SECOND)
#define LOOK_US (50 * G_TIME_SPAN_MILLISECOND)

/* The longest path of a socket (sockaddr_un), with its name and a NUL. */
#define MAX_FOLDER_BYTES 80

struct _PgmLocalServer
{
  /* owned */
  char *program;
  char *data;
  char *folder; /* of the socket */
  char **envp;
  GCancellable *stop;
  GThread *thread;   /* (nullable) */
  char *last_words;  /* (nullable): the last line that a program of the server wrote */
  GError *end_error; /* (nullable): why it ended by itself; written before @has_ended */

  guint port;
  gint has_ended; /* atomic */
};

static gboolean
has_programs (const char *bindir)
{
  g_autofree char *postgres = g_build_filename (bindir, "postgres", NULL);
  g_autofree char *initdb = g_build_filename (bindir, "initdb", NULL);

  return g_file_test (postgres, G_FILE_TEST_IS_EXECUTABLE) &&
         g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE);
}

static gboolean
is_allowed (GError **error)
{
#ifdef G_OS_UNIX
  if (geteuid () != 0)
    return TRUE;
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_TOOLS,
                       _("PostgreSQL servers cannot be run as root"));
#else
  g_set_error_literal (error, PGM_ERROR, PGM_ERROR_TOOLS,
                       _("the sample needs a system with Unix sockets"));
#endif
  return FALSE;
}

/* Looks beside the client tools, the newest first: those can dump what the server holds.
 *
 * Returns: (transfer full): the folder of "postgres" and "initdb" */
char *
pgm_local_server_find_bindir_sync (GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) tools = NULL;

  if (!is_allowed (error))
    return NULL;
  tools = pgm_tools_find_sync (cancellable, error);
  if (tools == NULL)
    return NULL;
  for (guint i = 0; i < tools->len; i++)
    {
      const PgmTool *tool = tools->pdata[i];
      g_autofree char *bindir = g_path_get_dirname (tool->path);

      if (tool->kind == PGM_TOOL_PG_DUMP && tool->major >= PGM_LOCAL_SERVER_MIN &&
          has_programs (bindir))
        return g_steal_pointer (&bindir);
    }
  g_set_error (error, PGM_ERROR, PGM_ERROR_TOOLS,
               _("no PostgreSQL server %d or newer is installed here"), PGM_LOCAL_SERVER_MIN);
  return NULL;
}

static void
line_cb (const char *line, gpointer user_data)
{
  PgmLocalServer *self = user_data;

  g_free (self->last_words);
  self->last_words = pgm_text_escape (line);
}

static gboolean
run (PgmLocalServer *self, const char *const *argv, GCancellable *cancellable, GError **error)
{
  const PgmCommand command = {
    .argv = argv,
    .envp = (const char *const *) self->envp,
    .stderr_line = line_cb,
    .user_data = self,
    .stop_signal = PGM_STOP_BY_INT,
  };
  int status = pgm_subprocess_run_sync (&command, cancellable, error);

  if (status > 0)
    g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                 _("\"%s\" failed: %s"), argv[0],
                    self->last_words != NULL ? self->last_words : _("it does not say why"));
  return status == 0;
}

static gboolean
make_data (PgmLocalServer *self, const char *bindir, GCancellable *cancellable, GError **error)
{
  g_autofree char *initdb = g_build_filename (bindir, "initdb", NULL);
  const char *argv[] = { initdb,  "-D", self->data, "-U",         PGM_LOCAL_SERVER_USER, "-A",
                         "trust", "-E", "UTF8",     "--locale=C", "--no-sync",           NULL };

  return run (self, argv, cancellable, error);
}

static gpointer
serve_thread (gpointer user_data)
{
  PgmLocalServer *self = user_data;
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  const char *argv[] = { self->program,
                         "-D",
                         self->data,
                         "-k",
                         self->folder,
                         "-p",
                         port,
                         "-c",
                         "listen_addresses=",
                         "-c",
                         "fsync=off",
                         "-c",
                         "unix_socket_permissions=0700",
                         NULL };

  run (self, argv, self->stop, &self->end_error);
  g_atomic_int_set (&self->has_ended, 1);
  return NULL;
}

static gboolean
answers (PgmServer *server, GCancellable *cancellable)
{
  g_autoptr(PgmConn) conn = pgm_conn_open_maintenance_sync (server, cancellable, NULL);

  return conn != NULL;
}

static gboolean
wait_until_ready (PgmLocalServer *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (PGM_SIDE_TARGET);
  g_autoptr(PgmServer) server = NULL;
  gint64 deadline_us = g_get_monotonic_time () + START_LIMIT_US;

  endpoint->host = g_strdup (self->folder);
  endpoint->port = self->port;
  endpoint->user = g_strdup (PGM_LOCAL_SERVER_USER);
  server = pgm_server_new (endpoint, NULL, "pgmirror", 5);
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      if (answers (server, cancellable))
        return TRUE;
      if (g_atomic_int_get (&self->has_ended) || g_get_monotonic_time () > deadline_us)
        {
          g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                       _("the sample's server did not start: %s"), self->end_error != NULL
                                                                        ? self->end_error->message
                                                                        : _("no answer in time"));
          return FALSE;
        }
      g_usleep (LOOK_US);
    }
  return FALSE;
}

/* Makes a new server in @folder and waits until it answers there.
 *
 * @folder: private; more than one server may be in it, each with a @port of its own */
PgmLocalServer *
pgm_local_server_start_sync (
    const char *bindir, const char *folder, guint port, GCancellable *cancellable, GError **error)
{
  g_autoptr(PgmLocalServer) self = NULL;

  if (strlen (folder) > MAX_FOLDER_BYTES)
    {
      g_set_error (error, PGM_ERROR, PGM_ERROR_TOOL,
                   _("the name of the folder \"%s\" is too long for a socket"), folder);
      return NULL;
    }
  self = g_new0 (PgmLocalServer, 1);
  self->program = g_build_filename (bindir, "postgres", NULL);
  self->data = g_strdup_printf ("%s/%u", folder, port);
  self->folder = g_strdup (folder);
  self->port = port;
  self->envp = g_environ_setenv (NULL, "LC_ALL", "C", TRUE);
  self->envp = g_environ_setenv (self->envp, "PATH", bindir, TRUE);
  self->stop = g_cancellable_new ();
  if (!make_data (self, bindir, cancellable, error))
    return NULL;
  self->thread = g_thread_new ("pgm-server", serve_thread, self);
  return wait_until_ready (self, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

/* Ends the server and waits until it is gone: a second, as a rule. The files stay. */
void
pgm_local_server_stop (PgmLocalServer *self)
{
  g_cancellable_cancel (self->stop);
  g_clear_pointer (&self->thread, g_thread_join);
  g_object_unref (self->stop);
  g_clear_error (&self->end_error);
  g_strfreev (self->envp);
  g_free (self->last_words);
  g_free (self->program);
  g_free (self->folder);
  g_free (self->data);
  g_free (self);
}
