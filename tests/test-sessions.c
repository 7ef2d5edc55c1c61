/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What every session of a run has, asked of the servers: our own and those of the tools, on both
 * sides. And a name service that does not answer. */

#include "pgm-test-pair.h"

#include "pgm-error.h"
#include "pgm-tools.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_S 2

static PgmTestServer *source;
static PgmTestServer *target;
static char *psql;

/* Which of them the server knows, it shows. */
#define SETTINGS                                                                              \
  "SELECT string_agg (name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name" \
  " IN ('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count',"            \
  " 'tcp_user_timeout', 'client_connection_check_interval', 'statement_timeout',"             \
  " 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout',"           \
  " 'transaction_timeout', 'default_transaction_read_only')"

static void
assert_settings (const char *shown, int version, const char *read_only)
{
  static const struct
  {
    int since;
    const char *setting;
  } expected[] = {
    { 0, "tcp_keepalives_idle=30" },
    { 0, "tcp_keepalives_interval=10" },
    { 0, "tcp_keepalives_count=3" },
    { 120000, "tcp_user_timeout=60000" },
    { 140000, "client_connection_check_interval=1000" },
    { 0, "statement_timeout=0" },
    { 0, "lock_timeout=0" },
    { 90600, "idle_in_transaction_session_timeout=0" },
    { 140000, "idle_session_timeout=0" },
    { 170000, "transaction_timeout=0" },
  };
  g_autofree char *ours = g_strconcat ("default_transaction_read_only=", read_only, NULL);
  g_auto(GStrv) words = g_strsplit (shown, " ", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    if (version >= expected[i].since &&
        !g_strv_contains ((const char *const *) words, expected[i].setting))
      g_error ("no %s in %s", expected[i].setting, shown);
  if (!g_strv_contains ((const char *const *) words, ours))
    g_error ("no %s in %s", ours, shown);
}

static char *
ask (PgmConn *conn, const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRows) rows = pgm_conn_query_sync (conn, sql, NULL, NULL, &error);

  g_assert_no_error (error);
  return g_strdup (pgm_rows_get (rows, 0, 0));
}

#ifdef __linux__
/* Our end of the connection, as the kernel shows it: local and remote port in hexadecimal figures,
 * then which timer runs; 02 is the one for keepalives. */
static void
assert_keepalive_timer (guint local_port, guint16 remote_port)
{
  g_autofree char *text = NULL;
  g_autofree char *pattern = g_strdup_printf (
      "\n *\\d+: [0-9A-F]{8}:%04X [0-9A-F]{8}:%04X 01 [0-9A-F:]+ 02:([0-9A-F]{8}) ", local_port,
      remote_port);
  g_autoptr(GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *ticks = NULL;

  g_assert_true (g_file_get_contents ("/proc/net/tcp", &text, NULL, NULL));
  if (!g_regex_match (regex, text, 0, &match))
    g_error ("no keepalive timer from port %u to %u", local_port, remote_port);
  ticks = g_match_info_fetch (match, 1);
  g_assert_cmpuint (strtoul (ticks, NULL, 16), <=, 30 * 100); /* USER_HZ is 100 */
}
#endif

static void
look_at_session (PgmTestServer *server, PgmConn *conn, const char *read_only)
{
  g_autofree char *shown = ask (conn, SETTINGS);

  assert_settings (shown, pgm_conn_get_version (conn), read_only);
#ifdef __linux__
  {
    g_autofree char *port = ask (conn, "SELECT inet_client_port ()");

    assert_keepalive_timer ((guint) atoi (port), pgm_test_server_get_port (server));
  }
#endif
}

static PgmServer *
server_of (PgmTestServer *server, PgmSide side, const char *host)
{
  g_autoptr(PgmEndpoint) endpoint = pgm_endpoint_new (side);

  endpoint->host = g_strdup (host);
  endpoint->port = pgm_test_server_get_port (server);
  endpoint->user = g_strdup ("app");
  endpoint->database = g_strdup ("postgres");
  return pgm_server_new (endpoint, NULL, "pgmirror-test", CONNECT_S);
}

/* The role carries settings that would end or hinder a session. */
static void
test_own (void)
{
  g_autoptr(PgmServer) from = server_of (source, PGM_SIDE_SOURCE, "127.0.0.1");
  g_autoptr(PgmServer) to = server_of (target, PGM_SIDE_TARGET, "127.0.0.1");
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmConn) plain = pgm_conn_open_sync (from, "postgres", NULL, &error);
  g_autoptr(PgmConn) source_maintenance = pgm_conn_open_maintenance_sync (from, NULL, NULL);
  g_autoptr(PgmConn) target_maintenance = pgm_conn_open_maintenance_sync (to, NULL, NULL);

  g_assert_no_error (error);
  look_at_session (source, plain, "on");
  look_at_session (source, source_maintenance, "on");
  look_at_session (target, target_maintenance, "off");
}

/* Writes down, for each start of @tool, its connection string and what the server shows to a
 * session that is opened with it in the tool's own environment. */
static char *
dup_script (const char *seen)
{
  return g_strdup_printf ("test \"$1\" = --version && exec REAL \"$@\"\n"
                          "d= ; last=\n"
                          "for a in \"$@\"; do\n"
                          "  case \"$a\" in --dbname=*) d=\"${a#--dbname=}\";; esac\n"
                          "  if [ \"$last\" = -d ]; then d=$a; fi\n"
                          "  last=$a\n"
                          "done\n"
                          "if [ -n \"$d\" ]; then\n"
                          "  echo \"conninfo $d\" >> %s\n"
                          "  %s -X -A -t -d \"$d\" -c \"" SETTINGS "\" < /dev/null >> %s\n"
                          "fi\n"
                          "exec REAL \"$@\"\n",
                          seen, psql, seen);
}

/* @read_only: of the side that the tool works on */
static void
look_at_tool (PgmTestPair *pair, const char *tool, const char *read_only)
{
  static const char *const words[] = {
    " connect_timeout='2'",  " keepalives_idle='30'",     " keepalives_interval='10'",
    " keepalives_count='3'", " tcp_user_timeout='60000'", " hostaddr='127.0.0.1'",
  };
  g_autofree char *seen = g_build_filename (g_get_tmp_dir (), "seen", NULL);
  g_autofree char *script = dup_script (seen);
  char *tools = pgm_test_fake_begin (tool, script);
  g_autofree char *json = g_strdup_printf (
      "{ \"source\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"app\","
      "    \"password\": \"\", \"database\": \"%s\" },"
      "  \"target\": { \"host\": \"127.0.0.1\", \"port\": %u, \"user\": \"app\","
      "    \"password\": \"\" },"
      "  \"options\": { \"drop_existing\": true, \"connect_timeout\": 2 } }",
      pgm_test_server_get_port (source), pair->database, pgm_test_server_get_port (target));
  const PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES };
  g_autoptr(PgmTestRun) run = pgm_test_run (json, &options);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autofree char *version = pgm_test_server_psql (target, "postgres", "SHOW server_version_num");
  guint n = 0;

  pgm_test_fake_end (tools);
  pgm_test_assert_code (run, "ok");
  g_assert_true (g_file_get_contents (seen, &text, NULL, NULL));
  g_unlink (seen);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (!g_str_has_prefix (lines[i], "conninfo "))
      assert_settings (lines[i], atoi (version), read_only);
    else
      for (gsize j = 0; j < G_N_ELEMENTS (words); j++, n++)
        pgm_test_assert_has (lines[i], words[j]);
  g_assert_cmpuint (n, >, 0);
}

static void
test_tools (void)
{
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (source, target, "app", "sessions", NULL);

  look_at_tool (pair, "pg_dump", "on");
  look_at_tool (pair, "pg_restore", "off");
  look_at_tool (pair, "psql", "off");
}

/* A resolver that never answers, but takes a cancel as GLib's own does. */
#define TEST_TYPE_MUTE_RESOLVER (test_mute_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestMuteResolver, test_mute_resolver, TEST, MUTE_RESOLVER, GResolver)

struct _TestMuteResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestMuteResolver, test_mute_resolver, G_TYPE_RESOLVER)

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer task)
{
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
never_look_up (GResolver *resolver,
               const char *name,
               GResolverNameLookupFlags flags,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);
  g_autoptr(GSource) end = g_cancellable_source_new (cancellable);

  g_task_attach_source (task, end, G_SOURCE_FUNC (cancelled_cb));
}

static GList *
finish_look_up (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
never_look_up_any (GResolver *resolver,
                   const char *name,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  never_look_up (resolver, name, 0, cancellable, callback, user_data);
}

static void
test_mute_resolver_class_init (TestMuteResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = never_look_up_any;
  resolver_class->lookup_by_name_finish = finish_look_up;
  resolver_class->lookup_by_name_with_flags_async = never_look_up;
  resolver_class->lookup_by_name_with_flags_finish = finish_look_up;
}

static void
test_mute_resolver_init (TestMuteResolver *self)
{
}

static void
test_mute_name_service (void)
{
  g_autoptr(GResolver) before = g_resolver_get_default ();
  g_autoptr(GResolver) mute = g_object_new (TEST_TYPE_MUTE_RESOLVER, NULL);
  g_autoptr(PgmServer) server = server_of (source, PGM_SIDE_SOURCE, "db.example.org");
  g_autoptr(GError) error = NULL;
  gint64 begun_us = g_get_monotonic_time ();

  g_resolver_set_default (mute);
  g_assert_null (pgm_conn_open_sync (server, "postgres", NULL, &error));
  g_resolver_set_default (before);
  g_assert_error (error, PGM_ERROR, PGM_ERROR_CONNECT);
  pgm_test_assert_has (error->message, "no answer from the name service");
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, PGM_TEST_WITHIN_US (CONNECT_S + 3));
}

static void
find_psql (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = pgm_tools_find_sync (NULL, &error);
  g_autoptr(PgmToolSet) tools = pgm_tools_choose (found, 0, 0, &error);

  g_assert_no_error (error);
  psql = g_strdup (pgm_tool_set_get_path (tools, PGM_TOOL_PSQL));
}

static void
make_role (PgmTestServer *server)
{
  g_free (pgm_test_server_psql (
      server, "postgres",
      "CREATE ROLE app LOGIN CREATEDB; ALTER ROLE app SET statement_timeout = '100s';"
      "ALTER ROLE app SET lock_timeout = '100s';"
      "ALTER ROLE app SET idle_in_transaction_session_timeout = '100s';"
      "ALTER ROLE app SET default_transaction_read_only = on;"
      "ALTER ROLE app SET tcp_keepalives_idle = 7200"));
}

int
main (int argc, char **argv)
{
  const PgmTestServerOptions options = { .listen_tcp = TRUE };
  int status;

  pgm_test_run_init (&argc, &argv);
  source = pgm_test_server_start ("source", &options);
  target = pgm_test_server_start ("target", &options);
  make_role (source);
  make_role (target);
  find_psql ();
  g_test_add_func ("/sessions/own", test_own);
  g_test_add_func ("/sessions/tools", test_tools);
  g_test_add_func ("/sessions/mute-name-service", test_mute_name_service);
  status = g_test_run ();
  pgm_test_server_free (source);
  pgm_test_server_free (target);
  g_free (psql);
  pgm_test_run_end ();
  return status;
}
