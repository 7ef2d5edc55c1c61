/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* W06: others ask the target's database all the time while it is replaced. Each answer is that of
 * the complete old or of the complete new one, and once it was the new one it stays so. */

#include "pgm-fault-scene.h"

#include "pgm-error.h"

#include <string.h>

#define N_CLIENTS 4

/* How long nobody may get an answer. The renames take a fifth of a second, and new sessions wait
 * for them; the rest is for busy machines. */
#define SILENCE_LIMIT_US PGM_TEST_WITHIN_US (8)

#define CONTENT(word, n)                                                                          \
  "CREATE TABLE content AS SELECT '" word "'::text AS word, i FROM generate_series (1, " n ") i;" \
  "GRANT SELECT ON content TO PUBLIC;"
#define OLD_ANSWER "old old 1000"
#define NEW_ANSWER "new new 3000"
#define QUESTION "SELECT concat_ws (' ', min (word), max (word), count (*)) FROM public.content"

typedef struct
{
  PgmServer *server;
  const char *database;
  GThread *thread;
  gint *is_over; /* atomic */
  guint n_old;   /* atomic, as the next one */
  guint n_new;
  guint n_refused; /* "does not exist": in the moment between the names */
  guint n_ended;   /* sessions that the run ended */
  gint64 longest_us;
} Client;

/* How a client may fail: the database is not there for an instant, or its session was on the old
 * one and was ended, with a word of the server's or without. */
static void
count_failure (Client *client, const GError *error)
{
  if (g_error_matches (error, PGM_ERROR, PGM_ERROR_MISSING))
    client->n_refused++;
  else if (g_error_matches (error, PGM_ERROR, PGM_ERROR_CONNECT) &&
           (strstr (error->message, "terminating connection") != NULL ||
            strstr (error->message, "was lost") != NULL))
    client->n_ended++;
  else
    g_error ("a client was told: %s", error->message);
}

static void
count_answer (Client *client, const char *answer)
{
  if (g_strcmp0 (answer, NEW_ANSWER) == 0)
    g_atomic_int_inc (&client->n_new);
  else if (g_strcmp0 (answer, OLD_ANSWER) == 0 && client->n_new == 0)
    g_atomic_int_inc (&client->n_old);
  else
    g_error ("a client was answered: %s, after %u new ones", answer, client->n_new);
}

/* Returns: whether there was an answer */
static gboolean
ask (Client *client)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PgmRows) rows = NULL;
  g_autoptr(PgmConn) conn = pgm_conn_open_sync (client->server, client->database, NULL, &error);

  if (conn != NULL)
    rows = pgm_conn_query_sync (conn, QUESTION, NULL, NULL, &error);
  if (rows != NULL)
    count_answer (client, pgm_rows_get (rows, 0, 0));
  else
    count_failure (client, error);
  return rows != NULL;
}

static gpointer
hammer (gpointer user_data)
{
  Client *client = user_data;
  gint64 last_us = g_get_monotonic_time ();

  while (!g_atomic_int_get (client->is_over))
    if (ask (client))
      {
        gint64 now_us = g_get_monotonic_time ();

        client->longest_us = MAX (client->longest_us, now_us - last_us);
        last_us = now_us;
      }
  return NULL;
}

/* Returns: (transfer full): as somebody else sees the target */
static PgmServer *
new_client_server (const char *role)
{
  PgmTestServer *target = pgm_fault_servers[PGM_SIDE_TARGET];
  g_autofree char *json = pgm_test_profile_json (target, target, role, "postgres", NULL);
  g_autoptr(PgmProfile) profile = pgm_profile_parse (json, -1, NULL, NULL);

  return pgm_server_new (pgm_profile_get_target (profile), NULL, "client", 30);
}

static void
wait_for_answer (const guint *n)
{
  gint64 deadline_us = g_get_monotonic_time () + SILENCE_LIMIT_US;

  while (g_atomic_int_get (n) == 0)
    {
      if (g_get_monotonic_time () > deadline_us)
        g_error ("a client never saw the database");
      g_usleep (10 * 1000);
    }
}

static void
test_hammered (gconstpointer data)
{
  const char *role = data; /* (nullable): of the run; of the clients always another one */
  g_autofree char *name = g_strconcat ("w06_", role != NULL ? role : "superuser", NULL);
  g_autoptr(PgmTestPair) pair = pgm_test_pair_new (pgm_fault_servers[PGM_SIDE_SOURCE],
                                                    pgm_fault_servers[PGM_SIDE_TARGET], role, name,
                                                    CONTENT ("new", "3000"));
  g_autoptr(PgmServer) server = new_client_server ("guest");
  g_autoptr(PgmTestRun) run = NULL;
  Client clients[N_CLIENTS] = { 0 };
  gint is_over = FALSE;

  pgm_test_do (pair->target, name, CONTENT ("old", "1000"));
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i].server = server;
      clients[i].database = name;
      clients[i].is_over = &is_over;
      clients[i].thread = g_thread_new ("client", hammer, &clients[i]);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    wait_for_answer (&clients[i].n_old);
  pgm_test_pair_set_options (pair, ", \"no_acl\": false");
  run = pgm_test_pair_run (pair);
  pgm_test_assert_code (run, "ok");
  for (guint i = 0; i < N_CLIENTS; i++)
    wait_for_answer (&clients[i].n_new);
  g_atomic_int_set (&is_over, TRUE);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      const Client *client = &clients[i];

      g_thread_join (client->thread);
      g_test_message ("%u old and %u new answers, %u times not there, %u sessions ended, longest "
                      "wait %.2f s",
                      client->n_old, client->n_new, client->n_refused, client->n_ended,
                      (double) client->longest_us / G_USEC_PER_SEC);
      g_assert_cmpint (client->longest_us, <, SILENCE_LIMIT_US);
    }
  pgm_test_pair_assert_new (pair);
}

int
main (int argc, char **argv)
{
  pgm_fault_init (&argc, &argv, NULL);
  pgm_test_do (pgm_fault_servers[PGM_SIDE_TARGET], "postgres",
               "CREATE ROLE guest LOGIN; GRANT pg_signal_backend TO " PGM_FAULT_ROLE);
  g_test_add_data_func ("/fault-swap/w06-superuser", NULL, test_hammered);
  g_test_add_data_func ("/fault-swap/w06-owner", PGM_FAULT_ROLE, test_hammered);
  return pgm_fault_end (g_test_run ());
}
