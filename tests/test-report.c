/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The PG Mirror authors */

#include "pgm-report.h"

#include <string.h>

static PgmReport *
make_report (const char *code, PgmTargetState state)
{
  PgmReport *report = pgm_report_new ();
  PgmReportData *data = pgm_report_get_data (report);

  data->code = g_strdup (code);
  data->message = g_strdup ("what happened");
  data->target_state = state;
  return report;
}

static char **
dup_lines (PgmReport *report)
{
  g_autofree char *summary = pgm_report_dup_summary (report);

  return g_strsplit (summary, "\n", -1);
}

static void
test_exit_status (void)
{
  static const struct
  {
    const char *code;
    int expected;
  } cases[] = {
    { "ok", 0 },     { "differences", 3 }, { "cancelled", 130 },
    { "failed", 1 }, { "same-server", 1 }, { "anything else", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmReport) report = make_report (cases[i].code, PGM_TARGET_UNCHANGED);

      g_assert_cmpint (pgm_report_get_exit_status (report), ==, cases[i].expected);
    }
}

/* A report that nobody filled must not look like a success. */
static void
test_empty (void)
{
  g_autoptr(PgmReport) report = pgm_report_new ();

  g_assert_cmpint (pgm_report_get_exit_status (report), ==, 1);
  g_assert_false (pgm_report_get_data (report)->verified);
  g_assert_finalize_object (g_steal_pointer (&report));
}

static void
test_last_line (void)
{
  for (guint state = PGM_TARGET_UNCHANGED; state <= PGM_TARGET_UNKNOWN; state++)
    {
      g_autoptr(PgmReport) report = make_report ("ok", state);
      g_auto(GStrv) lines = dup_lines (report);

      g_assert_cmpstr (lines[0], ==, "what happened");
      g_assert_cmpstr (lines[g_strv_length (lines) - 1], ==, pgm_target_state_get_sentence (state));
    }
}

static void
test_summary (void)
{
  g_autoptr(PgmReport) report = make_report ("differences", PGM_TARGET_REPLACED);
  PgmReportData *data = pgm_report_get_data (report);
  g_autofree char *summary = NULL;

  data->n_tables = 27;
  data->n_rows = 1234567;
  data->archive_bytes = 4000000;
  data->duration_us = 185 * G_USEC_PER_SEC;
  data->previous_name = g_strdup ("shop_old");
  g_ptr_array_add (data->differences, pgm_finding_new (PGM_SEVERITY_WARNING, "rows", "Look.",
                                                       "public.a has 1 row too few"));
  summary = pgm_report_dup_summary (report);
  g_assert_cmpstr (summary, ==,
                   "what happened\n"
                   "27 tables, rows: 1 234 567, archive: 4.0 MB, duration: 3 min 05 s\n"
                   "Differences:\n"
                   "  public.a has 1 row too few\n"
                   "    Look.\n"
                   "The old database is kept as \"shop_old\"\n"
                   "The target database was replaced.");
}

/* What a copy lacks is of no interest where there is none. */
static void
test_summary_left_behind (void)
{
  static const struct
  {
    const char *code;
    PgmTargetState state;
    gboolean is_told;
  } cases[] = { { "ok", PGM_TARGET_REPLACED, TRUE },
                { "cancelled", PGM_TARGET_UNCHANGED, FALSE },
                { "replace-failed", PGM_TARGET_UNCHANGED, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmReport) report = make_report (cases[i].code, cases[i].state);
      g_autofree char *summary = NULL;

      g_ptr_array_add (pgm_report_get_data (report)->left_behind,
                       pgm_finding_new (PGM_SEVERITY_NOTE, "owners", NULL, "owners stay"));
      summary = pgm_report_dup_summary (report);
      g_assert_cmpint (strstr (summary, "owners stay") != NULL, ==, cases[i].is_told);
    }
}

/* Only a run that did its work can claim to have compared, or not. */
static void
test_summary_verified (void)
{
  static const struct
  {
    const char *code;
    PgmTargetState state;
    gboolean verified;
    const char *expected; /* (nullable) */
  } cases[] = {
    { "ok", PGM_TARGET_CREATED, TRUE, "Verified: row counts and sequences are equal" },
    { "ok", PGM_TARGET_CREATED, FALSE, "Not verified: source and target were not compared" },
    { "ok", PGM_TARGET_UNCHANGED, FALSE, NULL },
    { "dump-failed", PGM_TARGET_UNCHANGED, FALSE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PgmReport) report = make_report (cases[i].code, cases[i].state);
      g_auto(GStrv) lines = NULL;

      pgm_report_get_data (report)->verified = cases[i].verified;
      lines = dup_lines (report);
      g_assert_cmpuint (g_strv_length (lines), ==, cases[i].expected != NULL ? 3 : 2);
      if (cases[i].expected != NULL)
        g_assert_cmpstr (lines[1], ==, cases[i].expected);
    }
}

/* A comparison alone leaves the target as it was, and has a result all the same. */
static void
test_summary_how (void)
{
  g_autoptr(PgmReport) report = make_report ("ok", PGM_TARGET_UNCHANGED);
  g_auto(GStrv) lines = NULL;

  pgm_report_get_data (report)->verified = TRUE;
  pgm_report_get_data (report)->verified_how = g_strdup ("row counts and all that");
  lines = dup_lines (report);
  g_assert_cmpstr (lines[1], ==, "Verified: row counts and all that are equal");
}

static void
test_json (void)
{
  static const char *const members[] = {
    "event",        "code",           "message",        "source",        "target",
    "target_state", "verified",       "started",        "seconds",       "exit_status",
    "tables",       "rows",           "sequences",      "large_objects", "archive_bytes",
    "tools",        "source_version", "target_version", "previous_name", "phases",
    "findings",     "left_behind",    "differences",    "leftovers",     "verified_how",
  };
  g_autoptr(PgmReport) report = make_report ("ok", PGM_TARGET_CREATED);
  g_autoptr(JsonNode) node = NULL;
  JsonObject *object = NULL;

  pgm_report_add_phase (report, "backup", 1500000);
  node = pgm_report_to_json (report);
  object = json_node_get_object (node);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_true (json_object_has_member (object, members[i]));
  g_assert_cmpuint (json_object_get_size (object), ==, G_N_ELEMENTS (members));
  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "report");
  g_assert_cmpstr (json_object_get_string_member (object, "target_state"), ==, "created");
  g_assert_true (json_object_get_null_member (object, "tools"));
  object = json_array_get_object_element (json_object_get_array_member (object, "phases"), 0);
  g_assert_cmpstr (json_object_get_string_member (object, "phase"), ==, "backup");
  g_assert_cmpfloat (json_object_get_double_member (object, "seconds"), ==, 1.5);
}

static void
test_json_is_utf8 (void)
{
  g_autoptr(PgmReport) report = make_report ("ok", PGM_TARGET_CREATED);
  PgmReportData *data = pgm_report_get_data (report);
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *text = NULL;

  data->tools = g_strdup ("caf\xe9");
  g_ptr_array_add (data->left_behind,
                   pgm_finding_new (PGM_SEVERITY_NOTE, "role", "h\xff", "role \"\xe7\""));
  node = pgm_report_to_json (report);
  text = json_to_string (node, FALSE);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/exit-status", test_exit_status);
  g_test_add_func ("/report/empty", test_empty);
  g_test_add_func ("/report/last-line", test_last_line);
  g_test_add_func ("/report/summary", test_summary);
  g_test_add_func ("/report/summary-left-behind", test_summary_left_behind);
  g_test_add_func ("/report/summary-verified", test_summary_verified);
  g_test_add_func ("/report/summary-how", test_summary_how);
  g_test_add_func ("/report/json", test_json);
  g_test_add_func ("/report/json-is-utf8", test_json_is_utf8);
  return g_test_run ();
}
