/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-history-writer.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pgm-process.h"

static const char config[] = "{ \"name\": \"Shop\","
                             " \"source\": { \"host\": \"a.example\", \"database\": \"shop\","
                             " \"user\": \"u\", \"password\": \"s3cret\" },"
                             " \"target\": { \"host\": \"b.example\", \"user\": \"u\","
                             " \"password\": \"s3cret\" } }";

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static GPtrArray *
list (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *entries = NULL;

  pgm_history_list_async (NULL, result_cb, &result);
  entries = pgm_history_list_finish (await (&result), &error);
  g_assert_no_error (error);
  return entries;
}

static void
empty_folder (void)
{
  g_autoptr(GPtrArray) entries = list ();

  for (guint i = 0; i < entries->len; i++)
    {
      g_autoptr(GAsyncResult) result = NULL;

      pgm_history_remove_async (entries->pdata[i], NULL, result_cb, &result);
      g_assert_true (pgm_history_remove_finish (await (&result), NULL));
    }
}

static PgmProfile *
new_profile (void)
{
  g_autoptr(GError) error = NULL;
  PgmProfile *profile = pgm_profile_parse (config, -1, "/profiles/shop.json", &error);

  g_assert_no_error (error);
  return profile;
}

static PgmReport *
new_report (const char *message)
{
  PgmReport *report = pgm_report_new ();
  PgmReportData *data = pgm_report_get_data (report);

  data->code = g_strdup ("differences");
  data->message = g_strdup (message);
  data->target_state = PGM_TARGET_REPLACED;
  data->duration_us = 3 * G_USEC_PER_SEC;
  data->n_tables = 27;
  data->n_rows = 117210;
  data->tools = g_strdup ("pg_dump 15.20");
  g_ptr_array_add (data->differences, pgm_finding_new (PGM_SEVERITY_WARNING, "row-count", "a cure",
                                                       "password s3cret of a table"));
  pgm_report_add_phase (report, "backup", G_USEC_PER_SEC);
  return report;
}

static void
close_writer (PgmHistoryWriter *writer, PgmReport *report)
{
  g_autoptr(GAsyncResult) result = NULL;

  pgm_history_writer_close_async (writer, report, result_cb, &result);
  pgm_history_writer_close_finish (await (&result));
}

static char *
read_log (PgmHistoryEntry *entry)
{
  g_autoptr(GAsyncResult) result = NULL;

  pgm_history_read_log_async (entry, NULL, result_cb, &result);
  return pgm_history_read_log_finish (await (&result), NULL);
}

static void
assert_private (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
#ifdef G_OS_UNIX
  g_assert_cmpint (info.st_mode & 077, ==, 0);
#endif
}

static void
test_none (void)
{
  g_autoptr(GPtrArray) entries = list ();

  g_assert_cmpuint (entries->len, ==, 0);
}

static void
wait_for_running (void)
{
  for (;;)
    {
      g_autoptr(GPtrArray) entries = list ();

      if (entries->len > 0)
        return;
    }
}

static void
assert_finished (PgmHistoryEntry *entry)
{
  const PgmHistoryData *data = pgm_history_entry_get_data (entry);
  const PgmReportData *report = pgm_report_get_data (pgm_history_entry_get_report (entry));
  const PgmFinding *difference = report->differences->pdata[0];

  g_assert_cmpint (data->state, ==, PGM_HISTORY_FINISHED);
  g_assert_cmpstr (data->profile, ==, "Shop");
  g_assert_cmpstr (data->path, ==, "/profiles/shop.json");
  g_assert_cmpstr (data->source, ==, "shop at a.example:5432");
  g_assert_cmpstr (data->target, ==, "shop at b.example:5432");
  g_assert_cmpstr (data->code, ==, "differences");
  g_assert_cmpstr (data->message, ==, "it is done with ***");
  g_assert_cmpint (data->duration_us, ==, 3 * G_USEC_PER_SEC);
  g_assert_cmpuint (report->n_tables, ==, 27);
  g_assert_cmpuint (report->n_rows, ==, 117210);
  g_assert_cmpint (report->target_state, ==, PGM_TARGET_REPLACED);
  g_assert_cmpstr (difference->message, ==, "password *** of a table");
  g_assert_cmpstr (difference->hint, ==, "a cure");
  g_assert_cmpint (difference->severity, ==, PGM_SEVERITY_WARNING);
}

static void
test_round_trip (void)
{
  g_autoptr(PgmProfile) profile = new_profile ();
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmHistoryWriter) writer = NULL;
  g_autoptr(PgmReport) report = new_report ("it is done with s3cret");
  g_autoptr(GPtrArray) running = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autofree char *log_path = NULL;
  g_autofree char *log = NULL;

  pgm_logger_add_secret (logger, pgm_profile_get_source (profile)->password);
  writer = pgm_history_writer_new (profile, logger, PGM_MIRROR_FLAGS_NONE);
  pgm_info (logger, "the password is s3cret");
  wait_for_running ();
  running = list ();
  g_assert_cmpint (pgm_history_entry_get_data (running->pdata[0])->state, ==, PGM_HISTORY_RUNNING);
  g_assert_null (pgm_history_entry_get_report (running->pdata[0]));

  close_writer (writer, report);
  pgm_info (logger, "too late");
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
  assert_finished (entries->pdata[0]);
  g_assert_true (pgm_history_find_latest (entries, "/profiles/shop.json") == entries->pdata[0]);
  g_assert_null (pgm_history_find_latest (entries, "/profiles/other.json"));
  log = read_log (entries->pdata[0]);
  g_assert_true (g_str_has_suffix (log, " - pg-mirror - INFO - the password is ***\n"));
  log_path = pgm_history_entry_dup_log_path (entries->pdata[0]);
  assert_private (log_path);
  assert_private (folder);
  empty_folder ();
  g_assert_false (g_file_test (log_path, G_FILE_TEST_EXISTS));
}

static void
write_entry (const char *id, const char *text)
{
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autofree char *name = g_strconcat (id, ".json", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* The number of this process, but another start: it is not the one that wrote the entry. */
static void
test_crash (void)
{
  g_autofree char *text =
      g_strdup_printf ("{ \"id\": \"x\", \"state\": \"running\", \"pid\": %" G_GINT64_FORMAT
                       ", \"pid_start\": 1, \"profile\": \"Shop\", \"started_us\": 5 }",
                       pgm_process_get_own ());
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autofree char *path = g_build_filename (folder, "x.json", NULL);
  g_autofree char *resolved = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  const PgmHistoryData *data = NULL;

  write_entry ("x", text);
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
  data = pgm_history_entry_get_data (entries->pdata[0]);
  g_assert_cmpint (data->state, ==, PGM_HISTORY_INTERRUPTED);
  g_assert_null (data->code);
  g_assert_cmpstr (data->message, !=, "");
  g_assert_true (g_file_get_contents (path, &resolved, NULL, NULL));
  g_assert_nonnull (strstr (resolved, "\"interrupted\""));
  empty_folder ();
}

static void
test_garbage (void)
{
  static const char *const texts[] = {
    "",
    "[]",
    "{}",
    "{ \"id\": 7, \"state\": \"finished\" }",
    "{ \"id\": \"g\", \"state\": \"finished\" }",
    "{ \"id\": \"g\", \"state\": \"finished\", \"report\": [] }",
    "{ \"id\": \"../g\", \"state\": \"finished\", \"report\": {} }",
  };
  g_autoptr(GPtrArray) entries = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GPtrArray) none = NULL;

      write_entry ("g", texts[i]);
      none = list ();
      g_assert_cmpuint (none->len, ==, 0);
    }
  write_entry ("g", "{ \"id\": \"g\", \"state\": \"finished\", \"report\": { \"tables\": \"x\","
                    " \"findings\": [ 1, {}, [] ], \"phases\": [ 1 ] } }");
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (pgm_history_entry_get_data (entries->pdata[0])->message, ==, "");
  empty_folder ();
}

/* The folder cannot be made: the run goes on, and its log says so. */
static void
warning_cb (PgmLogLevel level, gint64 time_us, const char *message, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static void
test_no_folder (void)
{
  g_autofree char *folder = pgm_history_dup_folder ();
  g_autoptr(PgmProfile) profile = new_profile ();
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmReport) report = new_report ("done");
  g_autoptr(PgmHistoryWriter) writer = NULL;
  g_autofree char *parent = g_path_get_dirname (folder);
  gint n_warnings = 0;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (folder, "", 0, NULL));
  pgm_logger_add_sink (logger, PGM_LOG_WARNING, warning_cb, &n_warnings, NULL);
  writer = pgm_history_writer_new (profile, logger, PGM_MIRROR_FLAGS_NONE);
  close_writer (writer, report);
  g_assert_cmpint (g_atomic_int_get (&n_warnings), ==, 1);
  g_assert_cmpint (g_unlink (folder), ==, 0);
}

static void
test_oldest_goes (void)
{
  g_autoptr(PgmProfile) profile = new_profile ();
  g_autoptr(PgmLogger) logger = pgm_logger_new ();
  g_autoptr(PgmReport) report = new_report ("done");
  g_autoptr(PgmHistoryWriter) writer = NULL;
  g_autoptr(GPtrArray) entries = NULL;

  for (guint i = 0; i < 210; i++)
    {
      g_autofree char *id = g_strdup_printf ("2001%04u", i);
      g_autofree char *text = g_strdup_printf (
          "{ \"id\": \"%s\", \"state\": \"interrupted\", \"started_us\": %u }", id, i + 1);

      write_entry (id, text);
    }
  writer = pgm_history_writer_new (profile, logger, PGM_MIRROR_DRY_RUN);
  close_writer (writer, report);
  entries = list ();
  g_assert_cmpuint (entries->len, ==, 201);
  g_assert_true (pgm_history_entry_get_data (entries->pdata[0])->is_dry_run);
  g_assert_cmpstr (pgm_history_entry_get_data (entries->pdata[200])->id, ==, "20010010");
  empty_folder ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/history/none", test_none);
  g_test_add_func ("/history/round-trip", test_round_trip);
  g_test_add_func ("/history/crash", test_crash);
  g_test_add_func ("/history/garbage", test_garbage);
  g_test_add_func ("/history/no-folder", test_no_folder);
  g_test_add_func ("/history/oldest-goes", test_oldest_goes);
  return g_test_run ();
}
