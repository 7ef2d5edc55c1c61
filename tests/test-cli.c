/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* argv[1] is the program. */

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgm-test-program.h"

static void
test_no_command (PgmTestProgram *fx, gconstpointer data)
{
  pgm_test_program_run (fx, (const char *const[]){ NULL });
  g_assert_cmpint (fx->status, ==, 2);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "Commands:");
}

static void
test_help (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const commands[] = { "mirror",   "check",   "validate", "databases",
                                          "profiles", "version", "verify",   "recover" };

  PGM_TEST_RUN (fx, "--help");
  g_assert_cmpint (fx->status, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    pgm_test_assert_has (fx->out, commands[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage = g_strdup_printf ("pg-mirror-cli %s [OPTION", commands[i]);

      PGM_TEST_RUN (fx, commands[i], "--help");
      g_assert_cmpint (fx->status, ==, 0);
      g_assert_cmpstr (fx->err, ==, "");
      pgm_test_assert_has (fx->out, usage);
      pgm_test_assert_has (fx->out, "Exit status: 0");
    }
}

/* Returns: (transfer full): the manual page, with plain dashes */
static char *
read_manual (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "data", "man", "pg-mirror-cli.1", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GString) plain = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  plain = g_string_new (text);
  g_string_replace (plain, "\\-", "-", 0);
  return g_strdup (plain->str);
}

static void
test_manual (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const commands[] = { "mirror",   "check",   "validate", "databases", "history",
                                          "profiles", "version", "verify",   "recover" };
  g_autofree char *manual = read_manual ();
  g_autoptr(GRegex) option =
                 g_regex_new ("^  (?:-[a-z], )?(--[a-z-]+)", G_REGEX_MULTILINE, 0, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr(GMatchInfo) match = NULL;
      g_autofree char *title = g_strdup_printf ("\n.B %s\n", commands[i]);

      pgm_test_assert_has (manual, title);
      PGM_TEST_RUN (fx, commands[i], "--help");
      g_regex_match (option, fx->out, 0, &match);
      g_assert_true (g_match_info_matches (match));
      for (; g_match_info_matches (match); g_match_info_next (match, NULL))
        {
          g_autofree char *name = g_match_info_fetch (match, 1);

          pgm_test_assert_has (manual, name);
        }
    }
}

/* What a script can find in the last line, it can look up. */
static void
test_manual_report (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *manual = read_manual ();
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(GList) members = NULL;

  PGM_TEST_RUN (fx, "mirror", "--json", "-c", "none.json");
  node = json_from_string (pgm_test_get_last_line (fx->out), NULL);
  members = json_object_get_members (json_node_get_object (node));
  g_assert_cmpuint (g_list_length (members), >, 20);
  for (GList *member = members; member != NULL; member = member->next)
    pgm_test_assert_has (manual, member->data);
}

static void
test_usage (PgmTestProgram *fx, gconstpointer data)
{
  static const struct
  {
    const char *args[5];
    const char *expected;
  } cases[] = {
    { { "miror" }, "unknown command \"miror\"; did you mean \"mirror\"?" },
    { { "frobnicate" }, "unknown command \"frobnicate\"\n" },
    { { "a\x1b[31m" }, "unknown command \"a\\x1b[31m\"" },
    { { "mirror", "--jbos", "3" }, "unknown option \"--jbos\"; did you mean \"--jobs\"?" },
    { { "mirror", "-x" }, "unknown option \"-x\"" },
    { { "-c", "f", "mirror" }, "unknown option \"-c\" before the command" },
    { { "mirror", "surplus" }, "unexpected argument \"surplus\"" },
    { { "version", "--", "-x" }, "unexpected argument \"-x\"" },
    { { "mirror", "-j" }, "missing argument for -j" },
    { { "mirror", "-qnj99" }, "--jobs: expected an integer from 1 to 64, got 99" },
    { { "mirror", "-j99" }, "--jobs: expected an integer from 1 to 64, got 99" },
    { { "mirror", "-j", "4x" }, "--jobs: expected an integer from 1 to 64, got \"4x\"" },
    { { "mirror", "--engine=warp" }, "--engine: expected " },
    { { "mirror", "--drop-existing=no" }, "option \"--drop-existing\" takes no value" },
    { { "mirror", "-ca", "--profile=b" }, "--config and --profile exclude each other" },
    { { "history", "--log", "x", "--json" }, "--log and --json exclude each other" },
    { { "history", "--log", "x", "-a" }, "--log and --all exclude each other" },
    { { "-v", "version", "-q" }, "--verbose and --quiet exclude each other" },
  };

  pgm_test_program_write_file (fx, "misspelt.json",
                               "{ \"source\": { " PGM_TEST_SERVER ", \"database\": \"shop\","
                               "   \"password\": \"\" }, \"optoins\": {},"
                               "  \"target\": { " PGM_TEST_SERVER ", \"password\": \"\" } }");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pgm_test_program_run (fx, cases[i].args);
      g_assert_cmpint (fx->status, ==, 2);
      g_assert_cmpstr (fx->out, ==, "");
      pgm_test_assert_has (fx->err, cases[i].expected);
      pgm_test_assert_has (fx->err, "--help'.\n");
    }
  PGM_TEST_RUN (fx, "-q", "mirror", "-c", "misspelt.json", "-j99");
  g_assert_cmpint (fx->status, ==, 2);
  g_assert_cmpstr (fx->err, ==,
                   "pg-mirror-cli: --jobs: expected an integer from 1 to 64, got 99\n"
                   "Try 'pg-mirror-cli mirror --help'.\n");
}

static void
test_version (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "version");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_true (g_str_has_prefix (fx->out, "pg-mirror-cli "));
  pgm_test_assert_has (fx->out, "libpq ");
  pgm_test_assert_has (fx->out, "GPL-3.0-or-later");
  PGM_TEST_RUN (fx, "--version");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_true (g_str_has_prefix (fx->out, "pg-mirror-cli "));
  PGM_TEST_RUN (fx, "mirror", "--version");
  g_assert_cmpint (fx->status, ==, 0);
}

static void
test_validate (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "validate");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "config.json: valid\n");
  PGM_TEST_RUN (fx, "-q", "validate");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "");

  pgm_test_program_write_file (fx, "bad.json", "{ \"source\": { \"host\": 5 }, \"target\": {} }");
  PGM_TEST_RUN (fx, "validate", "-c", "bad.json");
  g_assert_cmpint (fx->status, ==, 1);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "bad.json: source.host: ");
  pgm_test_assert_has (fx->err, "\nbad.json: ");

  PGM_TEST_RUN (fx, "validate", "-c", "none.json");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "none.json");
}

static void
test_profiles (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fx->folder, "pg-mirror", "profiles", NULL);

  PGM_TEST_RUN (fx, "profiles");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "no profiles");

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  pgm_test_program_write_file (fx, "pg-mirror/profiles/nightly.json", PGM_TEST_CONFIG);
  pgm_test_program_write_file (fx, "pg-mirror/profiles/broken.json", "{");
  PGM_TEST_RUN (fx, "profiles");
  g_assert_cmpint (fx->status, ==, 0);
  pgm_test_assert_has (fx->out, "nightly");
  pgm_test_assert_has (fx->out, "shop at 127.0.0.1:1");
  pgm_test_assert_has (fx->err, "broken.json");
  PGM_TEST_RUN (fx, "profiles", "--json");
  pgm_test_assert_has (fx->out, "\"fault\":\"");
  PGM_TEST_RUN (fx, "validate", "--profile", "nightly");
  g_assert_cmpint (fx->status, ==, 0);
  g_assert_cmpstr (fx->out, ==, "nightly.json: valid\n");
  PGM_TEST_RUN (fx, "databases", "--profile", "nightli");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "did you mean \"nightly\"?");
}

static void
test_check (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(JsonNode) node = NULL;

  PGM_TEST_RUN (fx, "check", "--json");
  node = json_from_string (fx->out, NULL);
  g_assert_nonnull (node);
  g_assert_cmpint (fx->status, ==,
                   json_object_get_boolean_member (json_node_get_object (node), "complete") ? 0
                                                                                            : 1);
}

/* A tool that is there and does not start is no missing one. */
static void
test_broken_tool (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *psql = g_build_filename (fx->folder, "psql", NULL);
  g_autofree char *failure =
      g_strdup_printf ("\"%s --version\" left with exit status 127: no libpq.so.5", psql);

  pgm_test_program_write_file (fx, "psql", "#!/bin/sh\necho 'no libpq.so.5' >&2\nexit 127\n");
  g_assert_cmpint (g_chmod (psql, 0755), ==, 0);
  g_setenv ("PG_MIRROR_BINDIR", fx->folder, TRUE);
  PGM_TEST_RUN (fx, "check");
  g_unsetenv ("PG_MIRROR_BINDIR");
  pgm_test_assert_has (fx->status == 0 ? fx->out : fx->err, failure);
  pgm_test_assert_has (fx->out, "does not work");
}

/* Without servers a run fails, and says that it did nothing. */
static void
test_mirror_refused (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "mirror");
  g_assert_cmpint (fx->status, ==, 1);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, " - pg-mirror - ERROR - ");
  g_assert_true (
      g_str_has_suffix (pgm_test_get_last_line (fx->err), "The target was not changed."));
}

/* What a mail of cron needs: all that stands in the way, each thing once. */
static void
test_blockers (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "-q", "mirror");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "ERROR - source: could not connect");
  pgm_test_assert_has (fx->err, "ERROR - target: could not connect");

  PGM_TEST_RUN (fx, "check", "-c", "config.json");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->out, "blocker: source: could not connect");
  pgm_test_assert_has (fx->out, "blocker: target: could not connect");
  g_assert_cmpstr (fx->err, ==, "");

  PGM_TEST_RUN (fx, "verify");
  g_assert_cmpint (fx->status, ==, 1);
  g_assert_cmpstr (fx->out, ==, "");
  pgm_test_assert_has (fx->err, "source: could not connect");

  PGM_TEST_RUN (fx, "check", "-c", "none.json");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "could not read \"none.json\"");
}

static void
test_config_fault (PgmTestProgram *fx, gconstpointer data)
{
  pgm_test_program_write_file (fx, "config.json", "{ \"source\": {}, \"target\": {} }");
  PGM_TEST_RUN (fx, "mirror");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "ERROR - config.json: source.host: ");
  pgm_test_assert_has (fx->err, "ERROR - config.json: target.user: ");
  g_assert_true (
      g_str_has_suffix (pgm_test_get_last_line (fx->err), "The target was not changed."));
}

static void
assert_json_lines (char *text, const char *code)
{
  g_auto(GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  JsonObject *last = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(JsonNode) node = json_from_string (lines[i], NULL);

      g_assert_nonnull (node);
      last = json_node_get_object (node);
      g_assert_true (json_object_has_member (last, "event"));
      if (lines[i + 1] != NULL)
        continue;
      g_assert_cmpstr (json_object_get_string_member (last, "event"), ==, "report");
      g_assert_cmpstr (json_object_get_string_member (last, "code"), ==, code);
      g_assert_cmpstr (json_object_get_string_member (last, "target_state"), ==, "unchanged");
    }
}

static void
test_json (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "mirror", "--json", "-c", "none.json");
  g_assert_cmpint (fx->status, ==, 1);
  assert_json_lines (fx->out, "config");

  PGM_TEST_RUN (fx, "mirror", "--json");
  g_assert_cmpint (fx->status, ==, 1);
  assert_json_lines (fx->out, "source-unreachable");
}

static void
test_log_file (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fx->folder, "run.log", NULL);
  g_autofree char *link_path = g_build_filename (fx->folder, "link.log", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GStatBuf info;

  PGM_TEST_RUN (fx, "--log-file", "run.log", "mirror", "-c", "none.json");
  g_assert_true (g_file_get_contents (path, &first, NULL, NULL));
  pgm_test_assert_has (first, "The target was not changed.\n");
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  PGM_TEST_RUN (fx, "mirror", "-c", "none.json", "--log-file=run.log", "-q");
  g_assert_true (g_file_get_contents (path, &second, NULL, NULL));
  g_assert_true (g_str_has_prefix (second, first));
  g_assert_cmpuint (strlen (second), >, strlen (first));

  g_assert_cmpint (symlink ("elsewhere", link_path), ==, 0);
  PGM_TEST_RUN (fx, "mirror", "--log-file", "link.log");
  g_assert_cmpint (fx->status, ==, 1);
  pgm_test_assert_has (fx->err, "could not open the log file \"link.log\": it is a symbolic link");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  PGM_TEST_ADD ("/cli/no-command", test_no_command);
  PGM_TEST_ADD ("/cli/help", test_help);
  PGM_TEST_ADD ("/cli/manual", test_manual);
  PGM_TEST_ADD ("/cli/manual-report", test_manual_report);
  PGM_TEST_ADD ("/cli/usage", test_usage);
  PGM_TEST_ADD ("/cli/version", test_version);
  PGM_TEST_ADD ("/cli/validate", test_validate);
  PGM_TEST_ADD ("/cli/profiles", test_profiles);
  PGM_TEST_ADD ("/cli/check", test_check);
  PGM_TEST_ADD ("/cli/broken-tool", test_broken_tool);
  PGM_TEST_ADD ("/cli/mirror-refused", test_mirror_refused);
  PGM_TEST_ADD ("/cli/blockers", test_blockers);
  PGM_TEST_ADD ("/cli/config-fault", test_config_fault);
  PGM_TEST_ADD ("/cli/json", test_json);
  PGM_TEST_ADD ("/cli/log-file", test_log_file);
  return g_test_run ();
}
