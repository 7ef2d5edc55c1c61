/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* One thread and one loop over sockets that never block. A connection is a link of two pipes, one
 * for each way; a pipe holds what it has read and not yet written. Whenever anything may have
 * changed every pipe is tried: what cannot go on says so by itself. */

#define _GNU_SOURCE /* accept4 */

#include "pgm-fault-proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK_BYTES (16 * 1024)
#define SLICES_A_SECOND 50 /* of a limited rate */

typedef struct
{
  PgmFaultWays way;
  int from; /* borrowed from the link */
  int to;
  guint8 buffer[CHUNK_BYTES];
  gsize begin; /* what was read and not yet written is between these */
  gsize end;
  guint64 n_passed;      /* since the fault was set */
  gint64 rests_until_us; /* for the sake of a rate */
  gboolean has_ended;    /* nothing more will come */
} Pipe;

typedef struct
{
  guint number;
  int client; /* owned */
  int server; /* owned */
  Pipe pipes[2];
  gboolean is_reset; /* how it will end */
} Link;

struct _PgmFaultProxy
{
  /* owned, the same from the start on */
  GThread *thread;
  int listener;
  int wake[2];
  guint16 port;
  struct sockaddr_storage server;
  socklen_t server_length;

  GArray *polls; /* GPollFD, owned: the thread's alone */

  /* shared */
  GMutex mutex;
  GPtrArray *links; /* Link, owned */
  PgmFault fault;
  gboolean is_ending;
  guint n_connections;
  guint64 n_bytes[PGM_FAULT_BOTH + 1]; /* by way */
};

static void
close_link (Link *link)
{
  const struct linger at_once = { 1, 0 };

  if (link->is_reset)
    {
      setsockopt (link->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      setsockopt (link->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
  close (link->client);
  close (link->server);
  g_free (link);
}

static gboolean
is_meant (PgmFaultProxy *self, const Link *link, const Pipe *pipe)
{
  return (self->fault.ways & pipe->way) != 0 &&
         (self->fault.connection == 0 || self->fault.connection == link->number);
}

/* How many bytes may pass before the fault comes. */
static guint64
get_room (PgmFaultProxy *self, const Link *link, const Pipe *pipe)
{
  gboolean stops = self->fault.kind == PGM_FAULT_CUT || self->fault.kind == PGM_FAULT_FIN ||
                   self->fault.kind == PGM_FAULT_HOLE;

  if (!is_meant (self, link, pipe))
    return G_MAXUINT64;
  if (stops)
    return self->fault.amount - MIN (self->fault.amount, pipe->n_passed);
  return self->fault.kind == PGM_FAULT_RATE ? MAX (self->fault.amount / SLICES_A_SECOND, 1)
                                            : G_MAXUINT64;
}

/* Whether the link has come to a fault that stops it, in both ways. */
static gboolean
is_struck (PgmFaultProxy *self, const Link *link)
{
  return get_room (self, link, &link->pipes[0]) == 0 || get_room (self, link, &link->pipes[1]) == 0;
}

/* @n: bytes that are about to pass */
static void
flip (PgmFaultProxy *self, const Link *link, Pipe *pipe, gsize n)
{
  if (self->fault.kind == PGM_FAULT_FLIP && is_meant (self, link, pipe) &&
      pipe->n_passed <= self->fault.amount && self->fault.amount < pipe->n_passed + n)
    pipe->buffer[pipe->begin + self->fault.amount - pipe->n_passed] ^= 1;
}

static void
count (PgmFaultProxy *self, const Link *link, Pipe *pipe, gsize n)
{
  pipe->begin += n;
  pipe->n_passed += n;
  self->n_bytes[pipe->way] += n;
  if (self->fault.kind == PGM_FAULT_RATE && is_meant (self, link, pipe))
    pipe->rests_until_us =
        g_get_monotonic_time () + (gint64) (n * G_USEC_PER_SEC / MAX (self->fault.amount, 1));
}

/* Returns: FALSE when the link is broken */
static gboolean
fill (Pipe *pipe)
{
  ssize_t n = recv (pipe->from, pipe->buffer, sizeof pipe->buffer, 0);

  pipe->begin = 0;
  pipe->end = n > 0 ? (gsize) n : 0;
  if (n == 0)
    {
      pipe->has_ended = TRUE;
      shutdown (pipe->to, SHUT_WR);
    }
  return n >= 0 || errno == EAGAIN;
}

/* Returns: FALSE when the link is broken */
static gboolean
pump (PgmFaultProxy *self, const Link *link, Pipe *pipe)
{
  guint64 room = get_room (self, link, pipe);
  gsize n = 0;
  ssize_t n_sent = 0;

  if (pipe->has_ended || pipe->rests_until_us > g_get_monotonic_time ())
    return TRUE;
  if (pipe->begin == pipe->end && !fill (pipe))
    return FALSE;
  n = (gsize) MIN (room, pipe->end - pipe->begin);
  if (n == 0)
    return TRUE;
  flip (self, link, pipe, n);
  n_sent = send (pipe->to, pipe->buffer + pipe->begin, n, MSG_NOSIGNAL);
  if (n_sent < (ssize_t) n)
    flip (self, link, pipe, n); /* it is done again with the rest, or was done */
  if (n_sent > 0)
    count (self, link, pipe, (gsize) n_sent);
  return n_sent > 0 || errno == EAGAIN;
}

/* Returns: FALSE when the link is over */
static gboolean
turn (PgmFaultProxy *self, Link *link)
{
  if (!is_struck (self, link))
    link->is_reset = !pump (self, link, &link->pipes[0]) || !pump (self, link, &link->pipes[1]);
  if (is_struck (self, link) && self->fault.kind != PGM_FAULT_HOLE)
    {
      link->is_reset = self->fault.kind == PGM_FAULT_CUT;
      return FALSE;
    }
  return !link->is_reset && !(link->pipes[0].has_ended && link->pipes[1].has_ended);
}

static void
turn_all (PgmFaultProxy *self)
{
  guint i = 0;

  while (i < self->links->len)
    {
      Link *link = self->links->pdata[i];

      if (turn (self, link))
        i++;
      else
        close_link (g_ptr_array_steal_index (self->links, i));
    }
}

static void
add_link (PgmFaultProxy *self, int client)
{
  int server = socket (self->server.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Link *link = g_new0 (Link, 1);

  link->number = ++self->n_connections;
  link->client = client;
  link->server = server;
  link->pipes[0].way = PGM_FAULT_DOWN;
  link->pipes[0].from = link->pipes[1].to = server;
  link->pipes[1].way = PGM_FAULT_UP;
  link->pipes[1].from = link->pipes[0].to = client;
  if (connect (server, (struct sockaddr *) &self->server, self->server_length) != 0)
    {
      link->is_reset = TRUE;
      close_link (link);
      return;
    }
  g_unix_set_fd_nonblocking (server, TRUE, NULL);
  g_ptr_array_add (self->links, link);
}

static void
add_poll (PgmFaultProxy *self, int fd, GIOCondition events)
{
  GPollFD poll_fd = { .fd = fd, .events = events };

  g_array_append_val (self->polls, poll_fd);
}

/* What has to happen for a pipe to go on.
 *
 * Returns: milliseconds after which it may go on anyway; -1: none */
static int
watch_pipe (PgmFaultProxy *self, const Link *link, const Pipe *pipe)
{
  gint64 rest_us = pipe->rests_until_us - g_get_monotonic_time ();

  if (rest_us > 0)
    return (int) (rest_us / 1000) + 1;
  if (pipe->begin < pipe->end)
    add_poll (self, pipe->to, G_IO_OUT);
  else if (!pipe->has_ended)
    add_poll (self, pipe->from, G_IO_IN);
  return -1;
}

static int
watch_all (PgmFaultProxy *self)
{
  int timeout_ms = -1;

  g_array_set_size (self->polls, 0);
  add_poll (self, self->wake[0], G_IO_IN);
  add_poll (self, self->listener, G_IO_IN);
  for (guint i = 0; i < self->links->len; i++)
    {
      const Link *link = self->links->pdata[i];

      for (gsize k = 0; k < G_N_ELEMENTS (link->pipes) && !is_struck (self, link); k++)
        {
          int rest_ms = watch_pipe (self, link, &link->pipes[k]);

          if (rest_ms >= 0 && (timeout_ms < 0 || rest_ms < timeout_ms))
            timeout_ms = rest_ms;
        }
    }
  return timeout_ms;
}

static gpointer
serve (gpointer user_data)
{
  PgmFaultProxy *self = user_data;
  char byte = 0;
  int client = -1;

  g_mutex_lock (&self->mutex);
  while (!self->is_ending)
    {
      int timeout_ms = watch_all (self);

      g_mutex_unlock (&self->mutex);
      g_poll (&g_array_index (self->polls, GPollFD, 0), self->polls->len, timeout_ms);
      g_mutex_lock (&self->mutex);
      while (read (self->wake[0], &byte, 1) == 1)
        ;
      while ((client = accept4 (self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        add_link (self, client);
      turn_all (self);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/* @host: an IPv4 address, or the folder of a Unix socket */
static void
set_server (PgmFaultProxy *self, const char *host, guint16 port)
{
  struct sockaddr_in *ip = (struct sockaddr_in *) &self->server;
  struct sockaddr_un *local = (struct sockaddr_un *) &self->server;

  if (*host == '/')
    {
      self->server_length = sizeof *local;
      local->sun_family = AF_UNIX;
      g_snprintf (local->sun_path, sizeof local->sun_path, "%s/.s.PGSQL.%u", host, port);
      return;
    }
  self->server_length = sizeof *ip;
  ip->sin_family = AF_INET;
  ip->sin_port = htons (port);
  if (inet_pton (AF_INET, host, &ip->sin_addr) != 1)
    g_error ("\"%s\" is no address for the proxy", host);
}

static void
listen_anywhere (PgmFaultProxy *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;

  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind (self->listener, (struct sockaddr *) &address, length) != 0 ||
      listen (self->listener, 64) != 0 ||
      getsockname (self->listener, (struct sockaddr *) &address, &length) != 0)
    g_error ("the proxy cannot listen: %s", g_strerror (errno));
  self->port = ntohs (address.sin_port);
}

/* @host: of the server: an IPv4 address, or the folder of its socket */
PgmFaultProxy *
pgm_fault_proxy_new (const char *host, guint16 port)
{
  PgmFaultProxy *self = g_new0 (PgmFaultProxy, 1);
  g_autoptr(GError) error = NULL;

  set_server (self, host, port);
  listen_anywhere (self);
  g_unix_open_pipe (self->wake, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  g_unix_set_fd_nonblocking (self->wake[0], TRUE, NULL);
  g_mutex_init (&self->mutex);
  self->links = g_ptr_array_new ();
  self->polls = g_array_new (FALSE, FALSE, sizeof (GPollFD));
  self->thread = g_thread_new ("fault-proxy", serve, self);
  return self;
}

static void
wake (PgmFaultProxy *self)
{
  g_assert_cmpint (write (self->wake[1], "", 1), ==, 1);
}

/* Ends what connections there are. */
void
pgm_fault_proxy_free (PgmFaultProxy *self)
{
  g_mutex_lock (&self->mutex);
  self->is_ending = TRUE;
  g_mutex_unlock (&self->mutex);
  wake (self);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->links->len; i++)
    close_link (self->links->pdata[i]);
  g_ptr_array_unref (self->links);
  g_array_unref (self->polls);
  close (self->listener);
  close (self->wake[0]);
  close (self->wake[1]);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* Returns: where clients connect to, on 127.0.0.1 */
guint16
pgm_fault_proxy_get_port (PgmFaultProxy *self)
{
  return self->port;
}

/* From now on, in place of the fault before, which lets go of what it kept back. Connections that
 * are at that point already are struck before this returns. */
void
pgm_fault_proxy_set (PgmFaultProxy *self, const PgmFault *fault)
{
  g_mutex_lock (&self->mutex);
  self->fault = *fault;
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = self->links->pdata[i];

      for (gsize k = 0; k < G_N_ELEMENTS (link->pipes); k++)
        link->pipes[k].n_passed = link->pipes[k].rests_until_us = 0;
    }
  turn_all (self);
  g_mutex_unlock (&self->mutex);
  wake (self);
}

guint
pgm_fault_proxy_get_n_connections (PgmFaultProxy *self)
{
  guint n = 0;

  g_mutex_lock (&self->mutex);
  n = self->n_connections;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* @client_port: as the server knows it
 *
 * Returns: the number of that connection; 0: it is not there */
guint
pgm_fault_proxy_find (PgmFaultProxy *self, guint16 client_port)
{
  guint number = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->links->len; i++)
    {
      const Link *link = self->links->pdata[i];
      struct sockaddr_in address = { 0 };
      socklen_t length = sizeof address;

      if (getsockname (link->server, (struct sockaddr *) &address, &length) == 0 &&
          address.sin_family == AF_INET && ntohs (address.sin_port) == client_port)
        number = link->number;
    }
  g_mutex_unlock (&self->mutex);
  return number;
}

/* Returns: what all connections together have forwarded since the start */
guint64
pgm_fault_proxy_get_bytes (PgmFaultProxy *self, PgmFaultWays ways)
{
  guint64 n = 0;

  g_mutex_lock (&self->mutex);
  n = (ways & PGM_FAULT_DOWN ? self->n_bytes[PGM_FAULT_DOWN] : 0) +
      (ways & PGM_FAULT_UP ? self->n_bytes[PGM_FAULT_UP] : 0);
  g_mutex_unlock (&self->mutex);
  return n;
}
