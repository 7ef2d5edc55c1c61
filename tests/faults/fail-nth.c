/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* Preloaded into a program, it counts calls and lets one of them fail. PGM_FAIL_STATE names the
 * file that says which (fail-nth.h). What stdio writes does not pass here: it calls the kernel
 * from inside of the C library. */

#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS /* open() and open64() are two functions here */

#include "fail-nth.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static FailState *state;

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("PGM_FAIL_STATE");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *shared = MAP_FAILED;

  if (fd < 0)
    return;
  shared = mmap (NULL, sizeof (FailState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (shared != MAP_FAILED)
    state = shared;
}

/* Counts a call. Returns: whether it has to fail, with errno set */
static int
fails (FailKind kind, int error_number)
{
  int n = 0;

  if (state == NULL)
    return 0;
  n = atomic_fetch_add (&state->n_calls[kind], 1) + 1;
  if (kind != (FailKind) atomic_load (&state->kind) || n != atomic_load (&state->at))
    return 0;
  atomic_fetch_add (&state->n_failed, 1);
  errno = error_number;
  return 1;
}

static int
is_regular (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 && S_ISREG (status.st_mode);
}

static int
is_pipe (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 && (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode));
}

/* Calls what would have been called without us. */
#define NEXT(type, name, ...)                        \
  ({                                                 \
    static type (*next_) __VA_ARGS__;                \
    if (next_ == NULL)                               \
      *(void **) (&next_) = dlsym (RTLD_NEXT, name); \
    next_;                                           \
  })

int
connect (int fd, const struct sockaddr *address, socklen_t length)
{
  if (fails (FAIL_CONNECT, ECONNREFUSED))
    return -1;
  return NEXT (int, "connect", (int, const struct sockaddr *, socklen_t)) (fd, address, length);
}

int
socket (int domain, int type, int protocol)
{
  if (fails (FAIL_SOCKET, EMFILE))
    return -1;
  return NEXT (int, "socket", (int, int, int) ) (domain, type, protocol);
}

/* An error on one end of a connection that the other end does not get to know of does not exist. */
static int
breaks (int fd, FailKind kind, int error_number)
{
  if (!fails (kind, error_number))
    return 0;
  shutdown (fd, SHUT_RDWR);
  errno = error_number;
  return 1;
}

ssize_t
send (int fd, const void *bytes, size_t n, int flags)
{
  if (breaks (fd, FAIL_SEND, EPIPE))
    return -1;
  return NEXT (ssize_t, "send", (int, const void *, size_t, int) ) (fd, bytes, n, flags);
}

ssize_t
recv (int fd, void *bytes, size_t n, int flags)
{
  if (breaks (fd, FAIL_RECV, ECONNRESET))
    return -1;
  return NEXT (ssize_t, "recv", (int, void *, size_t, int) ) (fd, bytes, n, flags);
}

/* What the child of a spawn says of its exec comes in two ints. GLib waits for a child whose words
 * it cannot read, without an end where the child waits for its input: not ours to mend. */
static int
is_word_of_spawn (size_t n)
{
  return n <= 2 * sizeof (int);
}

ssize_t
read (int fd, void *bytes, size_t n)
{
  if (state != NULL && is_pipe (fd) && !is_word_of_spawn (n) && fails (FAIL_PIPE_READ, EIO))
    return -1;
  return NEXT (ssize_t, "read", (int, void *, size_t)) (fd, bytes, n);
}

ssize_t
write (int fd, const void *bytes, size_t n)
{
  if (state != NULL && is_pipe (fd) && fails (FAIL_PIPE_WRITE, EPIPE))
    return -1;
  if (state != NULL && is_regular (fd) && fails (FAIL_FILE_WRITE, ENOSPC))
    return -1;
  return NEXT (ssize_t, "write", (int, const void *, size_t)) (fd, bytes, n);
}

int
fsync (int fd)
{
  if (fails (FAIL_FSYNC, EIO))
    return -1;
  return NEXT (int, "fsync", (int) ) (fd);
}

int
rename (const char *old_path, const char *new_path)
{
  if (fails (FAIL_RENAME, EIO))
    return -1;
  return NEXT (int, "rename", (const char *, const char *) ) (old_path, new_path);
}

int
mkdir (const char *path, mode_t mode)
{
  if (fails (FAIL_MKDIR, ENOSPC))
    return -1;
  return NEXT (int, "mkdir", (const char *, mode_t)) (path, mode);
}

int
unlink (const char *path)
{
  if (fails (FAIL_REMOVE, EIO))
    return -1;
  return NEXT (int, "unlink", (const char *) ) (path);
}

int
rmdir (const char *path)
{
  if (fails (FAIL_REMOVE, EIO))
    return -1;
  return NEXT (int, "rmdir", (const char *) ) (path);
}

int
remove (const char *path)
{
  if (fails (FAIL_REMOVE, EIO))
    return -1;
  return NEXT (int, "remove", (const char *) ) (path);
}

pid_t
fork (void)
{
  if (fails (FAIL_FORK, EAGAIN))
    return -1;
  return NEXT (pid_t, "fork", (void) ) ();
}

int
pipe2 (int fds[2], int flags)
{
  if (fails (FAIL_FORK, EMFILE))
    return -1;
  return NEXT (int, "pipe2", (int[2], int) ) (fds, flags);
}

static int
open_fails (int flags)
{
  return (flags & O_ACCMODE) != O_RDONLY && fails (FAIL_OPEN, ENOSPC);
}

static mode_t
read_mode (int flags, va_list args)
{
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg (args, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                   \
  int name (const char *path, int flags, ...)                               \
  {                                                                         \
    va_list args;                                                           \
    mode_t mode;                                                            \
                                                                            \
    va_start (args, flags);                                                 \
    mode = read_mode (flags, args);                                         \
    va_end (args);                                                          \
    if (open_fails (flags))                                                 \
      return -1;                                                            \
    return NEXT (int, #name, (const char *, int, ...)) (path, flags, mode); \
  }

#define DEFINE_OPENAT(name)                                                              \
  int name (int folder, const char *path, int flags, ...)                                \
  {                                                                                      \
    va_list args;                                                                        \
    mode_t mode;                                                                         \
                                                                                         \
    va_start (args, flags);                                                              \
    mode = read_mode (flags, args);                                                      \
    va_end (args);                                                                       \
    if (open_fails (flags))                                                              \
      return -1;                                                                         \
    return NEXT (int, #name, (int, const char *, int, ...)) (folder, path, flags, mode); \
  }

DEFINE_OPEN (open)
DEFINE_OPEN (open64)
DEFINE_OPENAT (openat)
DEFINE_OPENAT (openat64)
