/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* What happens to a run, to its sessions and to its servers. */

#include "pgm-fault-scene.h"

#include <signal.h>
#include <stdlib.h>

static gboolean is_down[2];
static gboolean is_frozen[2];

void
pgm_fault_none (PgmFaultScene *self)
{
}

void
pgm_fault_wire (PgmFaultScene *self)
{
  pgm_fault_proxy_set (pgm_fault_proxies[self->c->side], &self->c->fault);
}

static void
mend_wires (void)
{
  const PgmFault none = { PGM_FAULT_NONE, PGM_FAULT_BOTH, 0, 0 };

  pgm_fault_proxy_set (pgm_fault_proxies[PGM_SIDE_SOURCE], &none);
  pgm_fault_proxy_set (pgm_fault_proxies[PGM_SIDE_TARGET], &none);
}

void
pgm_fault_wire_once (PgmFaultScene *self)
{
  pgm_fault_wire (self);
  mend_wires ();
}

void
pgm_fault_wire_newest (PgmFaultScene *self)
{
  PgmFaultProxy *proxy = pgm_fault_proxies[self->c->side];
  PgmFault fault = self->c->fault;

  fault.connection = pgm_fault_proxy_get_n_connections (proxy);
  pgm_fault_proxy_set (proxy, &fault);
  g_clear_pointer (&self->holder, pgm_conn_free);
}

/* Does something to the sessions of the moment.
 *
 * @expression: SQL, of their pid
 *
 * Returns: (transfer full): its values, one a line */
static char *
for_sessions (PgmFaultScene *self, const char *expression)
{
  const PgmFaultMoment *moment = self->c->moment;
  g_autofree char *sql =
      g_strdup_printf ("SELECT %s FROM pg_stat_activity WHERE %s", expression, moment->sessions);
  char *values = pgm_test_server_psql (pgm_fault_servers[moment->side], "postgres", sql);

  g_assert_cmpstr (values, !=, "");
  return values;
}

void
pgm_fault_terminate (PgmFaultScene *self)
{
  g_free (for_sessions (self, "pg_terminate_backend (pid)"));
}

void
pgm_fault_cancel_query (PgmFaultScene *self)
{
  g_free (for_sessions (self, "pg_cancel_backend (pid)"));
}

/* As the kernel does when memory runs out; the server then ends all others, too. */
void
pgm_fault_kill_backend (PgmFaultScene *self)
{
  g_autofree char *pid = for_sessions (self, "pid");

  is_down[self->c->moment->side] = TRUE; /* or soon up again: it is not known when */
  g_assert_cmpint (kill (atoi (pid), SIGKILL), ==, 0);
}

/* As a crash. */
void
pgm_fault_stop (PgmFaultScene *self)
{
  is_down[self->c->side] = TRUE;
  pgm_test_server_stop (pgm_fault_servers[self->c->side]);
}

void
pgm_fault_stop_fast (PgmFaultScene *self)
{
  is_down[self->c->side] = TRUE;
  pgm_test_server_shut_down (pgm_fault_servers[self->c->side]);
}

void
pgm_fault_restart (PgmFaultScene *self)
{
  pgm_test_server_restart (pgm_fault_servers[self->c->side]);
}

/* It keeps its connections, and says nothing any more. */
void
pgm_fault_freeze (PgmFaultScene *self)
{
  is_frozen[self->c->side] = TRUE;
  pgm_test_freeze (pgm_fault_servers[self->c->side]);
}

/* It goes to the servers by way of the proxies, too. */
void
pgm_fault_cancel_run (PgmFaultScene *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* Everything is as it was before the first case. */
void
pgm_fault_heal (void)
{
  mend_wires ();
  for (gsize i = 0; i < G_N_ELEMENTS (is_down); i++)
    {
      if (is_frozen[i])
        pgm_test_thaw (pgm_fault_servers[i]);
      if (is_down[i])
        pgm_test_server_restart (pgm_fault_servers[i]);
      is_frozen[i] = is_down[i] = FALSE;
    }
}
