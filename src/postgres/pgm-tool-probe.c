/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-tool-probe.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "pgm-subprocess.h"
#include "pgm-text.h"

/* What `--version` may take. A network folder that does not answer must not hold us up. */
#define LIMIT_S 5

/* @line: "pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
 *
 * Returns: (transfer full) (nullable): NULL when @line is something else */
static PgmTool *
new_tool (PgmToolKind kind, const char *path, const char *line)
{
  g_autoptr(GRegex) regex = g_regex_new (
      "^(\\S+) \\([^()]*\\) ((\\d{1,4})(?!\\d)(?:\\.(\\d{1,4}))?.*)$", G_REGEX_RAW, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *name = NULL;
  g_autofree char *major = NULL;
  g_autofree char *minor = NULL;
  PgmTool *self = NULL;

  if (!g_regex_match (regex, line, 0, &match))
    return NULL;
  name = g_match_info_fetch (match, 1);
  if (!g_str_equal (name, pgm_tool_kind_get_name (kind)))
    return NULL;
  major = g_match_info_fetch (match, 3);
  minor = g_match_info_fetch (match, 4);
  self = g_atomic_rc_box_new0 (PgmTool);
  self->kind = kind;
  self->path = g_strdup (path);
  self->version = g_match_info_fetch (match, 2);
  self->major = atoi (major);
  self->minor = minor != NULL ? atoi (minor) : 0;
  return self;
}

static PgmTool *
new_broken_tool (PgmToolKind kind, const char *path, char *failure)
{
  PgmTool *self = g_atomic_rc_box_new0 (PgmTool);

  self->kind = kind;
  self->path = g_strdup (path);
  self->failure = failure;
  return self;
}

typedef struct
{
  char *line;  /* owned (nullable): the first one */
  char *error; /* owned (nullable): the first one of stderr */
  gint64 until_us;
  GCancellable *too_slow; /* owned */
} Probe;

static void
probe_clear (Probe *self)
{
  g_free (self->line);
  g_free (self->error);
  g_object_unref (self->too_slow);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Probe, probe_clear)

static void
line_cb (const char *line, gpointer user_data)
{
  Probe *self = user_data;

  if (self->line == NULL)
    self->line = g_strdup (line);
}

static void
error_cb (const char *line, gpointer user_data)
{
  Probe *self = user_data;

  if (self->error == NULL)
    self->error = pgm_text_escape (line);
}

static void
tick_cb (gpointer user_data)
{
  Probe *self = user_data;

  if (g_get_monotonic_time () > self->until_us)
    g_cancellable_cancel (self->too_slow);
}

static char **
dup_environ (void)
{
  g_auto(GStrv) ours = g_get_environ ();
  char **theirs = g_environ_setenv (NULL, "LC_ALL", "C", TRUE);
  const char *const names[] = { "PATH", "SystemRoot" }; /* Windows loads no DLL without it */

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_environ_getenv (ours, names[i]) != NULL)
      theirs = g_environ_setenv (theirs, names[i], g_environ_getenv (ours, names[i]), TRUE);
  return theirs;
}

/* @error: (nullable): why there is no @status
 *
 * Returns: (transfer full) */
static char *
describe_failure (const Probe *self, const char *path, int status, const GError *error)
{
  if (g_cancellable_is_cancelled (self->too_slow))
    return g_strdup_printf (_("\"%s --version\" did not answer within %d s"), path, LIMIT_S);
  if (error != NULL)
    return g_strdup (error->message);
  if (status == 0)
    return g_strdup_printf (_("\"%s --version\" did not tell a version"), path);
  if (self->error == NULL)
    return g_strdup_printf (_("\"%s --version\" left with exit status %d"), path, status);
  return g_strdup_printf (_("\"%s --version\" left with exit status %d: %s"), path, status,
                             self->error);
}

/* Asks the program at @path what it is.
 *
 * Returns: (transfer full) (nullable): with `failure` when it is no such tool, or does not work.
 * NULL only on a cancel. */
PgmTool *
pgm_tool_probe_sync (PgmToolKind kind, const char *path, GCancellable *cancellable)
{
  const char *const argv[] = { path, "--version", NULL };
  g_auto(GStrv) envp = dup_environ ();
  g_auto(Probe) self = { .until_us = g_get_monotonic_time () + LIMIT_S * G_USEC_PER_SEC,
                          .too_slow = g_cancellable_new () };
  PgmCommand command = { .argv = argv,
                         .envp = (const char *const *) envp,
                         .stdout_line = line_cb,
                         .stderr_line = error_cb,
                         .tick = tick_cb,
                         .user_data = &self,
                         .kill = self.too_slow };
  g_autoptr(GError) error = NULL;
  int status = pgm_subprocess_run_sync (&command, cancellable, &error);
  PgmTool *tool = NULL;

  if (g_cancellable_is_cancelled (cancellable))
    return NULL;
  if (status == 0 && self.line != NULL)
    tool = new_tool (kind, path, self.line);
  return tool != NULL ? tool
                      : new_broken_tool (kind, path, describe_failure (&self, path, status, error));
}
