/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-test-recover.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

static char *program;
static char *state; /* folder of the programs' history */

/* To be called first in main, in place of pgm_test_run_init(). argv[1] is the program. */
void
pgm_test_recover_init (int *argc, char ***argv)
{
  g_assert_cmpint (*argc, >=, 2);
  program = g_canonicalize_filename ((*argv)[1], NULL);
  pgm_test_run_init (argc, argv);
  state = g_build_filename (g_get_tmp_dir (), "state", NULL);
}

/* To be called last in main, with the servers freed. */
void
pgm_test_recover_end (void)
{
  pgm_test_remove_tree (state);
  pgm_test_run_end ();
  g_free (state);
  g_free (program);
}

void
pgm_test_said_clear (PgmTestSaid *said)
{
  g_clear_pointer (&said->out, g_free);
  g_clear_pointer (&said->err, g_free);
}

static GSubprocessLauncher *
new_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  return launcher;
}

void
pgm_test_call (PgmTestSaid *said, const char *const *args)
{
  g_autoptr(GSubprocessLauncher) launcher =
                 new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  const char *argv[10] = { program };

  for (gsize i = 0; args[i] != NULL; i++)
    argv[i + 1] = args[i];
  pgm_test_said_clear (said);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said->out, &said->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  said->status = g_subprocess_get_exit_status (process);
  g_test_message ("%s%s", said->out, said->err);
}

void
pgm_test_expect (const PgmTestSaid *said, int status, const char *part)
{
  if (said->status != status)
    g_error ("expected status %d, got %d\n%s\n%s", status, said->status, said->out, said->err);
  if (part != NULL && strstr (said->out, part) == NULL)
    g_error ("no \"%s\" in\n%s\n%s", part, said->out, said->err);
}

char *
pgm_test_write_config (const char *name, const char *json)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  char *path = g_build_filename (g_get_tmp_dir (), file, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, json, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
  return path;
}

void
pgm_test_remove_config (char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_free (path);
}

/* Returns: (transfer full): member @key of the leftover of @kind in what --json printed */
static char *
find_member (const PgmTestSaid *said, const char *kind, const char *key)
{
  g_auto(GStrv) lines = g_strsplit (said->out, "\n", -1);

  for (gsize i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object = json_node_get_object (node);

      if (g_str_equal (json_object_get_string_member (object, "event"), "leftover") &&
          g_str_equal (json_object_get_string_member (object, "kind"), kind))
        return g_strdup (json_object_get_string_member_with_default (object, key, "-"));
    }
  g_error ("no \"%s\" in\n%s", kind, said->out);
}

void
pgm_test_assert_member (const PgmTestSaid *said,
                        const char *kind,
                        const char *key,
                        const char *expected)
{
  g_autofree char *value = find_member (said, kind, key);

  g_assert_cmpstr (value, ==, expected);
}

void
pgm_test_assert_answer (PgmTestServer *server, const char *sql, const char *expected)
{
  g_autofree char *answer = pgm_test_server_psql (server, "postgres", sql);

  g_assert_cmpstr (answer, ==, expected);
}

/* @content: (nullable): of the source
 * @options: of the profile, each after a comma */
void
pgm_test_cut_prepare (PgmTestCut *self,
                      PgmTestServer *source,
                      PgmTestServer *target,
                      const char *name,
                      const char *content,
                      const char *options)
{
  g_autofree char *json = NULL;

  self->pair = pgm_test_pair_new (source, target, NULL, name, content);
  pgm_test_pair_set_options (self->pair, options);
  json = pgm_test_pair_dup_profile (self->pair);
  self->config = pgm_test_write_config (name, json);
}

void
pgm_test_cut_start (PgmTestCut *self)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                           G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->process);
  self->process = g_subprocess_launcher_spawn (launcher, &error, program, "mirror", "--yes", "-c",
                                               self->config, NULL);
  g_assert_no_error (error);
}

/* For one that is killed by others. */
void
pgm_test_cut_wait_until_dead (PgmTestCut *self)
{
  g_subprocess_wait (self->process, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (self->process));
  pgm_test_wait_until (self->pair->target, PGM_TEST_NO_SESSION);
}

void
pgm_test_cut_kill (PgmTestCut *self)
{
  g_subprocess_send_signal (self->process, SIGKILL);
  pgm_test_cut_wait_until_dead (self);
}

void
pgm_test_cut_assert_old (PgmTestCut *self)
{
  g_autofree char *now = pgm_test_fingerprint (self->pair->target, self->pair->database);

  g_assert_cmpstr (now, ==, self->pair->old);
}

/* Nothing may be left on the servers and in the temporary folder. */
void
pgm_test_cut_finish (PgmTestCut *self)
{
  g_clear_object (&self->process);
  pgm_test_remove_config (self->config);
  pgm_test_pair_free (self->pair);
}
