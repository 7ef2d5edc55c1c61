/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

/* `recover` on this machine: the folders of runs that are over. argv[1] is the program. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "pgm-test-program.h"
#include "pgm-test-terminal.h"

#define RUN "0123abcd"
#define FOLDER "tmp/pg-mirror-" RUN "-AbCdEf"

/* The program's own temporary folder, and no config in the current one. */
static void
set_up (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *temp = NULL;
  g_autofree char *config = NULL;

  pgm_test_program_set_up (fx, data);
  temp = g_build_filename (fx->folder, "tmp", NULL);
  config = g_build_filename (fx->folder, "config.json", NULL);
  g_assert_cmpint (g_mkdir (temp, 0700), ==, 0);
  g_assert_cmpint (g_unlink (config), ==, 0);
  g_setenv ("TMPDIR", temp, TRUE);
}

static char *
dup_path (PgmTestProgram *fx, const char *name)
{
  return g_build_filename (fx->folder, name, NULL);
}

static gboolean
is_there (PgmTestProgram *fx, const char *name)
{
  g_autofree char *path = dup_path (fx, name);
  struct stat info;

  return lstat (path, &info) == 0;
}

static void
make_folder (PgmTestProgram *fx, const char *name)
{
  g_autofree char *path = dup_path (fx, name);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

/* As a run makes it that is killed during the backup.
 *
 * @marker: (nullable): what the lock file says; NULL for what a run writes */
static void
make_run_folder (PgmTestProgram *fx, const char *name, const char *marker)
{
  g_autofree char *lock = g_build_filename (name, "lock", NULL);
  g_autofree char *archive = g_build_filename (name, "archive.dump", NULL);
  g_autofree char *own =
      g_strdup_printf ("{\"pgmirror\":1,\"state\":\"folder\",\"run\":\"" RUN
                       "\",\"host\":\"%s\",\"started\":\"2026-01-31T14:05:09Z\"}",
                       g_get_host_name ());

  make_folder (fx, name);
  pgm_test_program_write_file (fx, lock, marker != NULL ? marker : own);
  pgm_test_program_write_file (fx, archive, "rows");
}

static void
expect (PgmTestProgram *fx, int status)
{
  if (fx->status != status)
    g_error ("expected status %d, got %d\n%s\n%s", status, fx->status, fx->out, fx->err);
}

static void
test_nothing (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "recover");
  expect (fx, 0);
  pgm_test_assert_has (fx->out, "nothing was left on this machine\n");
  pgm_test_assert_has (fx->err, "without --config or --profile no server was looked at");
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  PGM_TEST_RUN (fx, "-q", "recover");
  expect (fx, 0);
  g_assert_cmpstr (fx->out, ==, "");
  PGM_TEST_RUN (fx, "recover", "--json");
  expect (fx, 0);
  g_assert_cmpstr (fx->out, ==,
                   "{\"event\":\"summary\",\"target\":null,\"left\":0,\"exit_status\":0}\n");
}

static void
test_folder (PgmTestProgram *fx, gconstpointer data)
{
  make_run_folder (fx, FOLDER, NULL);
  PGM_TEST_RUN (fx, "recover");
  expect (fx, 3);
  pgm_test_assert_has (fx->out, "/" FOLDER);
  pgm_test_assert_has (fx->out, "data of the source, from a run that is over");
  pgm_test_assert_has (fx->err, "nothing was changed; --remove");
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));

  PGM_TEST_RUN (fx, "recover", "--remove");
  expect (fx, 2);
  pgm_test_assert_has (fx->err, "--remove needs --yes");
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));

  PGM_TEST_RUN (fx, "recover", "--remove", "-y");
  expect (fx, 0);
  pgm_test_assert_has (fx->out, FOLDER "\" was removed");
  g_assert_false (is_there (fx, FOLDER));
}

/* Returns: (transfer full): line @n of what was printed */
static JsonNode *
parse_line (PgmTestProgram *fx, guint n)
{
  g_auto(GStrv) lines = g_strsplit (fx->out, "\n", -1);
  g_autoptr(GError) error = NULL;
  JsonNode *node = NULL;

  g_assert_cmpuint (g_strv_length (lines), >, n);
  node = json_from_string (lines[n], &error);
  g_assert_no_error (error);
  return node;
}

static void
test_json (PgmTestProgram *fx, gconstpointer data)
{
  g_autoptr(JsonNode) node = NULL;
  g_autoptr(JsonNode) summary = NULL;
  JsonObject *object = NULL;

  make_run_folder (fx, FOLDER, NULL);
  PGM_TEST_RUN (fx, "recover", "--json");
  expect (fx, 3);
  node = parse_line (fx, 0);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "leftover");
  g_assert_cmpstr (json_object_get_string_member (object, "kind"), ==, "folder");
  g_assert_cmpstr (json_object_get_string_member (object, "state"), ==, "found");
  g_assert_cmpstr (json_object_get_string_member (object, "remedy"), ==, "remove");
  g_assert_cmpstr (json_object_get_string_member (object, "run"), ==, RUN);
  g_assert_cmpstr (json_object_get_string_member (object, "started"), ==, "2026-01-31T14:05:09Z");
  g_assert_cmpint (json_object_get_int_member (object, "size_bytes"), >, 4);
  summary = parse_line (fx, 1);
  object = json_node_get_object (summary);
  g_assert_cmpint (json_object_get_int_member (object, "left"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (object, "exit_status"), ==, 3);

  PGM_TEST_RUN (fx, "recover", "--json", "--remove", "--yes");
  expect (fx, 0);
  pgm_test_assert_has (fx->out, "\"state\":\"done\"");
  pgm_test_assert_has (fx->out, "\"left\":0,\"exit_status\":0}\n");
  g_assert_false (is_there (fx, FOLDER));
}

/* The lock of the run is what tells. */
static void
test_living (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *path = dup_path (fx, FOLDER "/lock");
  int fd = -1;

  make_run_folder (fx, FOLDER, NULL);
  fd = g_open (path, O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  PGM_TEST_RUN (fx, "recover");
  expect (fx, 0);
  pgm_test_assert_has (fx->out, "folder of a run that is at work");
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));
  g_close (fd, NULL);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_false (is_there (fx, FOLDER));
}

/* Whatever looks like it and cannot be proven to be one stays. */
static void
test_unproven (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const markers[] = {
    "",
    "rubbish",
    "{\"pgmirror\":2,\"state\":\"folder\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":1,\"state\":\"folder\",\"run\":\"ffffffff\"}",
    "{\"pgmirror\":1,\"state\":\"staging\",\"run\":\"" RUN "\"}",
    "{\"pgmirror\":1,\"state\":\"folder\",\"run\":\"" RUN "\",\"host\":\"other.example.org\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (markers); i++)
    {
      g_autofree char *name = g_strdup_printf ("tmp/pg-mirror-" RUN "-%06d", (int) i);
      g_autofree char *archive = g_strconcat (name, "/archive.dump", NULL);

      make_run_folder (fx, name, markers[i]);
      PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
      expect (fx, 3);
      pgm_test_assert_has (fx->out, name);
      pgm_test_assert_has (fx->out, "by hand");
      g_assert_true (is_there (fx, archive));
    }
  pgm_test_assert_has (fx->out, "other.example.org");
}

static void
test_no_lock_file (PgmTestProgram *fx, gconstpointer data)
{
  make_folder (fx, FOLDER);
  pgm_test_program_write_file (fx, FOLDER "/archive.dump", "rows");
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 3);
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));
}

/* Killed before it wrote its lock: nothing is lost with an empty folder, once it is old. */
static void
test_empty (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *path = dup_path (fx, FOLDER);
  const struct utimbuf long_ago = { 1000000000, 1000000000 };

  make_folder (fx, FOLDER);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_true (is_there (fx, FOLDER));
  g_assert_cmpint (utime (path, &long_ago), ==, 0);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_false (is_there (fx, FOLDER));
}

/* Other names, links and other people's folders are nobody's business. */
static void
test_strangers (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const names[] = { "tmp/pg-mirror-0123abcd", "tmp/pg-mirror-0123ABCD-AbCdEf",
                                       "tmp/pg-mirror-0123abc-AbCdEf", "tmp/pg-mirror-notes",
                                       "tmp/my-pg-mirror-0123abcd-AbCdEf" };
  g_autofree char *outside = dup_path (fx, "outside");
  g_autofree char *link = dup_path (fx, FOLDER);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    make_run_folder (fx, names[i], NULL);
  make_run_folder (fx, "outside", NULL);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (is_there (fx, names[i]));
  g_assert_true (is_there (fx, "outside/archive.dump"));
  g_assert_true (is_there (fx, FOLDER));
}

static void
test_other_user (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *path = dup_path (fx, FOLDER);

  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a folder of somebody else");
      return;
    }
  make_run_folder (fx, FOLDER, NULL);
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));
}

/* What is linked from inside is not followed either. */
static void
test_links_inside (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *outside = dup_path (fx, "outside");
  g_autofree char *link = dup_path (fx, FOLDER "/link");

  make_run_folder (fx, FOLDER, NULL);
  make_run_folder (fx, "outside", NULL);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 0);
  g_assert_false (is_there (fx, FOLDER));
  g_assert_true (is_there (fx, "outside/archive.dump"));
}

/* A lock file that is a link leads nowhere. */
static void
test_linked_lock (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *target = dup_path (fx, "outside/lock");
  g_autofree char *lock = dup_path (fx, FOLDER "/lock");

  make_run_folder (fx, FOLDER, NULL);
  make_run_folder (fx, "outside", NULL);
  g_assert_cmpint (g_unlink (lock), ==, 0);
  g_assert_cmpint (symlink (target, lock), ==, 0);
  PGM_TEST_RUN (fx, "recover", "--remove", "--yes");
  expect (fx, 3);
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));
}

/* A server that does not answer hides nothing of this machine; temp_dir is looked into. */
static void
test_config (PgmTestProgram *fx, gconstpointer data)
{
  g_autofree char *config = g_strdup_printf (
      "{ \"source\": { " PGM_TEST_SERVER
      ", \"database\": \"shop\", \"password\": \"" PGM_TEST_SECRET
      "\" }, \"target\": { " PGM_TEST_SERVER ", \"password\": \"" PGM_TEST_SECRET "\" },"
      " \"options\": { \"temp_dir\": \"elsewhere\" } }");

  make_folder (fx, "elsewhere");
  make_run_folder (fx, "elsewhere/pg-mirror-" RUN "-abcdef", NULL);
  pgm_test_program_write_file (fx, "config.json", config);
  PGM_TEST_RUN (fx, "recover");
  expect (fx, 1);
  pgm_test_assert_has (fx->err, "127.0.0.1");
  pgm_test_assert_has (fx->out, "elsewhere/pg-mirror-" RUN);
  PGM_TEST_RUN (fx, "recover", "-c", "config.json", "--remove", "--yes");
  expect (fx, 1);
  g_assert_false (is_there (fx, "elsewhere/pg-mirror-" RUN "-abcdef"));
  PGM_TEST_RUN (fx, "recover", "-c", "none.json");
  expect (fx, 1);
  pgm_test_assert_has (fx->err, "none.json");
}

static void
test_terminal (PgmTestProgram *fx, gconstpointer data)
{
  static const char *const args[] = { "recover", "--remove", NULL };
  PgmTestTerminal terminal = { 0 };

  make_run_folder (fx, FOLDER, NULL);
  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "Type \"yes\" to clear this leftover: ");
  pgm_test_terminal_type (&terminal, "y\n");
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 3);
  g_assert_true (is_there (fx, FOLDER "/archive.dump"));

  pgm_test_terminal_start (&terminal, fx, args);
  pgm_test_terminal_expect (&terminal, "Type \"yes\" to clear this leftover: ");
  pgm_test_terminal_type (&terminal, "yes\n");
  g_assert_cmpint (pgm_test_terminal_end (&terminal), ==, 0);
  g_assert_false (is_there (fx, FOLDER));
}

static void
test_usage (PgmTestProgram *fx, gconstpointer data)
{
  PGM_TEST_RUN (fx, "recovr");
  expect (fx, 2);
  pgm_test_assert_has (fx->err, "did you mean \"recover\"?");
  PGM_TEST_RUN (fx, "recover", "--yes");
  expect (fx, 2);
  PGM_TEST_RUN (fx, "recover", "--remov");
  expect (fx, 2);
  pgm_test_assert_has (fx->err, "did you mean \"--remove\"?");
  PGM_TEST_RUN (fx, "recover", "--remove-incomplete");
  expect (fx, 2);
  PGM_TEST_RUN (fx, "recover", "-ca", "--profile=b");
  expect (fx, 2);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (PgmTestProgram *fx, gconstpointer data);
  } cases[] = {
    { "/cli-recover/nothing", test_nothing },
    { "/cli-recover/folder", test_folder },
    { "/cli-recover/json", test_json },
    { "/cli-recover/living", test_living },
    { "/cli-recover/unproven", test_unproven },
    { "/cli-recover/no-lock-file", test_no_lock_file },
    { "/cli-recover/empty", test_empty },
    { "/cli-recover/strangers", test_strangers },
    { "/cli-recover/other-user", test_other_user },
    { "/cli-recover/links-inside", test_links_inside },
    { "/cli-recover/linked-lock", test_linked_lock },
    { "/cli-recover/config", test_config },
    { "/cli-recover/terminal", test_terminal },
    { "/cli-recover/usage", test_usage },
  };

  g_test_init (&argc, &argv, NULL);
  pgm_test_program_find (argc, argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, PgmTestProgram, NULL, set_up, cases[i].func,
                pgm_test_program_tear_down);
  return g_test_run ();
}
