/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#pragma once

#include <stdatomic.h>

/* Kinds of calls that can fail, and what they fail with. */
typedef enum
{
  FAIL_CONNECT,
  FAIL_SOCKET,
  FAIL_SEND,
  FAIL_RECV,
  FAIL_PIPE_READ,
  FAIL_PIPE_WRITE,
  FAIL_FILE_WRITE,
  FAIL_OPEN, /* for writing */
  FAIL_FSYNC,
  FAIL_RENAME,
  FAIL_MKDIR,
  FAIL_REMOVE,
  FAIL_FORK,
  N_FAIL_KINDS
} FailKind;

/* The content of a file that all processes of a run share. */
typedef struct
{
  atomic_int kind; /* which one fails */
  atomic_int at;   /* the number of the call, from 1; 0: none fails */
  atomic_int n_failed;
  atomic_int n_calls[N_FAIL_KINDS];
} FailState;
