/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Plays one row of a table: the run is brought to its moment, the thing happens, and what is left
 * of run, target and servers is what the row says. */

#include "pgm-fault-scene.h"

#include "pgm-json-write.h"
#include "pgm-test-server-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* P6: whatever happens, a run ends; time-outs of a row are a few seconds. */
#define END_LIMIT_US PGM_TEST_WITHIN_US (90)

/* Keeps what waits for a server that is not there short. */
#define OPTIONS ", \"connect_timeout\": 5"

PgmTestServer *pgm_fault_servers[2];
PgmFaultProxy *pgm_fault_proxies[2];

static const char *const sides[] = { [PGM_SIDE_SOURCE] = "source", [PGM_SIDE_TARGET] = "target" };

/* To be called first in main.
 *
 * @options: (nullable): of both servers */
void
pgm_fault_init (int *argc, char ***argv, const PgmTestServerOptions *options)
{
  pgm_test_run_init (argc, argv);
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      PgmTestServer *server = pgm_test_server_start (sides[i], options);

      pgm_fault_servers[i] = server;
      pgm_fault_proxies[i] = pgm_fault_proxy_new (pgm_test_server_get_host (server),
                                                  pgm_test_server_get_port (server));
      pgm_test_do (server, "postgres", "CREATE ROLE " PGM_FAULT_ROLE " LOGIN CREATEDB");
    }
}

/* To be called last in main.
 *
 * @status: of the tests
 *
 * Returns: the same */
int
pgm_fault_end (int status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      pgm_fault_proxy_free (pgm_fault_proxies[i]);
      pgm_test_server_free (pgm_fault_servers[i]);
    }
  pgm_test_run_end ();
  return status;
}

/* Returns: (transfer full): "d06-cut" as the name of a database */
static char *
dup_database (const PgmFaultCase *c)
{
  return g_strdelimit (g_strdup (c->name), "-", '_');
}

static void
redirect (JsonObject *profile, PgmSide side)
{
  JsonObject *endpoint = json_object_get_object_member (profile, sides[side]);

  json_object_set_string_member (endpoint, "host", "127.0.0.1");
  json_object_set_int_member (endpoint, "port", pgm_fault_proxy_get_port (pgm_fault_proxies[side]));
}

/* Returns: (transfer full): the pair's profile, both of its servers behind their proxies */
static char *
dup_profile (PgmFaultScene *self)
{
  g_autofree char *direct = pgm_test_pair_dup_profile (self->pair);
  g_autoptr(JsonNode) node = json_from_string (direct, NULL);

  redirect (json_node_get_object (node), PGM_SIDE_SOURCE);
  redirect (json_node_get_object (node), PGM_SIDE_TARGET);
  return pgm_json_write (node);
}

static void
set_options (PgmFaultScene *self)
{
  const PgmFaultCase *c = self->c;
  g_autofree char *script = self->script != NULL
                                ? g_strdup_printf (", \"pre_sql\": [\"%s\"]", self->script)
                                : g_strdup ("");
  g_autofree char *members =
      g_strconcat (OPTIONS, script, c->moment->options != NULL ? c->moment->options : "",
                   c->options != NULL ? c->options : "", NULL);

  pgm_test_pair_set_options (self->pair, members);
}

static void
set_stage (PgmFaultScene *self)
{
  const PgmFaultCase *c = self->c;
  g_autofree char *database = dup_database (c);

  self->cancellable = g_cancellable_new ();
  self->pair = pgm_test_pair_new (pgm_fault_servers[PGM_SIDE_SOURCE],
                                  pgm_fault_servers[PGM_SIDE_TARGET], c->moment->role, database,
                                  c->source_sql != NULL ? c->source_sql : c->moment->source_sql);
  if (c->moment->prepare != NULL)
    c->moment->prepare (self);
  set_options (self);
}

static void
start (PgmFaultScene *self)
{
  PgmTestRunOptions options = { .flags = PGM_MIRROR_ASSUME_YES, .cancellable = self->cancellable };
  g_autofree char *json = dup_profile (self);

  self->run = pgm_test_run_start (json, &options);
}

static void
arrive (PgmFaultScene *self)
{
  const PgmFaultMoment *moment = self->c->moment;
  g_autofree char *condition = NULL;

  if (moment->arrive != NULL)
    moment->arrive (self);
  if (moment->sessions != NULL)
    {
      condition =
          g_strdup_printf ("EXISTS (SELECT 1 FROM pg_stat_activity WHERE %s)", moment->sessions);
      pgm_test_wait_until (pgm_fault_servers[moment->side], condition);
    }
  if (self->run->result != NULL)
    {
      pgm_test_run_wait (self->run);
      g_error ("the run ended too early: %s", self->run->data->message);
    }
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for_end (PgmFaultScene *self)
{
  gint64 begun_us = g_get_monotonic_time ();
  guint tick = g_timeout_add (100, tick_cb, NULL);

  while (self->run->result == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (g_get_monotonic_time () > begun_us + END_LIMIT_US)
        g_error ("the run did not end");
    }
  g_source_remove (tick);
  pgm_test_run_wait (self->run);
  g_test_message ("ended after %.1f s: %s: %s",
                  (double) (g_get_monotonic_time () - begun_us) / G_USEC_PER_SEC,
                  self->run->data->code, self->run->data->message);
}

static void
undo (PgmFaultScene *self)
{
  for (gsize i = 0; self->undo != NULL && i < G_N_ELEMENTS (pgm_fault_servers); i++)
    pgm_test_do (pgm_fault_servers[i], "postgres", self->undo);
}

static void
clear_stage (PgmFaultScene *self)
{
  pgm_fault_heal ();
  undo (self);
  g_clear_pointer (&self->holder, pgm_conn_free);
  g_clear_pointer (&self->tools, pgm_test_fake_end);
  if (self->script != NULL)
    g_assert_cmpint (g_unlink (self->script), ==, 0);
}

/* P5: what is left is what the row allows, and the statement that the report gives removes it. */
static void
remove_leftovers (PgmFaultScene *self)
{
  const GPtrArray *leftovers = self->run->data->leftovers;

  for (guint i = 0; i < leftovers->len; i++)
    {
      const PgmFinding *finding = leftovers->pdata[i];
      const char *drop = finding->hint != NULL ? strstr (finding->hint, "DROP DATABASE") : NULL;

      g_test_message ("left: %s", finding->message);
      if (self->c->leftovers == NULL || strstr (self->c->leftovers, finding->code) == NULL)
        g_error ("left over: %s: %s", finding->code, finding->message);
      if (drop != NULL) /* of two names, only one may exist */
        pgm_test_server_psql_status (pgm_fault_servers[PGM_SIDE_TARGET], NULL, "postgres", drop,
                                     NULL);
    }
}

static void
assert_exit_status (PgmFaultScene *self)
{
  static const struct
  {
    const char *code;
    int status;
  } known[] = { { "ok", 0 }, { "differences", 3 }, { "cancelled", 130 } };
  int expected = 1;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (self->c->code, known[i].code))
      expected = known[i].status;
  g_assert_cmpint (pgm_report_get_exit_status (self->run->report), ==, expected);
}

/* P2: the whole old or the whole new database. */
static void
assert_content (PgmFaultScene *self)
{
  g_autofree char *now = NULL;

  switch (self->c->content)
    {
    case PGM_FAULT_OLD:
      pgm_test_pair_assert_old (self->pair, self->run);
      return;
    case PGM_FAULT_NEW:
      g_assert_cmpint (self->run->data->target_state, ==, PGM_TARGET_REPLACED);
      pgm_test_pair_assert_new (self->pair);
      return;
    case PGM_FAULT_EITHER:
    default:
      g_assert_cmpint (self->run->data->target_state, ==, PGM_TARGET_UNKNOWN);
      now = pgm_test_fingerprint (self->pair->target, self->pair->database);
      if (!g_str_equal (now, self->pair->old))
        pgm_test_pair_assert_new (self->pair);
    }
}

static void
play (gconstpointer data)
{
  const PgmFaultCase *c = data;
  PgmFaultScene self = { .c = c };

  set_stage (&self);
  if (c->moment->sessions == NULL && c->moment->arrive == NULL)
    c->inject (&self);
  start (&self);
  if (c->moment->sessions != NULL || c->moment->arrive != NULL)
    {
      arrive (&self);
      c->inject (&self);
      if (c->moment->depart != NULL)
        c->moment->depart (&self);
    }
  wait_for_end (&self);
  clear_stage (&self);
  pgm_test_assert_code (self.run, c->code);
  pgm_test_assert_message (self.run, c->message);
  assert_exit_status (&self);
  remove_leftovers (&self);
  assert_content (&self);
  pgm_test_run_free (self.run);
  pgm_test_pair_free (self.pair);
  g_object_unref (self.cancellable);
  g_free (self.script);
  g_free (self.undo);
}

/* Adds the rows that are to be played here, as /PROGRAM/NAME. */
void
pgm_fault_add (const char *program, const PgmFaultCase *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%s/%s", program, cases[i].name);

      if ((cases[i].flags & PGM_FAULT_SLOW) != 0 && !pgm_test_runs_all ())
        continue;
      if ((cases[i].flags & PGM_FAULT_ROOT) != 0 && geteuid () != 0)
        continue;
      g_test_add_data_func (path, &cases[i], play);
    }
}

/* All of a program whose rows need no more than two servers as they are. */
int
pgm_fault_main (
    int argc, char **argv, const char *program, const PgmFaultCase *cases, gsize n_cases)
{
  pgm_fault_init (&argc, &argv, NULL);
  pgm_fault_add (program, cases, n_cases);
  return pgm_fault_end (g_test_run ());
}
